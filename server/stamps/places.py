"""Where stamps belong, searchable by place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from server.shops.fences import distances_m
from server.shops.geodesy import boxes_around

Numbers = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Areas = Sequence[tuple[BaseGeometry, float]]

_FRESH_AT_LEAST: Final = 256
_FRESH_SHARE: Final = 0.02
_DEGREE_M: Final = 110_574.0


@dataclass(frozen=True, eq=False)
class _Rows:
    """Areas by stamp: arrays (R,), sorted by stamp number."""

    numbers: Numbers
    geometries: npt.NDArray[np.object_]
    radii_m: Real

    @classmethod
    def of(cls, areas: Mapping[int, Areas]) -> "_Rows":
        flat = [(number, *area) for number in sorted(areas) for area in areas[number]]
        geometries = np.empty(len(flat), dtype=np.object_)
        geometries[:] = [row[1] for row in flat]
        return cls(
            np.array([row[0] for row in flat], dtype=np.int64),
            geometries,
            np.array([row[2] for row in flat], dtype=np.float64),
        )

    def take(self, rows: npt.NDArray[np.intp]) -> "_Rows":
        return _Rows(self.numbers[rows], self.geometries[rows], self.radii_m[rows])

    def boxes(self) -> npt.NDArray[np.object_]:
        """Boxes in degrees that hold each area, its radius included."""
        west, south, east, north = shapely.bounds(self.geometries).T
        margin = self.radii_m / _DEGREE_M * 1.01
        side = margin / np.cos(
            np.radians(np.minimum(np.maximum(np.abs(south), np.abs(north)) + margin, 89.0))
        )
        boxes: npt.NDArray[np.object_] = shapely.box(west - side, south - margin, east + side, north + margin)
        return boxes


@dataclass(frozen=True, eq=False)
class _Snapshot:
    """What readers see: a base with a tree, which of its rows still hold, and a few fresh areas beside it."""

    base: _Rows
    tree: shapely.STRtree
    holds: npt.NDArray[np.bool_]
    fresh: _Rows


class PlaceMap:
    """The areas of stamps. Readers in other threads always see one consistent state.

    A tree cannot be changed, only built anew. So a few changes are kept beside
    it and looked through one by one, until they are a fiftieth of all.
    """

    def __init__(self) -> None:
        self._areas: dict[int, Areas] = {}
        self._pending: set[int] = set()
        self._snapshot = self._built()

    def replace(self, areas: Mapping[int, Areas]) -> None:
        """Give stamps new areas; an empty sequence takes a stamp off the map. Callers take turns."""
        if not areas:
            return
        for number, those in areas.items():
            if those:
                self._areas[number] = those
            else:
                self._areas.pop(number, None)
        self._pending.update(areas)
        if len(self._pending) > max(_FRESH_AT_LEAST, _FRESH_SHARE * len(self._areas)):
            self._pending.clear()
            self._snapshot = self._built()
            return
        base = self._snapshot.base
        holds = ~np.isin(base.numbers, np.fromiter(self._pending, dtype=np.int64))
        fresh = _Rows.of({number: self._areas[number] for number in self._pending if number in self._areas})
        self._snapshot = _Snapshot(base, self._snapshot.tree, holds, fresh)

    def _built(self) -> _Snapshot:
        base = _Rows.of(self._areas)
        return _Snapshot(
            base, shapely.STRtree(base.boxes()), np.ones(len(base.numbers), dtype=np.bool_), _Rows.of({})
        )

    def near(self, lat: float, lon: float, radius_m: float) -> tuple[Numbers, Real]:
        """Return the stamps whose nearest area lies within `radius_m` of a place, and its distance.

        Parameters
        ----------
        lat, lon
            The place, degrees.
        radius_m
            Metres.

        Returns
        -------
        numbers, distances : ndarrays of shape (K,)
            Ascending by number; metres, 0 inside an area.
        """
        seen = self._snapshot
        boxes = [shapely.box(*box) for box in boxes_around(lat, lon, radius_m)]
        rows = np.unique(seen.tree.query(boxes)[1])
        base = seen.base.take(rows[seen.holds[rows]])
        numbers, distances = _nearest(_joined(base, seen.fresh), lat, lon)
        within = distances <= radius_m
        return numbers[within], distances[within]

    def distances(self, numbers: npt.ArrayLike, lat: float, lon: float) -> Real:
        """Return metres from a place to each stamp's nearest area: 0 inside, nan for one without."""
        wanted = np.asarray(numbers, dtype=np.int64)
        seen = self._snapshot
        rows = np.flatnonzero(np.isin(seen.base.numbers, wanted) & seen.holds)
        fresh = seen.fresh.take(np.flatnonzero(np.isin(seen.fresh.numbers, wanted)))
        found, nearest = _nearest(_joined(seen.base.take(rows), fresh), lat, lon)
        result = np.full(wanted.shape, np.nan)
        if len(found):
            at = np.minimum(np.searchsorted(found, wanted), len(found) - 1)
            known = found[at] == wanted
            result[known] = nearest[at[known]]
        return result


def _joined(first: _Rows, second: _Rows) -> _Rows:
    return _Rows(
        np.concatenate([first.numbers, second.numbers]),
        np.concatenate([first.geometries, second.geometries]),
        np.concatenate([first.radii_m, second.radii_m]),
    )


def _nearest(rows: _Rows, lat: float, lon: float) -> tuple[Numbers, Real]:
    """Return each stamp among `rows` once, ascending, with the distance of its nearest area."""
    distances = distances_m(rows.geometries, rows.radii_m, lat=lat, lon=lon)
    order = np.lexsort((distances, rows.numbers))
    numbers, first = np.unique(rows.numbers[order], return_index=True)
    return numbers, distances[order][first]
