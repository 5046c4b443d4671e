"""Where the phone is, as far as the app may know."""

from dataclasses import dataclass
from typing import Protocol

from stampsdk.protocol import Location, LocationError

__all__ = ["FixedLocation", "LocationReading", "LocationSource", "NoLocation"]


@dataclass(frozen=True, slots=True)
class LocationReading:
    """A location, or why there is none."""

    location: Location | None = None
    error: LocationError | None = None


class LocationSource(Protocol):
    """Gives the newest fix at once; never waits."""

    def read(self) -> LocationReading:
        """Give the newest fix."""

    def start(self) -> None:
        """Begin to listen; asks for permission where the system wants that."""

    def stop(self) -> None:
        """Stop listening; a paused app must not."""


@dataclass(frozen=True, slots=True)
class FixedLocation:
    """A place given by hand, for a desk. It is reported as simulated only when asked to."""

    location: Location

    def read(self) -> LocationReading:
        """Give the place."""
        return LocationReading(location=self.location)

    def start(self) -> None:
        """Nothing listens."""

    def stop(self) -> None:
        """Nothing listens."""


@dataclass(frozen=True, slots=True)
class NoLocation:
    """A device that cannot tell where it is."""

    error: LocationError = LocationError.UNAVAILABLE

    def read(self) -> LocationReading:
        """Give the reason."""
        return LocationReading(error=self.error)

    def start(self) -> None:
        """Nothing listens."""

    def stop(self) -> None:
        """Nothing listens."""
