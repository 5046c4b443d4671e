"""Random throwing: the yardstick that a codebook is compared with.

Patterns are drawn at random from the same region and kept when they are far enough from all that were kept
before, until hardly any is (random sequential adsorption).
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._apart import confusable_pairs, first_come
from stampsdk.codebook._candidates import UM_PER_MM, Rules, keeps_from_itself
from stampsdk.codebook._field import Field
from stampsdk.codebook._rules import rules_of
from stampsdk.codebook.family import StampFamily
from stampsdk.geometry._compile import kernel
from stampsdk.index import PatternIndex

_LEAST_BATCH, _LARGEST_BATCH = 20_000, 400_000
_DRAWN_AT_ONCE = 1 << 18


def throw(
    family: StampFamily,
    rng: np.random.Generator,
    *,
    least_share: float = 0.01,
    report: Callable[[int, float], None] = lambda _kept, _share: None,
) -> int:
    """Throw patterns at random until the share that is kept falls below a limit.

    Parameters
    ----------
    family : StampFamily
        Its region (field, spacing, distance from relabellings and mirror), its distance, and the scale at
        which both are measured.
    rng : numpy.random.Generator
    least_share : float
    report : callable
        Called after each batch with how many were kept so far, and the share of this batch that was.

    Returns
    -------
    int
        How many were kept.
    """
    n = family.tips
    index = PatternIndex.build(np.zeros((0, n, 2)))
    drawn = _drawn(family, rng)
    batch, kept = _LEAST_BATCH, 0
    waiting = np.zeros((0, n, 2))
    while True:
        while len(waiting) < batch:
            waiting = np.concatenate([waiting, next(drawn)])
        thrown, waiting = waiting[:batch], waiting[batch:]
        free = np.ones(batch, np.bool_)
        free[confusable_pairs(thrown, index, family.distance_mm, family.scale_range)[0]] = False
        fresh = thrown[free]
        fresh = fresh[first_come(fresh, family.distance_mm, family.scale_range)]
        index.add(fresh, np.arange(kept, kept + len(fresh)))
        kept += len(fresh)
        share = len(fresh) / batch
        report(kept, share)
        if share < least_share:
            return kept
        batch = min(max(kept // 2, _LEAST_BATCH), _LARGEST_BATCH)


def _drawn(family: StampFamily, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield patterns of the family's region, every tip drawn on its own, uniformly from the field."""
    rules = rules_of(family)
    half = family.face.width_mm / 2
    least = round(family.spacing_mm * UM_PER_MM) ** 2
    field = family.face.field(family.edge_mm)
    while True:
        tips = np.empty((_DRAWN_AT_ONCE, 0, 2), np.int64)
        for _ in range(family.tips):
            tip = np.rint(rng.uniform(-half, half, (len(tips), 2)) * UM_PER_MM).astype(np.int64)
            good = _stand(tips, tip, least, field)
            tips = np.concatenate([tips[good], tip[good, None, :]], axis=1)
        yield tips[_keep_from_themselves(tips, rules)] / UM_PER_MM


@kernel
def _stand(tips: NDArray[np.int64], tip: NDArray[np.int64], least: int, field: Field) -> NDArray[np.bool_]:
    """Tell of tips (K, 2), µm, whether they stand in the field and far enough from those before (K, m, 2)."""
    good = np.empty(tip.shape[0], np.bool_)
    radius = field.radius * UM_PER_MM
    for row in range(tip.shape[0]):
        x, y = tip[row, 0], tip[row, 1]
        stands = field.radius == 0.0 or x * x + y * y <= radius * radius
        for edge in range(field.offsets.shape[0]):
            if field.normals[edge, 0] * x + field.normals[edge, 1] * y > field.offsets[edge] * UM_PER_MM:
                stands = False
                break
        for before in range(tips.shape[1]):
            across, down = tips[row, before, 0] - x, tips[row, before, 1] - y
            stands = stands and across * across + down * down >= least
        good[row] = stands
    return good


@kernel
def _keep_from_themselves(steps: NDArray[np.int64], rules: Rules) -> NDArray[np.bool_]:
    kept = np.empty(steps.shape[0], np.bool_)
    for row in range(steps.shape[0]):
        kept[row] = keeps_from_itself(steps[row], rules.permutations, rules.distance, rules.scales)
    return kept
