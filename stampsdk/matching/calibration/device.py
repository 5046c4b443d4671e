"""What one device model does to touches: a wrong density, and a bend."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stampsdk.matching.calibration._align import Real, as_complex, as_points, shape_axes, turned_onto
from stampsdk.matching.calibration._limits import CalibrationModel
from stampsdk.matching.calibration.bend import COEFFICIENTS, Bend, basis
from stampsdk.matching.calibration.observation import Observation
from stampsdk.matching.calibration.robust import Blocks, is_better_for_most, solve

TipsOf = Callable[[Observation], Real]
Groups = Sequence[Sequence[Observation]]

_NORMAL_95 = 1.96
# Bends and the sizes of the stamps pressed leave this much, however many presses there are.
_LEAST_SCALE_ERROR = 0.005


@dataclass(frozen=True)
class DeviceCorrection:
    """The correction of one device model: ``scale * (touch + bend(touch))``.

    Attributes
    ----------
    scale : float
        True millimetres per reported millimetre.
    scale_error : float
        Half of the 95 % confidence interval of the scale, relative; the bound when nothing was learnt.
    bend : Bend
    contributors : int
        Independent contributors that it was learnt from.
    """

    scale: float
    scale_error: float
    bend: Bend
    contributors: int

    def corrected(self, touches_mm: Real, screen_mm: tuple[float, float]) -> Real:
        """Return touches (n, 2) in true mm."""
        return self.scale * (touches_mm + self.bend.at(touches_mm, screen_mm))


def learn_device(
    groups: Groups, tips_of: TipsOf, model: CalibrationModel, before: DeviceCorrection | None = None
) -> DeviceCorrection:
    r"""Learn a device model's scale, then its bend, then the scale again without the bend.

    **Scale.**  A touch is :math:`u = R^T h / s + \text{error}`, with the tip *h*. Regressing touches on
    tips, the errors being the touches', gives :math:`\hat s = \sum |h|^2 / \sum \langle h, R u \rangle`
    over the presses of one contributor, with a relative error of about :math:`\sigma / |h|` (1.2 % for one
    press of five tips on a 45 mm face). The scale is the median over contributors of its logarithm: see
    `robust` for what a minority can do to it. Only shapes enter, so turning or shifting presses changes
    nothing.

    **Bend.**  What is left of presses at that scale, place and angle taken out, is regressed on the `basis`
    by `robust.solve`, and taken only if `robust.is_better_for_most`. The sum
    :math:`\sum_j c_j \phi_j(u)` is cut back to the model's bound wherever it is applied.

    Parameters
    ----------
    groups : sequence of sequences of Observation
        Presses on this model by contributor.
    tips_of : callable
        The true tips (n, 2) of the stamp of a press, in mm, in the order of registration, as far as known.
    model : CalibrationModel
    before : DeviceCorrection, optional
        What was learnt before, whose bend the first estimate of the scale leaves out.

    Returns
    -------
    DeviceCorrection
        None at all (scale 1, no bend) with fewer than `model.least_contributors`.
    """
    if len(groups) < model.least_contributors:
        return no_correction(model, len(groups))
    straight = Bend((), model.greatest_bend_mm) if before is None else before.bend
    scale, _ = _scale(groups, tips_of, straight, model)
    blocks = bend_blocks(groups, tips_of, scale, model)
    bend = Bend((), model.greatest_bend_mm)
    if is_better_for_most(blocks):
        coefficients = model.bend_mm * solve(blocks)
        bend = Bend(tuple(coefficients.tolist()), model.greatest_bend_mm)
    scale, error = _scale(groups, tips_of, bend, model)
    return DeviceCorrection(scale, error, bend, len(groups))


def no_correction(model: CalibrationModel, contributors: int = 0) -> DeviceCorrection:
    """Return the correction that changes nothing and knows nothing."""
    return DeviceCorrection(1.0, model.greatest_scale_error, Bend((), model.greatest_bend_mm), contributors)


def log_scales(groups: Groups, tips_of: TipsOf, bend: Bend) -> Real:
    """Return what each contributor's presses say of the logarithm of the scale, (C,)."""
    values = []
    for presses in groups:
        own = inner = 0.0
        for press in presses:
            touches = press.touches_by_tip
            h = as_complex(tips_of(press))
            h -= h.mean()
            u = as_complex(touches + bend.at(touches, press.screen_mm))
            own += float((np.abs(h) ** 2).sum())
            inner += float(abs(((u - u.mean()).conj() * h).sum()))
        values.append(math.log(own / inner))
    return np.array(values)


def bend_blocks(groups: Groups, tips_of: TipsOf, scale: float, model: CalibrationModel) -> Blocks:
    """Return presses as `Blocks` for the coefficients of the bend."""
    presses = [(number, press) for number, group in enumerate(groups) for press in group]
    freedom = np.array([2 * len(press.labels) - 3 for _, press in presses])
    rows = int(freedom.max())
    design = np.zeros((len(presses), rows, COEFFICIENTS))
    target = np.zeros((len(presses), rows))
    noise = math.hypot(model.sigma_mm, model.placement_mm)
    for row, (_, press) in enumerate(presses):
        touches = press.touches_by_tip
        u = as_complex(touches)
        h = turned_onto(as_complex(tips_of(press)) / scale, u - u.mean())
        axes = shape_axes(h).T / noise
        moves = basis(touches, press.screen_mm).reshape(2 * len(touches), -1)
        target[row, : freedom[row]] = axes @ as_points(h - (u - u.mean())).ravel()
        design[row, : freedom[row]] = axes @ moves * model.bend_mm
    return Blocks(design, target, freedom, np.array([number for number, _ in presses]))


def _scale(groups: Groups, tips_of: TipsOf, bend: Bend, model: CalibrationModel) -> tuple[float, float]:
    """Return the scale within its bounds, and its relative error with 95 % confidence.

    The interval is that of the median by its order statistics, which needs no law of the values.
    """
    values = np.sort(log_scales(groups, tips_of, bend))
    bound = model.greatest_scale_error
    middle = min(max(math.exp(float(np.median(values))), 1 - bound), 1 + bound)
    count = len(values)
    low = max(0, math.floor((count - _NORMAL_95 * math.sqrt(count)) / 2))
    half = (values[count - 1 - low] - values[low]) / 2
    return middle, min(bound, max(_LEAST_SCALE_ERROR, float(half)))
