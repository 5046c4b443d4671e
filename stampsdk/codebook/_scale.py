"""What a family's distance knows of the size of a press: all, all but a share, or nothing."""

from typing import Literal

from stampsdk.codebook.errors import FamilyError

Kind = Literal["known", "ranged", "free"]
Scale = tuple[float, float] | None
"""Least and greatest scale, None where it is free: as `PatternIndex` takes it."""

KNOWN = (1.0, 1.0)
_KINDS = ("known", "ranged", "free")
_LARGEST_ERROR = 0.5


def range_of(kind: Kind, error: float) -> Scale:
    """Return what touches may be scaled by, if their size is off by at most a share of the true one."""
    return None if kind == "free" else (1.0 / (1.0 + error), 1.0 / (1.0 - error))


def check_scale(kind: str, error: float | None) -> None:
    """Refuse what is no scale, and an error that is missing, out of range, or given where there is none.

    Raises
    ------
    FamilyError
        Names the key.
    """
    if kind not in _KINDS:
        raise FamilyError(f"family.scale must be 'known', 'ranged' or 'free', not {kind!r}")
    if kind != "ranged":
        if error is not None:
            raise FamilyError(f"family.scale_error goes with family.scale = 'ranged' only, which is {kind!r}")
        return
    if error is None:
        raise FamilyError("family.scale_error is missing: a family of ranged scale needs it")
    if not 0.0 < error <= _LARGEST_ERROR:
        raise FamilyError(f"family.scale_error must be above 0 and at most {_LARGEST_ERROR:g}, not {error}")
