"""Metric maths on WGS84 around one place.

An azimuthal equidistant projection: distances and directions from its centre
are true, so that centred on the phone it answers how far each fence lies from
the phone. A distance is the straight chord through the ellipsoid, exact, bent
to the mean curvature at the centre: right to a ten-millionth up to 100 km, to
a hundred-thousandth up to 1000 km, to 0.8 % at 15,000 km. An edge between two
vertices is drawn straight in the projection, and in GeoJSON straight in
degrees; on a fence 5 km wide the two lie apart by less than 1 m up to 60° of
latitude.
"""

import math

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]

_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257_223_563
_ECCENTRICITY_SQUARED = _FLATTENING * (2 - _FLATTENING)
_LEAST_DEGREE_M = 110_574.0  # of latitude, at the equator


def _curvature_radii(lat_rad: float) -> tuple[float, float]:
    """Radii of curvature (m) along the meridian and across it."""
    w = 1 - _ECCENTRICITY_SQUARED * math.sin(lat_rad) ** 2
    return _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / w**1.5, _SEMI_MAJOR_M / math.sqrt(w)


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the lengths of a degree of latitude and of a degree of longitude at a latitude, in metres."""
    along, across = _curvature_radii(math.radians(lat))
    return math.radians(along), math.radians(across * math.cos(math.radians(lat)))


def _earth_centred(lon_rad: Real, lat_rad: Real) -> Real:
    """Cartesian coordinates (…, 3), m, of points on the ellipsoid."""
    across = _SEMI_MAJOR_M / np.sqrt(1 - _ECCENTRICITY_SQUARED * np.sin(lat_rad) ** 2)
    return np.stack(
        (
            across * np.cos(lat_rad) * np.cos(lon_rad),
            across * np.cos(lat_rad) * np.sin(lon_rad),
            across * (1 - _ECCENTRICITY_SQUARED) * np.sin(lat_rad),
        ),
        axis=-1,
    )


def project(lon_lat: npt.ArrayLike, *, lat: float, lon: float) -> Real:
    """Project points around a centre.

    Parameters
    ----------
    lon_lat
        Points (…, 2), degrees, longitude first.
    lat, lon
        The centre, degrees.

    Returns
    -------
    ndarray of shape (…, 2)
        Metres east and north of the centre; their length is the distance.
    """
    points = np.radians(np.asarray(lon_lat, dtype=np.float64))
    lat_rad, lon_rad = math.radians(lat), math.radians(lon)
    centre = _earth_centred(np.asarray(lon_rad), np.asarray(lat_rad))
    offset = _earth_centred(points[..., 0], points[..., 1]) - centre
    sin_lat, cos_lat = math.sin(lat_rad), math.cos(lat_rad)
    sin_lon, cos_lon = math.sin(lon_rad), math.cos(lon_rad)
    east = offset @ np.array([-sin_lon, cos_lon, 0.0])
    north = offset @ np.array([-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat])
    chord = np.sqrt((offset**2).sum(axis=-1))
    radius = math.sqrt(math.prod(_curvature_radii(lat_rad)))
    along = 2 * radius * np.arcsin(np.clip(chord / (2 * radius), 0.0, 1.0))
    flat = np.hypot(east, north)
    stretch = np.divide(along, flat, out=np.ones_like(along), where=flat > 0)
    return np.stack((east * stretch, north * stretch), axis=-1)


def boxes_around(lat: float, lon: float, radius_m: float) -> list[tuple[float, float, float, float]]:
    """Return boxes (west, south, east, north), degrees, that together hold the circle around a place.

    One box, or two where the circle crosses the 180° meridian. They may hold
    more than the circle, never less.
    """
    half_height = radius_m / _LEAST_DEGREE_M * 1.01
    south, north = max(lat - half_height, -90.0), min(lat + half_height, 90.0)
    farthest = max(abs(south), abs(north))
    if farthest > 89.0:  # noqa: PLR2004 (near a pole every meridian is near)
        return [(-180.0, south, 180.0, north)]
    half_width = half_height / math.cos(math.radians(farthest))
    if half_width >= 180.0:  # noqa: PLR2004
        return [(-180.0, south, 180.0, north)]
    west, east = lon - half_width, lon + half_width
    boxes = [(max(west, -180.0), south, min(east, 180.0), north)]
    if west < -180.0:  # noqa: PLR2004
        boxes.append((west + 360.0, south, 180.0, north))
    if east > 180.0:  # noqa: PLR2004
        boxes.append((-180.0, south, east - 360.0, north))
    return boxes
