"""Handing messages of the outbox over, each in a transaction of its own."""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.outbox import OutboxMessage

_LOG: Final = structlog.get_logger(__name__)
_AGAIN_AFTER: Final = timedelta(minutes=1)


def deliver_one(
    session: Session,
    clock: Clock,
    *,
    topics: Collection[str],
    send: Callable[[Session, OutboxMessage], None],
) -> bool:
    """Hand over the message that has been due longest.

    Parameters
    ----------
    session, clock
        A transaction for this message alone, and the time. The message is
        marked in it as delivered; the caller commits.
    topics
        Which messages.
    send
        Hands one over, or raises.

    Returns
    -------
    bool
        False when none is due: the caller stops.

    Notes
    -----
    The row is locked until the commit and others skip it, so that two
    processes never hand over one message. A process that dies between the
    handing over and the commit leaves it to be handed over again. What cannot
    be handed over is due again after a minute, and holds no other up.
    """
    message = session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.topic.in_(topics),
            OutboxMessage.delivered_at.is_(None),
            OutboxMessage.due_at <= clock.now(),
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if message is None:
        return False
    try:
        # In a savepoint: a statement that fails in here must not take the marking along.
        with session.begin_nested():
            send(session, message)
    except Exception as error:  # noqa: BLE001 (whatever a backend raises, the others must go on)
        _LOG.exception(
            "message not delivered", message=message.id, topic=message.topic, error=type(error).__name__
        )
        message.due_at = clock.now() + _AGAIN_AFTER
    else:
        message.delivered_at = clock.now()
    session.flush()
    return True
