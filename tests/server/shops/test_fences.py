"""Fences against independent geodesy: Vincenty's inverse formula, and haversine."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given
from hypothesis import strategies as st

from server.shops.fences import FenceError, distance_m, distances_m, parse_fence
from server.shops.geodesy import boxes_around, metres_per_degree, project

SEOUL = (37.5663, 126.9779)
LATITUDES = st.floats(-80, 80)
LONGITUDES = st.floats(-180, 180)
ANGLES = st.floats(0, 2 * math.pi)


def vincenty(lat1, lon1, lat2, lon2):
    """Return the geodesic distance on WGS84 in metres (T. Vincenty, Survey Review 176, 1975)."""
    a, f = 6378137.0, 1 / 298.257223563
    b = a * (1 - f)
    u1, u2 = (math.atan((1 - f) * math.tan(math.radians(lat))) for lat in (lat1, lat2))
    start = math.radians((lon2 - lon1 + 180) % 360 - 180)
    lam = start
    for _ in range(200):
        sin_sigma = math.hypot(
            math.cos(u2) * math.sin(lam),
            math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam),
        )
        if sin_sigma == 0:
            return 0.0
        cos_sigma = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_sigma
        cos2_alpha = 1 - sin_alpha**2
        cos_2sm = cos_sigma - 2 * math.sin(u1) * math.sin(u2) / cos2_alpha if cos2_alpha else 0.0
        c = f / 16 * cos2_alpha * (4 + f * (4 - 3 * cos2_alpha))
        before, lam = (
            lam,
            start
            + (1 - c)
            * f
            * sin_alpha
            * (sigma + c * sin_sigma * (cos_2sm + c * cos_sigma * (-1 + 2 * cos_2sm**2))),
        )
        if abs(lam - before) < 1e-13:
            break
    u_sq = cos2_alpha * (a**2 - b**2) / b**2
    big_a = 1 + u_sq / 16384 * (4096 + u_sq * (-768 + u_sq * (320 - 175 * u_sq)))
    big_b = u_sq / 1024 * (256 + u_sq * (-128 + u_sq * (74 - 47 * u_sq)))
    correction = (
        big_b
        * sin_sigma
        * (
            cos_2sm
            + big_b
            / 4
            * (
                cos_sigma * (-1 + 2 * cos_2sm**2)
                - big_b / 6 * cos_2sm * (-3 + 4 * sin_sigma**2) * (-3 + 4 * cos_2sm**2)
            )
        )
    )
    return b * big_a * (sigma - correction)


def ring(lat, lon, metres):
    """Return a closed GeoJSON ring through corners given in metres east and north of a place, on a sphere."""
    north = 111_195.0
    east = north * math.cos(math.radians(lat))
    corners = [[lon + x / east, lat + y / north] for x, y in metres]
    return [*corners, corners[0]]


def polygon(*metres, lat=SEOUL[0], lon=SEOUL[1]):
    return {"type": "Polygon", "coordinates": [ring(lat, lon, metres)]}


SQUARE = ((-50, -50), (50, -50), (50, 50), (-50, 50))


def parse(geojson, radius_m=None, largest_m=5000.0):
    return parse_fence(geojson, radius_m, largest_m=largest_m)


def point_fence(lat, lon, radius_m):
    return parse({"type": "Point", "coordinates": [lon, lat]}, radius_m)


def moved(lat, lon, metres, angle):
    """Return the place some metres away, on a sphere."""
    dlat = metres * math.cos(angle) / 111_195.0
    dlon = metres * math.sin(angle) / (111_195.0 * math.cos(math.radians(lat)))
    return lat + dlat, (lon + dlon + 180) % 360 - 180


def test_the_yardstick_agrees_with_a_published_line():
    """Flinders Peak to Buninyon, Geoscience Australia's test line: 54 972.271 m (GDA94 ~ WGS84)."""
    lat1, lon1 = -(37 + 57 / 60 + 3.72030 / 3600), 144 + 25 / 60 + 29.52440 / 3600
    lat2, lon2 = -(37 + 39 / 60 + 10.15610 / 3600), 143 + 55 / 60 + 35.38390 / 3600
    assert vincenty(lat1, lon1, lat2, lon2) == pytest.approx(54972.271, abs=0.002)


@given(lat=LATITUDES, lon=LONGITUDES, metres=st.floats(1, 20_000), angle=ANGLES)
@example(lat=0.0, lon=180.0, metres=10_000.0, angle=1.57)
@example(lat=0.0, lon=0.0, metres=20_000.0, angle=0.0)
def test_distances_to_20_km_agree_with_vincenty_to_a_ten_millionth(lat, lon, metres, angle):
    other_lat, other_lon = moved(lat, lon, metres, angle)
    expected = vincenty(lat, lon, other_lat, other_lon)
    found = float(np.hypot(*project([other_lon, other_lat], lat=lat, lon=lon)))
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-5)


