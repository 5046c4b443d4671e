"""Identifiers that sort by the time they were made and say what they name."""

import re
import secrets

from server.core.clock import Clock

_PREFIX = re.compile(r"[a-z]{2,8}")


def new_id(prefix: str, clock: Clock) -> str:
    """Make an identifier such as ``prs_0192f1c2a5b77d3e8a41c9e0b2d4f6a8``.

    Parameters
    ----------
    prefix
        Two to eight small letters that name the kind of thing.
    clock
        Gives the time that the identifier begins with.

    Returns
    -------
    str
        The prefix, an underscore and the 32 hexadecimal digits of a UUID
        version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of the fraction
        of the millisecond (method 3), 62 random bits. Identifiers of one
        prefix sort as text by the time they were made.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"prefix: {prefix!r} is not two to eight small letters")
    now = clock.now()
    microseconds = int(now.timestamp()) * 1_000_000 + now.microsecond
    milliseconds, rest = divmod(microseconds, 1000)
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (rest * 4096 // 1000) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return f"{prefix}_{value:032x}"
