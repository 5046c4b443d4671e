"""The wallet screen: cards, coupons, history."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.factory import Factory
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import Screen
from kivy.uix.widget import Widget

from mobile_demo.core.texts import Texts
from mobile_demo.core.wallet import WalletView
from mobile_demo.screens import theme
from mobile_demo.screens.widgets import Words

__all__ = ["CardPanel", "CouponPanel", "HistoryLine", "RecoveryPanel", "WalletScreen"]


class CardPanel(Factory.Panel):
    """One card."""

    shop = StringProperty()
    program = StringProperty()
    note = StringProperty()
    stamps = NumericProperty(0)
    required = NumericProperty(0)


class CouponPanel(BoxLayout):
    """One coupon, as a ticket."""

    coupon_id = StringProperty()
    reward = StringProperty()
    shop = StringProperty()
    note = StringProperty()
    use = StringProperty()
    usable = BooleanProperty(defaultvalue=False)
    when_used = ObjectProperty(None)


class HistoryLine(BoxLayout):
    """One booking."""

    what = StringProperty()
    shop = StringProperty()
    when = StringProperty()


class RecoveryPanel(Factory.Panel):
    """The recovery code, until the person has saved it."""

    title = StringProperty()
    code = StringProperty()
    detail = StringProperty()
    saved = StringProperty()
    when_saved = ObjectProperty(None)


class WalletScreen(Screen):
    """Shows a `WalletView`; hands button presses to the app."""

    languages = NumericProperty(2)
    """How many languages can be shown; with one there is nothing to switch."""

    def __init__(
        self,
        *,
        on_stamp: Callable[[], None],
        on_language: Callable[[], None],
        on_use: Callable[[str], None],
        on_code_saved: Callable[[], None],
        on_open: Callable[[], None],
        **options: Any,
    ) -> None:
        self.on_stamp = on_stamp
        self.on_language = on_language
        self._on_use = on_use
        self._on_code_saved = on_code_saved
        self._on_open = on_open
        super().__init__(**options)

    def on_pre_enter(self, *_: Any) -> None:
        """Ask for what is new."""
        self._on_open()

    def show(self, view: WalletView, texts: Texts) -> None:
        """Show the state."""
        self.ids.title.text = texts.wallet
        self.ids.stamp.text = texts.stamp
        self.ids.language.text = texts.other_language if self.languages > 1 else ""
        rows = self.ids.list
        rows.clear_widgets()
        if view.message:
            rows.add_widget(Words(text=view.message, color=theme.MOCHA))
        if view.recovery_code:
            rows.add_widget(self._recovery(view.recovery_code, texts))
        for card in view.cards:
            rows.add_widget(
                CardPanel(
                    shop=card.shop,
                    program=card.program,
                    note=card.note,
                    stamps=card.stamps,
                    required=card.required,
                )
            )
        if not view.cards and not view.message:
            rows.add_widget(Words(text=texts.no_cards, color=theme.MOCHA))
        self._list(rows, texts.coupons, texts.no_coupons, [self._coupon(c, texts) for c in view.coupons])
        history = [HistoryLine(what=row.what, shop=row.shop, when=row.when) for row in view.history]
        self._list(rows, texts.history, texts.no_history, history)

    def _list(self, rows: Widget, title: str, nothing: str, widgets: list[Widget]) -> None:
        rows.add_widget(Factory.Section(text=title))
        for widget in widgets or [Words(text=nothing, color=theme.MOCHA)]:
            rows.add_widget(widget)

    def _coupon(self, coupon: Any, texts: Texts) -> Widget:
        return CouponPanel(
            coupon_id=coupon.id,
            reward=coupon.reward,
            shop=coupon.shop,
            note=coupon.note,
            use=texts.use_coupon,
            usable=coupon.usable,
            when_used=self._on_use,
        )

    def _recovery(self, code: str, texts: Texts) -> Widget:
        return RecoveryPanel(
            title=texts.recovery,
            code=code,
            detail=texts.recovery_detail,
            saved=texts.recovery_saved,
            when_saved=self._on_code_saved,
        )


Builder.load_file(str(Path(__file__).with_name("wallet_screen.kv")))
