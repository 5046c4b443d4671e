"""From touch events to presses, on the phone: standard library only."""

from stampsdk.capture.detector import PressDetector
from stampsdk.capture.events import Contact, Frame, TouchEvent, TouchKind
from stampsdk.capture.outcomes import Hint, Press, PressQuality, Void, VoidReason
from stampsdk.capture.settings import DetectorSettings

__all__ = [
    "Contact",
    "DetectorSettings",
    "Frame",
    "Hint",
    "Press",
    "PressDetector",
    "PressQuality",
    "TouchEvent",
    "TouchKind",
    "Void",
    "VoidReason",
]
