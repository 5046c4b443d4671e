"""Where an axis ends, and how dark a cell is."""

from typing import Final

LEVELS: Final = 4
_TENTHS: Final = (10, 15, 20, 25, 30, 40, 50, 60, 80, 100)


def top_of(most: int) -> int:
    """Return the least round number that is not below `most`, and at least 1: where an axis ends.

    Round are 1, 1.5, 2, 2.5, 3, 4, 5, 6 and 8 and their products with powers of ten, if they are whole.
    """
    decade = 1
    while decade * 10 < most:
        decade *= 10
    tops = (tenths * decade / 10 for tenths in _TENTHS)
    return next(int(top) for top in tops if top >= most and top.is_integer())


def level_of(value: int, most: int) -> int:
    """Return 0 for nothing, else 1 to `LEVELS`: in which quarter of `most` the value lies."""
    if value <= 0 or most <= 0:
        return 0
    return min(LEVELS, -(-value * LEVELS // most))
