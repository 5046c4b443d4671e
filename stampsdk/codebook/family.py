"""Stamp families: a specification from which a codebook follows, bit by bit."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from stampsdk.codebook._lattice import dimensions
from stampsdk.codebook._scale import Kind, Scale, check_scale, range_of
from stampsdk.codebook._standing import refuse_crowded
from stampsdk.codebook.errors import FamilyError
from stampsdk.codebook.face import Face
from stampsdk.geometry._validation import LEAST_TIPS, MOST_TIPS, checked_scale

_LARGEST_COUNT = 100_000_000
_OFFSET_STEPS = 1 << 20
_WIDEST_FACE_MM = 200.0
_MOST_STRETCH = 2.0
_KEYS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "family": {
        "name": str,
        "tips": int,
        "scale": str,
        "scale_error": float,
        "noise_mm": float,
        "count": int,
        "seed": int,
    },
    "face": {"shape": str, "width_mm": float, "corner_mm": float, "outline": list},
    "tip": {"diameter_mm": float, "spacing_mm": float, "edge_mm": float},
    "code": {"distance_mm": float, "stretch": float, "widest": float, "gauge_um": list},
    "generated": {"count": int, "sha256": str, "thrown": int},
}
_OPTIONAL = {
    ("family", "scale_error"),
    ("face", "corner_mm"),
    ("face", "outline"),
    ("face", "width_mm"),
    ("generated", "thrown"),
}


@dataclass(frozen=True)
class Generated:
    """What generating a family came to, so that others can check theirs.

    Attributes
    ----------
    count : int
        Patterns.
    sha256 : str
        Digest of all patterns, int32 little-endian, µm.
    thrown : int
        Patterns that random throwing keeps at the same distance in the same region, when it stops; 0 where it
        was not tried.
    """

    count: int
    sha256: str
    thrown: int = 0


@dataclass(frozen=True)
class StampFamily:
    """Specification of a family of stamps.

    Attributes
    ----------
    name : str
    tips : int
    scale : {"known", "ranged", "free"}
        What the distance of two patterns allows besides place, angle and order: no other size; a size within
        a range; any size.
    noise_mm : float
        Standard deviation of a touch per axis that the family is meant for.
    count : int
        Patterns wanted.
    seed : int
        Moves the lattice.
    face : Face
    tip_diameter_mm, spacing_mm, edge_mm : float
        Diameter of a tip; least distance of two tips, centre to centre; and of a tip from the edge of the
        face, centre to edge.
    distance_mm : float
        Least distance of two patterns: √n times their residual.
    stretch : float
        How much farther apart points of the lattice are.
    widest : float
        Greatest ratio of what of a pattern lies across the gauge to what lies along it.
    gauge_um : tuple of (x, y)
        The gauge, whole µm.
    generated : Generated or None
        What was generated when the family was made.
    scale_error : float or None
        Where the scale is ranged: the size of a press is off by at most that share.
    """

    name: str
    tips: int
    scale: Kind
    noise_mm: float
    count: int
    seed: int
    face: Face
    tip_diameter_mm: float
    spacing_mm: float
    edge_mm: float
    distance_mm: float
    stretch: float
    widest: float
    gauge_um: tuple[tuple[int, int], ...]
    generated: Generated | None = None
    scale_error: float | None = None

    def __post_init__(self) -> None:
        _check(self)

    @property
    def unit_mm(self) -> float:
        """Millimetres between whole coordinates of the lattice, whose points are 2 apart."""
        return self.stretch * self.distance_mm / 2.0

    @property
    def scale_range(self) -> Scale:
        """What a pattern may be scaled by to meet another, as `PatternIndex` takes it."""
        return range_of(self.scale, self.scale_error or 0.0)

    def scales(self) -> tuple[float, float]:
        """Return the same as two numbers: 0 and infinity where the scale is free."""
        return checked_scale(self.scale_range)

    def offset(self) -> npt.NDArray[np.float64]:
        """Return where the lattice lies, in units, from 0 to 1 in each coordinate; from the seed alone."""
        state = self.seed & 0xFFFFFFFFFFFFFFFF
        offsets = []
        for _ in range(dimensions(self.tips)):
            state, value = _splitmix64(state)
            offsets.append((value >> 44) / _OFFSET_STEPS)
        return np.array(offsets)


def load_family(path: Path) -> StampFamily:
    """Read a family from its file.

    Raises
    ------
    FamilyError
        Names the key that is unknown, missing or of the wrong type, or what cannot be and how much could.
    OSError
        The file cannot be read.
    """
    try:
        return parse_family(path.read_text(encoding="utf-8"))
    except FamilyError as error:
        raise FamilyError(f"{path}: {error}", error.code) from None


def parse_family(text: str) -> StampFamily:
    """Read a family from the text of a file (TOML).

    Raises
    ------
    FamilyError
        As `load_family`.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FamilyError(f"not TOML: {error}") from None
    _check_keys(tables)
    family, face, tip, code = (tables[name] for name in ("family", "face", "tip", "code"))
    outline = tuple(_points(face.get("outline", []), "face.outline"))
    width = face.get("width_mm")
    if face["shape"] == "custom":
        if len(outline) < 3:  # noqa: PLR2004 - a triangle
            raise FamilyError("face.outline needs at least three corners")
        width = max(math.dist(a, b) for a in outline for b in outline)
    elif width is None:
        raise FamilyError(f"face.width_mm is missing: a {face['shape']} face needs it")
    generated = tables.get("generated")
    return StampFamily(
        name=family["name"],
        tips=family["tips"],
        scale=family["scale"],
        noise_mm=float(family["noise_mm"]),
        count=family["count"],
        seed=family["seed"],
        face=Face(face["shape"], float(width), outline, float(face.get("corner_mm", 0.0))),
        tip_diameter_mm=float(tip["diameter_mm"]),
        spacing_mm=float(tip["spacing_mm"]),
        edge_mm=float(tip["edge_mm"]),
        distance_mm=float(code["distance_mm"]),
        stretch=float(code["stretch"]),
        widest=float(code["widest"]),
        gauge_um=cast(
            "tuple[tuple[int, int], ...]",
            tuple((round(x), round(y)) for x, y in _points(code["gauge_um"], "code.gauge_um")),
        ),
        generated=None if generated is None else Generated(**generated),
        scale_error=float(family["scale_error"]) if "scale_error" in family else None,
    )


