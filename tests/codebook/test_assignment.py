"""Patterns that could be confused are never near, told by a brute force over all pairs."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampsdk.codebook.assignment.assigning import assign
from stampsdk.codebook.assignment.checking import check_assignment
from stampsdk.codebook.errors import AssignmentError
from stampsdk.geometry import residual
from tests.codebook.small_books import book

BOOK = book(4, 40, 3.0)  # about a thousand patterns
OWN = BOOK.family.distance_mm
WIDE = 4.0


def haversine_km(a, b):
    lat, lon, lat2, lon2 = map(math.radians, (*a, *b))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, half)))


DISTANCES = {}


def distance(one, other):
    if one == other:
        return 0.0
    key = min(one, other), max(one, other)
    if key not in DISTANCES:
        a, b = BOOK.points(list(key))
        DISTANCES[key] = residual(a, b, scale=(1.0, 1.0)).residual * len(a) ** 0.5
    return DISTANCES[key]


def conflicts(places, shops, couriers, radius, limit):
    """All pairs that could be confused, by going through all pairs."""
    stamps = [(number, place) for number, place in zip(shops, places, strict=True) if number >= 0]
    stamps += [(number, None) for number in couriers]
    return [
        (one, other)
        for one, other in itertools.combinations(stamps, 2)
        if (one[1] is None or other[1] is None or haversine_km(one[1], other[1]) <= radius)
        and distance(int(one[0]), int(other[0])) < limit
    ]


@st.composite
def cities(draw):
    """Shops around a point that may lie at a pole or at the edge of the map, some at the very same place."""
    lat, lon = draw(
        st.sampled_from([(37.5, 127.0), (0.0, 180.0), (89.99, 10.0), (-90.0, 0.0), (51.0, -179.99)])
    )
    count = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    places = np.array([lat, lon]) + rng.normal(size=(count, 2)) * draw(st.sampled_from([0.0, 0.01, 0.1]))
    places[:, 0] = np.clip(places[:, 0], -90.0, 90.0)
    places[:, 1] = (places[:, 1] + 180.0) % 360.0 - 180.0
    return places


@settings(deadline=None, max_examples=60)
@given(cities(), st.sampled_from([0.5, 3.0, 20.0]), st.sampled_from([OWN, WIDE]), st.integers(0, 4))
def test_nothing_that_could_be_confused_is_near(places, radius, limit, couriers):
    made = assign(BOOK, places, radius_km=radius, distance_mm=limit, couriers=couriers)
    assert made.shops.shape == (len(places),)
    assert made.couriers.shape == (couriers,)
    assert made.crowd <= made.patterns == len(set(made.shops.tolist()))
    assert not conflicts(places, made.shops, made.couriers, radius, limit)
    again = assign(BOOK, places, radius_km=radius, distance_mm=limit, couriers=couriers)
    assert (again.shops == made.shops).all()
    assert (again.couriers == made.couriers).all()


@settings(deadline=None, max_examples=60)
@given(cities(), st.sampled_from([0.5, 3.0, 20.0]), st.sampled_from([OWN, WIDE]), st.data())
def test_the_check_agrees_with_a_brute_force(places, radius, limit, data):
    some = st.integers(-1, data.draw(st.sampled_from([2, 30, len(BOOK) - 1])))
    shops = data.draw(st.lists(some, min_size=len(places), max_size=len(places)))
    couriers = data.draw(st.lists(st.integers(0, len(BOOK) - 1), max_size=2))
    found = check_assignment(BOOK, places, shops, couriers=couriers, radius_km=radius, distance_mm=limit)
    expected = conflicts(places, shops, couriers, radius, limit)
    assert (found is None) == (not expected)
    if found is not None:
        assert found.distance_mm == pytest.approx(distance(*found.numbers), abs=1e-6)
        assert found.rows[0] != found.rows[1]
        everyone = [*shops, *couriers]
        assert tuple(everyone[row] for row in found.rows) == found.numbers
        if found.way_km is None:
            assert max(found.rows) >= len(places)
        else:
            way = haversine_km(*(places[row] for row in found.rows))
            assert found.way_km == pytest.approx(way, abs=1e-6)
        assert "row" in found.describe()


@settings(deadline=None, max_examples=40)
@given(cities(), cities(), st.sampled_from([OWN, WIDE]), st.integers(0, 3))
def test_what_is_kept_stays(before, after, limit, couriers):
    first = assign(BOOK, before, radius_km=3.0, distance_mm=OWN, couriers=couriers)
    places = np.concatenate([after, before])
    kept = np.concatenate([np.full(len(after), -1), first.shops])
    if conflicts(before, first.shops, first.couriers, 3.0, limit):
        with pytest.raises(AssignmentError) as raised:
            assign(
                BOOK, places, radius_km=3.0, distance_mm=limit, kept_shops=kept, kept_couriers=first.couriers
            )
        assert raised.value.code == "assignment_conflict"
        return
    second = assign(
        BOOK,
        places,
        radius_km=3.0,
        distance_mm=limit,
        couriers=couriers + 1,
        kept_shops=kept,
        kept_couriers=first.couriers,
    )
    assert (second.shops[len(after) :] == first.shops).all()
    assert (second.couriers[:couriers] == first.couriers).all()
    assert len(second.couriers) == couriers + 1
    assert not conflicts(places, second.shops, second.couriers, 3.0, limit)


def test_confusable_patterns_that_are_kept_far_apart_block_their_neighbourhood():
    pair = next(
        (one, other)
        for one, other in itertools.combinations(range(len(BOOK)), 2)
        if distance(one, other) < WIDE
    )
    places = np.array([[37.0, 127.0], [38.0, 127.0], [37.0, 127.001], [38.0, 127.001]])
    made = assign(BOOK, places, radius_km=5.0, distance_mm=WIDE, kept_shops=[*pair, -1, -1])
    assert made.shops[:2].tolist() == list(pair)
    assert not conflicts(places, made.shops, [], 5.0, WIDE)


def test_stamps_outnumber_patterns_and_the_order_of_shops_changes_nothing():
    rng = np.random.default_rng(5)
    places = np.array([37.5, 127.0]) + rng.uniform(-1, 1, (20 * len(BOOK), 2))
    made = assign(BOOK, places, radius_km=2.0)
    assert made.patterns < len(BOOK) < len(made.shops)
    order = rng.permutation(len(places))
    assert (assign(BOOK, places[order], radius_km=2.0).shops == made.shops[order]).all()
    assert check_assignment(BOOK, places, made.shops, radius_km=2.0, distance_mm=OWN) is None


def test_a_crowd_that_no_codebook_serves_is_named_with_its_numbers():
    places = np.tile([37.5, 127.0], (len(BOOK), 1))
    made = assign(BOOK, places, radius_km=1.0)
    assert sorted(made.shops.tolist()) == list(range(len(BOOK)))
    with pytest.raises(
        AssignmentError, match=f"{len(BOOK) + 3:,} patterns are needed, the codebook has"
    ) as raised:
        assign(BOOK, places, radius_km=1.0, couriers=3)
    assert raised.value.code == "assignment_impossible"
    with pytest.raises(AssignmentError, match=f"at least {WIDE:g} mm from each other") as raised:
        assign(BOOK, places, radius_km=1.0, distance_mm=WIDE)
    assert raised.value.code == "assignment_impossible"


@pytest.mark.parametrize(
    ("places", "options", "words"),
    [
        ([[91.0, 0.0]], {}, "row 0"),
        ([[0.0, 0.0], [0.0, math.nan]], {}, "row 1"),
        ([[0.0, 0.0, 0.0]], {}, "shape"),
        ([[0.0, 0.0]], {"radius_km": 0.0}, "radius_km"),
        ([[0.0, 0.0]], {"distance_mm": math.inf}, "distance_mm"),
        ([[0.0, 0.0]], {"couriers": -1}, "couriers"),
        ([[0.0, 0.0]], {"kept_shops": [1, 2]}, "kept_shops"),
        ([[0.0, 0.0]], {"kept_shops": [10**6]}, "number 1000000"),
        ([[0.0, 0.0]], {"kept_couriers": [-1]}, "number -1"),
    ],
)
def test_bad_arguments_are_named(places, options, words):
    with pytest.raises(ValueError, match=words):
        assign(BOOK, places, **{"radius_km": 1.0, **options})


@pytest.mark.slow
def test_a_hundred_thousand_shops():
    rng = np.random.default_rng(6)
    places = np.array([36.5, 127.8]) + rng.uniform(-1.5, 1.5, (100_000, 2))
    made = assign(BOOK, places, radius_km=1.5, couriers=5)
    limits = {"radius_km": 1.5, "distance_mm": OWN, "couriers": made.couriers}
    assert check_assignment(BOOK, places, made.shops, **limits) is None
    shops = made.shops.copy()
    shops[17] = made.couriers[2]
    assert check_assignment(BOOK, places, shops, **limits).rows == (100_002, 17)
