"""Linux touch events to complete reports: which contacts are on the glass after each SYN_REPORT.

Follows Documentation/input/multi-touch-protocol.rst of the Linux kernel. Protocol B has slots with
tracking ids; a value that did not change is not sent again, so a slot keeps its place when its
contact lifts. Protocol A sends every contact in every report, ended by SYN_MT_REPORT, and leaves
it to the reader which is which: here each contact goes on as the nearest one of the next report.
A device without either has one contact and BTN_TOUCH.
"""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from stampsdk.capture.evemu import ABSOLUTE, Device, InputEvent, ReplayError, read_events

_SYNC, _KEY = 0, 1
_REPORT, _MT_REPORT, _DROPPED = 0, 2, 3
_BUTTON_TOUCH = 0x14A
_X, _Y, _PRESSURE = 0x00, 0x01, 0x18
_SLOT, _MT_SIZE, _MT_X, _MT_Y, _MT_ID, _MT_PRESSURE, _MT_DISTANCE = 0x2F, 0x30, 0x35, 0x36, 0x39, 0x3A, 0x3B
_MT_FIRST, _MT_LAST = 0x2F, 0x3D


@dataclass(frozen=True, slots=True)
class Spot:
    """One contact of a report, in counts of the device."""

    x: int
    y: int
    pressure: float | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the glass at one moment.

    ``dropped`` says that the kernel lost events before this report: what is on the glass is not
    known, and contacts that were down are not followed any further.
    """

    time_s: float
    spots: dict[int, Spot]
    dropped: bool = False


@dataclass(slots=True)
class _Slot:
    """The values last sent for a slot, by axis code; absent ones were never sent."""

    values: dict[int, int] = field(default_factory=dict)

    def spot(self) -> Spot | None:
        """Return the contact, or ``None`` when there is none, it hovers, or its place is unknown."""
        seen = self.values
        if (
            seen.get(_MT_ID, -1) < 0
            or seen.get(_MT_DISTANCE, 0) > 0
            or _MT_X not in seen
            or _MT_Y not in seen
        ):
            return None
        return Spot(seen[_MT_X], seen[_MT_Y], seen.get(_MT_PRESSURE), seen.get(_MT_SIZE))


def read_reports(lines: list[str], device: Device, path: str | Path) -> Iterator[Report]:
    """Yield a report for each SYN_REPORT of a touchscreen recording.

    Raises
    ------
    ReplayError
        ``no_touchscreen`` when no touch is ever reported in a known protocol, ``bad_line`` for an
        impossible slot, ``truncated`` when the last report is not finished, and as
        :func:`~stampsdk.capture.evemu.read_events`. Reports before the damage are yielded first.
    """
    reader = _reader_for(lines, device, path)
    broken = False
    pending = 0
    for event in read_events(lines, path):
        pending = event.line
        if event.type == _SYNC and event.code == _DROPPED:
            broken = True
            reader.forget()
        elif event.type == _SYNC and event.code == _REPORT:
            pending = 0
            yield Report(event.time_s, {} if broken else reader.spots(), dropped=broken)
            broken = False
        elif not broken:
            reader.take(event)
    if pending:
        raise ReplayError(
            "truncated", f"{path}, line {pending}: the recording ends inside a report (no SYN_REPORT)"
        )


def _reader_for(
    lines: list[str], device: Device, path: str | Path
) -> "_ProtocolB | _ProtocolA | _SingleTouch":
    seen: set[tuple[int, int]] = set()
    with contextlib.suppress(ReplayError):  # told when the reports before the damage have been read
        seen.update((event.type, event.code) for event in read_events(lines, path))
    if (_SYNC, _MT_REPORT) in seen:
        return _ProtocolA(device)
    if any(kind == ABSOLUTE and _MT_FIRST <= code <= _MT_LAST for kind, code in seen):
        return _ProtocolB(device, path)
    if seen and not {(ABSOLUTE, _X), (ABSOLUTE, _Y)} & seen:
        raise ReplayError("no_touchscreen", f"{path}: no touch in it (no ABS_MT_POSITION or ABS_X events)")
    return _SingleTouch()


class _ProtocolB:
    def __init__(self, device: Device, path: str | Path) -> None:
        self._path = path
        axis = device.axes.get(_SLOT)
        self._current = axis.value if axis is not None else 0
        self._slots: dict[int, _Slot] = {}

    def take(self, event: InputEvent) -> None:
        if event.type != ABSOLUTE or not _MT_FIRST <= event.code <= _MT_LAST:
            return
        if event.code == _SLOT:
            if not 0 <= event.value < 1000:  # noqa: PLR2004 - far beyond any device
                raise ReplayError("bad_line", f"{self._path}, line {event.line}: slot {event.value}")
            self._current = event.value
            return
        self._slots.setdefault(self._current, _Slot()).values[event.code] = event.value

    def spots(self) -> dict[int, Spot]:
        found = {}
        for slot in self._slots.values():
            spot = slot.spot()
            if spot is not None:
                found[slot.values[_MT_ID]] = spot
        return found

    def forget(self) -> None:
        """Events were lost: a slot counts again once it gets a tracking id."""
        for slot in self._slots.values():
            slot.values[_MT_ID] = -1


class _ProtocolA:
    def __init__(self, device: Device) -> None:
        axis = device.axes.get(_MT_X)
        # A contact that seems to jump farther than a tenth of the screen is another contact.
        self._reach = (axis.maximum - axis.minimum) / 10 if axis is not None and axis.maximum else math.inf
        self._values: dict[int, int] = {}
        self._listed: list[tuple[int | None, Spot]] = []
        self._before: dict[int, Spot] = {}
        self._next_id = 0

    def take(self, event: InputEvent) -> None:
        if event.type == ABSOLUTE and _MT_FIRST <= event.code <= _MT_LAST:
            self._values[event.code] = event.value
        elif event.type == _SYNC and event.code == _MT_REPORT:
            seen, self._values = self._values, {}
            if _MT_X in seen and _MT_Y in seen and seen.get(_MT_DISTANCE, 0) <= 0:
                spot = Spot(seen[_MT_X], seen[_MT_Y], seen.get(_MT_PRESSURE), seen.get(_MT_SIZE))
                self._listed.append((seen.get(_MT_ID), spot))

    def spots(self) -> dict[int, Spot]:
        listed, self._listed = self._listed, []
        if listed and all(uid is not None for uid, _ in listed):
            self._before = {uid: spot for uid, spot in listed if uid is not None}
            return dict(self._before)
        news = [spot for _, spot in listed]
        pairs = sorted(
            (math.hypot(old.x - new.x, old.y - new.y), uid, index)
            for uid, old in self._before.items()
            for index, new in enumerate(news)
        )
        now: dict[int, Spot] = {}
        placed: set[int] = set()
        for apart, uid, index in pairs:
            if apart <= self._reach and uid not in now and index not in placed:
                now[uid] = news[index]
                placed.add(index)
        for index, spot in enumerate(news):
            if index not in placed:
                now[self._next_id] = spot
                self._next_id += 1
        self._before = now
        return dict(now)

    def forget(self) -> None:
        self._values, self._listed, self._before = {}, [], {}


class _SingleTouch:
    def __init__(self) -> None:
        self._values: dict[int, int] = {}
        self._down = False
        self._touch = 0

    def take(self, event: InputEvent) -> None:
        if event.type == ABSOLUTE:
            self._values[event.code] = event.value
        elif event.type == _KEY and event.code == _BUTTON_TOUCH:
            self._touch += event.value == 1
            self._down = event.value != 0

    def spots(self) -> dict[int, Spot]:
        if not self._down or _X not in self._values or _Y not in self._values:
            return {}
        return {self._touch: Spot(self._values[_X], self._values[_Y], self._values.get(_PRESSURE))}

    def forget(self) -> None:
        self._down = False
