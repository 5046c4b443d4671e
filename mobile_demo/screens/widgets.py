"""Small widgets that both screens use: words, pills, the row of stamps, the mark under the stamp."""

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kivy.animation import Animation
from kivy.graphics import (
    Color,
    Ellipse,
    InstructionGroup,
    Line,
    PopMatrix,
    PushMatrix,
    Rotate,
    SmoothEllipse,
    SmoothLine,
)
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from mobile_demo.core.ink import Ink, InkTone
from mobile_demo.screens import theme
from stampsdk.capture import Contact

__all__ = ["InkMark", "PillButton", "Progress", "StampRow", "Words"]

_PER_ROW = 5


class Words(Label):
    """Text that wraps and takes the height it needs."""


class PillButton(ButtonBehavior, Label):
    """A button; ``filled`` for the one thing to do, plain for the others."""

    filled = BooleanProperty(defaultvalue=True)


def _apart(one: tuple[float, float], two: tuple[float, float]) -> bool:
    return math.dist(one, two) > dp(4)


def _round(x: float, y: float, radius: float) -> dict[str, tuple[float, float]]:
    return {"pos": (x - radius, y - radius), "size": (2 * radius, 2 * radius)}


def draw_mark(group: InstructionGroup, x: float, y: float, radius: float, turn: float) -> None:
    """Draw an inked café mark: a disc, a thin inner ring and a coffee bean, turned by degrees."""
    group.add(Color(*theme.INK))
    group.add(SmoothEllipse(**_round(x, y, radius)))
    group.add(Color(*theme.MILK[:3], 0.9))
    group.add(SmoothLine(circle=(x, y, radius * 0.8), width=max(1.0, radius * 0.035)))
    group.add(PushMatrix())
    group.add(Rotate(angle=turn, origin=(x, y)))
    draw_bean(group, x, y, radius * 0.46, body=theme.MILK, groove=theme.INK)
    group.add(PopMatrix())


def draw_bean(group: InstructionGroup, x: float, y: float, length: float, *, body: Any, groove: Any) -> None:
    """Draw a coffee bean of this half length, lying along x."""
    group.add(Color(*body))
    group.add(SmoothEllipse(pos=(x - length, y - length * 0.68), size=(2 * length, 1.36 * length)))
    group.add(Color(*groove))
    line = bean_groove(x, y, length)
    group.add(Line(points=line, width=max(1.0, length * 0.09), cap="round", joint="round"))


def bean_groove(x: float, y: float, length: float) -> list[float]:
    """Return the line along a bean of this half length, as x and y in turn."""
    points = []
    for step in range(17):
        along = -0.86 + 1.72 * step / 16
        points += [x + along * length, y + math.sin(along * math.pi) * length * 0.16]
    return points


