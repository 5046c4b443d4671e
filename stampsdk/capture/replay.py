"""Recorded touchscreens through the detector: ``stampsdk replay FILE.events [--desc FILE.desc]``."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stampsdk.capture._multitouch import Report, Spot, read_reports
from stampsdk.capture.detector import PressDetector
from stampsdk.capture.evemu import Device, ReplayError, read_device, read_lines
from stampsdk.capture.events import TouchEvent, TouchKind
from stampsdk.capture.outcomes import Press, Void
from stampsdk.capture.settings import DetectorSettings

_TICK_S = 1 / 60
_X_AXES, _Y_AXES = (0x35, 0x00), (0x36, 0x01)


@dataclass(frozen=True, slots=True)
class Scale:
    """How counts of the device become the detector's pixels.

    Attributes
    ----------
    counts_per_mm
        Of x and of y; as the device says, or guessed.
    known
        Whether the device says it.
    """

    counts_per_mm: tuple[float, float]
    known: bool


@dataclass(frozen=True, slots=True)
class ReplayedPress:
    """A press found in a recording.

    Attributes
    ----------
    time_s
        When it was decided, on the recording's clock.
    touches
        (x, y) in counts of the device, as it reports positions.
    touches_mm
        The same in mm; ``None`` when the device does not tell its resolution.
    press
        The press itself; its pixels are mm times ``settings.px_per_mm``.
    """

    time_s: float
    touches: tuple[tuple[float, float], ...]
    touches_mm: tuple[tuple[float, float], ...] | None
    press: Press


def replay_file(
    events_path: str | Path,
    desc_path: str | Path | None = None,
    settings: DetectorSettings | None = None,
    *,
    long_side_mm: float = 220.0,
) -> Iterator[ReplayedPress]:
    """Yield each press of a recorded stream.

    Between reports the detector hears a tick sixty times a second, as it does on a phone. No time
    passes after the last report.

    Parameters
    ----------
    events_path
        An evemu recording, format 1: multi-touch protocol A or B, or a single contact.
    desc_path
        The description of the device, for recordings that do not carry it.
    settings
        Thresholds; the default is for five tips.
    long_side_mm
        Length of the screen's longer side, assumed where no resolution is given: only the
        detector's thresholds depend on it. 220 mm is a screen of ten inches.

    Raises
    ------
    ReplayError
        Naming the file, the line and what is wrong, when iteration reaches it; presses before it
        have been yielded then.
    """
    for time_s, outcome, scale in replay_outcomes(
        events_path, desc_path, settings, long_side_mm=long_side_mm
    ):
        if isinstance(outcome, Press):
            px_per_mm = (settings or DetectorSettings()).px_per_mm
            mm = tuple((x / px_per_mm, y / px_per_mm) for x, y in outcome.touches)
            across, down = scale.counts_per_mm
            counts = tuple((x * across, y * down) for x, y in mm)
            yield ReplayedPress(time_s, counts, mm if scale.known else None, outcome)


def replay_outcomes(
    events_path: str | Path,
    desc_path: str | Path | None = None,
    settings: DetectorSettings | None = None,
    *,
    long_side_mm: float = 220.0,
) -> Iterator[tuple[float, Press | Void, Scale]]:
    """Yield the time, press or void, and scale of each outcome; otherwise as :func:`replay_file`."""
    settings = settings or DetectorSettings()
    lines = read_lines(events_path)
    device = read_device(lines, events_path)
    if desc_path is not None:
        described = read_device(read_lines(desc_path), desc_path)
        if device.name is not None and described.name not in (None, device.name):
            raise ReplayError(
                "other_device",
                f"{desc_path} describes {described.name!r}, {events_path} is of {device.name!r}",
            )
        device = described.completed_by(device)
    scale = find_scale(device, settings, long_side_mm)
    player = _Player(PressDetector(settings, source="replay"), scale)
    for report in read_reports(lines, device, events_path):
        for time_s, outcome in player.play(report):
            yield time_s, outcome, scale


def find_scale(device: Device, settings: DetectorSettings, long_side_mm: float) -> Scale:
    """Return counts per mm: the device's resolution, else a guess from its range and ``long_side_mm``."""
    x_axis = next((device.axes[code] for code in _X_AXES if code in device.axes), None)
    y_axis = next((device.axes[code] for code in _Y_AXES if code in device.axes), None)
    if x_axis is not None and y_axis is not None:
        if x_axis.resolution > 0 and y_axis.resolution > 0:
            return Scale((float(x_axis.resolution), float(y_axis.resolution)), known=True)
        counts = max(x_axis.maximum - x_axis.minimum, y_axis.maximum - y_axis.minimum)
        if counts > 0:
            return Scale((counts / long_side_mm, counts / long_side_mm), known=False)
    return Scale((settings.px_per_mm, settings.px_per_mm), known=False)


