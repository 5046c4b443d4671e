"""What charts are made of. Lengths are in the chart's own units, from its upper left corner."""

from dataclasses import dataclass, replace
from typing import Literal

Tone = Literal["main", "second", "grid", "text", "soft", "level0", "level1", "level2", "level3", "level4"]
"""What a mark is for; the screen's style sheet and the paper give it a colour."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line from one point to another, as (x, y)."""

    start: tuple[float, float]
    end: tuple[float, float]
    tone: Tone = "grid"


@dataclass(frozen=True, slots=True)
class Note:
    """Words with their baseline at (x, y), which is their start, middle or end."""

    x: float
    y: float
    text: str
    size: float
    anchor: Literal["start", "middle", "end"] = "start"
    tone: Tone = "text"


Mark = Box | Line | Note


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of some size; later marks lie on earlier ones."""

    width: float
    height: float
    marks: tuple[Mark, ...]

    def above(self, other: "Chart", gap: float = 0.0) -> "Chart":
        """Return both in one, `other` below."""
        down = self.height + gap
        moved = tuple(_lowered(mark, down) for mark in other.marks)
        return Chart(max(self.width, other.width), down + other.height, self.marks + moved)


def _lowered(mark: Mark, down: float) -> Mark:
    if isinstance(mark, Line):
        return replace(
            mark, start=(mark.start[0], mark.start[1] + down), end=(mark.end[0], mark.end[1] + down)
        )
    return replace(mark, y=mark.y + down)
