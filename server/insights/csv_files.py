"""CSV that spreadsheets open as text and numbers, never as formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

Cell = str | int | float | None
BOM: Final = "\ufeff"
"""Tells Excel that the file is UTF-8."""
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
_ROWS_AT_ONCE: Final = 500


def safe(cell: Cell) -> Cell:
    """Return the cell so that no spreadsheet runs it.

    Text that begins as a formula gets an apostrophe before it; numbers stay numbers. Signs of full width,
    which some versions take for the plain ones, count too, and so does what stands after blanks.
    """
    if isinstance(cell, str) and cell.lstrip(" \u00a0\u3000").startswith(_FORMULA):
        return f"'{cell}"
    return cell


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Give the file piece by piece: UTF-8 with a mark, commas, lines that end as RFC 4180 has it.

    Texts stand in quotes, so that a spreadsheet which splits at semicolons (that is for the computer's
    language to say) makes no cell of its own from the ``=1+1`` in ``Onda;=1+1``.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    text.write(BOM)
    writer.writerow([safe(cell) for cell in header])
    for number, row in enumerate(rows, 1):
        writer.writerow([safe(cell) for cell in row])
        if number % _ROWS_AT_ONCE == 0:
            yield _drain(text)
    yield _drain(text)


def _drain(text: io.StringIO) -> bytes:
    data = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return data
