"""The wallet screen's state: cards, coupons and history, fetched off the UI thread."""

from collections.abc import Callable
from dataclasses import dataclass

from mobile_demo.core.phone import Courier, Phone
from mobile_demo.core.texts import Texts
from mobile_demo.core.views import CardView, CouponView, HistoryRow, card_view, coupon_view, history_row
from stampsdk.client import Card, Coupon, HistoryEntry, TransportError

__all__ = ["Wallet", "WalletView"]

_MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class WalletView:
    """What the wallet shows; usable coupons come first.

    Attributes
    ----------
    message
        Loading, or why there is nothing new to show; "" when all is well.
    recovery_code
        To be written down by the person, or "".
    """

    cards: tuple[CardView, ...]
    coupons: tuple[CouponView, ...]
    history: tuple[HistoryRow, ...]
    message: str
    recovery_code: str


class Wallet:
    """Fetches the wallet and says what to show; what was shown before stays until something newer comes.

    Parameters
    ----------
    phone, courier
        The SDK's client, and who calls it off the UI thread.
    texts
        The app's words.
    changed
        Called whenever `view` has something new to show.
    """

    def __init__(self, *, phone: Phone, courier: Courier, texts: Texts, changed: Callable[[], None]) -> None:
        self._phone = phone
        self._courier = courier
        self._texts = texts
        self._changed = changed
        self._cards: tuple[Card, ...] = ()
        self._coupons: tuple[Coupon, ...] = ()
        self._history: tuple[HistoryEntry, ...] = ()
        self._recovery_code = ""
        self._loading = False
        self._error: Exception | None = None

    def refresh(self) -> None:
        """Fetch everything; a second call while the first is under way does nothing."""
        if self._loading:
            return
        self._loading, self._error = True, None
        self._courier.run(self._fetch, self._fetched, self._failed)
        self._changed()

    def coupon(self, coupon_id: str) -> Coupon | None:
        """Give the coupon that a view named."""
        return next((coupon for coupon in self._coupons if coupon.id == coupon_id), None)

    def recovery_code_saved(self) -> None:
        """Forget the recovery code: the person has it."""
        self._recovery_code = ""
        self._courier.run(self._phone.forget_recovery_code, lambda _: None, lambda _: None)
        self._changed()

    def use_texts(self, texts: Texts) -> None:
        """Speak another language from now on."""
        self._texts = texts
        self._changed()

    @property
    def view(self) -> WalletView:
        """What to show now."""
        words = self._texts
        message = ""
        if self._error is not None:
            offline = isinstance(self._error, TransportError)
            message = words.offline if offline else str(self._error)
        elif self._loading and not self._cards:
            message = words.loading
        coupons = [coupon_view(coupon, words) for coupon in self._coupons]
        return WalletView(
            cards=tuple(card_view(card, words) for card in self._cards),
            coupons=tuple(sorted(coupons, key=lambda coupon: not coupon.usable)),
            history=tuple(history_row(entry, words) for entry in self._history[:_MOST_ROWS]),
            message=message,
            recovery_code=self._recovery_code,
        )

    def _fetch(self) -> tuple[tuple[Card, ...], tuple[Coupon, ...], tuple[HistoryEntry, ...], str]:
        phone = self._phone
        return phone.cards(), phone.coupons(), phone.history(), phone.recovery_code or ""

    def _fetched(
        self, found: tuple[tuple[Card, ...], tuple[Coupon, ...], tuple[HistoryEntry, ...], str]
    ) -> None:
        self._cards, self._coupons, self._history, self._recovery_code = found
        self._loading = False
        self._changed()

    def _failed(self, error: Exception) -> None:
        self._loading, self._error = False, error
        self._changed()
