"""A fence on a map of a tile server that the settings name (Leaflet, which comes with NiceGUI)."""

from collections.abc import Callable, Sequence
from typing import Protocol

from nicegui import ui
from nicegui.events import GenericEventArguments

from server.settings import Settings

_ZOOM = 17
_INK = {"color": "#9c2817", "weight": 2}


class Shape(Protocol):
    """What is drawn: `server.console.pages.fence_step.Drawing`."""

    lat: float | None
    lon: float | None
    radius_m: float
    corners: list[tuple[float, float]]


def draw_map(settings: Settings, shape: Shape, add_corner: Callable[[float, float], None]) -> None:
    """Draw the map; a click on it is a corner."""
    if shape.lat is None or shape.lon is None or settings.map_tiles is None:
        raise ValueError("a map needs a place and tiles")
    # Attribution is text: Leaflet would take it as HTML.
    plain = settings.map_attribution.replace("&", "&amp;").replace("<", "&lt;")
    made = ui.leaflet(center=(shape.lat, shape.lon), zoom=_ZOOM, options={"attributionControl": True})
    made.classes("map")
    made.clear_layers()  # NiceGUI's own choice of a tile server, before anything was asked of it
    made.tile_layer(url_template=settings.map_tiles, options={"attribution": plain, "maxZoom": 20})
    if shape.corners:
        made.generic_layer(name="polygon", args=[_latlngs(shape.corners), _INK])
        for lat, lon in shape.corners:
            made.generic_layer(name="circleMarker", args=[[lat, lon], {**_INK, "radius": 7}])
    else:
        made.generic_layer(name="circle", args=[[shape.lat, shape.lon], {**_INK, "radius": shape.radius_m}])

    def clicked(event: GenericEventArguments) -> None:
        at = event.args["latlng"]
        add_corner(float(at["lat"]), float(at["lng"]))

    made.on("map-click", clicked)


def _latlngs(corners: Sequence[tuple[float, float]]) -> list[list[float]]:
    return [[lat, lon] for lat, lon in corners]
