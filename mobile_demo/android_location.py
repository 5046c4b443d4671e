"""The place of an Android phone, by Android's own LocationManager.

Written from the Android and pyjnius references; not run on a phone yet. plyer's reader is not used: it fails
on newer Androids, and tells neither the age nor the mock flag.
"""

import threading
from typing import Any, Final

from mobile_demo.core.location import LocationReading
from stampsdk.protocol import Location, LocationError

try:
    from android.permissions import request_permissions
    from jnius import PythonJavaClass, autoclass, java_method
except ImportError:  # not on Android
    PythonJavaClass = object

    def java_method(_signature: str) -> Any:  # a stand-in, so that the class below can be defined
        """Leave a method as it is."""
        return lambda method: method


__all__ = ["AndroidLocation"]

_PERMISSIONS: Final = ["android.permission.ACCESS_COARSE_LOCATION", "android.permission.ACCESS_FINE_LOCATION"]
_PROVIDERS: Final = ("fused", "gps", "network")
_NANO: Final = 1e-9
_EVERY_MS: Final = 1000


class _Listener(PythonJavaClass):
    """Android's LocationListener, an interface that Python may implement."""

    __javainterfaces__ = ("android/location/LocationListener",)
    __javacontext__ = "app"

    def __init__(self, take: Any) -> None:
        super().__init__()
        self._take = take

    @java_method("(Landroid/location/Location;)V")
    def onLocationChanged(self, fix: Any) -> None:  # noqa: N802 - Android's name
        """Take a fix."""
        self._take(fix)

    @java_method("(Ljava/lang/String;)V")
    def onProviderEnabled(self, provider: str) -> None:  # noqa: N802 - Android's name
        """Nothing to do."""

    @java_method("(Ljava/lang/String;)V")
    def onProviderDisabled(self, provider: str) -> None:  # noqa: N802 - Android's name
        """Nothing to do."""

    @java_method("(Ljava/lang/String;ILandroid/os/Bundle;)V")
    def onStatusChanged(self, provider: str, status: int, extras: Any) -> None:  # noqa: N802 - Android's name
        """Nothing to do."""


class AndroidLocation:
    """Keeps the newest fix; asks for the permission when started, which must be after the first frame."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fix: Any = None
        self._denied = False
        self._listener = _Listener(self._take)
        self._manager: Any = None
        self._clock = autoclass("android.os.SystemClock")

    def start(self) -> None:
        """Ask for the permission, then listen."""
        request_permissions(_PERMISSIONS, self._answered)

    def stop(self) -> None:
        """Stop listening."""
        if self._manager is not None:
            self._manager.removeUpdates(self._listener)

    def read(self) -> LocationReading:
        """Give the newest fix with its age and mock flag, or why there is none."""
        with self._lock:
            fix, denied = self._fix, self._denied
        if fix is None:
            return LocationReading(error=LocationError.DENIED if denied else LocationError.TIMEOUT)
        age_s = max(0.0, (self._clock.elapsedRealtimeNanos() - fix.getElapsedRealtimeNanos()) * _NANO)
        place = (fix.getLatitude(), fix.getLongitude(), fix.getAccuracy())
        return LocationReading(Location(*place, age_s=age_s, mock=bool(fix.isFromMockProvider())))

    def _answered(self, _permissions: Any, granted: list[bool]) -> None:
        with self._lock:
            self._denied = not any(granted)
        if any(granted):
            self._listen()

    def _listen(self) -> None:
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        looper = autoclass("android.os.Looper").getMainLooper()
        self._manager = activity.getSystemService("location")
        for provider in _PROVIDERS:
            if self._manager.isProviderEnabled(provider):
                self._take(self._manager.getLastKnownLocation(provider))
                self._manager.requestLocationUpdates(provider, _EVERY_MS, 0.0, self._listener, looper)

    def _take(self, fix: Any) -> None:
        with self._lock:
            newer = self._fix is None or (
                fix is not None and fix.getElapsedRealtimeNanos() >= self._fix.getElapsedRealtimeNanos()
            )
            if fix is not None and newer:
                self._fix = fix
