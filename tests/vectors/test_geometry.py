"""``geometry.json`` is what the library answers, and what brute force over all labellings answers."""

import itertools
from functools import cache

import numpy as np
import pytest

from stampsdk import PatternIndex
from tests import oracle
from tests.vectors import geometry_cases
from tests.vectors.writing import FOLDER, MADE_BY, read, text_of

VECTORS = read("geometry.json")
WITHIN = VECTORS["about"]["tolerances"]["residual"]
NAMES = [case["name"] for case in VECTORS["cases"]]


def test_the_file_is_what_the_library_answers_now():
    written = (FOLDER / "geometry.json").read_text(encoding="utf-8")
    assert written == text_of(geometry_cases.document()), f"run: {MADE_BY}"


def test_names_are_unique_and_all_sizes_are_there():
    assert len(set(NAMES)) == len(NAMES) >= 40
    assert {len(case["pattern"]) for case in VECTORS["cases"]} == set(range(3, 11))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=NAMES)
def test_brute_force_agrees(case):
    mode = {"missing": case["missing"], "ghosts": case["ghosts"]}
    least, labels = oracle.partial_residual(case["touches"], case["pattern"], case["scale"], **mode)
    assert case["residual"] == pytest.approx(least, abs=WITHIN)
    assert tuple(case["labels"]) == labels


@cache
def _orders(count):
    return np.array(list(itertools.permutations(range(count))))


def _all_residuals(touches, tips, scale):
    """Residuals under all labellings, those of one first label at a time."""
    count = len(tips)
    for first in range(count):
        rest = np.delete(np.arange(count), first)[_orders(count - 1)]
        orders = np.column_stack([np.full(len(rest), first), rest])
        yield oracle.residuals_of(touches, tips, orders, scale)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=NAMES)
def test_labels_can_be_told_with_ordinary_floats(case):
    """Labellings tie to rounding, or are apart by more than any port's arithmetic errs."""
    touches, tips = np.array(case["touches"]), np.array(case["pattern"])
    near = []
    for real in itertools.combinations(range(len(touches)), len(touches) - case["ghosts"]):
        for kept in itertools.combinations(range(len(tips)), len(real)):
            for values in _all_residuals(touches[list(real)], tips[list(kept)], case["scale"]):
                near.extend(values[values < case["residual"] + 0.1])
    above = np.array(near) - min(near)
    assert min(near) == pytest.approx(case["residual"], abs=WITHIN)
    assert not ((above > 1e-10) & (above < 1e-6)).any()


@pytest.mark.parametrize("case", VECTORS["searches"], ids=lambda case: case["name"])
def test_searches_find_what_brute_force_finds(case):
    found = []
    for number, points in zip(case["ids"], case["patterns"], strict=True):
        least, labels = oracle.residual(case["touches"], points, case["scale"])
        assert abs(least - case["tolerance"]) > 1e-3, "too near the tolerance to be told"
        if least <= case["tolerance"]:
            values = np.concatenate([*_all_residuals(case["touches"], points, case["scale"])])
            assert np.sort(values)[1] > least + 1e-6, "labels too near a tie to be told"
            found.append((round(least, 9), number, labels))
    assert [hit["id"] for hit in case["hits"]] == [number for _, number, _ in sorted(found)]
    for hit, (least, _, labels) in zip(case["hits"], sorted(found), strict=True):
        assert hit["residual"] == pytest.approx(least, abs=WITHIN)
        assert tuple(hit["labels"]) == labels


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_what_is_refused_is_refused_by_name(case):
    name = {"pattern": "points"}.get(case["at"], case["at"])
    with pytest.raises(ValueError, match=f"^{name}"):
        PatternIndex.build([case["pattern"]]).search(
            case["touches"], scale=tuple(case["scale"]), missing=case["missing"], ghosts=case["ghosts"]
        )