@given(lat=LATITUDES, lon=LONGITUDES, other_lat=LATITUDES, other_lon=LONGITUDES)
def test_far_distances_agree_with_vincenty_to_one_percent(lat, lon, other_lat, other_lon):
    expected = vincenty(lat, lon, other_lat, other_lon)
    assume(1000 < expected < 15_000_000)
    found = float(np.hypot(*project([other_lon, other_lat], lat=lat, lon=lon)))
    assert found == pytest.approx(expected, rel=8e-3)


@given(
    lat=st.floats(-60, 60),
    lon=st.floats(-179, 179),
    side=st.floats(10, 3000),
    x=st.floats(-3, 3),
    y=st.floats(-3, 3),
)
def test_the_distance_from_a_square_is_that_from_the_nearest_of_its_points(lat, lon, side, x, y):
    half = side / 2
    fence = parse(polygon((-half, -half), (half, -half), (half, half), (-half, half), lat=lat, lon=lon))
    here_lat, here_lon = lat + y * half / 111_195, lon + x * half / (111_195 * math.cos(math.radians(lat)))
    found = distance_m(fence, here_lat, here_lon)
    if max(abs(x), abs(y)) < 1 - 1e-9:
        assert found == 0
        return
    near_lat = lat + max(-1, min(1, y)) * half / 111_195
    near_lon = lon + max(-1, min(1, x)) * half / (111_195 * math.cos(math.radians(lat)))
    expected = vincenty(here_lat, here_lon, near_lat, near_lon)
    # An edge of 3 km bulges by up to a metre at 60° of latitude: GeoJSON draws it straight in degrees.
    assert found == pytest.approx(expected, rel=1e-3, abs=1.0)


@given(
    lat=LATITUDES,
    lon=st.floats(-179, 179),
    radius=st.floats(1, 2500),
    metres=st.floats(0, 10_000),
    angle=ANGLES,
)
def test_the_distance_from_a_circle_is_that_from_its_middle_less_the_radius(lat, lon, radius, metres, angle):
    fence = point_fence(lat, lon, radius)
    here = moved(lat, lon, metres, angle)
    expected = max(vincenty(lat, lon, *here) - radius, 0.0)
    assert distance_m(fence, *here) == pytest.approx(expected, rel=1e-7, abs=1e-4)


@given(lat=LATITUDES, lon=LONGITUDES, radius=st.floats(1, 50_000), share=st.floats(0, 1), angle=ANGLES)
def test_boxes_hold_the_whole_circle(lat, lon, radius, share, angle):
    here_lat, here_lon = moved(lat, lon, radius * share, angle)
    assume(abs(here_lat) <= 90 and vincenty(lat, lon, here_lat, here_lon) <= radius)
    boxes = boxes_around(lat, lon, radius)
    assert any(west <= here_lon <= east and south <= here_lat <= north for west, south, east, north in boxes)
    assert all(
        -180 <= west <= east <= 180 and -90 <= south <= north <= 90 for west, south, east, north in boxes
    )


def test_many_distances_are_the_single_ones():
    rng = np.random.default_rng(1)
    fences = [parse(polygon(*SQUARE, lat=37 + y, lon=127 + x)) for x, y in rng.uniform(-0.1, 0.1, (40, 2))]
    fences += [point_fence(37 + y, 127 + x, 30.0) for x, y in rng.uniform(-0.1, 0.1, (40, 2))]
    together = distances_m(
        [fence.geometry for fence in fences], [fence.radius_m for fence in fences], lat=37.0, lon=127.0
    )
    assert together == pytest.approx([distance_m(fence, 37.0, 127.0) for fence in fences])


def test_holes_and_parts_count():
    hole = {
        "type": "Polygon",
        "coordinates": [ring(*SEOUL, SQUARE), ring(*SEOUL, ((-20, -20), (20, -20), (20, 20), (-20, 20)))],
    }
    assert distance_m(parse(hole), *SEOUL) == pytest.approx(20, abs=0.1)
    parts = {
        "type": "MultiPolygon",
        "coordinates": [[ring(*SEOUL, SQUARE)], [ring(SEOUL[0] + 0.005, SEOUL[1], SQUARE)]],
    }
    assert distance_m(parse(parts), SEOUL[0] + 0.005, SEOUL[1]) == 0


def test_a_fence_up_to_the_antimeridian_is_fine_and_seen_from_the_other_side():
    fence = parse(
        {
            "type": "Polygon",
            "coordinates": [[[179.99, -17], [180, -17], [180, -16.99], [179.99, -16.99], [179.99, -17]]],
        }
    )
    here = (-16.995, -179.999)
    assert distance_m(fence, *here) == pytest.approx(vincenty(*here, -16.995, 180.0), rel=1e-5)


