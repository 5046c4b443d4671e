"""The app: wires state, screens and the SDK; decides nothing itself."""

import logging
from collections.abc import Callable
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.uix.screenmanager import FadeTransition, ScreenManager

from mobile_demo.core.code_entry import CodeEntry
from mobile_demo.core.location import LocationSource
from mobile_demo.core.phone import Courier, Phone, ThreadCourier
from mobile_demo.core.stamping import Stamping
from mobile_demo.core.texts import texts_of
from mobile_demo.core.wallet import Wallet
from mobile_demo.screens import theme
from mobile_demo.screens.code_screen import CodeScreen
from mobile_demo.screens.stamp_screen import StampScreen
from mobile_demo.screens.wallet_screen import WalletScreen
from stampsdk.capture import DetectorSettings, PressDetector
from stampsdk.protocol import DeviceInfo

__all__ = ["StampApp"]

_logger = logging.getLogger(__name__)


def on_ui_thread(function: Callable[[], None]) -> None:
    """Run a function in the next frame; callable from any thread."""
    Clock.schedule_once(lambda _: function(), 0)


class StampApp(App):
    """A stamp screen, a wallet, and a pad for the digits that replace a stamp.

    Parameters
    ----------
    phone
        The SDK's client, or a stand-in.
    locations
        Where the phone is.
    language
        ``ko`` or ``en`` to begin with.
    device
        Described in each press.
    px_per_mm
        The screen's density: for the detector's thresholds.
    claimed_px_per_mm
        The same, as claimed in each press; None where it is only a guess.
    source
        The detector's word for where touches come from.
    courier
        Who calls the SDK; by default one background thread.
    languages
        1 where Korean cannot be drawn, so that there is nothing to switch.
    notice
        Something that the person should know from the start, shown small; "" for nothing.
    """

    title = "Stamp"

    def __init__(
        self,
        *,
        phone: Phone,
        locations: LocationSource,
        language: str,
        device: DeviceInfo,
        px_per_mm: float,
        claimed_px_per_mm: float | None = None,
        source: str = "kivy-sdl",
        courier: Courier | None = None,
        languages: int = 2,
        notice: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.texts = texts_of(language)
        self.courier = courier or ThreadCourier(on_ui_thread)
        self._locations = locations
        self._claimed = claimed_px_per_mm
        self._languages = languages
        self._notice = notice
        # Kivy on SDL 2 reports a cancel as lifts.
        settings = DetectorSettings(px_per_mm=px_per_mm, cancel_is_reported=False)
        self.stamping = Stamping(
            phone=phone,
            courier=self.courier,
            locations=locations,
            detector=PressDetector(settings, source=source),
            texts=self.texts,
            screen=lambda: self.stamp_screen.pad.screen_info(self._claimed),
            device=device,
            changed=self._show_stamp,
        )
        self.code = CodeEntry(done=self.use_code, changed=self._show_code)
        self.wallet = Wallet(phone=phone, courier=self.courier, texts=self.texts, changed=self._show_wallet)

    def build(self) -> ScreenManager:
        """Make the screens."""
        self.stamp_screen = StampScreen(
            name="stamp",
            on_wallet=lambda: self.go("wallet"),
            on_code=lambda: self.go("code"),
            on_language=self.switch_language,
        )
        self.code_screen = CodeScreen(name="code", on_back=lambda: self.go("stamp"))
        self.code_screen.attach(self.code)
        self.wallet_screen = WalletScreen(
            name="wallet",
            on_stamp=lambda: self.go("stamp"),
            on_language=self.switch_language,
            on_use=self.use_coupon,
            on_code_saved=self.wallet.recovery_code_saved,
            on_open=self.wallet.refresh,
        )
        self.stamp_screen.attach(self.stamping)
        self.stamp_screen.languages = self.wallet_screen.languages = self._languages
        self.stamp_screen.ids.notice.text = self._notice
        manager = ScreenManager(transition=FadeTransition(duration=theme.CALM_S / 2, clearcolor=theme.PAPER))
        manager.add_widget(self.stamp_screen)
        manager.add_widget(self.wallet_screen)
        manager.add_widget(self.code_screen)
        self._show_stamp()
        self._show_wallet()
        self._show_code()
        return manager

    def on_start(self) -> None:
        """Listen for the place and hold challenges ahead, after the first frame."""
        Clock.schedule_once(lambda _: self._begin(), 0)

    def on_pause(self) -> bool:
        """Void what is on the glass; the app stays."""
        self.stamp_screen.pad.disturb("pause")
        self._locations.stop()
        return True

    def on_resume(self) -> None:
        """Start with an empty glass."""
        self.stamp_screen.pad.disturb("resume")
        self._locations.start()

    def on_stop(self) -> None:
        """Let go of the glass, the place and the thread."""
        self.stamp_screen.pad.stop()
        self._locations.stop()
        if isinstance(self.courier, ThreadCourier):
            self.courier.stop()

    def go(self, screen: str) -> None:
        """Change the screen."""
        if screen == "stamp":
            self.stamping.begin()
        self.root.current = screen

    def use_coupon(self, coupon_id: str) -> None:
        """Go to the stamp screen to redeem a coupon."""
        coupon = self.wallet.coupon(coupon_id)
        if coupon is not None:
            self.stamping.begin(coupon)
            self.root.current = "stamp"

    def use_code(self, code: str) -> None:
        """Send the digits and go to the stamp screen, which shows what came of them."""
        self.stamping.use_code(code)
        self.root.current = "stamp"

    def switch_language(self) -> None:
        """Change between Korean and English."""
        self.texts = texts_of("en" if self.texts.language == "ko" else "ko")
        self.stamping.use_texts(self.texts)
        self.wallet.use_texts(self.texts)
        self._show_code()

    def _begin(self) -> None:
        self._locations.start()
        self.stamping.prepare()

    def _show_stamp(self) -> None:
        if hasattr(self, "stamp_screen"):
            self.stamp_screen.show(self.stamping.view, self.texts)

    def _show_wallet(self) -> None:
        if hasattr(self, "wallet_screen"):
            self.wallet_screen.show(self.wallet.view, self.texts)

    def _show_code(self) -> None:
        if hasattr(self, "code_screen"):
            self.code_screen.show(self.code, self.texts)
