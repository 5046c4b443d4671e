"""Writing SVG in millimetres: groups by what a workshop does, numbers to a tenth of a micrometre."""

import xml.etree.ElementTree as ET

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from stampsdk.codebook.drawing._letters import Strokes

_NAMESPACE = "http://www.w3.org/2000/svg"
_INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"
_LINE_MM = 0.1
_STYLES = {
    "cut": {"fill": "none", "stroke": "#ff0000"},
    "engrave": {
        "fill": "none",
        "stroke": "#0000ff",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
    },
    "tips": {"fill": "#d9d9d9", "stroke": "#000000"},
    "note": {"fill": "none", "stroke": "#4d7a4d"},
}
_INK = "#2f4f2f"


class Page:
    """A page in millimetres, its origin the upper left corner, y down.

    Four groups lie on it: `cut` (red), `engrave` (blue), `tips` (black and grey; where the conductive tips
    are) and `note` (green; nothing a machine does). They are layers for Inkscape, and colours tell them apart
    for programs that drive lasers.

    Parameters
    ----------
    width_mm, height_mm : float
    title, description : str
    """

    def __init__(self, width_mm: float, height_mm: float, title: str, description: str) -> None:
        self._root = ET.Element(
            "svg",
            {
                "xmlns": _NAMESPACE,
                "xmlns:inkscape": _INKSCAPE,
                "width": f"{number(width_mm)}mm",
                "height": f"{number(height_mm)}mm",
                "viewBox": f"0 0 {number(width_mm)} {number(height_mm)}",
            },
        )
        ET.SubElement(self._root, "title").text = title
        ET.SubElement(self._root, "desc").text = description
        self._groups = {}
        for name in ("tips", "cut", "engrave", "note"):
            layer = {"id": name, "inkscape:groupmode": "layer", "inkscape:label": name}
            style = _STYLES[name] | {"stroke-width": number(_LINE_MM)}
            self._groups[name] = ET.SubElement(self._root, "g", layer | style)

    def polygon(self, group: str, outline: Polygon, at: NDArray[np.float64]) -> None:
        """Draw the outline of a polygon, moved by `at`."""
        corners = np.asarray(outline.exterior.coords)[:-1] + at
        ET.SubElement(self._groups[group], "path", {"class": "outline", "d": f"{_path(corners)} Z"})

    def disc(self, group: str, centre: NDArray[np.float64], diameter_mm: float, name: str) -> None:
        """Draw a disc; its name is its `id`."""
        x, y = centre
        ET.SubElement(
            self._groups[group],
            "circle",
            {"id": name, "cx": number(x), "cy": number(y), "r": number(diameter_mm / 2)},
        )

    def strokes(self, group: str, strokes: Strokes, at: NDArray[np.float64], kind: str) -> None:
        """Draw strokes, moved by `at`, as one path of some class."""
        line = " ".join(_path(stroke + at) for stroke in strokes)
        ET.SubElement(self._groups[group], "path", {"class": kind, "d": line})

    def line(self, *corners: tuple[float, float], dashes: str = "") -> None:
        """Draw a line among the notes."""
        more = {"stroke-dasharray": dashes} if dashes else {}
        ET.SubElement(self._groups["note"], "path", {"d": _path(np.array(corners))} | more)

    def text(self, place: tuple[float, float], text: str, *, size: float = 3.0, anchor: str = "start",
             kind: str = "note", turn: float = 0.0) -> None:  # fmt: skip
        """Write a note; `anchor` is "start", "middle" or "end" of it, on its base line."""
        x, y = number(place[0]), number(place[1])
        look = {
            "class": kind,
            "x": x,
            "y": y,
            "font-family": "Arial, Helvetica, sans-serif",
            "font-size": number(size),
            "text-anchor": anchor,
            "fill": _INK,
            "stroke": "none",
        }
        if turn:
            look["transform"] = f"rotate({number(turn)} {x} {y})"
        ET.SubElement(self._groups["note"], "text", look).text = text

    def arrow(self, tail: tuple[float, float], tip: tuple[float, float], *, both: bool = False) -> None:
        """Draw an arrow among the notes, with a head at its other end too if asked."""
        self.line(tail, tip)
        for end, start in ((tip, tail), (tail, tip))[: 2 if both else 1]:
            away = np.array(start) - end
            away = away / np.hypot(*away)
            across = np.array([-away[1], away[0]])
            head = np.array([end + 1.6 * away + 0.4 * across, end, end + 1.6 * away - 0.4 * across])
            ET.SubElement(self._groups["note"], "path", {"d": f"{_path(head)} Z", "fill": _INK})

    def to_bytes(self) -> bytes:
        """Return the file: XML, UTF-8."""
        ET.indent(self._root)
        text: bytes = ET.tostring(self._root, encoding="utf-8", xml_declaration=True)
        return text + b"\n"


def number(value: float) -> str:
    """Return a length as text, to a tenth of a micrometre."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _path(corners: NDArray[np.float64]) -> str:
    return "M " + " L ".join(f"{number(x)} {number(y)}" for x, y in corners)
