"""`PhoneClient`: what an app embeds."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

import requests

from stampsdk.capture import Press
from stampsdk.client import _json
from stampsdk.client.challenges import MOST_AT_ONCE, Challenges
from stampsdk.client.errors import AnswerError, ClientError
from stampsdk.client.identity import Identity
from stampsdk.client.models import Card, Coupon, Customer, HistoryEntry, Outcome, Verdict
from stampsdk.client.outbox import Outbox
from stampsdk.client.receipts import ReceiptKeys
from stampsdk.client.runtime import RetryPolicy, Runtime
from stampsdk.client.staff_code import send_staff_code
from stampsdk.client.store import FileStore
from stampsdk.client.surface import report_press, surface_of
from stampsdk.client.transport import Transport
from stampsdk.factors import FactorEvidence
from stampsdk.protocol import (
    Algorithm,
    DeviceInfo,
    Location,
    LocationError,
    PressReport,
    Purpose,
    Receipt,
    ScreenInfo,
    build_envelope,
)

__all__ = ["PhoneClient"]

_APP: Final = "stampsdk-python/1"
_PAGE: Final = 100
_MOST_PAGES: Final = 50
_Item = TypeVar("_Item")


class PhoneClient:
    """A phone's side of the press protocol.

    Calls block; an app makes them off its UI thread. They may come from any thread: one is in flight at a
    time. The device enrols when it is first needed.

    Parameters
    ----------
    base_url
        The server, ``https://…``.
    publishable_key
        The partner's key for apps, ``pk_…``.
    store
        The file (or folder) where the device's key and unanswered presses are kept, private to its owner.
    algorithm
        ES256 where the ``cryptography`` package can be imported, else HS256; or as given.
    model
        What the person may know the device by.
    app
        The capture program's name and version, sent with a press.
    session
        A `requests.Session` to use, for instance with a certificate of its own in ``session.verify``.
    policy, runtime
        Patience, and where time and chance come from.

    Raises
    ------
    ValueError
        When the address or the key cannot be one.
    """

    def __init__(
        self,
        base_url: str,
        publishable_key: str,
        *,
        store: str | os.PathLike[str],
        algorithm: Algorithm | None = None,
        model: str | None = None,
        app: str = _APP,
        session: requests.Session | None = None,
        policy: RetryPolicy | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        if not isinstance(publishable_key, str) or not (
            publishable_key.isascii() and publishable_key.isprintable()
        ):
            raise ValueError("publishable_key must be the text pk_… as the server gave it")
        self._runtime = runtime or Runtime()
        self._model = model
        self._app = app
        self._lock = threading.RLock()
        self._store = FileStore(store)
        self._session = session or requests.Session()
        self._transport = Transport(
            base_url, session=self._session, policy=policy or RetryPolicy(), runtime=self._runtime
        )
        self._identity = Identity(
            self._transport, self._store, publishable_key=publishable_key, algorithm=algorithm, model=model
        )
        self._challenges = Challenges(self._transport, self._identity, self._runtime)
        self._outbox = Outbox(self._transport, self._store)
        self._receipt_keys = ReceiptKeys(self._transport, self._store)

    # Pressing

    def press(
        self,
        press: Press | PressReport | Sequence[Sequence[float]],
        *,
        location: Location | None = None,
        purpose: Purpose | str = Purpose.STAMP,
        px_per_mm: float | None = None,
        device_model: str | None = None,
        coupon: str | None = None,
        screen: ScreenInfo | None = None,
        device: DeviceInfo | None = None,
        location_error: LocationError | str | None = None,
        factors: Sequence[FactorEvidence] = (),
    ) -> Outcome:
        """Send one press and give the server's answer.

        The same signed envelope is sent until an answer comes or patience ends; the server credits it
        once however often it arrives. When no answer comes, the envelope is kept and sent again with the
        next press or by `resume_pending`. Only when the server says that the challenge was not fresh, so that
        nothing was credited, is the press signed once more over a fresh one.

        Parameters
        ----------
        press
            What the detector gave, or touches (x, y) in px, x right, y down.
        location, location_error
            Where the phone is, or why that is not known.
        purpose, coupon
            stamp, verify, clock; for redeem see `redeem`.
        px_per_mm
            The screen's density as the phone claims it.
        device_model
            Such as ``SM-S921N``; the constructor's ``model`` if not given.
        screen
            The pressed surface; by default the least one that holds the touches.
        device
            Model, system and program in full, in place of ``device_model``.
        factors
            Evidence of second factors.

        Returns
        -------
        Outcome
            Accepted, held or refused: a refusal is an outcome.

        Raises
        ------
        TransportError
            When no answer came.
        RefusedError
            When the server does not know this device any more.
        EnvelopeError
            When the press cannot be written down (NaN, more than 16 touches).
        TypeError
            When the touches are not pairs of numbers, or the location is no `Location`.
        ValueError
            When there is no such purpose.
        """
        if location is not None and not isinstance(location, Location):
            raise TypeError("location is a Location(lat, lon, accuracy_m), or None")
        report = report_press(press)
        surface = surface_of(report, screen, px_per_mm)
        info = device or DeviceInfo(model=device_model or self._model, os=None, app=self._app)
        purpose = Purpose(purpose)
        with self._lock:
            self._try_pending()
            signer = self._identity.signer()

            def envelope() -> str:
                challenge = self._challenges.take(purpose)
                try:
                    return build_envelope(
                        signer,
                        challenge=challenge.id,
                        nonce=challenge.nonce,
                        purpose=purpose,
                        coupon=coupon,
                        press=report,
                        screen=surface,
                        device=info,
                        location=location,
                        location_error=location_error,
                        factors=[factor.claim() for factor in factors],
                        sent_at=self._runtime.now().isoformat(timespec="milliseconds"),
                    )
                except Exception:
                    # The server lets a device hold five: what cannot be sent must not use them up.
                    self._challenges.give_back(challenge)
                    raise

            outcome = self._outbox.send(envelope(), purpose)
            if outcome.code == "not_fresh" and outcome.verdict is Verdict.REFUSED:
                self._challenges.drop_all()
                outcome = self._outbox.send(envelope(), purpose)
            self._receipt_keys.learn_for(outcome)
            return outcome

    def redeem(
        self,
        coupon_id: str,
        press: Press | PressReport | Sequence[Sequence[float]],
        **details: Any,
    ) -> Outcome:
        """Redeem a coupon by a press of the shop's stamp; details as in `press`."""
        return self.press(press, purpose=Purpose.REDEEM, coupon=coupon_id, **details)

    def use_staff_code(
        self, code: str, *, shop: str | None = None, location: Location | None = None
    ) -> Outcome:
        """Get the stamp of a press that this phone cannot read, by six digits from the staff's screen.

        The same request is sent until an answer comes or patience ends. After a `TransportError` call it
        again with the same code: for ten minutes the server gives the device that used a code its answer
        again, and the stamp once. Codes are not kept for later, since they last two minutes.

        Parameters
        ----------
        code
            Six digits; spaces and hyphens between them do not matter.
        shop
            The shop's id where the app knows it, from the QR code ``/s?shop=…`` for instance.
        location
            Where the phone is. Without a shop, the server looks for one nearby that shows a code, and without
            either among the shops of the customer's cards. Not signed and not kept.

        Returns
        -------
        Outcome
            Accepted or refused; ``press_id`` is the code's ``stc_…``, and there is no receipt.

        Raises
        ------
        TransportError, RefusedError
            As `press`.
        TypeError, ValueError
            When it is not six digits; nothing was sent.
        """
        with self._lock:
            return send_staff_code(self._transport, self._identity, code, shop, location)

    def resume_pending(self) -> tuple[Outcome, ...]:
        """Send the envelopes again whose answers never came; give the answers, oldest first.

        Raises
        ------
        TransportError
            When there is still no answer; what was not answered stays.
        """
        with self._lock:
            return self._resume()

    def read_press(self, press_id: str) -> Outcome:
        """Ask for the answer to an earlier press of this phone: what the shop decided about a held one.

        Parameters
        ----------
        press_id
            The ``press_id`` of an `Outcome`, ``prs_…``.

        Returns
        -------
        Outcome
            Still held, or accepted or refused by the shop. Ask every few seconds while the person waits.

        Raises
        ------
        TransportError
            When no answer came; ask again later.
        RefusedError
            ``press_not_found``: no press of this phone has this id.
        """
        with self._lock:
            outcome = Outcome.from_json(self._get(f"/v1/presses/{quote(press_id, safe='')}"))
            self._receipt_keys.learn_for(outcome)
            return replace(outcome, press_id=press_id)

    @property
    def pending(self) -> int:
        """How many envelopes wait for an answer."""
        with self._lock:
            return len(self._store.load().pending)

    def prefetch_challenges(self, count: int = 1, purpose: Purpose | str = Purpose.STAMP) -> int:
        """Hold up to 5 challenges ahead, for the next 75 seconds; give how many are held now."""
        if not 1 <= count <= MOST_AT_ONCE:
            raise ValueError(f"count must be from 1 to {MOST_AT_ONCE}")
        purpose = Purpose(purpose)
        with self._lock:
            missing = count - len(self._challenges.held(purpose))
            if missing > 0:
                self._challenges.fetch(purpose, missing)
            return len(self._challenges.held(purpose))

    # The wallet

    def me(self) -> Customer:
        """Ask who the server takes this device's owner for: a pseudonym and the devices in use."""
        with self._lock:
            return Customer.from_json(self._get("/v1/me"))

    def cards(self) -> tuple[Card, ...]:
        """List the customer's cards."""
        return self._list("/v1/cards", Card.from_json)

    def coupons(self) -> tuple[Coupon, ...]:
        """List the customer's coupons, redeemed and expired ones too."""
        return self._list("/v1/coupons", Coupon.from_json)

    def history(self) -> tuple[HistoryEntry, ...]:
        """List what was credited and taken, newest first."""
        return self._list("/v1/transactions", HistoryEntry.from_json)

    # Identity

    def enrol(self) -> str:
        """Enrol now if that has not happened, and give the device's id."""
        with self._lock:
            return str(self._identity.ensure().device)

    @property
    def recovery_code(self) -> str | None:
        """The code that brings the cards to a new phone, until `forget_recovery_code`; else None."""
        with self._lock:
            return self._store.load().recovery_code

    def forget_recovery_code(self) -> None:
        """Forget the code once the person has written it down."""
        with self._lock:
            self._store.update(recovery_code=None)

    def new_recovery_code(self) -> str:
        """Have the server make a new code; the one before is void."""
        with self._lock:
            answer = self._transport.call(
                "POST", "/v1/me/recovery-code", headers=self._identity.authorization()
            )
            code = _json.text(_json.obj(answer.result(), "recovery code"), "recovery_code")
            self._store.update(recovery_code=code)
            return code

    def recover(self, code: str) -> str:
        """Become a device of the customer whose recovery code this is; give the customer's id.

        Raises
        ------
        RefusedError
            For a wrong code; this device then stays who it was.
        """
        with self._lock:
            memory = self._identity.enrol(code)
            self._challenges.drop_all()
            return str(memory.customer)

    def close(self) -> None:
        """Close the connections; the store needs no closing."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def store_notice(self) -> str | None:
        """What happened to a damaged store, for the app to say; None when nothing did."""
        return self._store.notice

    # Receipts

    def verify_receipt_offline(self, receipt: str) -> Receipt:
        """Check a receipt against the server's keys as last seen; no network is used.

        Raises
        ------
        ReceiptError
            When it is not genuine, or no key of the server has been seen yet (``unknown_key``).
        """
        with self._lock:
            return self._receipt_keys.verify(receipt)

    def refresh_receipt_keys(self) -> None:
        """Fetch the server's published receipt keys."""
        with self._lock:
            self._receipt_keys.refresh()

    def _try_pending(self) -> None:
        """Give unanswered envelopes another chance, without letting them stand in the way of a new press."""
        try:
            self._resume(attempts=1)
        except ClientError:
            return

    def _resume(self, attempts: int | None = None) -> tuple[Outcome, ...]:
        outcomes = self._outbox.resume(attempts)
        for outcome in outcomes:
            self._receipt_keys.learn_for(outcome)
        return outcomes

    def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        headers = self._identity.authorization()
        return self._transport.call("GET", path, headers=headers, params=params).result()

    def _list(self, path: str, read: Callable[[Any], _Item]) -> tuple[_Item, ...]:
        with self._lock:
            items: list[_Item] = []
            params = {"limit": str(_PAGE)}
            for _ in range(_MOST_PAGES):
                page = _json.obj(self._get(path, params), "page")
                items += [read(item) for item in _json.array(page, "data")]
                cursor = _json.maybe_text(page, "next_cursor")
                if cursor is None:
                    return tuple(items)
                params = {**params, "cursor": cursor}
        raise AnswerError("a list has no end")
