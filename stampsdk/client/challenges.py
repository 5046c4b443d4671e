"""Challenges held ahead, so that a press at the counter costs one round trip instead of two."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from stampsdk.client import _json
from stampsdk.client.identity import Identity
from stampsdk.client.runtime import Runtime
from stampsdk.client.transport import Transport
from stampsdk.protocol import Purpose

__all__ = ["Challenge", "Challenges"]

MOST_AT_ONCE: Final = 5
LIFETIME_S: Final = 90.0
_MARGIN_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Challenge:
    """One press's worth of freshness; ``until_s`` is on the local monotonic clock."""

    id: str
    nonce: str
    purpose: Purpose
    until_s: float


class Challenges:
    """Fetches challenges and hands each out once.

    Their age is measured here, from before they were asked for: the phone's wall clock may be wrong by
    anything, so ``expires_at`` is not compared with it.
    """

    def __init__(self, transport: Transport, identity: Identity, runtime: Runtime) -> None:
        self._transport = transport
        self._identity = identity
        self._runtime = runtime
        self._held: deque[Challenge] = deque()

    def take(self, purpose: Purpose) -> Challenge:
        """Hand out a challenge, held or fetched; it is not handed out again unless given back."""
        held = self.held(purpose)
        if not held:
            self.fetch(purpose, 1)
            held = self.held(purpose)
        self._held.remove(held[0])
        return held[0]

    def give_back(self, challenge: Challenge) -> None:
        """Hold a challenge again whose nonce has not left the phone."""
        self._held.appendleft(challenge)

    def held(self, purpose: Purpose) -> list[Challenge]:
        """Give the held challenges that are still fresh, oldest first, and drop the others."""
        now = self._runtime.monotonic()
        self._held = deque(each for each in self._held if each.until_s > now)
        return [each for each in self._held if each.purpose is purpose]

    def fetch(self, purpose: Purpose, count: int) -> None:
        """Fetch 1 to 5 challenges and hold them."""
        asked = self._runtime.monotonic()
        answer = self._transport.call(
            "POST",
            "/v1/challenges",
            headers=self._identity.authorization(),
            json={"purpose": str(purpose), "count": count},
        )
        made = _json.array(_json.obj(answer.result(), "challenges"), "challenges")
        for item in made:
            body = _json.obj(item, "challenge")
            until = asked + LIFETIME_S - _MARGIN_S
            self._held.append(Challenge(_json.text(body, "id"), _json.text(body, "nonce"), purpose, until))

    def drop_all(self) -> None:
        """Forget what is held; it was bound to a device that is no more."""
        self._held.clear()
