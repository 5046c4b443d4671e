"""A shop's area on the map: read strictly from GeoJSON, measured in metres.

A fence is a GeoJSON Polygon or MultiPolygon in WGS84 (RFC 7946), or a Point
with a radius. What a person may have meant otherwise is refused with a code of
its own rather than guessed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from server.core.errors import Unprocessable
from server.shops.geodesy import metres_per_degree, project

Real = npt.NDArray[np.float64]
Geometries = Sequence[BaseGeometry] | npt.NDArray[np.object_]

_MOST_VERTICES = 1000
_FARTHEST_NORTH = 85.0
_LEAST_AREA_M2 = 1.0
_CLOSED_RING = 4


class FenceError(Unprocessable):
    """The fence is not one; `code` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"fence: {detail}", code=code)


@dataclass(frozen=True, eq=False)
class Fence:
    """An area on the map.

    Attributes
    ----------
    geometry
        Polygon, MultiPolygon or Point in degrees, longitude first.
    radius_m
        How far the area reaches around a Point; 0 for polygons.
    lat, lon
        A place in its middle, degrees.
    """

    geometry: BaseGeometry
    radius_m: float
    lat: float
    lon: float


def parse_fence(geojson: dict[str, Any], radius_m: float | None, *, largest_m: float) -> Fence:
    """Read a fence.

    Parameters
    ----------
    geojson
        A GeoJSON geometry object.
    radius_m
        For a Point: metres; otherwise None.
    largest_m
        The widest a fence may be.

    Raises
    ------
    FenceError
        With one of the codes ``fence_type``, ``fence_coordinates``,
        ``fence_out_of_range``, ``fence_latitude_longitude_swapped``,
        ``fence_ring_open``, ``fence_self_crossing``, ``fence_no_area``,
        ``fence_too_large``, ``fence_too_detailed``, ``fence_crosses_antimeridian``,
        ``fence_near_pole``, ``fence_radius``.
    """
    kind = geojson.get("type")
    coordinates = geojson.get("coordinates")
    if kind == "Point":
        return _point(coordinates, radius_m, largest_m)
    if radius_m is not None:
        raise FenceError("fence_radius", "radius_m belongs to a Point; leave it out for a polygon.")
    if kind == "Polygon":
        rings = [_rings(coordinates)]
    elif kind == "MultiPolygon":
        rings = [
            _rings(part) for part in _list(coordinates, "a MultiPolygon's coordinates are a list of polygons")
        ]
    else:
        raise FenceError("fence_type", "type must be Polygon, MultiPolygon or Point.")
    return _polygons(rings, largest_m)


