"""Files of shops and of assignments: CSV with a header, bad rows named by their line."""

import csv
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stampsdk.codebook.assignment.assigning import Assignment
from stampsdk.codebook.codebook import Codebook
from stampsdk.codebook.errors import AssignmentError

_FIXED, _COURIER = "fixed", "courier"
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Shops:
    """Shops as they were read.

    Attributes
    ----------
    ids : tuple of str
    places : float64 (N, 2)
        Latitude and longitude, degrees.
    """

    ids: tuple[str, ...]
    places: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Kept:
    """An assignment as it was read.

    Attributes
    ----------
    shops, couriers : dict of str to int
        Number of the pattern of each.
    """

    shops: dict[str, int]
    couriers: dict[str, int]


def read_shops(path: Path) -> Shops:
    """Read shops from a file with the columns shop, lat and lon, in any order; others are passed over.

    Raises
    ------
    AssignmentError
        "assignment_invalid": names the first lines that are wrong, and says what with them is.
    OSError
        The file cannot be read.
    """
    ids: dict[str, int] = {}
    places: list[tuple[float, float]] = []

    def take(row: dict[str, str], line: int) -> None:
        shop = _new(row, ids)
        place = _degrees(row, "lat", 90.0), _degrees(row, "lon", 180.0)
        ids[shop] = line
        places.append(place)

    _read(path, ("shop", "lat", "lon"), take)
    return Shops(tuple(ids), np.array(places, np.float64).reshape(-1, 2))


def read_assignment(path: Path, codebook: Codebook) -> Kept:
    """Read an assignment that was written before; serials must be those of the numbers.

    Raises
    ------
    AssignmentError, OSError
        As `read_shops`.
    """
    kept = Kept({}, {})
    lines: dict[str, int] = {}

    def take(row: dict[str, str], line: int) -> None:
        name = _new(row, lines)
        number = int(row["number"]) if row["number"].isascii() and row["number"].isdecimal() else -1
        if not 0 <= number < len(codebook):
            raise ValueError(f"number must be from 0 to {len(codebook) - 1}, not {row['number']!r}")
        if row["serial"] != codebook.serial(number):
            raise ValueError(
                f"serial must be {codebook.serial(number)} for number {number}, not {row['serial']!r}: "
                "was it made with another codebook?"
            )
        if row["kind"] not in {_FIXED, _COURIER}:
            raise ValueError(f"kind must be {_FIXED} or {_COURIER}, not {row['kind']!r}")
        lines[name] = line
        (kept.shops if row["kind"] == _FIXED else kept.couriers)[name] = number

    _read(path, ("shop", "number", "serial", "kind"), take)
    return kept


def courier_names(kept: Kept | None, couriers: int, shops: Shops) -> tuple[str, ...]:
    """Return the names of so many couriers: those that were kept, then new ones, courier-1 and so on.

    Raises
    ------
    AssignmentError
        "assignment_invalid": a shop has the name of a courier.
    """
    names = list(kept.couriers) if kept else []
    taken = set(shops.ids)
    clash = taken.intersection(names)
    if clash:
        raise AssignmentError(
            f"{min(clash)!r} is a shop now, and a courier is kept under it", "assignment_invalid"
        )
    taken.update(names)
    number = 0
    while len(names) < couriers:
        number += 1
        if f"courier-{number}" not in taken:
            names.append(f"courier-{number}")
    return tuple(names)


def write_assignment(
    path: Path, codebook: Codebook, shops: Shops, couriers: tuple[str, ...], assignment: Assignment
) -> None:
    """Write the columns shop, number, serial and kind; the file appears whole or not at all.

    Raises
    ------
    OSError
        It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.partial")
    rows = [
        *((name, number, _FIXED) for name, number in zip(shops.ids, assignment.shops.tolist(), strict=True)),
        *(
            (name, number, _COURIER)
            for name, number in zip(couriers, assignment.couriers.tolist(), strict=True)
        ),
    ]
    serials = {number: codebook.serial(number) for number in {number for _, number, _ in rows}}
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("shop", "number", "serial", "kind"))
            writer.writerows((name, number, serials[number], kind) for name, number, kind in rows)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path, columns: tuple[str, ...], take: Callable[[dict[str, str], int], None]) -> None:
    """Hand over each row under its columns; gather what is wrong and tell it at the end."""
    wrong: list[str] = []
    more = 0
    with path.open(encoding="utf-8-sig", newline="") as file, _readable(path):
        reader = csv.reader(file, strict=True)
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in columns if header.count(name) != 1]
        if missing:
            raise AssignmentError(
                f"{path} line 1: a header with the columns {', '.join(columns)} is expected, each once; "
                f"look for {', '.join(missing)}",
                "assignment_invalid",
            )
        places = {name: header.index(name) for name in columns}
        for row in reader:
            if not row:
                continue
            try:
                if len(row) != len(header):
                    raise ValueError(f"{len(header)} values are expected, not {len(row)}")  # noqa: TRY301
                take({name: row[place].strip() for name, place in places.items()}, reader.line_num)
            except ValueError as error:
                if len(wrong) < _SHOWN:
                    wrong.append(f"line {reader.line_num}: {error}")
                else:
                    more += 1
    if wrong:
        rest = f"; and {more} more" if more else ""
        raise AssignmentError(f"{path} {'; '.join(wrong)}{rest}", "assignment_invalid")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise AssignmentError(f"{path} is not text in UTF-8", "assignment_invalid") from None
    except csv.Error as error:
        raise AssignmentError(f"{path} is no CSV file: {error}", "assignment_invalid") from None


def _new(row: dict[str, str], lines: dict[str, int]) -> str:
    shop = row["shop"]
    if not shop:
        raise ValueError("shop is empty")
    if shop in lines:
        raise ValueError(f"shop {shop!r} stands in line {lines[shop]} already")
    return shop


def _degrees(row: dict[str, str], name: str, most: float) -> float:
    try:
        value = float(row[name])
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise ValueError(f"{name} must be a number from -{most:g} to {most:g}, not {row[name]!r}")
    return value
