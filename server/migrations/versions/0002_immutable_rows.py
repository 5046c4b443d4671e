"""Rows of the ledger are only added, stamps and shops are never deleted, patterns never change."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = (
    "CREATE TRIGGER ledger_transaction_no_update BEFORE UPDATE ON ledger_transaction BEGIN SELECT RAISE(ABORT, 'ledger_transaction is append-only'); END",
    "CREATE TRIGGER ledger_transaction_no_delete BEFORE DELETE ON ledger_transaction BEGIN SELECT RAISE(ABORT, 'ledger_transaction is append-only'); END",
    "CREATE TRIGGER ledger_posting_no_update BEFORE UPDATE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_posting is append-only'); END",
    "CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_posting is append-only'); END",
    "CREATE TRIGGER shop_kept BEFORE DELETE ON shop BEGIN SELECT RAISE(ABORT, 'rows of shop are never deleted'); END",
    "CREATE TRIGGER stamp_kept BEFORE DELETE ON stamp BEGIN SELECT RAISE(ABORT, 'rows of stamp are never deleted'); END",
    "CREATE TRIGGER stamp_fixed BEFORE UPDATE OF number, tips, pattern ON stamp FOR EACH ROW WHEN NEW.number IS NOT OLD.number OR NEW.tips IS NOT OLD.tips OR NEW.pattern IS NOT OLD.pattern BEGIN SELECT RAISE(ABORT, 'number, tips, pattern of stamp never change'); END",
)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation';
    END
    $$""",
    "CREATE TRIGGER ledger_transaction_no_update BEFORE UPDATE ON ledger_transaction FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
    "CREATE TRIGGER ledger_transaction_no_delete BEFORE DELETE ON ledger_transaction FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
    "CREATE TRIGGER ledger_transaction_no_truncate BEFORE TRUNCATE ON ledger_transaction FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
    "CREATE TRIGGER ledger_posting_no_update BEFORE UPDATE ON ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
    "CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
    "CREATE TRIGGER ledger_posting_no_truncate BEFORE TRUNCATE ON ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation';
    END
    $$""",
    "CREATE TRIGGER shop_kept BEFORE DELETE ON shop FOR EACH ROW EXECUTE FUNCTION refuse_change('rows of shop are never deleted')",
    "CREATE TRIGGER stamp_kept BEFORE DELETE ON stamp FOR EACH ROW EXECUTE FUNCTION refuse_change('rows of stamp are never deleted')",
    "CREATE TRIGGER stamp_fixed BEFORE UPDATE OF number, tips, pattern ON stamp FOR EACH ROW WHEN (NEW.number IS DISTINCT FROM OLD.number OR NEW.tips IS DISTINCT FROM OLD.tips OR NEW.pattern IS DISTINCT FROM OLD.pattern) EXECUTE FUNCTION refuse_change('number, tips, pattern of stamp never change')",
)


def upgrade() -> None:
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRESQL if is_postgresql else _SQLITE:
        words = statement.split()
        if words[1] == "TRIGGER":
            table = words[words.index("ON") + 1]
            op.execute(f"DROP TRIGGER {words[2]}" + (f" ON {table}" if is_postgresql else ""))
    if is_postgresql:
        op.execute("DROP FUNCTION ledger_refuse_change, refuse_change")