class StampRow(Widget):
    """A card's stamps as round inked marks, five a row; free places are fine rings, the last the reward's."""

    stamps = NumericProperty(0)
    required = NumericProperty(0)
    newest = BooleanProperty(defaultvalue=False)
    """Whether the last mark is the one just made: it grows into its place."""
    growth = NumericProperty(1.0)

    def __init__(self, **options: Any) -> None:
        super().__init__(size_hint_y=None, **options)
        for name in ("pos", "size", "stamps", "required", "growth"):
            self.fbind(name, self._draw)
        self.fbind("width", self._fit)
        self.fbind("required", self._fit)

    def grow(self) -> None:
        """Let the newest mark arrive."""
        self.newest, self.growth = True, 0.2
        Animation(growth=1.0, d=theme.CALM_S, t="out_back").start(self)

    def _places(self) -> tuple[int, float, float]:
        """Give marks a row, their spacing and their radius."""
        a_row = max(1, min(_PER_ROW, int(self.required)))
        step = min(self.width / a_row, dp(76))
        return a_row, step, step * 0.41

    def _fit(self, *_: Any) -> None:
        a_row, step, _radius = self._places()
        self.height = step * max(1, math.ceil(self.required / a_row))

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        a_row, step, radius = self._places()
        turns = random.Random(int(self.required))
        for place in range(int(self.required)):
            x = self.x + step * (place % a_row) + step / 2
            y = self.y + self.height - step * (place // a_row) - step / 2
            turn = turns.uniform(-50, 50)
            group = InstructionGroup()
            if place < self.stamps:
                last = self.newest and place == self.stamps - 1
                draw_mark(group, x, y, radius * (self.growth if last else 1.0), turn)
            else:
                self._draw_free(group, x, y, radius, reward=place == self.required - 1)
            self.canvas.add(group)

    def _draw_free(self, group: InstructionGroup, x: float, y: float, radius: float, *, reward: bool) -> None:
        group.add(Color(*(theme.PAPER_DEEP if reward else theme.PAPER)))
        group.add(SmoothEllipse(**_round(x, y, radius)))
        group.add(Color(*(theme.CARAMEL if reward else theme.LINE)))
        group.add(SmoothLine(circle=(x, y, radius), width=dp(1.2)))
        if reward:
            group.add(PushMatrix())
            group.add(Rotate(angle=35, origin=(x, y)))
            draw_bean(group, x, y, radius * 0.42, body=theme.CARAMEL, groove=theme.PAPER_DEEP)
            group.add(PopMatrix())


class InkMark(Widget):
    """The mark under the stamp: rings turned as the stamp was, a blot at each tip."""

    ink = ObjectProperty(None, allownone=True)
    strength = NumericProperty(0.0)
    """How dark the ink is, 0 to 1; it moves calmly towards what the tone asks for."""
    contacts = ObjectProperty(())
    """Places (x, y) in px, y down, as drawn; see `show_contacts`."""

    _STRENGTHS = {InkTone.FRESH: 0.42, InkTone.SOLID: 1.0, InkTone.FADED: 0.26}  # noqa: RUF012 - never changed

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._colours: list[tuple[Color, float]] = []
        for name in ("contacts", "size", "pos"):
            self.fbind(name, self._draw)

    def on_ink(self, _: Any, ink: Ink | None) -> None:
        """Show a mark at once, and let its tone follow."""
        Animation.cancel_all(self, "strength")
        self._draw()
        if ink is None:
            self.strength = 0.0
        elif ink.tone is InkTone.FRESH:
            # At once: the mark must be there when the stamp is lifted.
            self.strength = self._STRENGTHS[ink.tone]
        else:
            Animation(strength=self._STRENGTHS[ink.tone], d=theme.CALM_S, t="out_quad").start(self)

    def show_contacts(self, contacts: Sequence[Contact]) -> None:
        """Show what is on the glass; a trembling of less than a few px is not drawn anew."""
        places = tuple((contact.x, contact.y) for contact in contacts)
        drawn = self.contacts
        if len(places) != len(drawn) or any(map(_apart, places, drawn)):
            self.contacts = places

    def on_strength(self, _: Any, strength: float) -> None:
        """Darken or pale by the colours alone; nothing is drawn anew."""
        for colour, share in self._colours:
            colour.a = share * strength

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        self._colours.clear()
        with self.canvas:
            if self.ink is not None:
                self._draw_ink(self.ink)
            else:
                Color(*theme.CARAMEL[:3], 0.35)
                for x, y in self.contacts:
                    Ellipse(**_round(x, self._up(y), dp(15)))

    def _up(self, y_down: float) -> float:
        """Turn y down into Kivy's y up; the mark's surface is the whole window."""
        return self.height - 1 - y_down

    def _colour(self, ink: Ink, share: float) -> None:
        rgb = (theme.SLATE if ink.tone is InkTone.FADED else theme.INK)[:3]
        self._colours.append((Color(*rgb, share * self.strength), share))

    def _draw_ink(self, ink: Ink) -> None:
        x, y = ink.centre[0], self._up(ink.centre[1])
        self._colour(ink, 0.12)
        SmoothEllipse(**_round(x, y, ink.radius))
        self._colour(ink, 1.0)
        SmoothLine(circle=(x, y, ink.radius), width=dp(3.2))
        SmoothLine(circle=(x, y, ink.radius * 0.91), width=dp(1.1))
        PushMatrix()
        Rotate(angle=math.degrees(ink.angle), origin=(x, y))
        for half in (0, 180):
            Line(circle=(x, y, ink.radius * 0.80, half + 22, half + 158), width=dp(1.4), cap="round")
        # The notch on the rim points where the stamp's farthest tip lies, so that the turn shows.
        SmoothEllipse(**_round(x + ink.radius * 0.955, y, dp(5.5)))
        self._draw_bean(ink, x, y)
        PopMatrix()

    def _draw_bean(self, ink: Ink, x: float, y: float) -> None:
        # A bean and no tips: a photograph of the screen must not give the pattern away.
        length = ink.radius * 0.5
        self._colour(ink, 1.0)
        SmoothEllipse(pos=(x - length, y - length * 0.68), size=(2 * length, 1.36 * length))
        Color(*theme.PAPER[:3], 1.0)
        Line(points=bean_groove(x, y, length), width=length * 0.06, cap="round", joint="round")


class Progress(Widget):
    """A thin bar along which a stroke of ink travels while the server is asked."""

    busy = BooleanProperty(defaultvalue=False)
    place = NumericProperty(0.0)

    def __init__(self, **options: Any) -> None:
        super().__init__(size_hint_y=None, height=dp(5), **options)
        for name in ("pos", "size", "place"):
            self.fbind(name, self._draw)

    def on_busy(self, _: Any, busy: bool) -> None:
        """Move, or come to rest."""
        Animation.cancel_all(self, "place")
        self.place = 0.0
        if busy:
            travel = Animation(place=1.0, d=1.1, t="in_out_sine") + Animation(
                place=0.0, d=1.1, t="in_out_sine"
            )
            travel.repeat = True
            travel.start(self)
        self._draw()

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        if not self.busy:
            return
        with self.canvas:
            Color(*theme.PAPER_DEEP)
            y = self.y + self.height / 2
            Line(points=[self.x, y, self.x + self.width, y], width=dp(2), cap="round")
            Color(*theme.INK)
            stroke = self.width * 0.3
            start = self.x + (self.width - stroke) * self.place
            Line(points=[start, y, start + stroke, y], width=dp(2), cap="round")


Builder.load_file(str(Path(__file__).with_name("widgets.kv")))
