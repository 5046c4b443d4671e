"""The quality of the phone's fix, judged before anything dear is done with it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from stampsdk.protocol import Location, LocationError

__all__ = ["Fix", "FixProblem", "judge_fix"]

_POLE = 90.0
_ANTIMERIDIAN = 180.0
_NULL_ISLAND_DEGREES = 1e-3
_CONFIDENCES = (0.3, 0.999)
_CLOCK_ROUNDING_S = 1.0

_MISSING = {
    None: Reason.LOCATION_MISSING,
    LocationError.DENIED: Reason.LOCATION_DENIED,
    LocationError.UNAVAILABLE: Reason.LOCATION_UNAVAILABLE,
    LocationError.TIMEOUT: Reason.LOCATION_TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix that may be used.

    Attributes
    ----------
    latitude, longitude
        Degrees, WGS84.
    accuracy_m
        Radius in metres of the circle that holds the phone with 95 % confidence.
    """

    latitude: float
    longitude: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class FixProblem:
    """Why there is no fix to use.

    Attributes
    ----------
    reason
        What is wrong.
    missing
        True when none was sent. The shop then chooses between holding and refusing; a bad fix is refused
        anywhere.
    """

    reason: Reason
    missing: bool


def judge_fix(
    location: Location | None, error: LocationError | None, policy: PressPolicy
) -> Fix | FixProblem:
    """Tell whether a fix may be used.

    Parameters
    ----------
    location, error
        From the envelope: a location, or why there is none.
    policy
        The limits on accuracy and age.

    Returns
    -------
    Fix or FixProblem
        The first thing that is wrong, if anything. Every `Fix` has finite coordinates on the globe and an
        accuracy greater than zero and at most the limit.
    """
    if location is None:
        return FixProblem(_MISSING[error], missing=True)
    reason = next(_faults(location, policy), None)
    if reason is not None:
        return FixProblem(reason, missing=False)
    return Fix(location.lat, location.lon, accuracy_95(location))


def accuracy_95(location: Location) -> float:
    """Return the radius in metres with 95 % confidence, from the radius and confidence that were stated.

    Errors are taken as normal and alike in all directions, so that the radius grows with
    sqrt(-ln(1 - confidence)): Android's 68 % radius becomes 1.62 times as wide.
    """
    return location.accuracy_m * math.sqrt(math.log(0.05) / math.log(1.0 - location.confidence))


def _faults(location: Location, policy: PressPolicy) -> Iterator[Reason]:
    # What is forged comes before what is merely poor: the owner should read the former.
    if location.mock:
        yield Reason.LOCATION_MOCKED
    if not abs(location.lat) <= _POLE:
        yield Reason.LATITUDE_RANGE
    if not abs(location.lon) <= _ANTIMERIDIAN:
        yield Reason.LONGITUDE_RANGE
    if max(abs(location.lat), abs(location.lon)) < _NULL_ISLAND_DEGREES:
        yield Reason.NULL_ISLAND
    if not location.accuracy_m > 0.0 or not _CONFIDENCES[0] <= location.confidence <= _CONFIDENCES[1]:
        yield Reason.ACCURACY_INVALID
    if not location.age_s >= -_CLOCK_ROUNDING_S:
        yield Reason.FIX_AGE_INVALID
    if not location.age_s <= policy.fix_age_limit_s:
        yield Reason.FIX_OLD
    if not accuracy_95(location) <= policy.accuracy_limit_m:
        yield Reason.ACCURACY_COARSE
