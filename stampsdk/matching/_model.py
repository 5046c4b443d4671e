"""What recognition assumes about noise, about unknown stamps and about its own mistakes."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class RecognitionModel:
    r"""The settings of `recognise`; each is a statement about the world, none was fitted to a test.

    **Noise.**  A touch lies at the tip's place plus an error that is independent for each tip and
    axis and normal, of standard deviation `sigma_mm` (placement bias; averaging frames does not
    remove it).  A share `stress_share` of all presses is worse as a whole, with `stress_sigma_mm`
    (a tilted stamp, an edge of the screen, a thick protector).  The likelihood of a press is the
    mixture of the two; it gives the errors heavier tails while each part stays in closed form.

    **None of these.**  A press that no registered stamp made comes, with probability
    ``1 - broad_share``, from an unregistered stamp of the same family: tips uniform in a disc of
    `face_diameter_mm`, at least `least_spacing_mm` apart.  Its density near the observed touches is
    known in closed form up to one constant.  With
    probability `broad_share` it is anything else about that large (fingers, another family), taken
    as normal with the variance of a uniform disc, so that nothing observed is ever impossible under
    this hypothesis.

    **Decision.**  The posterior *is* the probability of being right, so among presses identified at a
    threshold *t* the expected share of wrong stamps is at most ``1 - t``, if prior and noise are right.
    Deciding by it costs least when a wrong credit is worth ``t / (1 - t)`` times the trouble of pressing
    again; 0.999 says about a thousand times.

    Parameters
    ----------
    sigma_mm : float
        Standard deviation of a touch per axis in mm (an assumption until phones are measured).
    stress_sigma_mm : float
        The same for bad presses, in mm.
    stress_share : float
        Share of bad presses, from 0 up to but not including 1.
    face_diameter_mm : float
        Diameter in mm of the disc of tip centres of unregistered stamps.
    least_spacing_mm : float
        Least spacing in mm of their tips.
    broad_share : float
        Share of unregistered presses that are no stamp of the family, above 0 and at most 1.
    threshold : float
        Posterior that a verdict needs, above 0.5 and below 1.

    Raises
    ------
    ValueError
        When a setting is out of its range, naming it.
    """

    sigma_mm: float = 0.4
    stress_sigma_mm: float = 0.8
    stress_share: float = 0.05
    face_diameter_mm: float = 40.0
    least_spacing_mm: float = 11.0
    broad_share: float = 0.1
    threshold: float = 0.999

    def __post_init__(self) -> None:
        for name in ("sigma_mm", "stress_sigma_mm", "face_diameter_mm"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a length above 0 mm, not {value}")
        if not 0 <= self.least_spacing_mm < math.inf:
            raise ValueError(f"least_spacing_mm must be 0 mm or more, not {self.least_spacing_mm}")
        if not 0 <= self.stress_share < 1:
            raise ValueError(f"stress_share must be from 0 up to 1, not {self.stress_share}")
        if not 0 < self.broad_share <= 1:
            raise ValueError(f"broad_share must be above 0 and at most 1, not {self.broad_share}")
        # Above one half, two candidates can never both be identified.
        if not 0.5 < self.threshold < 1:  # noqa: PLR2004 - one half is what makes the best one unique
            raise ValueError(f"threshold must lie between 0.5 and 1, not {self.threshold}")

    @property
    def noise(self) -> tuple[tuple[float, float], ...]:
        """(share, sigma in mm) of each part of the noise mixture whose share is above 0."""
        parts = ((1 - self.stress_share, self.sigma_mm), (self.stress_share, self.stress_sigma_mm))
        return tuple(part for part in parts if part[0] > 0)
