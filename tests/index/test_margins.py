"""The margins of the labelling, pushed hard: without any one of them something is missed."""

import itertools

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.index._labelling import Margins, canonical_orders, possible_orders
from stampsdk.index._search import Plan
from tests import oracle, strategies


class ProbingIndex(PatternIndex):
    _plan = Plan(most_reach=0.99, probe_us=1e-9)


def near_tied(count, seed):
    """Yield (pattern, touches) where noise along or across pairs of tips has a near-tie to turn over."""
    rng = np.random.default_rng(seed)
    for trial in range(count):
        tips = int(rng.integers(3, 8))
        family = strategies.FAMILIES[trial % len(strategies.FAMILIES)]
        pattern = strategies.family_pattern(family, tips, rng)
        pattern = pattern / np.sqrt((pattern**2).sum(axis=1).mean()) * 17.0
        pattern = pattern + rng.normal(0, 10.0 ** rng.uniform(-6, 0), pattern.shape)
        step = np.zeros_like(pattern)
        for _ in range(rng.integers(1, 3)):
            j, k = rng.choice(tips, 2, replace=False)
            along = (pattern[j] - pattern[k]) / np.linalg.norm(pattern[j] - pattern[k])
            along = along if rng.integers(2) else along[::-1] * [-1.0, 1.0]
            step[j] += along
            step[k] += along * rng.choice([-1.0, 1.0])
        reach = rng.uniform(0.1, 2.0) * np.sqrt(tips)
        touches = pattern + step / max(np.linalg.norm(step), 1e-9) * reach
        yield pattern, strategies.moved(rng.permutation(touches), rng)


CASES = list(near_tied(700, 1))


def missed(margins):
    kind = type("Mutant", (ProbingIndex,), {"_margins": margins})
    count = 0
    for pattern, touches in CASES:
        least, _ = oracle.residual(touches, pattern, (1.0, 1.0))
        count += len(kind.build(pattern[np.newaxis]).search(touches, least + 1e-6, (1.0, 1.0))) == 0
    return count


def test_nothing_is_missed_with_the_margins():
    assert missed(Margins()) == 0


@pytest.mark.parametrize("name", Margins._fields)
def test_something_is_missed_without_any_one_of_them(name):
    assert missed(Margins()._replace(**{name: 0.0})) > 0


@pytest.mark.parametrize("tips", [3, 4, 5, 6])
def test_the_orders_are_the_permutations_that_meet_the_margins(tips):
    """Enumeration against the plain reading of lemma 3 over all n! orders."""
    rng = np.random.default_rng(tips)
    margins = Margins()
    for trial in range(40):
        shape = strategies.family_pattern(strategies.FAMILIES[trial % 7], tips, rng)
        unit = shape[:, 0] + 1j * shape[:, 1]
        unit -= unit.mean()
        unit /= np.linalg.norm(unit)
        reach = 10.0 ** rng.uniform(-3, -0.7)
        expected = set()
        for order in itertools.permutations(range(tips)):
            ordered = unit[list(order)]
            axis = ordered[-1] - ordered[0]
            width = abs(axis)
            pairs = itertools.combinations(range(tips), 2)
            widest = all(
                abs(ordered[j] - ordered[k])
                <= width
                + (margins.joined_pairs if {j, k} & {0, tips - 1} else margins.disjoint_pairs) * reach
                for j, k in pairs
            )
            ends = abs(ordered[0]) <= abs(ordered[-1]) + margins.ends * reach
            along = (np.conj(axis) * ordered[1:-1]).real / width if width else np.zeros(tips - 2)
            places = all(
                along[j] <= along[k] + margins.places * reach
                for j in range(tips - 2)
                for k in range(j, tips - 2)
            )
            if widest and ends and places:
                expected.add(order)
        found = np.empty((720, tips), np.int8)
        count = possible_orders(unit, reach, margins, found)
        assert {tuple(row) for row in found[:count].tolist()} == expected
        assert len(expected) == count
        if count > 1:
            assert possible_orders(unit, reach, margins, found[: count - 1]) == -1


@pytest.mark.parametrize("tips", range(3, 11))
def test_the_canonical_order_is_among_the_possible_ones(tips):
    rng = np.random.default_rng(tips)
    shapes = rng.normal(size=(200, tips)) + 1j * rng.normal(size=(200, tips))
    shapes -= shapes.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    orders = canonical_orders(shapes)
    room = np.empty((1000, tips), np.int8)
    for shape, order in zip(shapes, orders, strict=True):
        assert sorted(order.tolist()) == list(range(tips))
        count = possible_orders(shape, 1e-9, Margins(), room)
        assert order.tolist() in room[:count].tolist()
