"""Triggers that keep rows which others follow by their version from vanishing or changing unseen.

The stamps' registry reads again what carries a later version. A deleted row
carries none, and so stamps and shops are retired and closed, never deleted.
The same statements serve ``metadata.create_all`` and the migrations.
"""

from typing import Final

from sqlalchemy import DDL, Table, event

_FUNCTION: Final = """\
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation';
END
$$"""


def guard_ddl(table: str, dialect: str, *, fixed: tuple[str, ...] = ()) -> list[str]:
    """Return the statements that forbid deleting rows of a table and changing some of its columns.

    Parameters
    ----------
    table
        Its name.
    dialect
        ``sqlite`` or ``postgresql``.
    fixed
        Columns that keep their first value.

    Returns
    -------
    list of str
        To run in this order once the table exists. A change that is forbidden
        then fails with an integrity error, and the transaction with it.
    """
    kept = f"rows of {table} are never deleted"
    same = f"{', '.join(fixed)} of {table} never change"
    if dialect == "sqlite":
        statements = [
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{kept}'); END"
        ]
        different = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in fixed)
        action = f"BEGIN SELECT RAISE(ABORT, '{same}'); END"
    else:
        refuse = "EXECUTE FUNCTION refuse_change"
        statements = [
            _FUNCTION,
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {refuse}('{kept}')",
        ]
        different = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in fixed)
        different = f"({different})"
        action = f"{refuse}('{same}')"
    if fixed:
        statements.append(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {', '.join(fixed)} ON {table} "
            f"FOR EACH ROW WHEN {different} {action}"
        )
    return statements


def guard(table: Table, *, fixed: tuple[str, ...] = ()) -> None:
    """Add the guards to a table whenever ``create_all`` makes it."""
    for dialect in ("sqlite", "postgresql"):
        for statement in guard_ddl(table.name, dialect, fixed=fixed):
            ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's constructor has no types
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
