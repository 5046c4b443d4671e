"""The evemu text format: what a Linux input device is and what it reported.

Format 1.0 to 1.3 of evemu-record and evemu-describe. Lines that matter here::

    N: name
    A: code minimum maximum fuzz flat [resolution]      code hexadecimal; resolution since 1.1
    E: seconds.microseconds type code value             type and code hexadecimal, value decimal

Axes are also described in comments (``#   Event code 53 (…)``, then ``Value``, ``Min``, ``Max``,
``Resolution``); these give what the A: lines leave out, such as the slot in use at the start.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ABSOLUTE = 3
"""The event type EV_ABS."""

_VERSION = re.compile(r"#\s*EVEMU\s+(\d+)(?:\.(\d+))?")
_COMMENT_TYPE = re.compile(r"#\s*Event type\s+(\d+)")
_COMMENT_CODE = re.compile(r"#\s*Event code\s+(\d+)")
_COMMENT_FIELD = re.compile(r"#\s*(Value|Min|Max|Resolution)\s+(-?\d+)\s*$")
_EVENT = re.compile(r"E:\s+(\d+)\.(\d{1,6})\s+([0-9a-fA-F]{1,4})\s+([0-9a-fA-F]{1,4})\s+(-?\d+)\s*(?:#.*)?$")
_KNOWN = "NIPBALSE"


class ReplayError(ValueError):
    """A recording cannot be read; the message names the file, the line and what is wrong.

    Attributes
    ----------
    code
        Stable: ``"unreadable"``, ``"not_evemu"``, ``"bad_line"``, ``"truncated"``,
        ``"no_touchscreen"``, ``"other_device"`` or ``"unsupported"``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Axis:
    """An absolute axis: range and resolution (counts in one mm; 0 when the device does not say)."""

    minimum: int = 0
    maximum: int = 0
    resolution: int = 0
    value: int = 0


@dataclass(slots=True)
class Device:
    """A device as its description or the head of a recording gives it."""

    name: str | None = None
    axes: dict[int, Axis] = field(default_factory=dict)

    def completed_by(self, other: "Device") -> "Device":
        """Return this device with what it does not know taken from ``other``."""
        axes = dict(other.axes)
        for code, mine in self.axes.items():
            theirs = axes.get(code, mine)
            empty = mine.minimum == mine.maximum
            axes[code] = Axis(
                theirs.minimum if empty else mine.minimum,
                theirs.maximum if empty else mine.maximum,
                mine.resolution or theirs.resolution,
                mine.value or theirs.value,
            )
        return Device(self.name or other.name, axes)


@dataclass(frozen=True, slots=True)
class InputEvent:
    """One E: line."""

    line: int
    time_s: float
    type: int
    code: int
    value: int


def read_lines(path: str | Path) -> list[str]:
    """Return the lines of a text file.

    Raises
    ------
    ReplayError
        ``unreadable`` when there is no such file, ``not_evemu`` when it is not text.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ReplayError("unreadable", f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ReplayError("not_evemu", f"{path}: not a text file (byte {error.start})") from error
    return text.split("\n")


def read_device(lines: list[str], path: str | Path) -> Device:
    """Return what the head of a recording, or a description, says about the device.

    Raises
    ------
    ReplayError
        ``bad_line`` for a damaged A: line, ``unsupported`` for a format other than 1.
    """
    device = Device()
    listed: set[int] = set()  # axes that have an A: line
    described = Axis()
    event_type = code = -1
    for number, line in enumerate(lines, 1):
        if line.startswith("E:"):
            break
        if match := _VERSION.match(line):
            if match[1] != "1":
                raise ReplayError("unsupported", f"{path}, line {number}: evemu format {match[1]}, not 1")
        elif match := _COMMENT_TYPE.match(line):
            event_type, code = int(match[1]), -1
        elif match := _COMMENT_CODE.match(line):
            code = int(match[1]) if event_type == ABSOLUTE else -1
        elif (match := _COMMENT_FIELD.match(line)) and code >= 0:
            described = device.axes.get(code, Axis())
            name = {"Value": "value", "Min": "minimum", "Max": "maximum", "Resolution": "resolution"}[
                match[1]
            ]
            device.axes[code] = replace(described, **{name: int(match[2])})
        elif line.startswith("N:"):
            device.name = line[2:].strip() or None
        elif line.startswith("A:"):
            number_code, axis = _axis(line, number, path)
            listed.add(number_code)
            device.axes[number_code] = (
                Device(None, {number_code: axis}).completed_by(device).axes[number_code]
            )
    return device


def read_events(lines: list[str], path: str | Path) -> Iterator[InputEvent]:
    """Yield the E: lines.

    Raises
    ------
    ReplayError
        ``bad_line`` naming the line that is no evemu line; ``truncated`` when it is the last one;
        ``not_evemu`` when the file has no E: line.
    """
    found = False
    for number, line in enumerate(lines, 1):
        if match := _EVENT.match(line):
            found = True
            seconds = int(match[1]) + int(match[2].ljust(6, "0")) / 1_000_000
            yield InputEvent(number, seconds, int(match[3], 16), int(match[4], 16), int(match[5]))
            continue
        blank = not line.strip() or line.startswith("#")
        if blank or (line[1:2] == ":" and line[0] in _KNOWN and line[0] != "E"):
            continue
        last = not any(rest.strip() for rest in lines[number:])
        shown = line if len(line) <= 60 else line[:57] + "…"  # noqa: PLR2004 - enough to recognise the line
        raise ReplayError(
            "truncated" if last and found else "bad_line",
            f"{path}, line {number}: not an evemu line: {shown!r}"
            + (" (the file ends here)" if last else ""),
        )
    if not found:
        raise ReplayError(
            "not_evemu", f"{path}, line {len(lines)}: the file ends without any event (E: line)"
        )


def _axis(line: str, number: int, path: str | Path) -> tuple[int, Axis]:
    try:
        code, minimum, maximum, _fuzz, _flat, *rest = line[2:].split("#", maxsplit=1)[0].split()
        resolution = int(rest[0]) if rest else 0
        return int(code, 16), Axis(int(minimum), int(maximum), max(resolution, 0))
    except ValueError as error:
        raise ReplayError("bad_line", f"{path}, line {number}: not an axis (A:) line: {line!r}") from error
