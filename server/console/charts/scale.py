"""Where an axis ends, and how dark a cell is."""

from typing import Final

LEVELS: Final = 4
_STEPS: Final = (1, 2, 5, 10)


def top_of(most: int) -> int:
    """Return the least of 1, 2, 5, 10, 20, 50, … that is not below `most`: where an axis ends."""
    decade = 1
    while decade * 10 < most:
        decade *= 10
    return next(step * decade for step in _STEPS if step * decade >= most)


def level_of(value: int, most: int) -> int:
    """Return 0 for nothing, else 1 to `LEVELS`: in which quarter of `most` the value lies."""
    if value <= 0 or most <= 0:
        return 0
    return min(LEVELS, -(-value * LEVELS // most))
