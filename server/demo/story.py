"""The story: Mina collects stamps at three cafés, and others try what must not work.

Everything goes through the public API over HTTP. Each step checks what it claims; a step that does not
come out as told raises `StoryError`, so that the demonstration cannot pass by talking.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console

from server.demo.stranger import Stranger
from server.demo.tally import Tally
from server.demo.world import World
from stampsdk.client import Location, Outcome, PhoneClient
from stampsdk.codebook import random_patterns
from stampsdk.geometry.noise import NoiseModel, simulate_touches

PX_PER_MM = 6.3
ONGI, CORNER, MOONLIGHT = range(3)


class StoryError(RuntimeError):
    """The server answered otherwise than the story says; the message names the step."""


@dataclass(slots=True)
class Story:
    """A customer with a phone, a stranger with another, and the stamps on the counters."""

    base_url: str
    publishable_key: str
    world: World
    folder: Path
    console: Console
    rng: np.random.Generator
    tally: Tally = field(default_factory=Tally)

    def run(self) -> Tally:
        """Tell everything, in order."""
        self._say("\n[bold]1. Mina collects[/bold]")
        phone = PhoneClient(self.base_url, self.publishable_key, store=self.folder / "mina.json")
        coupon = self._collect(phone)
        self._say("\n[bold]2. Mina uses the coupon[/bold]")
        self._redeem(phone, coupon)
        self._verify(phone)
        self._say("\n[bold]3. What must not work[/bold]")
        self._replays()
        self._elsewhere(phone)
        self._unregistered(phone)
        return self.tally

    def _collect(self, phone: PhoneClient) -> str:
        first = self._press(phone, CORNER, "one coffee")
        self._expect("first stamp", first.card is not None and first.card.stamps == 1)
        self._press(phone, ONGI, "two coffees, the first stamp of this visit")
        third = self._press(phone, ONGI, "the second stamp of the same visit")
        self._expect("a coupon after three stamps", len(third.coupons) == 1)
        self.tally.coupons_issued += 1
        self._say(f"   [green]a coupon:[/green] {third.coupons[0].reward.ko} · {third.coupons[0].reward.en}")
        return third.coupons[0].id

    def _redeem(self, phone: PhoneClient, coupon: str) -> None:
        touches, here = self._touch(MOONLIGHT)
        outcome = self._timed(
            lambda: phone.redeem(coupon, touches, location=here, px_per_mm=PX_PER_MM, device_model="demo")
        )
        self._report("at " + self.world.names[MOONLIGHT] + ", pressed again to redeem", outcome)
        self._expect("the coupon is redeemed", outcome.verdict == "accepted" and outcome.code == "redeemed")
        self._expect(
            "the wallet agrees", [c.status for c in phone.coupons() if c.id == coupon] == ["redeemed"]
        )
        self.tally.coupons_redeemed += 1

    def _verify(self, phone: PhoneClient) -> None:
        outcome = self._press(phone, MOONLIGHT, "a receipt only", purpose="verify")
        self._expect("a receipt came", outcome.receipt is not None)
        receipt = phone.verify_receipt_offline(outcome.receipt or "")
        self._say(f"   receipt checked without the server: {receipt.shop_name}, {receipt.at}")

    def _replays(self) -> None:
        stranger = Stranger(self.base_url, self.publishable_key)
        touches, here = self._touch(CORNER)
        challenge = stranger.challenge()
        envelope = stranger.sign(challenge, touches, here, _now())
        started = time.perf_counter()
        first = stranger.send(envelope)
        self.tally.count(str(first.body.get("verdict")), time.perf_counter() - started)
        again = stranger.send(envelope)
        self._expect("the same envelope gets the same answer", again.replayed and again.body == first.body)
        self._expect("one credit for two sendings", first.status == 200 and stranger.stamps() == 1)  # noqa: PLR2004 (HTTP 200)
        self._say("   the same envelope sent twice → the same answer, one stamp")
        forged = stranger.sign(challenge, self._touch(CORNER)[0], here, _now())
        started = time.perf_counter()
        refused = stranger.send(forged)
        self.tally.count("refused", time.perf_counter() - started)
        self._expect("a used nonce is refused", refused.body.get("code") == "nonce_used")
        self._expect("still one stamp", stranger.stamps() == 1)
        self._say(f"   the old nonce under a new press → refused: {_text(refused.body)}")

    def _elsewhere(self, phone: PhoneClient) -> None:
        touches, _ = self._touch(ONGI)
        gangnam = Location(37.4979, 127.0276, accuracy_m=12.0)
        outcome = self._timed(
            lambda: phone.press(touches, location=gangnam, px_per_mm=PX_PER_MM, device_model="demo")
        )
        self._report("Ongi's stamp pressed in Gangnam", outcome)
        self._expect("another district is refused", outcome.verdict == "refused")

    def _unregistered(self, phone: PhoneClient) -> None:
        unknown = random_patterns(1, rng=self.rng)[0]
        _, here = self._touch(CORNER)
        touches = _as_pairs(simulate_touches(unknown, self.rng, noise=NoiseModel(), px_per_mm=PX_PER_MM))
        outcome = self._timed(
            lambda: phone.press(touches, location=here, px_per_mm=PX_PER_MM, device_model="demo")
        )
        self._report("a stamp that nobody registered", outcome)
        self._expect("an unregistered stamp is refused", outcome.verdict == "refused")

    def _press(self, phone: PhoneClient, row: int, what: str, *, purpose: str = "stamp") -> Outcome:
        touches, here = self._touch(row)
        outcome = self._timed(
            lambda: phone.press(
                touches, location=here, purpose=purpose, px_per_mm=PX_PER_MM, device_model="demo"
            )
        )
        self._report(f"at {self.world.names[row]}, {what}", outcome)
        self._expect(what, outcome.verdict == "accepted")
        shop = None if outcome.shop is None else outcome.shop.name
        self._expect(f"the stamp names the shop ({shop})", shop == self.world.names[row])
        return outcome

    def _touch(self, row: int) -> tuple[list[tuple[float, float]], Location]:
        """Press a café's stamp at its counter: any place and angle on the screen, a fix as phones give it."""
        cafe = self.world.cafes[row]
        touches = simulate_touches(
            self.world.patterns[row], self.rng, noise=NoiseModel(), px_per_mm=PX_PER_MM
        )
        east, north = self.rng.normal(scale=6.0, size=2) / 111_195.0
        here = Location(
            cafe.latitude + float(north),
            cafe.longitude + float(east) / float(np.cos(np.radians(cafe.latitude))),
            accuracy_m=12.0,
        )
        return _as_pairs(touches), here

    def _timed(self, action: Callable[[], Outcome]) -> Outcome:
        started = time.perf_counter()
        outcome = action()
        self.tally.count(outcome.verdict, time.perf_counter() - started)
        return outcome

    def _report(self, what: str, outcome: Outcome) -> None:
        mark = "[green]accepted[/green]" if outcome.verdict == "accepted" else f"[red]{outcome.verdict}[/red]"
        stamps = f"  {'●' * outcome.card.stamps}" if outcome.card else ""
        text = f" · {outcome.text.en}" if outcome.text and outcome.verdict != "accepted" else ""
        self._say(f"   {what} → {mark}{stamps}{text}")

    def _say(self, text: str) -> None:
        self.console.print(text, highlight=False)

    def _expect(self, what: str, came_true: bool) -> None:
        if not came_true:
            raise StoryError(f"The story broke at: {what}. The server's log has the reason.")


def _as_pairs(touches: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in touches]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _text(body: object) -> str:
    text = body.get("text") if isinstance(body, dict) else None
    return str(text.get("en")) if isinstance(text, dict) else str(body)
