"""Triggers that make booked rows immutable, for SQLite and PostgreSQL.

The same statements serve ``metadata.create_all`` (listeners below) and the
migrations (:func:`immutability_ddl`). A migration that rebuilds one of the
tables in SQLite's batch mode drops its triggers with the old table, and so must
run these statements again; :func:`server.ledger.verify` reports a missing trigger.
"""

from typing import Final

from sqlalchemy import DDL, event

from server.ledger.models import POSTINGS, TRANSACTIONS

APPEND_ONLY_TABLES: Final = (TRANSACTIONS.name, POSTINGS.name)
"""Names of the tables whose rows can be added, and neither changed nor removed."""

_FUNCTION: Final = """\
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation';
END
$$"""

_EVENTS: Final = {"sqlite": ("UPDATE", "DELETE"), "postgresql": ("UPDATE", "DELETE", "TRUNCATE")}


def trigger_names(dialect: str) -> frozenset[str]:
    """Return the names of all triggers that must exist on `dialect` (``sqlite`` or ``postgresql``)."""
    return frozenset(
        _trigger_name(table, change) for table in APPEND_ONLY_TABLES for change in _EVENTS[dialect]
    )


def immutability_ddl(dialect: str) -> list[str]:
    """Return the statements that make the ledger's booked rows immutable.

    Parameters
    ----------
    dialect : {"sqlite", "postgresql"}
        SQLAlchemy's name of the database.

    Returns
    -------
    list of str
        Statements to run in this order, once the tables exist. Afterwards every UPDATE or DELETE of a booked
        row, and on PostgreSQL a TRUNCATE, fails with an integrity error.

    Raises
    ------
    ValueError
        For another database: there the promise would not hold.
    """
    if dialect not in _EVENTS:
        raise ValueError(f"no immutability triggers are known for the database {dialect!r}")
    return [statement for table in APPEND_ONLY_TABLES for statement in _table_ddl(table, dialect)]


def _table_ddl(table: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {_trigger_name(table, change)} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for change in _EVENTS[dialect]
        ]
    # For each statement: the only kind for TRUNCATE, and cheaper than for each row.
    return [_FUNCTION] + [
        f"CREATE TRIGGER {_trigger_name(table, change)} BEFORE {change} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        for change in _EVENTS[dialect]
    ]


def _trigger_name(table: str, change: str) -> str:
    return f"{table}_no_{change.lower()}"


def _create_with(dialect: str) -> None:
    for table in (TRANSACTIONS, POSTINGS):
        for statement in _table_ddl(table.name, dialect):
            ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's constructor has no types
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


for _dialect in _EVENTS:
    _create_with(_dialect)
