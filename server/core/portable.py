"""SQL that SQLAlchemy spells differently for SQLite and PostgreSQL, under one name."""

from typing import cast

from sqlalchemy import FromClause, Table
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
