"""Sheets of A4 as PDF: words in Korean and English, and charts, without any font file.

Korean is set in a font that PDF names and every viewer brings or replaces (``HYGothic-Medium`` of Adobe's
Korean collection, ISO 32000-1, 9.7.5), the rest in Helvetica. So a sheet has a few kilobytes, and its text
can be searched and copied.
"""

import io
import unicodedata
from itertools import groupby
from typing import Any, Final, Literal

from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from server.console.charts.marks import Box, Chart, Line, Mark, Tone

WIDTH: Final = 595.28
HEIGHT: Final = 841.89
"""Of A4, in points."""

_LATIN: Final = "Helvetica"
_KOREAN: Final = "HYGothic-Medium"
_UNKNOWN: Final = "□"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Mn", "Me"})
_COLOURS: Final[dict[Tone, str]] = {
    "main": "#8f5a2a",
    "second": "#1e6b38",
    "grid": "#d8d0c4",
    "text": "#000000",
    "soft": "#4a4038",
    "level0": "#f6f4f0",
    "level1": "#f3e3c8",
    "level2": "#e9cda0",
    "level3": "#dfb277",
    "level4": "#d39654",
}


class Paper:
    """Sheets in the making. Lengths are points, from the upper left corner.

    Parameters
    ----------
    title, language
        As viewers and screen readers are told.
    """

    def __init__(self, title: str, language: str) -> None:
        if _KOREAN not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(_KOREAN))
        self._out = io.BytesIO()
        # Invariant: no time and no random id, so that the same numbers are the same bytes.
        self._canvas: Any = Canvas(self._out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setCatalogEntry("Lang", language)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10,
        *,
        anchor: Literal["start", "middle", "end"] = "start",
        tone: Tone = "text",
    ) -> None:
        """Write words with their baseline at (x, y)."""
        parts = runs(text)
        left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * _width(parts, size)
        line = self._canvas.beginText(left, HEIGHT - y)
        line.setFillColor(HexColor(_COLOURS[tone]))
        for font, part in parts:
            line.setFont(font, size)
            line.textOut(part)
        self._canvas.drawText(line)

    def write_within(self, x: float, y: float, text: str, size: float, *, width: float) -> None:
        """Write words that end in ``…`` where they are wider than `width`."""
        kept = text
        while kept and width_of(kept, size) > width:
            kept = kept[:-1]
        self.write(x, y, text if kept == text else f"{kept[:-1].rstrip()}…", size)

    def write_paragraph(self, x: float, y: float, text: str, size: float, *, width: float) -> None:
        """Write words in lines that are no wider than `width`, broken at blanks."""
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and width_of(longer, size) > width:
                self.write(x, y, line, size, tone="soft")
                y, longer = y + 1.45 * size, word
            line = longer
        self.write(x, y, line, size, tone="soft")

    def rule(self, x: float, y: float, width: float) -> None:
        """Draw a thin line to the right."""
        self._draw(Line((0, 0), (width, 0), "grid"), x, y, 1.0)

    def draw(self, chart: Chart, x: float, y: float) -> None:
        """Draw a chart with its upper left corner at (x, y); its units are points."""
        for mark in chart.marks:
            self._draw(mark, x, y, 1.0)

    def next_sheet(self) -> None:
        """Go on on another sheet."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """Return the file."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def _draw(self, mark: Mark, x: float, y: float, thick: float) -> None:
        colour = HexColor(_COLOURS[mark.tone])
        if isinstance(mark, Box):
            self._canvas.setFillColor(colour)
            left, floor = x + mark.x, HEIGHT - y - mark.y - mark.height
            self._canvas.rect(left, floor, mark.width, mark.height, stroke=0, fill=1)
        elif isinstance(mark, Line):
            self._canvas.setStrokeColor(colour)
            self._canvas.setLineWidth(0.6 * thick)
            (x1, y1), (x2, y2) = mark.start, mark.end
            self._canvas.line(x + x1, HEIGHT - y - y1, x + x2, HEIGHT - y - y2)
        else:
            self.write(x + mark.x, y + mark.y, mark.text, mark.size, anchor=mark.anchor, tone=mark.tone)


def runs(text: str) -> list[tuple[str, str]]:
    """Return the text in parts of one font each; □ for what neither font has, as emoji.

    Composed first, since a Mac gives names with their syllables taken apart; without marks of direction and
    the like, which would be boxes.
    """
    seen = [
        character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) not in _UNSEEN
    ]
    fitted = [(_font_of(character), character) for character in seen]
    known = [(font or _KOREAN, character if font else _UNKNOWN) for font, character in fitted]
    return [(font, "".join(each for _, each in part)) for font, part in groupby(known, lambda one: one[0])]


def width_of(text: str, size: float) -> float:
    """Return how wide the text is, in points."""
    return _width(runs(text), size)


def _width(parts: list[tuple[str, str]], size: float) -> float:
    return float(sum(pdfmetrics.stringWidth(part, font, size) for font, part in parts))


def _font_of(character: str) -> str | None:
    """Return the font that has a character: what Windows' Latin and Korean code pages have, they have."""
    for font, encoding in ((_LATIN, "cp1252"), (_KOREAN, "cp949")):
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            continue
        return font
    return None
