"""Where the tips of one stamp truly are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stampsdk.matching.calibration._align import Real, as_complex, as_points, shape_axes, turned_onto
from stampsdk.matching.calibration._limits import CalibrationModel
from stampsdk.matching.calibration.bend import cut_back
from stampsdk.matching.calibration.device import Groups
from stampsdk.matching.calibration.observation import Observation, Pairs
from stampsdk.matching.calibration.robust import Blocks, is_better_for_most, solve

Corrected = Callable[[Observation], Real]


@dataclass(frozen=True)
class StampCorrection:
    """How far the tips of one stamp lie from where they are registered.

    Attributes
    ----------
    stamp_id : int
    tips_mm : (n, 2)
        The registered tips that this belongs to. A stamp that is given other tips starts anew.
    shift_mm : (n, 2)
        What to add to them; no tip moves farther than the model's bound.
    contributors : int
        Independent contributors that it was learnt from.
    """

    stamp_id: int
    tips_mm: Pairs
    shift_mm: Pairs
    contributors: int

    @property
    def true_tips_mm(self) -> Real:
        """Corrected tips (n, 2) in mm."""
        result: Real = np.array(self.tips_mm) + np.array(self.shift_mm)
        return result


def learn_stamp(groups: Groups, corrected: Corrected, model: CalibrationModel) -> StampCorrection:
    r"""Learn where a stamp's tips are from its presses.

    Each press, corrected for its screen, is laid on the registered tips; what is left, place and angle taken
    out, is the tips' displacement plus noise. `robust.solve` gives the displacement, shrunk by its prior: of
    *m* contributors about :math:`m / (m + \sigma^2/\tau^2)` of it is believed, with
    :math:`\sigma^2 / \tau^2 = 4` at 0.4 mm and 0.2 mm. It is taken only if `robust.is_better_for_most`, then
    cut back to the bound, tip by tip.

    Here every press has the same design and the leverage :math:`\tau/\sigma`, so the bound of `robust` is
    sharp enough to be useful: of *k* forgers and *m* honest contributors the length of the change, over all
    tips together, is at most about :math:`\frac{k}{m} K \sigma` as long as that stays within what presses
    that fit can hold (`influence_bound` says exactly how far).

    Parameters
    ----------
    groups : sequence of sequences of Observation
        Presses of this stamp by contributor, at least one press.
    corrected : callable
        The touches of a press in true mm (n, 2), in the order of the tips.
    model : CalibrationModel

    Returns
    -------
    StampCorrection
        No shift with fewer than `model.least_contributors`.
    """
    first = groups[0][0]
    shift = np.zeros((len(first.tips_mm), 2))
    if len(groups) >= model.least_contributors:
        blocks = tip_blocks(groups, corrected, model)
        if is_better_for_most(blocks):
            axes = shape_axes(as_complex(first.tips_mm))
            shift = cut_back(
                model.placement_mm * (axes @ solve(blocks)).reshape(-1, 2), model.greatest_shift_mm
            )
    rows = tuple((float(x), float(y)) for x, y in shift)
    return StampCorrection(first.stamp_id, first.tips_mm, rows, len(groups))


def tip_blocks(groups: Groups, corrected: Corrected, model: CalibrationModel) -> Blocks:
    """Return presses as `Blocks` for the displacement of the tips, along the `shape_axes` of the pattern."""
    tips = as_complex(groups[0][0].tips_mm)
    h = tips - tips.mean()
    axes = shape_axes(h).T / model.sigma_mm
    target = [
        axes @ as_points(turned_onto(as_complex(corrected(press)), h) - h).ravel()
        for group in groups
        for press in group
    ]
    number = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    design = np.broadcast_to(
        np.eye(len(axes)) * model.placement_mm / model.sigma_mm, (len(target), len(axes), len(axes))
    )
    return Blocks(design, np.array(target), np.full(len(target), len(axes)), number)
