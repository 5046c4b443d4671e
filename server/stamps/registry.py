"""The stamps as one process knows them: the table, followed into memory.

The table is the truth. Each process keeps the patterns in an index and the
fences on a map, and follows the table by the commit clock (docs/adr/0007):
when the clock has moved on since the last look, the rows that carry a later
reading are read again.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

import numpy as np
import numpy.typing as npt
import shapely
from fastapi import Depends, Request
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row, Text, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from server.core import commit_clock
from server.shops.models import Shop
from server.stamps.kept_index import load_index
from server.stamps.models import Stamp, StampKind, StampPlace, StampStatus
from server.stamps.patterns import decode
from server.stamps.places import PlaceMap
from stampsdk.index import PatternIndex

Numbers = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]


_StampRow = Row[int, str, StampKind, StampStatus, int, bytes]


@dataclass(frozen=True, slots=True)
class StampView:
    """A stamp, as the last refresh saw it. `number` is its id in the index; `shop_ids` are sorted."""

    number: int
    id: str
    kind: StampKind
    shop_ids: tuple[str, ...]
    status: StampStatus
    tips: int

    @property
    def is_searchable(self) -> bool:
        """Whether presses are compared with it: a suspended one too, so that the verdict can say so."""
        return self.status != "retired"


class StampRegistry:
    """All registered stamps, searchable by pattern and by place.

    Safe to use from several threads: one refresh runs at a time, and readers
    do not wait for it.

    Parameters
    ----------
    index_folder
        Where large indexes are kept between starts; None keeps them in memory only.
    """

    def __init__(self, index_folder: Path | None = None) -> None:
        self._index_folder = index_folder
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._cursor = -1
        self._stamps: dict[int, StampView] = {}
        self._indexes: dict[int, PatternIndex] = {}
        self._fences: dict[str, tuple[BaseGeometry, float]] = {}
        self._at_shop: defaultdict[str, set[int]] = defaultdict(set)
        self._map = PlaceMap()
        self._couriers: Numbers = np.empty(0, dtype=np.int64)

    @property
    def is_loaded(self) -> bool:
        """Whether the table has been read at all."""
        return self._cursor >= 0

    def refresh(self, session: Session) -> int:
        """Take over what was committed since the last refresh.

        Parameters
        ----------
        session
            Any session, but none that has changed shops or stamps itself: its
            changes may yet be rolled back.

        Returns
        -------
        int
            Number of stamps that were read again; 0 after one cheap query
            when nothing has changed.

        Notes
        -----
        Afterwards the registry agrees with the table at some moment during
        the call: nothing committed before it is missing, whatever the order
        of the commits, and nothing rolled back is in it.
        """
        if commit_clock.has_ticked(session):
            raise RuntimeError("this transaction has changed shops or stamps; refresh in another one")
        if commit_clock.latest(session) <= self._cursor:
            return 0
        with self._lock:
            # Read before the rows: these may be newer than the cursor says, and come once more; never older.
            reading = commit_clock.latest(session)
            if reading <= self._cursor:
                return 0
            try:
                stamps = self._changed_stamps(session)
                shops_of = self._shops_of(session)
                moved = self._take_fences(session)
                self._take_stamps(stamps, shops_of, moved)
            except BaseException:
                self._forget()  # half of a change is worse than reading everything again
                raise
            self._cursor = reading
            return len(stamps)

    def index(self, tips: int) -> PatternIndex | None:
        """Return the index of the stamps with that many tips, or None when there is none."""
        index = self._indexes.get(tips)
        return index if index is not None and len(index) else None

    def stamp(self, number: int) -> StampView:
        """Return a stamp by its number, one retired since the start included; KeyError if unknown."""
        return self._stamps[number]

    def near(self, lat: float, lon: float, radius_m: float) -> tuple[Numbers, Real]:
        """Return the stamps (not couriers) within `radius_m` of a place: numbers and metres, 0 inside."""
        return self._map.near(lat, lon, radius_m)

    def distances(self, numbers: npt.ArrayLike, lat: float, lon: float) -> Real:
        """Return metres from a place to each stamp's nearest fence: 0 inside, nan for couriers."""
        return self._map.distances(numbers, lat, lon)

    def couriers(self) -> Numbers:
        """Return the numbers of the courier stamps, ascending."""
        return self._couriers

    def __len__(self) -> int:
        """Count the stamps that presses are compared with."""
        return sum(len(index) for index in self._indexes.values())

    def _changed_stamps(self, session: Session) -> Sequence[_StampRow]:
        columns = (Stamp.number, Stamp.id, Stamp.kind, Stamp.status, Stamp.tips, Stamp.pattern)
        changed = select(*columns).where(Stamp.version > self._cursor).order_by(Stamp.number)
        if not self.is_loaded:
            changed = changed.where(Stamp.status != "retired")
        return session.execute(changed).all()

    def _shops_of(self, session: Session) -> dict[int, tuple[str, ...]]:
        placed = (
            select(StampPlace.stamp_number, StampPlace.shop_id)
            .join(Stamp, Stamp.number == StampPlace.stamp_number)
            .where(Stamp.version > self._cursor)
            .order_by(StampPlace.stamp_number, StampPlace.shop_id)
        )
        shops_of: defaultdict[int, list[str]] = defaultdict(list)
        for number, shop_id in session.execute(placed):
            shops_of[number].append(shop_id)
        return {number: tuple(shop_ids) for number, shop_ids in shops_of.items()}

    def _take_fences(self, session: Session) -> set[str]:
        """Read the fences of shops that changed, after the places that refer to them; return those shops."""
        # As text, which shapely reads by itself, many at once.
        changed = session.execute(
            select(Shop.id, sql_cast(Shop.fence, Text), Shop.radius_m).where(Shop.version > self._cursor)
        ).all()
        geometries = shapely.from_geojson([row[1] for row in changed])
        self._fences.update(
            (shop_id, (geometry, radius_m or 0.0))
            for (shop_id, _, radius_m), geometry in zip(changed, geometries, strict=True)
        )
        return {row[0] for row in changed}

    def _take_stamps(
        self, rows: Sequence[_StampRow], shops_of: dict[int, tuple[str, ...]], moved_shops: set[str]
    ) -> None:
        arrived: defaultdict[int, tuple[list[int], list[bytes]]] = defaultdict(lambda: ([], []))
        left: defaultdict[int, list[int]] = defaultdict(list)
        touched = {number for shop_id in moved_shops for number in self._at_shop.get(shop_id, ())}
        for number, stamp_id, kind, status, tips, pattern in rows:
            before = self._stamps.get(number)
            now = StampView(number, stamp_id, kind, shops_of.get(number, ()), status, tips)
            was_searchable = before is not None and before.is_searchable
            if now.is_searchable and not was_searchable:
                arrived[tips][0].append(number)
                arrived[tips][1].append(pattern)
            elif was_searchable and not now.is_searchable:
                left[tips].append(number)
            for shop_id in () if before is None else before.shop_ids:
                self._at_shop[shop_id].discard(number)
            for shop_id in now.shop_ids:
                self._at_shop[shop_id].add(number)
            self._stamps[number] = now
            touched.add(number)
        self._map.replace({number: self._areas(self._stamps[number]) for number in touched})
        self._count_couriers(touched)
        for tips, numbers in left.items():
            self._indexes[tips].remove(np.array(numbers, dtype=np.int64))
        for tips, (numbers, patterns) in arrived.items():
            self._add_to_index(tips, np.array(numbers, dtype=np.int64), decode(patterns, tips))

    def _areas(self, stamp: StampView) -> list[tuple[BaseGeometry, float]]:
        if stamp.kind == "courier" or not stamp.is_searchable:
            return []
        return [self._fences[shop_id] for shop_id in stamp.shop_ids]

    def _count_couriers(self, touched: Iterable[int]) -> None:
        couriers = set(self._couriers.tolist())
        for number in touched:
            stamp = self._stamps[number]
            if stamp.kind == "courier" and stamp.is_searchable:
                couriers.add(number)
            else:
                couriers.discard(number)
        self._couriers = np.array(sorted(couriers), dtype=np.int64)

    def _add_to_index(self, tips: int, numbers: Numbers, points: Real) -> None:
        index = self._indexes.get(tips)
        if index is None:
            self._indexes[tips] = load_index(self._index_folder, tips, numbers, points)
        else:
            index.add(points, numbers)


def _registry(request: Request) -> StampRegistry:
    return cast("StampRegistry", request.app.state.registry)


RegistryDep = Annotated[StampRegistry, Depends(_registry)]
