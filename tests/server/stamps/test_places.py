"""The map of stamps against looking at every fence, near the antimeridian and with many changes."""

import math

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from server.stamps.places import PlaceMap
from tests.server.shops.test_fences import vincenty


def circles(count, rng, lat=0.0, lon=180.0, spread=0.02):
    """Return points with radii on both sides of a place, by number."""
    places = zip(
        rng.uniform(-spread, spread, count),
        rng.uniform(-spread, spread, count),
        rng.uniform(1, 300, count),
        strict=True,
    )
    return {
        number: [(shapely.Point((lon + x + 180) % 360 - 180, lat + y), float(radius))]
        for number, (x, y, radius) in enumerate(places, 1)
    }


def by_hand(areas, lat, lon):
    return {
        number: min(max(vincenty(lat, lon, point.y, point.x) - radius, 0.0) for point, radius in those)
        for number, those in areas.items()
        if those
    }


def assert_same(places, areas, lat, lon, radius):
    expected = by_hand(areas, lat, lon)
    numbers, distances = places.near(lat, lon, radius)
    near = {number: metres for number, metres in expected.items() if metres <= radius}
    on_the_edge = {number for number, metres in expected.items() if abs(metres - radius) < 0.01}
    assert set(numbers.tolist()) ^ set(near) <= on_the_edge
    assert numbers.tolist() == sorted(set(numbers.tolist()))
    assert np.allclose(distances, [expected[number] for number in numbers.tolist()], atol=1e-3)
    asked = [*areas, 10**9]
    found = places.distances(asked, lat, lon)
    assert np.allclose(found, [expected.get(number, math.nan) for number in asked], atol=1e-3, equal_nan=True)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    lat=st.floats(-80, 80),
    lon=st.sampled_from([180.0, -180.0, 0.0, 127.0]),
    radius=st.floats(0, 4000),
)
def test_near_is_what_looking_at_every_fence_gives(seed, lat, lon, radius):
    rng = np.random.default_rng(seed)
    areas = circles(30, rng, lat, lon)
    places = PlaceMap()
    places.replace(areas)
    assert_same(places, areas, lat, lon, radius)


def test_changes_beside_the_tree_and_in_a_new_one():
    rng = np.random.default_rng(0)
    areas = circles(600, rng)
    places = PlaceMap()
    places.replace(areas)
    for round_ in range(12):
        some = rng.choice(np.arange(1, 700), 60, replace=False).tolist()
        fresh = circles(700, rng)
        changed = {number: [] if rng.random() < 0.3 else fresh[number] for number in some}
        places.replace(changed)
        areas |= changed
        assert_same(places, areas, 0.001 * round_, 179.999, 900.0)


def test_a_stamp_in_several_fences_counts_once_with_the_nearest():
    places = PlaceMap()
    places.replace({7: [(shapely.Point(127.0, 37.0), 10.0), (shapely.Point(127.001, 37.0), 10.0)]})
    numbers, distances = places.near(37.0, 127.001, 500.0)
    assert (numbers.tolist(), distances.tolist()) == ([7], [0.0])


def test_an_empty_map_has_nothing_near():
    places = PlaceMap()
    assert places.near(0, 0, 1e6)[0].tolist() == []
    assert np.isnan(places.distances([1, 2], 0, 0)).all()
    places.replace({})
    places.replace({1: []})
    assert places.near(89.999, 0, 1e6)[0].tolist() == []
