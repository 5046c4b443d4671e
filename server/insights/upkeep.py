"""Keeping everybody's roll-ups near the present, in a thread of the server."""

import threading
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.database import Database
from server.insights.batches import batches
from server.insights.days import SLACK, id_at
from server.insights.rollups import catch_up_in_steps
from server.ledger.models import LedgerTransaction
from server.presses.models import Press
from server.programs.models import Program

_log = structlog.get_logger()
_PATIENCE_S: Final = 10.0


class Upkeep:
    """Rolls up, every so often, the partners of whom something was booked or pressed since.

    Parameters
    ----------
    database, clock
        What to keep, and the time.
    every_s
        Seconds between two rounds; the first comes after so many, too.

    Notes
    -----
    Each partner has transactions of its own. The first round looks at all partners with programmes. Several
    processes may do it at once: they do the same work twice, to the same result.
    """

    def __init__(self, database: Database, clock: Clock, *, every_s: float) -> None:
        self._database, self._clock, self._every_s = database, clock, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="insight upkeep", daemon=True)
        self._since: datetime | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a round that is being done ends with the partner it is at."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(_PATIENCE_S)

    def round(self) -> int:
        """Roll up whoever needs it, and return how many partners those were."""
        now = self._clock.now()
        with self._database.reading() as session:
            partners = (
                partners_with_programs(session)
                if self._since is None
                else sorted(_stirred(session, self._since))
            )
        for count, partner_id in enumerate(partners):
            if self._stop.is_set():
                return count
            catch_up_in_steps(self._database, self._clock, partner_id)
        self._since = now
        return len(partners)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.round()
            except SQLAlchemyError as error:
                # It may be away, or its one writer busy: the next round does what this one could not.
                _log.warning("roll-ups: the database cannot be used", error=type(error).__name__)


def partners_with_programs(session: Session) -> list[str]:
    """Return the partners that have anything to roll up, in the order they were made."""
    return list(session.scalars(select(Program.partner_id).distinct().order_by(Program.partner_id)))


def _stirred(session: Session, since: datetime) -> set[str]:
    """Return the partners with bookings or presses since."""
    programs = session.scalars(
        select(LedgerTransaction.details["program"].as_string())
        .where(LedgerTransaction.id >= id_at("ltx", since - SLACK))
        .distinct()
    ).all()
    partners = set(
        session.scalars(select(Press.partner_id).where(Press.id >= id_at("prs", since - SLACK)).distinct())
    )
    for some in batches(each for each in programs if each is not None):
        partners |= set(session.scalars(select(Program.partner_id).where(Program.id.in_(some))))
    return partners
