"""Streams of real touchscreens outside the repository, and stamps put into them."""

import os
import random
from itertools import pairwise
from pathlib import Path

import pytest

from stampsdk.capture._multitouch import read_reports
from stampsdk.capture.evemu import Device, read_device, read_lines
from tests.capture.simulate import Place, put_down, random_tips

SHARED = Path(os.environ.get("STAMP_SHARED", Path(__file__).parents[3] / "shared"))
FOLDER = SHARED / "recordings" / "evemu"
STREAMS = sorted(FOLDER.glob("*.events"))

every_stream = pytest.mark.parametrize(
    "stream",
    STREAMS
    or [
        pytest.param(
            None, marks=pytest.mark.skip(f"no recordings in {FOLDER}: they are no part of the repository")
        )
    ],
    ids=lambda stream: stream.stem if stream else "none",
)
"""Run for each recorded stream; skip, also in CI, where the folder of recordings is not there."""


def description_of(stream: Path) -> Path | None:
    """Return the description of the stream's device, if it is there."""
    found = stream.with_name(stream.name.split(".")[0] + ".desc")
    return found if found.exists() else None


def frame_times(stream: Path) -> list[float]:
    """Return when the screen reported, from 0, repeated until it covers two seconds."""
    lines = read_lines(stream)
    device = read_device(lines, stream)
    times = [report.time_s for report in read_reports(lines, device, stream)]
    gaps = [b - a for a, b in pairwise(times) if 0.001 < b - a < 0.1]
    covered = [0.0]
    while covered[-1] < 2.0:
        covered.append(covered[-1] + gaps[(len(covered) - 1) % len(gaps)])
    return covered


def device_of(stream: Path) -> Device:
    """Return what the stream and its description say about the screen."""
    device = read_device(read_lines(stream), stream)
    described = description_of(stream)
    if described is None:
        return device
    return device.completed_by(read_device(read_lines(described), described))


def with_stamp(
    stream: Path, rng: random.Random, counts_per_mm: float, *, tips: int
) -> tuple[str, list[Place]]:
    """Return a recording like ``stream`` in which a stamp is pressed, and its tips in counts.

    Head and report times are the stream's; positions are whole counts inside its axis ranges, off
    by up to 0.75 mm at the first report and by 0.03 mm (one standard deviation) after it.
    """
    lines = read_lines(stream)
    axes = device_of(stream).axes
    x_axis, y_axis = axes[0x35], axes[0x36]
    reach = 22 * counts_per_mm
    centre = (
        rng.uniform(x_axis.minimum + reach, x_axis.maximum - reach),
        rng.uniform(y_axis.minimum + reach, y_axis.maximum - reach),
    )
    places = put_down(rng, random_tips(rng, tips), counts_per_mm, centre)
    times = frame_times(stream)
    # Tips land over the reports of the first 90 ms, in any order, at least one in the first.
    landing_reports = [n for n, time_s in enumerate(times) if time_s <= 0.09]
    landings = [0, *(rng.choice(landing_reports) for _ in range(tips - 1))]
    rng.shuffle(landings)
    end = next(n for n, time_s in enumerate(times) if time_s > 0.7)
    head = [line for line in lines if not line.startswith("E:")]
    body: list[str] = []
    seen: dict[tuple[int, int], int] = {}
    for n, time_s in enumerate(times[: end + 1]):
        stamp = f"E: {5 + time_s:.6f}"
        sent = []
        for slot in range(tips):
            values = {}
            if n == landings[slot]:
                values[0x39] = 100 + slot
            if n >= landings[slot]:
                off = (0.75 if n == landings[slot] else 0.0, 0.03)
                for code, place in ((0x35, places[slot][0]), (0x36, places[slot][1])):
                    value = round(
                        place + counts_per_mm * (rng.uniform(-off[0], off[0]) + rng.gauss(0, off[1]))
                    )
                    if seen.get((slot, code)) != value:
                        values[code] = seen[slot, code] = value
            if n == end:
                values = {0x39: -1}
            if values:
                sent.append(f"{stamp} 0003 002f {slot:04d}")
                sent += [f"{stamp} 0003 {code:04x} {value}" for code, value in values.items()]
        if sent:
            body += [*sent, f"{stamp} 0000 0000 0"]
    return "\n".join([*head, *body]) + "\n", places
