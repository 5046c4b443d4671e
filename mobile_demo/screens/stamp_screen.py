"""The stamp screen: the whole surface takes the stamp."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.animation import Animation
from kivy.graphics import (
    Color,
    InstructionGroup,
    Line,
    PopMatrix,
    PushMatrix,
    Scale,
    SmoothEllipse,
    Translate,
)
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.screenmanager import Screen
from kivy.uix.widget import Widget

from mobile_demo.core.stamping import Phase, Stamping, StampView
from mobile_demo.core.texts import Texts
from mobile_demo.core.views import CardView
from mobile_demo.screens import theme
from mobile_demo.screens.capture_pad import CapturePad
from mobile_demo.screens.widgets import StampRow, Words, draw_bean

__all__ = ["StampScreen", "Target"]

_WAITING = {Phase.READY, Phase.FEELING, Phase.UNCLEAR}
_LOW = 0.5
_AWAY = 10_000
_DASHES = 36


class Target(Widget):
    """Where to press: a dashed ring that breathes while it waits."""

    breath = NumericProperty(0.0)
    calling = BooleanProperty(defaultvalue=False)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._place, self._scale, self._disc = Translate(), Scale(), Color(*theme.PAPER_DEEP)
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)
        self._breathing: Animation | None = None

    def on_calling(self, _: Any, calling: bool) -> None:
        """Breathe, or rest: while something is on the glass, every frame belongs to the touches."""
        if self._breathing is not None:
            self._breathing.cancel(self)
            self._breathing = None
        if calling:
            out, back = (Animation(breath=to, d=1.8, t="in_out_sine") for to in (1.0, 0.0))
            self._breathing = out + back
            self._breathing.repeat = True
            self._breathing.start(self)

    def on_breath(self, _: Any, breath: float) -> None:
        """Breathe by two numbers; nothing is drawn anew."""
        self._scale.xyz = (0.96 + 0.04 * breath,) * 2 + (1.0,)
        self._disc.a = 0.55 + 0.45 * breath

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        radius = self.width / 2
        # Not `center`: an alias may still be the old one while pos and size are told.
        self._place.xy = (self.x + radius, self.y + radius)
        group = InstructionGroup()
        group.add(PushMatrix())
        group.add(self._place)
        group.add(self._scale)
        group.add(self._disc)
        group.add(SmoothEllipse(pos=(-radius, -radius), size=(2 * radius, 2 * radius)))
        group.add(Color(*theme.CARAMEL))
        for k in range(_DASHES):
            start = 360 / _DASHES * k
            group.add(Line(circle=(0, 0, radius, start, start + 5.6), width=dp(1.3), cap="round"))
        draw_bean(group, 0, 0, radius * 0.2, body=theme.LINE, groove=theme.PAPER)
        group.add(PopMatrix())
        self.canvas.add(group)
        self.on_breath(self, self.breath)


class StampScreen(Screen):
    """Shows a `StampView`; hands touches to the pad, and button presses to the app."""

    languages = NumericProperty(2)
    """How many languages can be shown; with one there is nothing to switch."""
    sheet_at_top = BooleanProperty(defaultvalue=False)
    """Where the sheet lies: always where the mark under the stamp is not."""
    sheet_shift = NumericProperty(0)
    sheet_opacity = NumericProperty(0)

    def __init__(
        self,
        *,
        on_wallet: Callable[[], None],
        on_code: Callable[[], None],
        on_language: Callable[[], None],
        **options: Any,
    ) -> None:
        self.on_wallet = on_wallet
        self.on_code = on_code
        self.on_language = on_language
        self._stamping: Stamping | None = None
        self._shown: tuple[Phase, CardView | None, str] | None = None
        super().__init__(**options)

    @property
    def pad(self) -> CapturePad:
        """The capture surface."""
        return self.ids.pad

    def attach(self, stamping: Stamping) -> None:
        """Connect the state."""
        self._stamping = stamping
        self.pad.sink = stamping

    def on_enter(self, *_: Any) -> None:
        """Listen to the glass while this screen is shown."""
        self.pad.start()

    def on_leave(self, *_: Any) -> None:
        """Stop listening."""
        self.pad.stop()

    def on_action(self) -> None:
        """Do what the sheet's button says."""
        if self._stamping is not None:
            self._stamping.act()

    def show(self, view: StampView, texts: Texts) -> None:
        """Show the state."""
        ids = self.ids
        ids.title.text = texts.app
        ids.wallet.text = texts.wallet
        ids.code.text = texts.code
        ids.language.text = texts.other_language if self.languages > 1 else ""
        ids.mark.show_contacts(view.contacts)
        ids.mark.ink = view.ink
        waiting = view.phase in _WAITING
        ids.headline.text = view.headline if waiting else ""
        ids.headline.color = theme.ESPRESSO if view.phase is Phase.READY else theme.TONES[view.phase.value]
        ids.sentence.text = view.sentence if waiting and not view.action else ""
        ids.target.opacity = 1 if waiting and view.ink is None else 0
        ids.target.calling = view.phase is Phase.READY and not view.contacts
        self._show_sheet(view, shown=not waiting or bool(view.action))

    def _show_sheet(self, view: StampView, *, shown: bool) -> None:
        ids = self.ids
        ids.progress.busy = view.phase is Phase.SENDING
        now = (view.phase, view.card, view.headline)
        if not shown:
            self._shown, self.sheet_at_top = None, False
            Animation.cancel_all(self, "sheet_opacity", "sheet_shift")
            self.sheet_opacity, self.sheet_shift = 0, _AWAY
            return
        offering = view.phase is Phase.READY
        ids.result.text = view.coupon if offering else view.headline
        ids.result.color = theme.SAGE if offering else theme.TONES[view.phase.value]
        ids.reason.text = view.sentence
        ids.action.filled = not offering
        ids.action.text = view.action
        if now != self._shown:
            self._show_card(view)
            self._raise_sheet(view, fresh=self._shown is None)
        self._shown = now

    def _show_card(self, view: StampView) -> None:
        box = self.ids.card
        box.clear_widgets()
        if view.coupon and view.phase is Phase.ACCEPTED:
            box.add_widget(Words(text=view.coupon, bold=True, font_size="20sp", color=theme.SAGE))
        if view.card is not None:
            box.add_widget(Words(text=view.card.shop, bold=True, font_size="19sp"))
            row = StampRow(stamps=view.card.stamps, required=view.card.required)
            box.add_widget(row)
            box.add_widget(Words(text=view.card.note, color=theme.MOCHA, font_size="16sp"))
            row.grow()

    def _raise_sheet(self, view: StampView, *, fresh: bool) -> None:
        """Bring the sheet in from the side of the screen where the mark is not."""
        self.sheet_at_top = view.ink is not None and view.ink.centre[1] > self.height * _LOW
        Animation.cancel_all(self, "sheet_opacity", "sheet_shift")
        if fresh:
            self.sheet_shift = dp(28)
        Animation(sheet_opacity=1, sheet_shift=0, d=theme.CALM_S, t="out_quad").start(self)


Builder.load_file(str(Path(__file__).with_name("stamp_screen.kv")))
