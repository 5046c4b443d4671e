"""HTTP with patience: one call, repeated while nothing is known to be wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

from stampsdk.client.errors import AnswerError, RefusedError, TransportError
from stampsdk.client.runtime import RetryPolicy, Runtime

__all__ = ["Answer", "Transport"]

_OK: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_SERVER_FAILED: Final = 500
_TOO_MANY: Final = 429
_TIMED_OUT: Final = 408
_TOO_EARLY: Final = 425


@dataclass(frozen=True, slots=True)
class Answer:
    """A definite answer: 2xx, or a 4xx that no patience will change."""

    status: int
    body: Any
    replayed: bool

    @property
    def verdict(self) -> str | None:
        """The verdict on a press, where the answer has one."""
        verdict = self.body.get("verdict") if isinstance(self.body, dict) else None
        return verdict if isinstance(verdict, str) else None

    def result(self) -> Any:
        """Give the body of a 2xx.

        Raises
        ------
        RefusedError
            For a 4xx, with the problem's own code and detail.
        """
        if self.status in _OK:
            return self.body
        body = self.body if isinstance(self.body, dict) else {}
        detail = body.get("detail") or body.get("title") or "the server refused"
        raise RefusedError(
            str(body.get("code") or "refused"), f"{detail} (HTTP {self.status})", status=self.status
        )


class Transport:
    """Calls to one server.

    Parameters
    ----------
    base_url
        ``https://host[:port][/path]``.
    session
        A `requests.Session`; its certificates and proxies hold.
    policy, runtime
        Patience, and where time and chance come from.
    """

    def __init__(
        self, base_url: str, *, session: requests.Session, policy: RetryPolicy, runtime: Runtime
    ) -> None:
        if not isinstance(base_url, str) or not base_url.startswith(("https://", "http://")):
            raise ValueError("base_url must start with https:// (or http:// on a desk)")
        self._base = base_url.rstrip("/")
        self._session = session
        self._policy = policy
        self._runtime = runtime

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        attempts: int | None = None,
    ) -> Answer:
        """Send a request, the very same one again after 408, 425, 429, 5xx or a lost connection.

        A 429 that carries a verdict is an answer: the press was judged. ``attempts`` overrides the policy's.

        Raises
        ------
        TransportError
            When every try failed; nothing is known of what the server did.
        AnswerError
            When the answer is no JSON although the server says that all is well.
        """
        last = TransportError("unreachable", "no try was made")
        for attempt in range(attempts or self._policy.attempts):
            if attempt:
                self._runtime.sleep(self._wait(attempt, last))
            try:
                return self._try(method, path, headers, json, params)
            except TransportError as error:
                last = error
                if (error.retry_after_s or 0.0) > self._policy.longest_retry_after_s:
                    break
        raise last

    def _try(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        json: Mapping[str, Any] | None,
        params: Mapping[str, str] | None,
    ) -> Answer:
        try:
            response = self._session.request(
                method,
                self._base + path,
                headers={"Accept": "application/json", **headers},
                json=json,
                params=params,
                timeout=(self._policy.connect_s, self._policy.read_s),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # The class alone: the message may carry addresses.
            raise TransportError(
                "unreachable", f"{type(error).__name__}: no answer from the server"
            ) from error
        return self._read(response)

    def _read(self, response: requests.Response) -> Answer:
        status = response.status_code
        body = _json_or_none(response)
        answer = Answer(status, body, response.headers.get("Idempotent-Replayed", "").lower() == "true")
        if status >= _SERVER_FAILED or status in {_TIMED_OUT, _TOO_EARLY}:
            raise TransportError(
                "server_failed", f"HTTP {status} from the server", retry_after_s=self._retry_after(response)
            )
        if status == _TOO_MANY and answer.verdict is None:
            raise TransportError(
                "rate_limited", "too many calls for now", retry_after_s=self._retry_after(response)
            )
        if status in _REDIRECTS or (status in _OK and body is None and response.content):
            # A network that asks for a login answers like this in the server's place.
            raise TransportError("not_the_server", f"HTTP {status} without JSON: is a login page in between?")
        if status in _OK and body is None:
            raise AnswerError(f"HTTP {status} without a body")
        return answer

    def _retry_after(self, response: requests.Response) -> float | None:
        """Read Retry-After, seconds or a date (RFC 9110 section 10.2.3); None when absent or unreadable."""
        text = response.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - self._runtime.now()).total_seconds())

    def _wait(self, attempt: int, last: TransportError) -> float:
        if last.retry_after_s is not None:
            return last.retry_after_s
        most = min(self._policy.longest_wait_s, self._policy.first_wait_s * 2 ** (attempt - 1))
        return self._runtime.rng.uniform(0.0, most)


def _json_or_none(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
