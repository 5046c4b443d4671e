"""Hands on recorded screens, as they would be asked for if nothing before recognition stopped them."""

import functools
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stampsdk.capture._multitouch import read_reports
from stampsdk.capture.evemu import read_device, read_lines

Real = npt.NDArray[np.float64]

SHARED = Path(os.environ.get("STAMP_SHARED", Path(__file__).parents[3] / "shared"))
_X, _Y = 0x35, 0x36


@functools.lru_cache(maxsize=8)
def recorded_hands(tips: int, folder: Path | None = None) -> Real:
    """Return what hands looked like on recorded screens whose size is known, mm, each shape once.

    Of each report with at least so many contacts: each contact with those nearest to it. Capture would refuse
    most of them before recognition (too wide, too many, never still).

    Returns
    -------
    float64 (K, tips, 2)
        K is 0 where there are no recordings, or none has so many contacts.
    """
    hands: dict[bytes, Real] = {}
    for stream in sorted((folder or SHARED / "recordings" / "evemu").glob("*.events")):
        lines = read_lines(stream)
        device = read_device(lines, stream)
        described = stream.with_name(stream.name.split(".")[0] + ".desc")
        if described.exists():
            device = device.completed_by(read_device(read_lines(described), described))
        if not (_X in device.axes and device.axes[_X].resolution and device.axes[_Y].resolution):
            continue
        counts = np.array([device.axes[_X].resolution, device.axes[_Y].resolution], np.float64)
        for report in read_reports(lines, device, stream):
            if len(report.spots) < tips:
                continue
            places = np.array([(spot.x, spot.y) for spot in report.spots.values()]) / counts
            for place in places:
                near = np.argsort(np.linalg.norm(places - place, axis=1), kind="stable")[:tips]
                hand = places[np.sort(near)]
                hands.setdefault((hand - hand.mean(axis=0)).round(6).tobytes(), hand)
    return np.array(list(hands.values())).reshape(-1, tips, 2)
