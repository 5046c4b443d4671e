"""The pattern of a stamp by the serial that is engraved on it, from the families that are at hand."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from server.core.errors import Conflict, NotFound, Unprocessable

if TYPE_CHECKING:
    from stampsdk.codebook import Codebook


@dataclass(frozen=True)
class SerialPattern:
    """What a serial stands for: its family, the serial as engraved, and the tips (n, 2) in mm."""

    family: str
    serial: str
    pattern_mm: list[list[float]]


def families(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the families whose codebooks are at hand.

    Parameters
    ----------
    folder
        Has ``families/NAME.toml`` and ``codebooks/NAME.npz``; by default what ships with the library.
    """
    return tuple(name for name, _, _ in _at_hand(folder))


def pattern_of_serial(serial: str, family: str | None = None, *, folder: Path | None = None) -> SerialPattern:
    """Return what a serial stands for.

    Parameters
    ----------
    serial
        As engraved; small letters and missing dashes are read too.
    family
        The family's name; None looks it up in all that are at hand.
    folder
        As for `families`.

    Raises
    ------
    Unprocessable
        Code ``serial_length``, ``serial_symbol``, ``serial_check``, ``serial_range`` or ``serial_unknown``,
        as `stampsdk.codebook.SerialError` has them.
    NotFound
        Code ``family_unknown``: there is no family of that name at hand.
    Conflict
        Code ``serial_ambiguous``: stamps of several families bear it; `families` names them.
    """
    # Only when it is needed: codebooks load numba.
    from stampsdk.codebook import SerialError  # noqa: PLC0415

    serial = serial[:64]
    books = [book for book in _at_hand(folder) if family in {None, book[0]}]
    if not books:
        raise NotFound("There is no such family of stamps here.", code="family_unknown")
    found, reasons = [], []
    for name, spec, codebook in books:
        opened = _codebook(spec, codebook)
        try:
            number = opened.number_of_serial(serial)
        except SerialError as error:
            reasons.append(error)
            continue
        found.append(SerialPattern(name, opened.serial(number), opened.points([number])[0].tolist()))
    if not found:
        # The one that got farthest says most: of four lengths three are wrong for every serial.
        farthest = max(reasons, key=lambda error: _FAR[error.code])
        raise Unprocessable(f"serial: {farthest}", code=farthest.code)
    if len(found) > 1:
        names = [one.family for one in found]
        raise Conflict(
            f"serial: stamps of the families {', '.join(names)} bear it. Say which it is.",
            code="serial_ambiguous",
            families=names,
        )
    return found[0]


_FAR = {
    "serial_length": 0,
    "serial_symbol": 1,
    "serial_check": 2,
    "serial_range": 3,
    "serial_unknown": 4,
}


@lru_cache(maxsize=8)
def _at_hand(folder: Path | None) -> tuple[tuple[str, Path, Path], ...]:
    from stampsdk.codebook._files import codebook_file, shipped_families  # noqa: PLC0415

    found = []
    for spec in sorted((shipped_families() if folder is None else folder / "families").glob("*.toml")):
        codebook = codebook_file(spec.stem, spec)
        if codebook.is_file():
            found.append((spec.stem, spec, codebook))
    return tuple(found)


@lru_cache(maxsize=8)
def _codebook(spec: Path, codebook: Path) -> "Codebook":
    from stampsdk.codebook import Codebook, load_family  # noqa: PLC0415

    return Codebook.load(codebook, load_family(spec))
