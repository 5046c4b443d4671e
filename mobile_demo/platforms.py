"""What differs from platform to platform, asked by the name that `kivy.utils.platform` gives."""

import os
import platform as system
from pathlib import Path
from typing import Final

from mobile_demo import __version__
from mobile_demo.android_location import AndroidLocation
from mobile_demo.core.location import FixedLocation, LocationSource, NoLocation
from stampsdk.protocol import DeviceInfo, Location

try:
    from jnius import autoclass
except ImportError:  # not on Android
    autoclass = None
try:
    from pyobjus import autoclass as objc_class
except ImportError:  # not on iOS
    objc_class = None

__all__ = ["data_folder", "describe_device", "location_source", "system_language"]

_APP: Final = f"mobile_demo/{__version__}"
_MM_PER_INCH: Final = 25.4


def system_language(platform: str) -> str | None:
    """Give the phone's language tag; None on a desk, whose shell has it."""
    if platform == "android" and autoclass is not None:
        return str(autoclass("java.util.Locale").getDefault().getLanguage())
    if platform == "ios" and objc_class is not None:
        return str(objc_class("NSLocale").preferredLanguages().objectAtIndex_(0).UTF8String())
    return None


def describe_device(platform: str) -> tuple[DeviceInfo, float | None]:
    """Describe the device for a press, and give its density in px per mm where the platform measures it.

    Android's ``xdpi`` is the maker's figure; Kivy's own dpi is a bucket that people can change, and on iOS it
    comes from a table that lacks newer phones. So only Android claims a density.
    """
    if platform == "android" and autoclass is not None:
        build, version = autoclass("android.os.Build"), autoclass("android.os.Build$VERSION")
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        metrics = activity.getResources().getDisplayMetrics()
        device = DeviceInfo(model=str(build.MODEL), os=f"Android {version.RELEASE}", app=_APP)
        return device, float(metrics.xdpi) / _MM_PER_INCH
    name = {"ios": "iOS", "linux": "Linux", "macosx": "macOS", "win": "Windows"}.get(platform, platform)
    return DeviceInfo(model=system.machine() or None, os=name, app=_APP), None


def location_source(platform: str, fixed: Location | None) -> LocationSource:
    """Give the place: as fixed by hand, Android's own, or none."""
    if fixed is not None:
        return FixedLocation(fixed)
    if platform == "android" and autoclass is not None:
        return AndroidLocation()
    return NoLocation()


def data_folder(platform: str) -> Path:
    """Give the folder that only this app may read, where it keeps its key."""
    if platform == "android":
        return Path(os.environ["ANDROID_PRIVATE"])
    if platform == "ios":
        return Path.home() / "Documents"
    shared = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(shared) / "stamp-mobile-demo"
