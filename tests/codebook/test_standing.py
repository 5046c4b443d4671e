"""How far apart tips can stand: the tables against the search, the search against the tables."""

import math

import numpy as np
import pytest

from stampsdk.codebook import Face, FamilyError
from stampsdk.codebook._packings import IN_DISC, IN_SQUARE
from stampsdk.codebook._standing import farthest_apart
from tests.codebook.families import CUSTOM, SQUARE, family

UNIT_SQUARE = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
MANY = tuple((math.cos(2 * math.pi * k / 30), math.sin(2 * math.pi * k / 30)) for k in range(30))


def outline(corners, size, edge=2.0):
    """Return a face of one's own whose field is a convex polygon around the origin, scaled."""
    inner = min(
        abs(a[0] * b[1] - b[0] * a[1]) / math.dist(a, b)
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    )
    factor = size + edge / inner  # all edges of these polygons are as far from the middle
    scaled = tuple((factor * x, factor * y) for x, y in corners)
    return Face("custom", max(math.dist(a, b) for a in scaled for b in scaled), scaled), edge


@pytest.mark.parametrize("tips", range(3, 11))
def test_a_search_in_a_square_finds_what_is_proven_best_and_no_more(tips):
    face, edge = outline(UNIT_SQUARE, 30.0)
    found = farthest_apart(tips, face, edge_mm=edge)
    assert found <= 30.0 * IN_SQUARE[tips] * (1.0 + 1e-6)
    assert found >= 30.0 * IN_SQUARE[tips] * 0.995
    assert farthest_apart(tips, Face("square", 34.0), edge_mm=2.0) == pytest.approx(30.0 * IN_SQUARE[tips])


@pytest.mark.parametrize("tips", [3, 5, 8])
def test_a_search_in_nearly_a_disc_finds_what_is_proven_best_and_no_more(tips):
    face, edge = outline(MANY, 20.0)
    found = farthest_apart(tips, face, edge_mm=edge)
    assert found <= 20.0 * IN_DISC[tips] * (1.0 + 1e-6)
    assert found >= 20.0 * IN_DISC[tips] * 0.99
    assert farthest_apart(tips, Face("round", 44.0), edge_mm=2.0) == pytest.approx(20.0 * IN_DISC[tips])


def test_the_search_ends_when_it_has_found_enough():
    face, edge = outline(UNIT_SQUARE, 30.0)
    assert 11.0 <= farthest_apart(5, face, edge_mm=edge, enough_mm=11.0) <= 30.0 * IN_SQUARE[5] * (1.0 + 1e-6)


def test_tips_that_cannot_stand_so_far_apart_are_refused_with_what_could():
    field = 38.0 / 2 - 2.5
    most = field * IN_DISC[5]
    assert family(spacing_mm=round(most, 2) - 0.01).spacing_mm < most
    with pytest.raises(FamilyError, match=rf"{most:.4g} mm apart at most, and at most 4 could") as caught:
        family(spacing_mm=round(most, 2) + 0.02)
    assert caught.value.code == "family_impossible"
    with pytest.raises(FamilyError, match="not even 3 could stand so far apart"):
        family(spacing_mm=2.0 * field)
    with pytest.raises(FamilyError, match=r"tip\.spacing_mm=21 is impossible for 5 tips .* at most 4 could"):
        family(SQUARE, spacing_mm=21.0)
    with pytest.raises(FamilyError, match=r"tip\.spacing_mm=20 is impossible for 5 tips .* at most 4 could"):
        family(CUSTOM, spacing_mm=20.0)


def test_the_tables_fall_with_each_point():
    for table in (IN_DISC, IN_SQUARE):
        values = [table[count] for count in range(2, 11)]
        assert np.all(np.diff(values) <= 0.0)
