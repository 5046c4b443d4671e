"""Envelopes on their way: kept from before the first try until an answer came."""

import logging
from typing import Final

from stampsdk.client.errors import ClientError, RefusedError, TransportError
from stampsdk.client.models import Outcome
from stampsdk.client.store import FileStore, Pending
from stampsdk.client.transport import Answer, Transport

__all__ = ["Outbox"]

MOST_PENDING: Final = 16
_logger = logging.getLogger(__name__)


class Outbox:
    """Sends envelopes, the very same bytes each time, and remembers those without an answer."""

    def __init__(self, transport: Transport, store: FileStore) -> None:
        self._transport = transport
        self._store = store

    def send(self, envelope: str, purpose: str) -> Outcome:
        """Remember the envelope, send it, and forget it once the server has answered.

        Raises
        ------
        TransportError
            When no answer came; the envelope stays remembered.
        RefusedError
            When something other than the press protocol refused it (a proxy's 413, say); it is forgotten.
        AnswerError
            When the answer cannot be understood; it stays remembered for a client that can.
        """
        entry = Pending(envelope, str(purpose))
        waiting = (*self._store.load().pending, entry)
        if len(waiting) > MOST_PENDING:
            _logger.warning("more than %d presses wait for an answer; the oldest is given up", MOST_PENDING)
        self._store.update(pending=waiting[-MOST_PENDING:])
        return self._deliver(entry)

    def resume(self, attempts: int | None = None) -> tuple[Outcome, ...]:
        """Send every remembered envelope again, oldest first.

        Parameters
        ----------
        attempts
            Tries for each, in place of the policy's.

        Raises
        ------
        TransportError
            At the first one without an answer, when none before it had one; the rest stays remembered.
        """
        outcomes: list[Outcome] = []
        for entry in self._store.load().pending:
            try:
                outcomes.append(self._deliver(entry, attempts))
            except TransportError:
                if not outcomes:
                    raise
                break
            except ClientError as error:
                _logger.warning("a kept press got no verdict: %s", error.code)
        return tuple(outcomes)

    def _deliver(self, entry: Pending, attempts: int | None = None) -> Outcome:
        answer = self._transport.call(
            "POST", "/v1/presses", headers={}, json={"envelope": entry.envelope}, attempts=attempts
        )
        try:
            outcome = _outcome(answer)
        except RefusedError:
            self._forget(entry)
            raise
        self._forget(entry)
        return outcome

    def _forget(self, entry: Pending) -> None:
        pending = self._store.load().pending
        self._store.update(pending=tuple(each for each in pending if each != entry))


def _outcome(answer: Answer) -> Outcome:
    if answer.verdict is None:
        answer.result()  # raises for a 4xx that judged no press
    return Outcome.from_json(answer.body, replayed=answer.replayed)
