"""Fingerprints by which the very same capture is known again, whoever signs it anew."""

import hashlib
import struct

from stampsdk.protocol import PressReport

__all__ = ["capture_fingerprints"]


def capture_fingerprints(press: PressReport) -> tuple[bytes, ...]:
    """Give SHA-256 fingerprints of what the screen saw.

    Parameters
    ----------
    press
        The touches and, where sent, the frames.

    Returns
    -------
    tuple of bytes
        32 bytes each: one of the touches, whatever their order, and where there are frames one of their
        positions, whatever the times, finger numbers and pressures. Equal captures have equal fingerprints;
        captures that differ in one bit of one position do not.

    Notes
    -----
    Two honest presses never share one in practice: even whole pixels leave more than 30 bits of chance in
    five touches that wander by a few pixels. A recording that is moved or given noise passes: that is the
    matter of fingerprints by shape.
    """
    kinds = [_digest(b"touches", press.touches)]
    positions = [(contact.x, contact.y) for frame in press.frames for contact in frame.contacts]
    if positions:
        kinds.append(_digest(b"frames", positions))
    return tuple(kinds)


def _digest(kind: bytes, positions: list[tuple[float, float]] | tuple[tuple[float, float], ...]) -> bytes:
    digest = hashlib.sha256(kind)
    for x, y in sorted(positions):
        # Adding zero makes one value of the two zeros that compare equal.
        digest.update(struct.pack(">dd", x + 0.0, y + 0.0))
    return digest.digest()
