"""A plain canvas for fences: metres around a place, drawn as SVG, without a map or any other host."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.console.texts import Texts
from server.shops.geodesy import metres_per_degree, project

SIDE_PX = 320
"""The canvas on the screen is a square of so many CSS pixels."""

_GRID_LINES = 10
_DIGITS = 7  # of a degree: a centimetre


@dataclass(frozen=True, slots=True)
class Canvas:
    """A square of `width_m` metres a side, with north up, around a place in degrees."""

    lat: float
    lon: float
    width_m: float

    @property
    def px_per_m(self) -> float:
        """Scale."""
        return SIDE_PX / self.width_m

    def place_at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place (latitude, longitude) at a pixel; right to a millimetre within a kilometre."""
        up, across = metres_per_degree(self.lat)
        east, north = (x - SIDE_PX / 2) / self.px_per_m, (SIDE_PX / 2 - y) / self.px_per_m
        return round(self.lat + north / up, _DIGITS), round(self.lon + east / across, _DIGITS)

    def pixel_of(self, lat: float, lon: float) -> tuple[float, float]:
        """Return the pixel of a place."""
        east, north = project([lon, lat], lat=self.lat, lon=self.lon)
        return SIDE_PX / 2 + float(east) * self.px_per_m, SIDE_PX / 2 - float(north) * self.px_per_m

    def draw(self, words: Texts, *, radius_m: float, corners: Sequence[tuple[float, float]]) -> str:
        """Return the canvas as SVG: a grid, the middle, and the circle or what the corners enclose."""
        parts = [_grid(), _middle()]
        if corners:
            points = [self.pixel_of(*corner) for corner in corners]
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polygon class="fence" points="{line}"/>')
            parts += [
                f'<g><circle class="corner" cx="{x:.1f}" cy="{y:.1f}" r="11"/>'
                f'<text x="{x:.1f}" y="{y + 4:.1f}">{at}</text></g>'
                for at, (x, y) in enumerate(points, 1)
            ]
        else:
            half = SIDE_PX / 2
            parts.append(
                f'<circle class="fence" cx="{half}" cy="{half}" r="{radius_m * self.px_per_m:.1f}"/>'
            )
        step_m = self.width_m / _GRID_LINES
        parts.append(
            f'<path class="scale" d="M12,{SIDE_PX - 12} h{SIDE_PX / _GRID_LINES}"/>'
            f'<text class="scale" x="12" y="{SIDE_PX - 18}">{step_m:g} m</text>'
            f'<text class="scale" x="{SIDE_PX - 22}" y="20">{words("fence.north")}</text>'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE_PX} {SIDE_PX}" width="{SIDE_PX}" '
            f'height="{SIDE_PX}" aria-hidden="true">{"".join(parts)}</svg>'
        )


def offsets_m(lat: float, lon: float, corners: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return corners (latitude, longitude) as metres east and north of a place."""
    if not corners:
        return []
    flat = project([[east, north] for north, east in corners], lat=lat, lon=lon)
    return [(float(east), float(north)) for east, north in flat]


def _grid() -> str:
    step = SIDE_PX / _GRID_LINES
    lines = "".join(
        f"M{at * step:.0f},0 V{SIDE_PX} M0,{at * step:.0f} H{SIDE_PX} " for at in range(_GRID_LINES + 1)
    )
    return f'<path class="grid" d="{lines}"/>'


def _middle() -> str:
    half = SIDE_PX / 2
    return f'<path class="middle" d="M{half - 8},{half} h16 M{half},{half - 8} v16"/>'
