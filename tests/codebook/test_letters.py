"""Engraved letters can be told apart, and every serial can be engraved."""

import itertools

import numpy as np
import pytest
import shapely

from stampsdk.codebook import codes
from stampsdk.codebook.drawing._letters import SYMBOLS, extent_of, strokes_of
from stampsdk.codebook.drawing._room import parts_of


def _ink(symbol):
    return shapely.union_all([shapely.LineString(stroke).buffer(0.2) for stroke in strokes_of([symbol], 3.0)])


def test_every_symbol_of_serials_has_strokes():
    assert set(codes._LETTERS) | {"-", " "} == SYMBOLS


def test_letters_fill_their_height_and_stay_in_their_box():
    for symbol in set(codes._LETTERS) - set("*~$="):
        corners = np.concatenate(strokes_of([symbol], 3.0))
        assert corners.min() >= 0.0
        assert corners[:, 1].min() == 0.0
        assert corners[:, 1].max() == 3.0
        assert corners[:, 0].max() <= 2.0


def test_no_two_symbols_look_alike():
    """The ink that two symbols do not share is a good part of all their ink."""
    inks = {symbol: _ink(symbol) for symbol in SYMBOLS - {" "}}
    for one, other in itertools.combinations(sorted(inks), 2):
        apart = inks[one].symmetric_difference(inks[other]).area / inks[one].union(inks[other]).area
        assert apart > 0.12, (one, other)


def test_no_symbol_is_its_neighbours_mirror_where_it_matters():
    """A mirrored serial shows: most symbols are not their own mirror image."""
    own = [
        symbol
        for symbol in codes._LETTERS[:32]
        if _ink(symbol)
        .symmetric_difference(shapely.transform(_ink(symbol), lambda places: places * (-1, 1) + (2.0, 0.0)))
        .area
        < 0.1
    ]
    assert set(own) <= set("8AHMTVWXY")


def test_lines_stand_below_each_other():
    strokes = strokes_of(["AB", "C"], 6.0)
    corners = np.concatenate(strokes)
    width, height = extent_of(["AB", "C"], 6.0)
    assert (corners.max(axis=0) <= (width, height)).all()
    assert np.concatenate(strokes_of(["C"], 6.0)).max() + 9.0 == corners[:, 1].max()


@pytest.mark.parametrize(
    ("serial", "parts"),
    [
        ("0YR60-5", ["0YR60-5"]),
        ("AP5F4-0YR60-5", ["AP5F4-", "0YR60-5"]),
        ("AP5F4-0YR60-AP5F4-0YR6*", ["AP5F4-", "0YR60-", "AP5F4-", "0YR6*"]),
    ],
)
def test_serials_are_broken_after_a_dash_and_no_check_symbol_stands_alone(serial, parts):
    assert parts_of(serial) == parts


def test_what_has_no_strokes_is_refused():
    with pytest.raises(ValueError, match="'L' in 'AL' cannot be engraved"):
        strokes_of(["AL"], 3.0)