def _check_keys(tables: Mapping[str, Any]) -> None:
    """Refuse what is unknown, missing or of the wrong type."""
    for name, table in tables.items():
        if name not in _KEYS or not isinstance(table, dict):
            raise FamilyError(f"[{name}] is not known; a family has {', '.join(f'[{key}]' for key in _KEYS)}")
        for key, value in table.items():
            _check_type(name, key, value)
    for name, keys in _KEYS.items():
        if name == "generated" and name not in tables:
            continue
        if name not in tables:
            raise FamilyError(f"[{name}] is missing")
        missing = [key for key in keys if key not in tables[name] and (name, key) not in _OPTIONAL]
        if missing:
            raise FamilyError(f"{name}.{missing[0]} is missing")


def _check_type(name: str, key: str, value: Any) -> None:
    kind = _KEYS[name].get(key)
    if kind is None:
        raise FamilyError(f"{name}.{key} is not known; [{name}] has {', '.join(_KEYS[name])}")
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise FamilyError(f"{name}.{key} must be {_word(kind)}, not {value!r}")


def _word(kind: Any) -> str:
    return {str: "a text", int: "a whole number", float: "a number", list: "a list"}[kind]


def _points(values: list[Any], name: str) -> list[tuple[float, float]]:
    for value in values:
        numbers = isinstance(value, list) and len(value) == 2  # noqa: PLR2004 - x and y
        if not numbers or not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value):
            raise FamilyError(f"{name} must be a list of pairs [x, y], not of {value!r}")
    return [(float(x), float(y)) for x, y in values]


def _check(family: StampFamily) -> None:
    """Refuse what is out of range."""
    if not family.name.isidentifier():
        raise FamilyError(f"family.name must be a word of letters, digits and _, not {family.name!r}")
    if not LEAST_TIPS <= family.tips <= MOST_TIPS:
        raise FamilyError(f"family.tips must be from {LEAST_TIPS} to {MOST_TIPS}, not {family.tips}")
    check_scale(family.scale, family.scale_error)
    if family.face.shape not in {"round", "square", "custom"}:
        raise FamilyError(f"face.shape must be 'round', 'square' or 'custom', not {family.face.shape!r}")
    if not 1 <= family.count <= _LARGEST_COUNT:
        raise FamilyError(f"family.count must be from 1 to {_LARGEST_COUNT:,}, not {family.count}")
    if len(family.gauge_um) != family.tips or len(set(family.gauge_um)) != family.tips:
        raise FamilyError(f"code.gauge_um must have {family.tips} different points")
    _check_lengths(family)
    refuse_crowded(family.tips, family.face, edge_mm=family.edge_mm, spacing_mm=family.spacing_mm)


def _check_lengths(family: StampFamily) -> None:
    lengths = {
        "family.noise_mm": family.noise_mm,
        "face.width_mm": family.face.width_mm,
        "tip.diameter_mm": family.tip_diameter_mm,
        "tip.spacing_mm": family.spacing_mm,
        "tip.edge_mm": family.edge_mm,
        "code.distance_mm": family.distance_mm,
        "code.widest": family.widest,
    }
    for name, value in lengths.items():
        if not (math.isfinite(value) and value > 0.0):
            raise FamilyError(f"{name} must be above 0, not {value}")
    if not 0.0 <= family.face.corner_mm < math.inf:
        raise FamilyError(f"face.corner_mm must be 0 or more, not {family.face.corner_mm}")
    if family.face.width_mm > _WIDEST_FACE_MM:
        raise FamilyError(
            f"face.width_mm must be at most {_WIDEST_FACE_MM:g}, not {family.face.width_mm:g}: few screens "
            "hold a wider stamp, and no hand presses it evenly"
        )
    if not 1.0 <= family.stretch <= _MOST_STRETCH:
        raise FamilyError(f"code.stretch must be from 1 to {_MOST_STRETCH:g}, not {family.stretch}")
    if family.spacing_mm < family.tip_diameter_mm:
        raise FamilyError(
            f"tip.spacing_mm={family.spacing_mm:g} must be at least "
            f"tip.diameter_mm={family.tip_diameter_mm:g}: tips would overlap"
        )
    if family.edge_mm < family.tip_diameter_mm / 2:
        raise FamilyError(
            f"tip.edge_mm={family.edge_mm:g} must be at least half of "
            f"tip.diameter_mm={family.tip_diameter_mm:g}: tips stand wholly on the face"
        )


def _splitmix64(state: int) -> tuple[int, int]:
    """Return the next state and number of a generator of random bits (G. Steele and others, 2014)."""
    mask = 0xFFFFFFFFFFFFFFFF
    state = (state + 0x9E3779B97F4A7C15) & mask
    value = state
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
    return state, value ^ (value >> 31)
