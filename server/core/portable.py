"""SQL that SQLAlchemy spells differently for SQLite and PostgreSQL, under one name."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Executable, FromClause, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_absent(session: Session, table: FromClause) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that leaves out rows which break a unique constraint, instead of failing.

    Parameters
    ----------
    session : Session
        Tells the database.
    table : Table or mapped class
        The table to insert into. Give ``.values(…)`` and, to learn which rows went in, ``.returning(…)``.

    Returns
    -------
    Insert
        ``INSERT … ON CONFLICT DO NOTHING``. A rival's uncommitted row is waited for: when the statement ends,
        either the row is ours or the other one is committed. The transaction stays usable either way.
    """
    target = cast("Table", table)  # a mapped class's __table__ is typed more widely than it is
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(target).on_conflict_do_nothing()
    return sqlite.insert(target).on_conflict_do_nothing()


def prepared_insert_absent(table: FromClause, *returning: ColumnElement[Any]) -> Mapping[str, Executable]:
    """Build the INSERT of `insert_absent` once, for each database, for a statement that runs at every press.

    Parameters
    ----------
    table : Table or mapped class
        The table to insert into.
    *returning : column
        What to return of the rows that went in.

    Returns
    -------
    mapping of str to Executable
        By SQLAlchemy's name of the database. The values are given as parameters when it is executed.

    Notes
    -----
    Building a statement takes several times as long as running one that is built already.
    """
    target = cast("Table", table)
    return {
        "postgresql": postgresql.insert(target).on_conflict_do_nothing().returning(*returning),
        "sqlite": sqlite.insert(target).on_conflict_do_nothing().returning(*returning),
    }
