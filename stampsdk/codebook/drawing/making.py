"""How a stamp is made: the measures that a family leaves to the workshop."""

import math
from dataclasses import dataclass, fields

from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.family import StampFamily

_STEM_SHARE = 0.6


@dataclass(frozen=True)
class Making:
    """Measures of a workshop, mm.

    Attributes
    ----------
    base_mm : float
        Thickness of the plate behind the face.
    tip_height_mm : float
        How far tips stand out of it.
    stem_mm : float or None
        Diameter of the stem by which a loose tip is set into a plate; None: 0.6 of the tip's.
    clearance_mm : float
        How much wider a hole is than the stem. A loose tip may stand half of it from its place.
    wall_mm : float
        Least width of what is left between holes, and between a hole and the rim.
    engraving_mm, stroke_mm : float
        Depth and width of what is engraved into a solid.

    Raises
    ------
    DrawingError
        A measure is not above 0 (the clearance: below 0), or the engraving goes through half of the base.
    """

    base_mm: float = 4.0
    tip_height_mm: float = 2.0
    stem_mm: float | None = None
    clearance_mm: float = 0.1
    wall_mm: float = 0.8
    engraving_mm: float = 0.4
    stroke_mm: float = 0.4

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            least = value >= 0.0 if field.name == "clearance_mm" else value > 0.0
            if not (math.isfinite(value) and least and value <= 100.0):  # noqa: PLR2004 - no stamp is larger
                wanted = "from 0 to 100" if field.name == "clearance_mm" else "above 0 and at most 100"
                raise DrawingError(f"{field.name} must be {wanted}, not {value:g}")
        if self.engraving_mm > self.base_mm / 2:
            raise DrawingError(
                f"engraving_mm={self.engraving_mm:g} must be at most half of base_mm={self.base_mm:g}"
            )

    def stem_of(self, family: StampFamily) -> float:
        """Return the diameter of a stem, mm."""
        return _STEM_SHARE * family.tip_diameter_mm if self.stem_mm is None else self.stem_mm

    def hole_of(self, family: StampFamily) -> float:
        """Return the diameter of a hole, mm.

        Raises
        ------
        DrawingError
            Holes would break into each other or through the rim, or a tip would fall through its hole; names
            the widest stem that can be.
        """
        stem = self.stem_of(family)
        hole = stem + self.clearance_mm
        widest = min(
            family.tip_diameter_mm,  # else a tip falls through
            family.spacing_mm - self.wall_mm,
            2.0 * (family.edge_mm - self.wall_mm),
        )
        if hole > widest:
            room = widest - self.clearance_mm
            could = (
                f"at most {room:.2f} mm"
                if room > 0.0
                else "none at all: make wall_mm or clearance_mm smaller"
            )
            raise DrawingError(
                f"stems of {stem:g} mm need holes of {hole:g} mm; tips of the family {family.name!r} may "
                f"stand {family.spacing_mm:g} mm apart and {family.edge_mm:g} mm from the rim, so that with "
                f"walls of {self.wall_mm:g} mm a stem can be {could}"
            )
        return hole
