"""Learn devices and stamps together, keep what was learnt, and apply it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from stampsdk.geometry._validation import checked_touches
from stampsdk.matching.calibration._align import Real
from stampsdk.matching.calibration._contributors import by_contributor
from stampsdk.matching.calibration._limits import CalibrationModel
from stampsdk.matching.calibration.bend import Bend, cut_back
from stampsdk.matching.calibration.device import DeviceCorrection, Groups, learn_device, no_correction
from stampsdk.matching.calibration.observation import Observation, as_pairs
from stampsdk.matching.calibration.stamp import StampCorrection, learn_stamp
from stampsdk.matching.calibration.state import CalibrationState, CalibrationStateError, StampKey

_FORMAT = "stamp calibration"
_VERSION = 1
_MODEL = CalibrationModel()


@dataclass(frozen=True)
class Calibration:
    """What was learnt; apply it to touches before recognition, and to tips before they are indexed.

    Attributes
    ----------
    devices : dict
        Correction of each device model.
    stamps : dict
        Correction of each stamp, by its id and the tips that it was registered with.
    model : CalibrationModel
        Assumptions and bounds. The bounds hold for whatever is applied, even for a damaged file.
    """

    devices: dict[str, DeviceCorrection] = field(default_factory=dict)
    stamps: dict[StampKey, StampCorrection] = field(default_factory=dict)
    model: CalibrationModel = _MODEL

    def device(self, device_model: str | None) -> DeviceCorrection:
        """Return the correction of a device model; none for one that is not known."""
        found = None if device_model is None else self.devices.get(device_model)
        return no_correction(self.model) if found is None else found

    def correct(
        self,
        touches: npt.ArrayLike,
        device_model: str | None,
        *,
        screen: tuple[float, float],
        px_per_mm: float = 1.0,
    ) -> Real:
        """Return touches in true mm, as far as is known.

        Parameters
        ----------
        touches : (n, 2) array_like
            Touches from the screen's upper left corner, x right and y down.
        device_model : str or None
        screen : (width, height)
            Size of the screen, in the unit of the touches and in their orientation.
        px_per_mm : float
            Reported density, for touches in px; 1 for touches in mm by the reported density.

        Returns
        -------
        (n, 2) ndarray of float64
            Within `model.greatest_scale_error` of the reported size, and bent by at most
            `model.greatest_bend_mm` (by the reported density) anywhere.

        Raises
        ------
        ValueError
            Touches that are no rows of finite x and y; a screen or density that is not above 0.
        """
        points = checked_touches(touches)
        if not all(math.isfinite(value) and value > 0 for value in (px_per_mm, *screen)):
            raise ValueError(f"screen and px_per_mm must be above 0, not {screen} and {px_per_mm}")
        mm = points / px_per_mm
        known = self.device(device_model)
        size = (screen[0] / px_per_mm, screen[1] / px_per_mm)
        bound = self.model.greatest_scale_error
        scale = min(max(known.scale, 1 - bound), 1 + bound)
        result: Real = scale * (mm + cut_back(known.bend.at(mm, size), self.model.greatest_bend_mm))
        return result

    def scale_range(self, device_model: str | None) -> tuple[float, float]:
        """Return the range of mm per corrected mm to search with, 95 % sure where the model is known."""
        error = self.device(device_model).scale_error
        return 1 - error, 1 + error

    def tips(self, stamp_id: int, tips_mm: npt.ArrayLike) -> Real:
        """Return the true tips (n, 2) of a stamp in mm, as far as is known.

        They are the registered ones, none moved farther than `model.greatest_shift_mm`; unchanged for a stamp
        that is not known or was registered with other tips when it was learnt.

        Raises
        ------
        ValueError
            Tips that are no rows of finite x and y.
        """
        registered = as_pairs(tips_mm, "tips_mm")
        found = self.stamps.get((int(stamp_id), registered))
        tips = np.array(registered).reshape(-1, 2)
        return (
            tips if found is None else tips + cut_back(np.array(found.shift_mm), self.model.greatest_shift_mm)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; it names device models and stamps, and nobody."""
        return {
            "format": _FORMAT,
            "version": _VERSION,
            "devices": {
                name: {
                    "scale": one.scale,
                    "scale_error": one.scale_error,
                    "bend_mm": list(one.bend.coefficients_mm),
                    "contributors": one.contributors,
                }
                for name, one in sorted(self.devices.items())
            },
            "stamps": [
                {
                    "stamp_id": one.stamp_id,
                    "tips_mm": [list(tip) for tip in one.tips_mm],
                    "shift_mm": [list(move) for move in one.shift_mm],
                    "contributors": one.contributors,
                }
                for _, one in sorted(self.stamps.items())
            ],
        }

    @classmethod
    def from_dict(cls, data: Any, model: CalibrationModel = _MODEL) -> "Calibration":
        """Make what `to_dict` wrote, under the bounds of a model.

        Raises
        ------
        CalibrationStateError
            It is no calibration, of another version, or damaged.
        """
        if not isinstance(data, dict) or data.get("format") != _FORMAT:
            raise CalibrationStateError("this is no calibration")
        if data.get("version") != _VERSION:
            raise CalibrationStateError(
                f"this calibration has the version {data.get('version')!r}, not {_VERSION}"
            )
        try:
            devices = {str(name): _device(one, model) for name, one in data["devices"].items()}
            stamps = [_stamp(one) for one in data["stamps"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CalibrationStateError(f"this calibration is damaged: {error}") from None
        return cls(devices, {(one.stamp_id, one.tips_mm): one for one in stamps}, model)


def learn(
    state: CalibrationState,
    model: CalibrationModel = _MODEL,
    report: Callable[[float], None] = lambda _share: None,
) -> Calibration:
    """Learn every device model and every stamp of a state, each in turn given the others.

    The outcome is a function of the state's presses alone, to the last bit: not of their order, nor of
    earlier outcomes.

    Guarantee: the steps are those of `learn_device` and `learn_stamp`. Each is bounded against a minority
    of forged contributors by `robust`, given the other; and whatever they hand each other, the model's
    bounds hold.

    Parameters
    ----------
    state : CalibrationState
    model : CalibrationModel
    report : callable
        Called with the share of the work that is done.
    """
    models = {name: by_contributor(presses) for name, presses in state.models().items()}
    keys = {key: by_contributor(presses) for key, presses in state.stamps().items()}
    devices: dict[str, DeviceCorrection] = {}
    stamps: dict[StampKey, StampCorrection] = {}
    steps = model.rounds * max(1, len(models) + len(keys))
    done = 0
    for _ in range(model.rounds):
        known = Calibration(devices, stamps, model)
        devices = {}
        for name, groups in models.items():
            devices[name] = _learn_device(known, name, groups)
            done += 1
            report(done / steps)
        known = Calibration(devices, stamps, model)
        stamps = {}
        for key, groups in keys.items():
            stamps[key] = _learn_stamp(known, groups)
            done += 1
            report(done / steps)
    return Calibration(devices, stamps, model)


def _learn_device(known: Calibration, name: str, groups: Groups) -> DeviceCorrection:
    def tips_of(press: Observation) -> Real:
        found = known.stamps.get((press.stamp_id, press.tips_mm))
        return np.array(press.tips_mm) if found is None else found.true_tips_mm

    return learn_device(groups, tips_of, known.model, known.devices.get(name))


def _learn_stamp(known: Calibration, groups: Groups) -> StampCorrection:
    def corrected(press: Observation) -> Real:
        return known.correct(press.touches_by_tip, press.device_model, screen=press.screen_mm)

    return learn_stamp(groups, corrected, known.model)


def _device(one: dict[str, Any], model: CalibrationModel) -> DeviceCorrection:
    bend = Bend(tuple(float(value) for value in one["bend_mm"]), model.greatest_bend_mm)
    scale, error = float(one["scale"]), float(one["scale_error"])
    if not (0 < scale < math.inf and 0 <= error < 1):
        raise ValueError(f"a scale of {scale} with an error of {error}")
    return DeviceCorrection(scale, error, bend, int(one["contributors"]))


def _stamp(one: dict[str, Any]) -> StampCorrection:
    tips, shift = as_pairs(one["tips_mm"], "tips_mm"), as_pairs(one["shift_mm"], "shift_mm")
    if len(tips) != len(shift):
        raise ValueError(f"{len(tips)} tips and {len(shift)} shifts")
    return StampCorrection(int(one["stamp_id"]), tips, shift, int(one["contributors"]))