LON, LAT = SEOUL[1], SEOUL[0]
WRONG = {
    "fence_type": [
        {"type": "LineString", "coordinates": [[LON, LAT]]},
        {"coordinates": []},
        {"type": "Feature"},
    ],
    "fence_coordinates": [
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": "junk"},
        {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]},
        {"type": "Polygon", "coordinates": [[[True, False]] * 4]},
        {"type": "Polygon", "coordinates": [[[math.nan, LAT]] * 4]},
        {"type": "Polygon", "coordinates": [[[LON, math.inf]] * 4]},
        {"type": "Polygon", "coordinates": [[[LON]] * 4]},
        {"type": "MultiPolygon", "coordinates": {}},
    ],
    "fence_out_of_range": [
        {"type": "Polygon", "coordinates": [[[400, LAT]] * 4]},
        {"type": "Polygon", "coordinates": [[[1e308, 1e308]] * 4]},
    ],
    "fence_latitude_longitude_swapped": [{"type": "Polygon", "coordinates": [[[LAT, LON]] * 4]}],
    "fence_ring_open": [{"type": "Polygon", "coordinates": [ring(*SEOUL, SQUARE)[:-1]]}],
    "fence_no_area": [
        polygon((0, 0), (10, 0)),
        polygon((0, 0), (10, 0), (20, 0)),
        polygon((0, 0), (0, 0), (0, 0), (0, 0)),
        polygon((0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)),
    ],
    "fence_self_crossing": [
        polygon((-50, -50), (50, 50), (50, -50), (-50, 50)),
        {
            "type": "MultiPolygon",
            "coordinates": [[ring(*SEOUL, SQUARE)], [ring(SEOUL[0] + 0.0003, SEOUL[1], SQUARE)]],
        },
        {"type": "Polygon", "coordinates": [ring(*SEOUL, SQUARE), ring(SEOUL[0] + 0.01, SEOUL[1], SQUARE)]},
    ],
    "fence_too_large": [polygon((-2000, -2000), (2000, -2000), (2000, 2000), (-2000, 2000))],
    "fence_too_detailed": [polygon(*[(50 * math.cos(k / 200), 50 * math.sin(k / 200)) for k in range(1200)])],
    "fence_crosses_antimeridian": [
        {
            "type": "Polygon",
            "coordinates": [[[179.99, -17], [-179.99, -17], [-179.99, -16.9], [179.99, -17]]],
        },
        {"type": "Polygon", "coordinates": [[[179.99, -17], [180.01, -17], [180.01, -16.99], [179.99, -17]]]},
    ],
    "fence_near_pole": [polygon(*SQUARE, lat=89.0, lon=0.0)],
}


@pytest.mark.parametrize(
    ("code", "geojson"), [(code, each) for code, several in WRONG.items() for each in several]
)
def test_what_is_no_fence_is_refused_by_name(code, geojson):
    with pytest.raises(FenceError) as refused:
        parse(geojson)
    assert refused.value.code == code
    assert refused.value.detail.startswith("fence: ")


@pytest.mark.parametrize(
    ("geojson", "radius"),
    [
        ({"type": "Point", "coordinates": [LON, LAT]}, None),
        ({"type": "Point", "coordinates": [LON, LAT]}, 0.5),
        ({"type": "Point", "coordinates": [LON, LAT]}, 2501.0),
        ({"type": "Point", "coordinates": [LON, LAT]}, math.nan),
        (polygon(*SQUARE), 20.0),
    ],
)
def test_a_radius_belongs_to_a_point_and_has_bounds(geojson, radius):
    with pytest.raises(FenceError) as refused:
        parse(geojson, radius)
    assert refused.value.code == "fence_radius"


def test_a_circle_over_the_antimeridian_is_refused():
    with pytest.raises(FenceError) as refused:
        point_fence(0.0, 179.9999, 100.0)
    assert refused.value.code == "fence_crosses_antimeridian"


NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
NESTED = st.recursive(
    NUMBERS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@given(
    kind=st.sampled_from(["Point", "Polygon", "MultiPolygon", "x", None]),
    coordinates=NESTED,
    radius=st.none() | st.floats(),
)
def test_junk_is_refused_and_never_breaks_anything(kind, coordinates, radius):
    try:
        fence = parse({"type": kind, "coordinates": coordinates}, radius)
    except FenceError:
        return
    assert -90 <= fence.lat <= 90
    assert -180 <= fence.lon <= 180


def test_a_third_coordinate_is_an_altitude_and_does_not_matter():
    flat = polygon(*SQUARE)
    high = {"type": "Polygon", "coordinates": [[[*position, 38.5] for position in flat["coordinates"][0]]]}
    assert distance_m(parse(high), *SEOUL) == 0


@given(lat=LATITUDES)
def test_metres_per_degree_agree_with_vincenty(lat):
    north, east = metres_per_degree(lat)
    assert north == pytest.approx(vincenty(lat - 0.0005, 0, lat + 0.0005, 0) * 1000, rel=1e-6)
    assert east == pytest.approx(vincenty(lat, 0, lat, 0.001) * 1000, rel=1e-6)


def test_long_edges_are_as_far_from_straight_as_documented():
    """An edge of 5 km at 60°: straight in the projection, against GeoJSON's straight in degrees."""
    east = 5000 / metres_per_degree(60.0)[1]
    line = shapely.LineString([(0, 60), (east, 60)])
    drawn = shapely.transform(line, lambda points: project(points, lat=60.0, lon=east / 2))
    middle = shapely.Point(*project([east / 2, 60.0], lat=60.0, lon=east / 2))
    assert shapely.distance(drawn, middle) < 1.0
