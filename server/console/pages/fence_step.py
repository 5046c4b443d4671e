"""Step 2: where the shop is: a circle, or corners, on a map where there are tiles, else on a grid."""

from dataclasses import dataclass, field
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from server.console.canvas import Canvas, offsets_m
from server.console.frame import Opened
from server.console.pages.fence_map import draw_map
from server.console.pages.going import go_to
from server.console.widgets import heading, main_button, number, paragraph, side_button
from server.setup.forms import FenceForm
from server.setup.progress import Progress, Step
from server.setup.service import save_fence

_USUAL_RADIUS_M = 60.0
_LEAST_CORNERS = 3
_WIDTHS_M = (100, 200, 500, 1000)
_LOCATE_S = 30.0
_LOCATE = """
return await new Promise(done => {
  if (!navigator.geolocation) return done({error: "none"});
  navigator.geolocation.getCurrentPosition(
    at => done({lat: at.coords.latitude, lon: at.coords.longitude, accuracy: at.coords.accuracy}),
    error => done({error: error.code === 1 ? "denied" : "none"}),
    {enableHighAccuracy: true, timeout: 25000, maximumAge: 10000});
});
"""


@dataclass
class Drawing:
    """What is on the canvas now; `lat` and `lon` None until a place is known."""

    lat: float | None = None
    lon: float | None = None
    radius_m: float = _USUAL_RADIUS_M
    corners: list[tuple[float, float]] = field(default_factory=list)
    width_m: float = 200.0

    @classmethod
    def of(cls, now: Progress) -> "Drawing":
        """Return what the shop's fence is drawn as."""
        shop = now.shop
        if shop is None:
            return cls()
        made = cls(lat=shop.lat, lon=shop.lon, radius_m=shop.radius_m or _USUAL_RADIUS_M)
        if shop.fence["type"] == "Polygon":
            made.corners = [(lat, lon) for lon, lat, *_ in shop.fence["coordinates"][0][:-1]]
        return made


def draw(page: Opened[Progress]) -> None:
    """Draw the step with the fence there is."""
    _FencePage(page).draw()


class _FencePage:
    def __init__(self, page: Opened[Progress]) -> None:
        self.page = page
        self.now = page.found
        self.words = page.words
        self.drawing = Drawing.of(page.found)

    def draw(self) -> None:
        words, drawing = self.words, self.drawing
        main_button(words("fence.here"), self.locate).classes("wide")
        heading(words("fence.by_hand"), level=2)
        with ui.element("div").classes("row-of-fields"):
            self.lat = number(words("fence.lat"), drawing.lat, least=-85, most=85)
            self.lon = number(words("fence.lon"), drawing.lon, least=-180, most=180)
            self.radius = number(words("fence.radius"), drawing.radius_m, least=1, most=2500)
        for made in (self.lat, self.lon, self.radius):
            made.on_value_change(self.typed)
        self.area = ui.element("div").classes("area")
        self.show()
        main_button(words("next"), self.save)

    def show(self) -> None:
        """Draw the map or the canvas anew."""
        words, drawing = self.words, self.drawing
        self.area.clear()
        with self.area:
            if drawing.lat is None or drawing.lon is None:
                paragraph(words("fence.no_place"), kind="empty")
                return
            if self.page.around.settings.map_tiles is not None:
                draw_map(self.page.around.settings, drawing, self.add_corner)
            else:
                self.show_canvas(Canvas(drawing.lat, drawing.lon, drawing.width_m))
            self.show_corners()

    def show_canvas(self, canvas: Canvas) -> None:
        words, drawing = self.words, self.drawing
        paragraph(words("fence.canvas"), kind="soft")
        box = (
            ui.element("div").classes("canvas").props(f'role=img aria-label="{words("fence.canvas.label")}"')
        )
        with box:
            ui.html(
                canvas.draw(words, radius_m=drawing.radius_m, corners=drawing.corners), sanitize=False
            ).classes("canvas-inner")

        def clicked(event: GenericEventArguments) -> None:
            self.add_corner(*canvas.place_at(float(event.args["offsetX"]), float(event.args["offsetY"])))

        box.on("click", clicked, ["offsetX", "offsetY"])
        options = {width: words("fence.width", width=width) for width in _WIDTHS_M}
        width = ui.select(options, value=int(drawing.width_m), label=words("fence.widths"))
        width.props("outlined stack-label dense").classes("field")

        def zoom() -> None:
            drawing.width_m = float(width.value)
            self.show()

        width.on_value_change(zoom)

    def show_corners(self) -> None:
        words, drawing = self.words, self.drawing
        if not drawing.corners or drawing.lat is None or drawing.lon is None:
            return
        heading(words("fence.corners"), level=2)
        with ui.element("ol").classes("corners"):
            for east, north in offsets_m(drawing.lat, drawing.lon, drawing.corners):
                with ui.element("li"):
                    ui.label(
                        words(
                            "fence.corner",
                            east=words(
                                "fence.east" if round(east) >= 0 else "fence.west", metres=f"{abs(east):.0f}"
                            ),
                            north=words(
                                "fence.northward" if round(north) >= 0 else "fence.southward",
                                metres=f"{abs(north):.0f}",
                            ),
                        )
                    )
        if len(drawing.corners) < _LEAST_CORNERS:
            paragraph(words("fence.more_corners"), kind="soft")
        with ui.element("div").classes("buttons"):
            side_button(words("fence.undo_corner"), self.undo_corner)
            side_button(words("fence.circle_again"), self.forget_corners)

    def add_corner(self, lat: float, lon: float) -> None:
        self.drawing.corners.append((lat, lon))
        self.show()

    def undo_corner(self) -> None:
        self.drawing.corners = self.drawing.corners[:-1]
        self.show()

    def forget_corners(self) -> None:
        self.drawing.corners = []
        self.show()

    def typed(self) -> None:
        lat, lon, radius = self.lat.value, self.lon.value, self.radius.value
        if lat is None or lon is None or not (abs(lat) <= 85 and abs(lon) <= 180):  # noqa: PLR2004
            return
        self.drawing.lat, self.drawing.lon = float(lat), float(lon)
        self.drawing.radius_m = float(radius or _USUAL_RADIUS_M)
        self.show()

    async def locate(self) -> None:
        """Take the phone's own place and the usual radius."""
        try:
            found: dict[str, Any] = await ui.run_javascript(_LOCATE, timeout=_LOCATE_S) or {"error": "none"}
        except TimeoutError:
            found = {"error": "none"}
        if "error" in found:
            denied = found["error"] == "denied"
            self.page.tell(self.words("fence.denied" if denied else "fence.not_found"), good=False)
            return
        self.drawing.corners = []
        self.lat.value, self.lon.value = round(found["lat"], 6), round(found["lon"], 6)
        self.radius.value = _USUAL_RADIUS_M
        self.page.tell(self.words("fence.found", metres=f"{found['accuracy']:.0f}"), good=True)

    async def save(self) -> None:
        drawing, around = self.drawing, self.page.around
        if drawing.lat is None or drawing.lon is None:
            self.page.tell(self.words("fence.no_place"), good=False)
            return
        form = FenceForm(drawing.lat, drawing.lon, drawing.radius_m, tuple(drawing.corners))
        saved = await self.page.desk.change(
            lambda session, actor: save_fence(
                session,
                around.clock,
                actor,
                form=form,
                version=self.now.version,
                settings=around.settings,
                shop_id=self.page.chosen.to_set_up,
            )
        )
        if saved is not None:
            go_to(Step.STAMP, saved.value)