def press_to_json(replayed: ReplayedPress) -> str:
    """Return the line that ``stampsdk replay`` prints for a press: one JSON object.

    Keys: ``t`` (s, the recording's clock), ``touches`` (counts of the device), ``touches_mm``
    (``null`` when the resolution is not known), ``frames_used``, ``stagger_s``,
    ``hold_s``.
    """
    quality = replayed.press.quality
    mm = replayed.touches_mm
    record = {
        "t": round(replayed.time_s, 6),
        "touches": [[round(x, 3), round(y, 3)] for x, y in replayed.touches],
        "touches_mm": None if mm is None else [[round(x, 4), round(y, 4)] for x, y in mm],
        "frames_used": quality.frames_used,
        "stagger_s": round(quality.stagger_s, 6),
        "hold_s": round(quality.hold_s, 6),
    }
    return json.dumps(record)


class _Player:
    """Feeds reports to a detector as events, and ticks between them."""

    def __init__(self, detector: PressDetector, scale: Scale) -> None:
        self._detector = detector
        across, down = scale.counts_per_mm
        px_per_mm = detector.settings.px_per_mm
        self._px = (px_per_mm / across, px_per_mm / down)
        self._before: dict[int, Spot] = {}
        self._last_s = -math.inf
        self._next_tick_s = -math.inf

    def play(self, report: Report) -> Iterator[tuple[float, Press | Void]]:
        yield from self._ticks_until(report.time_s)
        if report.dropped:
            void = self._detector.interrupt(report.time_s, "events_dropped")
            if void is not None:
                yield report.time_s, void
        else:
            for event in self._events(report):
                outcome = self._detector.feed(event)
                if outcome is not None:
                    yield report.time_s, outcome
        self._before = report.spots

    def _ticks_until(self, time_s: float) -> Iterator[tuple[float, Press | Void]]:
        """Let a display draw: sixty frames a second from the first report on."""
        # Nothing changes any more once the detector has given up on silent contacts.
        end = min(time_s, self._last_s + self._detector.settings.ghost_s + 1.0)
        while self._next_tick_s < end:
            outcome = self._detector.tick(self._next_tick_s)
            if outcome is not None:
                yield self._next_tick_s, outcome
            self._next_tick_s += _TICK_S
        if end < time_s or time_s < self._last_s:
            self._next_tick_s = time_s
        self._last_s = time_s

    def _events(self, report: Report) -> Iterator[TouchEvent]:
        for uid, spot in self._before.items():
            if uid not in report.spots:
                yield self._event("up", uid, spot, report.time_s)
        for uid, spot in report.spots.items():
            before = self._before.get(uid)
            if before is None:
                yield self._event("down", uid, spot, report.time_s)
            elif before != spot:
                yield self._event("move", uid, spot, report.time_s)

    def _event(self, kind: TouchKind, uid: int, spot: Spot, time_s: float) -> TouchEvent:
        x, y = spot.x * self._px[0], spot.y * self._px[1]
        return TouchEvent(kind, uid, x, y, time_s, spot.pressure, spot.size)
