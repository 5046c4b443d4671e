"""An accepted press, the only thing that calibration learns from."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from stampsdk.matching.calibration._align import labelled_residual

Pairs = tuple[tuple[float, float], ...]

# A press that was accepted lies within about 1 mm of its stamp, bends and placement included; twice that is
# no press of this stamp, whoever vouches for it.
_MISFIT_MM = 2.0
_SCALES = (0.9, 1.1)
_TIP_COUNTS = range(4, 11)
_WIDEST_SCREEN_MM = 1000.0


class ObservationCode(StrEnum):
    """Why a press is not one to learn from; stable, for programs."""

    NOT_ACCEPTED = "not_accepted"
    NOT_POINTS = "not_points"
    TIP_COUNT_UNSUPPORTED = "tip_count_unsupported"
    LABELS = "labels"
    SCREEN = "screen"
    OFF_SCREEN = "off_screen"
    NO_NAME = "no_name"
    MISFIT = "misfit"


class ObservationError(ValueError):
    """A press that must not be learnt from.

    Attributes
    ----------
    code : ObservationCode
        Why, in a form that does not change with the wording.
    """

    def __init__(self, code: ObservationCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Observation:
    """One accepted press. It cannot be made from a press that was held or refused.

    Attributes
    ----------
    verdict : str
        The verdict on the press; anything but "accepted" is refused here.
    customer, device : str
        Account and phone (its key, say). Whoever shares an account or a phone counts as one contributor.
    device_model : str
        Model of the phone, whose screens are taken to be alike.
    screen_mm : (width, height)
        Size of the screen in mm by the reported density, in the orientation of the touches.
    touches_mm : (n, 2)
        Touches in mm by the reported density, from the screen's upper left corner, x right and y down.
    labels : (n,) of int
        Touch *k* lies on tip ``labels[k]``, as `PatternIndex` says it.
    stamp_id : int
        The stamp that was identified.
    tips_mm : (n, 2)
        Its registered tips in mm, in the order of registration, as the screen sees them.

    Raises
    ------
    ObservationError
        With a stable code: not accepted; no rows of finite x and y; fewer than 4 or more than 10 tips; labels
        that are no order of the tips; an impossible screen; touches off the screen; no name of customer,
        device or model; touches that no scale within ±10 % brings within 2 mm of the tips.
    """

    verdict: str
    customer: str
    device: str
    device_model: str
    screen_mm: tuple[float, float]
    touches_mm: Pairs
    labels: tuple[int, ...]
    stamp_id: int
    tips_mm: Pairs

    def __post_init__(self) -> None:
        if self.verdict != "accepted":
            raise ObservationError(
                ObservationCode.NOT_ACCEPTED, f"only accepted presses are learnt from, not {self.verdict!r}"
            )
        for name in ("customer", "device", "device_model"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                raise ObservationError(ObservationCode.NO_NAME, f"{name} must be a text that is not empty")
        for name in ("touches_mm", "tips_mm"):
            object.__setattr__(self, name, as_pairs(getattr(self, name), name))
        object.__setattr__(self, "stamp_id", int(self.stamp_id))
        count = len(self.tips_mm)
        if count not in _TIP_COUNTS or len(self.touches_mm) != count:
            raise ObservationError(
                ObservationCode.TIP_COUNT_UNSUPPORTED,
                f"{len(self.touches_mm)} touches of {count} tips; all tips are needed, 4 to 10 of them",
            )
        self._check_labels(count)
        self._check_screen()
        self._check_fit()

    @property
    def touches_by_tip(self) -> npt.NDArray[np.float64]:
        """Touches (n, 2) in the order of the tips."""
        touches = np.empty((len(self.labels), 2))
        touches[list(self.labels)] = self.touches_mm
        return touches

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; `from_dict` makes an equal observation of it."""
        return {name: getattr(self, name) for name in _FIELDS}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Observation":
        """Make an observation from what `to_dict` returned, through all checks.

        Raises
        ------
        ObservationError
            As the constructor.
        TypeError
            A key is missing or unknown.
        """
        return cls(**data)

    def _check_labels(self, count: int) -> None:
        labels = tuple(int(label) for label in self.labels)
        if sorted(labels) != list(range(count)):
            raise ObservationError(
                ObservationCode.LABELS, f"labels must name each of {count} tips once, not {labels}"
            )
        object.__setattr__(self, "labels", labels)

    def _check_screen(self) -> None:
        size = tuple(float(side) for side in self.screen_mm)
        if len(size) != 2 or not all(0 < side <= _WIDEST_SCREEN_MM for side in size):  # noqa: PLR2004
            raise ObservationError(
                ObservationCode.SCREEN, f"screen_mm must be width and height in mm, not {self.screen_mm}"
            )
        object.__setattr__(self, "screen_mm", size)
        if any(not (0 <= x <= size[0] and 0 <= y <= size[1]) for x, y in self.touches_mm):
            raise ObservationError(
                ObservationCode.OFF_SCREEN,
                f"a touch lies outside the screen of {size[0]:g} by {size[1]:g} mm",
            )

    def _check_fit(self) -> None:
        away = labelled_residual(self.touches_by_tip, np.array(self.tips_mm), *_SCALES)
        if not away <= _MISFIT_MM:
            raise ObservationError(
                ObservationCode.MISFIT,
                f"the touches lie {away:.1f} mm from the tips of stamp {self.stamp_id}",
            )


_FIELDS = tuple(one.name for one in fields(Observation))


def as_pairs(points: npt.ArrayLike, name: str) -> Pairs:
    """Return points as pairs of floats, equal ones for equal numbers.

    Raises
    ------
    ObservationError
        They are not rows of finite x and y.
    """
    try:
        array = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.ndim != 2 or array.shape[1] != 2 or not np.isfinite(array).all():  # noqa: PLR2004 - x and y
        raise ObservationError(ObservationCode.NOT_POINTS, f"{name} must be rows of finite x and y")
    rows = (array + 0.0).tolist()  # + 0.0: minus zero is zero
    return tuple((row[0], row[1]) for row in rows)
