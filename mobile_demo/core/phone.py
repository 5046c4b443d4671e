"""What the app needs of the SDK, and how calls leave the UI thread."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, Protocol

from stampsdk.capture import Press
from stampsdk.client import Card, Coupon, HistoryEntry, Outcome
from stampsdk.protocol import DeviceInfo, Location, LocationError, Purpose, ScreenInfo

__all__ = ["Courier", "Phone", "ThreadCourier"]

_logger = logging.getLogger(__name__)


class Phone(Protocol):
    """The part of `stampsdk.client.PhoneClient` that the app uses."""

    @property
    def pending(self) -> int:
        """Envelopes without an answer."""

    @property
    def recovery_code(self) -> str | None:
        """The code that brings the cards to a new phone, until it was saved."""

    @property
    def store_notice(self) -> str | None:
        """What happened to a damaged store."""

    def press(
        self,
        press: Press,
        *,
        location: Location | None,
        location_error: LocationError | None,
        purpose: Purpose,
        coupon: str | None,
        screen: ScreenInfo,
        device: DeviceInfo,
    ) -> Outcome:
        """Send one press."""

    def use_staff_code(self, code: str, *, location: Location | None) -> Outcome:
        """Use six digits from the staff's screen in place of a press."""

    def read_press(self, press_id: str) -> Outcome:
        """Ask what became of an earlier press."""

    def resume_pending(self) -> tuple[Outcome, ...]:
        """Send unanswered envelopes again."""

    def prefetch_challenges(self, count: int, purpose: Purpose) -> int:
        """Hold challenges ahead."""

    def cards(self) -> tuple[Card, ...]:
        """List the cards."""

    def coupons(self) -> tuple[Coupon, ...]:
        """List the coupons."""

    def history(self) -> tuple[HistoryEntry, ...]:
        """List the bookings."""

    def forget_recovery_code(self) -> None:
        """Forget the code once it was saved."""


class Courier(Protocol):
    """Runs a blocking call elsewhere and brings the result back to the UI thread."""

    def run(
        self, call: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run the call; then ``done(result)`` or ``failed(error)`` on the UI thread."""


class ThreadCourier:
    """One background thread, so that one request is in flight at a time.

    Parameters
    ----------
    post
        Schedules a function on the UI thread; safe to call from any thread.
    """

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="stamp-courier", daemon=True)
        self._thread.start()

    def run(
        self, call: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Queue the call."""

        def job() -> None:
            try:
                result = call()
            except Exception as error:  # noqa: BLE001 - whatever it is, the screen must hear of it
                _logger.info("a call failed: %s", error)
                # Bound here: the name is gone when the UI thread gets to it.
                self._post(lambda error=error: failed(error))  # type: ignore[misc]
            else:
                self._post(lambda: done(result))

        self._jobs.put(job)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Finish what is queued and end the thread."""
        self._jobs.put(None)
        self._thread.join(timeout_s)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
