"""What calibration assumes about screens and stamps, and how far it may ever go."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class CalibrationModel:
    r"""Noise, priors and bounds of what is learnt; each is a statement about the world.

    **Bounds.**  No correction leaves them, whatever was pressed; they hold by construction, since every
    correction is cut back to them where it is applied.

    - *Scale*, ±7 %: the widest error of a phone's own density that the system is designed for. A true ratio
      beyond it belongs to a screen that should not be believed at all.
    - *Bend*, 1 mm: touch panels are required to report within ±1 mm of the contact away from their edges.
      What bends more is broken, and a correction that asks for more is learning something else.
    - *Tips*, 0.6 mm: three standard deviations of the placement of a tip (0.2 mm per axis). Codebooks keep
      patterns at least :math:`\sqrt n` times 1.3 mm (five tips, 2.96 mm) apart: a stamp whose tips all
      moved by 0.6 mm still lies nearer to its own pattern than to any other.

    **Priors.**  A bend's coefficients are normal about none with `bend_mm`, a tip's displacement normal about
    none with `placement_mm` per axis. With few presses they win, and the correction fades to none.

    Attributes
    ----------
    sigma_mm : float
        Standard deviation per axis in mm of a touch about its tip, apart from what is learnt here.
    placement_mm : float
        Standard deviation per axis in mm of a tip's true place about the registered one.
    bend_mm : float
        Prior standard deviation in mm of each coefficient of the bend.
    greatest_scale_error : float
        Bound on the scale's correction, as a share of 1.
    greatest_bend_mm, greatest_shift_mm : float
        Bounds in mm on the bend at any place of the screen and on the shift of any tip.
    least_contributors : int
        With fewer independent contributors nothing is learnt: 3 or more, so that one is never half of them.
    rounds : int
        How often devices and stamps are learnt in turn, each given the other.

    Raises
    ------
    ValueError
        When a setting is out of its range, naming it.
    """

    sigma_mm: float = 0.4
    placement_mm: float = 0.2
    bend_mm: float = 0.25
    greatest_scale_error: float = 0.07
    greatest_bend_mm: float = 1.0
    greatest_shift_mm: float = 0.6
    least_contributors: int = 5
    rounds: int = 3

    def __post_init__(self) -> None:
        for name in ("sigma_mm", "placement_mm", "bend_mm", "greatest_bend_mm", "greatest_shift_mm"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a length above 0 mm, not {value}")
        if not 0 < self.greatest_scale_error < 0.5:  # noqa: PLR2004 - beyond it nothing was reported
            raise ValueError(
                f"greatest_scale_error must lie between 0 and 0.5, not {self.greatest_scale_error}"
            )
        if self.least_contributors < 3:  # noqa: PLR2004 - one of two would be half of them
            raise ValueError(f"least_contributors must be at least 3, not {self.least_contributors}")
        if self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, not {self.rounds}")
