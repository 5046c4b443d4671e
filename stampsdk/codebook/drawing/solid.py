"""Solids for printing or milling: a stamp in one piece, a plate with holes, a loose tip; as STL."""

import io
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import shapely
import trimesh
import trimesh.exchange.stl
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from stampsdk.codebook.drawing._room import Engraving, free_area, parts_of, place_text
from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.drawing.face_drawing import engravings
from stampsdk.codebook.drawing.making import Making
from stampsdk.codebook.drawing.stamp import Stamp, drawn, drawn_outline, solid

_CIRCLE_SEGMENTS = 96
_OVERLAP_MM = 0.5
_ENGINE: Final = "manifold"
_Area = TypeVar("_Area", bound=BaseGeometry)


@dataclass(frozen=True)
class Solid:
    """A solid in the solid's frame: x right, y up, z out of the face, which is at the height of the base.

    Attributes
    ----------
    mesh : trimesh.Trimesh
        Watertight.
    serial_engraved : bool
        Whether the serial, and the mark, are cut into its back.
    """

    mesh: trimesh.Trimesh
    serial_engraved: bool

    def to_stl(self) -> bytes:
        """Return the file: binary STL, millimetres.

        Raises
        ------
        DrawingError
            Read again, what was written is not watertight.
        """
        data = trimesh.exchange.stl.export_stl(self.mesh)
        if not is_sound(trimesh.load_mesh(io.BytesIO(data), file_type="stl")):
            raise DrawingError(
                "the solid is not watertight as STL, whose numbers are short; tell us the code"
            )
        return data


def stamp_solid(stamp: Stamp, making: Making) -> Solid:
    """Return a stamp in one piece: a base with the face's outline, and its tips.

    The serial and the mark are engraved into the back, where the serial reads right; they are left out where
    there is no room or where the solid would no longer be watertight.

    Guarantee
    ---------
    The mesh is watertight. The flat end of each tip is a regular polygon around its exact place.
    """
    outline = drawn_outline(stamp.family)
    base = _extruded(_in_solid(outline), 0.0, making.base_mm)
    tips = [
        _disc(
            tip,
            stamp.family.tip_diameter_mm,
            making.base_mm - _OVERLAP_MM,
            making.base_mm + making.tip_height_mm,
        )
        for tip in solid(stamp.tips)
    ]
    body = _united([base, *tips])
    _serial, mark = engravings(stamp.serial, outline, drawn(stamp.tips), stamp.family.tip_diameter_mm)
    return _engraved(body, stamp, mark, making)


def _engraved(
    body: trimesh.Trimesh,
    stamp: Stamp,
    mark: Engraving | None,
    making: Making,
) -> Solid:
    """Engrave the back of a solid with a serial and a mark, if it stays watertight.

    Parameters
    ----------
    mark : Engraving or None
        In the drawing's frame.
    """
    areas = []
    taken: list[BaseGeometry] = []
    if mark is not None:
        cut = mark.area(making.stroke_mm)
        areas.append(_in_solid(cut))
        taken.append(shapely.transform(cut, drawn))
    back = stamp.family.face.polygon()  # whoever looks at the back sees it as the screen does
    text = place_text(parts_of(stamp.serial), free_area(back, np.zeros((0, 2)), 1.0, *taken))
    if text is not None:
        areas.append(shapely.transform(text.area(making.stroke_mm), solid))
    if areas:
        cut_body = _carved(body, shapely.union_all(areas), -_OVERLAP_MM, making.engraving_mm)
        if is_sound(cut_body):
            return Solid(cut_body, text is not None)
    if not is_sound(body):
        raise DrawingError("the solid is not watertight; tell us the code")
    return Solid(body, serial_engraved=False)


def cut_out(body: trimesh.Trimesh, area: BaseGeometry, low: float, high: float) -> trimesh.Trimesh:
    """Cut an area, in the drawing's frame, out of a solid whose top is at `high`, down to `low`."""
    return _carved(body, _in_solid(area), low, high + _OVERLAP_MM)


def plate_body(
    outline: Polygon, holes: NDArray[np.float64], hole_mm: float, making: Making
) -> trimesh.Trimesh:
    """Return a plate with an outline, in the drawing's frame, and holes (K, 2) through it, in the solid's."""
    plate = _extruded(_in_solid(outline), 0.0, making.base_mm)
    cutters = [_disc(hole, hole_mm, -_OVERLAP_MM, making.base_mm + _OVERLAP_MM) for hole in holes]
    return _without(plate, cutters)


def tip_solid(tip_mm: float, stem_mm: float, making: Making) -> Solid:
    """Return a loose tip, standing on its flat end: a head that touches the screen, and a stem."""
    middle = np.zeros(2)
    head = _disc(middle, tip_mm, 0.0, making.tip_height_mm)
    stem = _disc(
        middle, stem_mm, making.tip_height_mm - min(_OVERLAP_MM, making.tip_height_mm / 2),
        making.tip_height_mm + making.base_mm,
    )  # fmt: skip
    return Solid(_united([head, stem]), serial_engraved=False)


def is_sound(mesh: trimesh.Trimesh) -> bool:
    """Tell whether a mesh encloses a volume: watertight, wound one way, outward."""
    return bool(mesh.is_volume and mesh.volume > 0.0)


def _united(meshes: list[trimesh.Trimesh]) -> trimesh.Trimesh:
    mesh: trimesh.Trimesh = trimesh.boolean.union(meshes, engine=_ENGINE)
    return mesh


def _without(body: trimesh.Trimesh, cutters: list[trimesh.Trimesh]) -> trimesh.Trimesh:
    mesh: trimesh.Trimesh = trimesh.boolean.difference([body, *cutters], engine=_ENGINE)
    return mesh


def _extruded(area: Polygon, low: float, high: float) -> trimesh.Trimesh:
    mesh = trimesh.creation.extrude_polygon(area, high - low, engine=_ENGINE)
    mesh.apply_translation((0.0, 0.0, low))
    return mesh


def _carved(body: trimesh.Trimesh, area: BaseGeometry, low: float, high: float) -> trimesh.Trimesh:
    cutters = [_extruded(part, low, high) for part in shapely.get_parts(area) if isinstance(part, Polygon)]
    return _without(body, cutters)


def _disc(centre: NDArray[np.float64], diameter: float, low: float, high: float) -> trimesh.Trimesh:
    """Return an upright cylinder; a polygon whose corners lie on its circle."""
    turn = 2.0 * np.pi * np.arange(_CIRCLE_SEGMENTS) / _CIRCLE_SEGMENTS
    rim = centre + diameter / 2 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return _extruded(Polygon(rim), low, high)


def _in_solid(area: _Area) -> _Area:
    """Bring an area from the drawing's frame to the solid's."""
    return shapely.transform(area, lambda places: solid(drawn(places)))
