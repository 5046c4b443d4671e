"""Today's numbers counted once for all open pages that show the same shops."""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.insights.scope import places
from server.insights.today import Today, today
from server.staff.actor import Actor, Right

_SOONEST: Final = timedelta(seconds=5)
_LATEST: Final = timedelta(minutes=1)
_SHARE: Final = 100
"""A count is worth a hundred times as long as it took: the same shops cost a hundredth of a core at most."""
_SETTLED: Final = timedelta(seconds=2)
"""How much older than it says a reading may be: its transaction began before the count did."""
_MOST: Final = 500

_Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Kept:
    today: Today
    for_at_least: timedelta


class SharedToday:
    """Keeps the numbers of today for as long as they are worth keeping.

    Numbers hold for five seconds, or a hundred times as long as they took to count, up to a minute; and for a
    minute where nothing has happened since at any shop of the partner. While one page counts, the others get
    what there was. Whether somebody may see them is asked each time.

    Parameters
    ----------
    clock
        The time.
    changed_at
        When a partner's press or booking was seen last; None for a partner that nobody watches.
    stopwatch
        Seconds, for how long counting takes.
    """

    def __init__(
        self,
        clock: Clock,
        changed_at: Callable[[str], datetime | None],
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._clock, self._changed_at, self._stopwatch = clock, changed_at, stopwatch
        self._lock = threading.Lock()
        self._kept: dict[_Key, _Kept] = {}
        self._counting: set[_Key] = set()

    def read(self, session: Session, actor: Actor, shop_ids: Collection[str] | None) -> Today:
        """Return today's numbers of some shops, None for all; `Today.at` says of when they are.

        Raises
        ------
        Forbidden
            ``not_allowed``.
        NotFound
            ``shop_not_found``.
        """
        actor.require(Right.SEE_TODAY)
        key = actor.partner_id, tuple(places(session, actor, shop_ids))
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and (key in self._counting or self._holds(kept, actor.partner_id)):
                return kept.today
            self._counting.add(key)
        try:
            started = self._stopwatch()
            counted = today(session, self._clock, actor, shop_ids)
            took = timedelta(seconds=self._stopwatch() - started)
        finally:
            with self._lock:
                self._counting.discard(key)
        self._keep(key, _Kept(counted, min(max(_SHARE * took, _SOONEST), _LATEST)))
        return counted

    def _holds(self, kept: _Kept, partner_id: str) -> bool:
        changed_at = self._changed_at(partner_id)
        is_quiet = changed_at is not None and changed_at < kept.today.at - _SETTLED
        age = self._clock.now() - kept.today.at
        return timedelta(0) <= age < (_LATEST if is_quiet else kept.for_at_least)

    def _keep(self, key: _Key, kept: _Kept) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = kept
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]
