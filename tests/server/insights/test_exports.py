"""CSV: text that no spreadsheet runs, numbers that stay numbers, and a note of who took it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from server.core.audit import AuditEntry
from server.insights.csv_files import csv_bytes, safe
from server.insights.customers import customers
from server.insights.exports import export_customers, export_month
from server.insights.month import month
from server.insights.people import Listing
from server.shops.models import Shop
from tests.server.insights.world import live


def read(pieces):
    data = b"".join(pieces)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "-", '=HYPERLINK("x")']
)
def test_formulas_become_text(text):
    assert safe(text) == "'" + text


@given(cell=st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.none()))
def test_every_cell_comes_back_and_none_is_a_formula(cell):
    kept = safe(cell)
    if isinstance(cell, str):
        assert kept in {cell, "'" + cell}
        assert not kept.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    else:
        assert kept is cell
    if cell is not None and "\x00" not in str(cell):
        assert read(csv_bytes(["head"], [[cell, 7]]))[1] == [str(kept), "7"]


def test_negative_numbers_stay_numbers():
    assert read(csv_bytes(["n"], [[-5, -0.5, "-5"]]))[1] == ["-5", "-0.5", "'-5"]


def test_a_spreadsheet_that_splits_at_semicolons_finds_no_formula_either():
    """As those do that speak German or French: quotes keep a text together, whatever splits the line."""
    data = b"".join(csv_bytes(["Shop", "n"], [["Onda;=1+1", 7], ['Onda";=1+1', 7]])).decode("utf-8-sig")
    for delimiter in ",;\t":
        for line in csv.reader(io.StringIO(data, newline=""), delimiter=delimiter):
            assert not any(cell.startswith("=") for cell in line), (delimiter, line)
    assert data.splitlines()[1] == '"Onda;=1+1",7'


def test_long_files_come_in_pieces():
    pieces = list(csv_bytes(["n"], ([number] for number in range(2_000))))
    assert len(pieces) > 3
    assert read(pieces)[1:] == [[str(number)] for number in range(2_000)]


def test_a_month_and_its_customers_are_taken_away(session, clock, travelling, names):
    live(travelling, days=20, events=60, seed=5)
    travelling.roll_up()
    session.get(Shop, travelling.shops[0]).name = '=cmd|"/c calc"!A1'
    session.flush()
    actor = travelling.actor

    export = export_month(session, clock, actor, None, language="en")
    header, *rows = read(export.pieces(session))
    assert export.file_name == "month-2026-10.csv"
    assert header[:3] == ["Shop", "Date", "Stamps"]
    assert len(rows) == 2 * 31
    assert {row[0] for row in rows} == {'\'=cmd|"/c calc"!A1', "Onda America/New_York"}
    assert sum(int(row[2]) for row in rows) == month(session, clock, actor, None).total.stamps > 0

    for listing in (Listing.ALL, Listing.NEW):
        export = export_customers(session, clock, actor, None, names=names, listing=listing)
        header, *rows = read(export.pieces(session))
        assert header[0] == "고객"
        page = customers(session, clock, actor, None, names=names, listing=listing)
        assert [(row[0], int(row[4]), int(row[6])) for row in rows] == [
            (row.name, row.visits, row.stamps) for row in page.rows
        ]
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("%.exported"))).all()
    assert [entry.action for entry in entries] == ["month.exported", *["customers.exported"] * 2]
    assert {entry.actor for entry in entries} == {actor.member_id}
