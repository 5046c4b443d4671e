"""Drawings and solids from which a workshop makes stamps; needs the extra packages of ``stampsdk[draw]``."""

from stampsdk.codebook.drawing.errors import DrawingError
from stampsdk.codebook.drawing.face_drawing import FaceDrawing, draw_face
from stampsdk.codebook.drawing.making import Making
from stampsdk.codebook.drawing.plate import GridLimits, PlacedCode, Plate, grid_limits, plan_plate
from stampsdk.codebook.drawing.plate_drawing import PlateDrawing, draw_plate, loose_tip, plate_solid
from stampsdk.codebook.drawing.sheet import Sheets, draw_sheets
from stampsdk.codebook.drawing.solid import Solid, stamp_solid
from stampsdk.codebook.drawing.stamp import Stamp, find_stamp, stamp_of

__all__ = [
    "DrawingError",
    "FaceDrawing",
    "GridLimits",
    "Making",
    "PlacedCode",
    "Plate",
    "PlateDrawing",
    "Sheets",
    "Solid",
    "Stamp",
    "draw_face",
    "draw_plate",
    "draw_sheets",
    "find_stamp",
    "grid_limits",
    "loose_tip",
    "plan_plate",
    "plate_solid",
    "stamp_of",
    "stamp_solid",
]
