"""A phone without the client library: it speaks plain HTTP, keeps what it sent, does what it should not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from stampsdk.client import Location
from stampsdk.protocol import ES256Signer, PressReport, ScreenInfo, build_envelope

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: status, JSON body, and whether it was a stored answer."""

    status: int
    body: Mapping[str, Any]
    replayed: bool


class Stranger:
    """A device with a key of its own, enrolled through the public API alone.

    Parameters
    ----------
    base_url : str
        Address of the server.
    publishable_key : str
        The app's key, as every page carries it.
    """

    def __init__(self, base_url: str, publishable_key: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        key = ES256Signer.generate()
        answer = self._post(
            "/v1/devices",
            {"algorithm": "ES256", "public_key": key.public_jwk, "model": "stranger"},
            {"Stamp-Key": publishable_key},
        )
        answer.raise_for_status()
        self._token = str(answer.json()["token"])
        self._signer = ES256Signer.from_jwk(key.private_jwk, answer.json()["id"])

    def challenge(self) -> tuple[str, str]:
        """Ask for one challenge; return its id and nonce."""
        answer = self._post(
            "/v1/challenges",
            {"purpose": "stamp", "count": 1},
            {"Authorization": f"Bearer {self._token}"},
        )
        answer.raise_for_status()
        challenge = answer.json()["challenges"][0]
        return str(challenge["id"]), str(challenge["nonce"])

    def sign(
        self, challenge: tuple[str, str], touches: list[tuple[float, float]], here: Location, sent_at: str
    ) -> str:
        """Sign a press with a challenge, whether or not that challenge was used before."""
        return build_envelope(
            self._signer,
            challenge=challenge[0],
            nonce=challenge[1],
            press=PressReport(touches=tuple(touches)),
            screen=ScreenInfo(width=412.0, height=915.0, px_per_mm=6.3),
            location=here,
            sent_at=sent_at,
        )

    def send(self, envelope: str) -> Answer:
        """Send an envelope, for the first time or again."""
        answer = self._post("/v1/presses", {"envelope": envelope}, {})
        return Answer(answer.status_code, answer.json(), answer.headers.get("Idempotent-Replayed") == "true")

    def stamps(self) -> int:
        """Count the stamps on this customer's cards."""
        answer = self._session.get(
            self._base_url + "/v1/cards",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=TIMEOUT_S,
        )
        answer.raise_for_status()
        return sum(int(card["stamps"]) for card in answer.json()["data"])

    def _post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> requests.Response:
        return self._session.post(self._base_url + path, json=body, headers=dict(headers), timeout=TIMEOUT_S)