def _list(value: Any, expected: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise FenceError("fence_coordinates", f"{expected}.")
    return value


def _position(value: Any) -> tuple[float, float]:
    numbers = value if isinstance(value, list) else []
    if len(numbers) not in {2, 3} or not all(
        isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
        for number in numbers
    ):
        raise FenceError("fence_coordinates", "a position is [longitude, latitude] in degrees.")
    lon, lat = float(numbers[0]), float(numbers[1])
    if abs(lat) > 90 and abs(lon) <= 90:  # noqa: PLR2004 (the pole)
        raise FenceError(
            "fence_latitude_longitude_swapped",
            f"latitude {lat:g} is beyond the pole. GeoJSON writes the longitude first: [{lat:g}, {lon:g}].",
        )
    if abs(lon) > 180 and abs(lat) <= 90 and abs(lon) < 360:  # noqa: PLR2004
        raise FenceError(
            "fence_crosses_antimeridian",
            f"longitude {lon:g} lies beyond the 180° meridian. Use the part of the fence on one side.",
        )
    if abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004
        raise FenceError("fence_out_of_range", f"[{lon:g}, {lat:g}] is nowhere on the globe.")
    if abs(lat) > _FARTHEST_NORTH:
        raise FenceError(
            "fence_near_pole", f"latitude {lat:g} is too near a pole; fences reach to {_FARTHEST_NORTH:g}°."
        )
    return lon, lat


def _rings(coordinates: Any) -> list[list[tuple[float, float]]]:
    rings = []
    for ring in _list(coordinates, "a polygon's coordinates are a list of rings"):
        positions = [_position(position) for position in _list(ring, "a ring is a list of positions")]
        if positions[0] != positions[-1]:
            raise FenceError("fence_ring_open", "the last position of a ring must repeat the first.")
        if len(positions) < _CLOSED_RING:
            raise FenceError(
                "fence_no_area", "a ring needs at least three corners, and the first again at its end."
            )
        rings.append(positions)
    return rings


def _polygons(parts: Sequence[list[list[tuple[float, float]]]], largest_m: float) -> Fence:
    if sum(len(ring) for rings in parts for ring in rings) > _MOST_VERTICES:
        raise FenceError("fence_too_detailed", f"at most {_MOST_VERTICES} positions.")
    lons = [lon for rings in parts for ring in rings for lon, _ in ring]
    lats = [lat for rings in parts for ring in rings for _, lat in ring]
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    if east - west > 180:  # noqa: PLR2004 (the long way around)
        raise FenceError(
            "fence_crosses_antimeridian",
            "the corners lie on both sides of the 180° meridian. Use the part of the fence on one side.",
        )
    span_m = _span_m(west, south, east, north)
    if span_m > largest_m:
        raise FenceError("fence_too_large", f"{span_m:.0f} m across, more than {largest_m:g} m.")
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    geometry = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    square_degree_m2 = math.prod(metres_per_degree(middle_lat))
    # The hull first: the area of a figure of eight is nothing, but that is not what is wrong with it.
    if geometry.convex_hull.area * square_degree_m2 < _LEAST_AREA_M2:
        raise FenceError("fence_no_area", "it encloses no area.")
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        raise FenceError("fence_self_crossing", f"its lines cross or overlap ({reason}).")
    return Fence(geometry, 0.0, middle_lat, middle_lon)


def _span_m(west: float, south: float, east: float, north: float) -> float:
    """Diagonal of the box, at the latitude where a degree of longitude is longest."""
    widest = 0.0 if south <= 0 <= north else min(abs(south), abs(north))
    up, across = metres_per_degree(widest)
    return math.hypot((east - west) * across, (north - south) * up)


def _point(coordinates: Any, radius_m: float | None, largest_m: float) -> Fence:
    lon, lat = _position(coordinates)
    if radius_m is None:
        raise FenceError("fence_radius", "a Point needs radius_m, in metres.")
    if not 1 <= radius_m <= largest_m / 2:
        raise FenceError("fence_radius", f"radius_m must be from 1 to {largest_m / 2:g}.")
    farthest_lon = abs(lon) + math.degrees(radius_m / 6_350_000) / math.cos(math.radians(lat))
    if farthest_lon > 180:  # noqa: PLR2004
        raise FenceError("fence_crosses_antimeridian", "the circle reaches over the 180° meridian.")
    return Fence(shapely.Point(lon, lat), float(radius_m), lat, lon)


def distances_m(geometries: Geometries, radii_m: npt.ArrayLike, *, lat: float, lon: float) -> Real:
    """Return how far a place lies from each of many fences.

    Parameters
    ----------
    geometries
        Fences (K,) in degrees, as `Fence.geometry`.
    radii_m
        Their radii (K,), 0 for polygons.
    lat, lon
        The place, degrees.

    Returns
    -------
    ndarray of shape (K,)
        Metres to the nearest point of the fence, 0 inside. For the error see
        `server.shops.geodesy`.
    """
    flat = shapely.transform(np.asarray(geometries), lambda points: project(points, lat=lat, lon=lon))
    gaps: Real = np.maximum(shapely.distance(flat, shapely.Point(0.0, 0.0)) - np.asarray(radii_m), 0.0)
    return gaps


def distance_m(fence: Fence, lat: float, lon: float) -> float:
    """Return the distance of a place from a fence in metres, 0 inside."""
    return float(distances_m([fence.geometry], [fence.radius_m], lat=lat, lon=lon)[0])
