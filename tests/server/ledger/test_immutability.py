"""Booked rows stay as they are, and what is broken in spite of that is found."""

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import CreateTable

from server.core.database import make_engine
from server.ledger import AccountRef, Posting, immutability_ddl, open_accounts, post, reverse, verify
from server.ledger.immutability import trigger_names
from server.ledger.models import ACCOUNTS, POSTINGS, TRANSACTIONS

CARD = AccountRef("card", "crd_1", "stamp")
POINTS = AccountRef("card", "crd_1", "point")
ISSUED = AccountRef("program", "prg_1", "stamp", "issued")


@pytest.fixture
def booked(database, clock):
    """Commit one transaction of two stamps, and its reversal's original of one."""
    with database.transaction() as session:
        open_accounts(session, clock, [CARD, POINTS, ISSUED])
        postings = [Posting(CARD, 2), Posting(ISSUED, -2)]
        return post(session, clock, kind="stamp", source_type="press", source_id="p1", postings=postings)


@pytest.mark.parametrize(
    "change",
    [
        update(POSTINGS).values(amount=7),
        update(TRANSACTIONS).values(reason="tidied up"),
        delete(POSTINGS),
        delete(TRANSACTIONS),
    ],
    ids=str,
)
def test_booked_rows_cannot_be_changed_or_removed(database, booked, change):
    with pytest.raises(IntegrityError, match="append-only"), database.transaction() as session:
        session.execute(change)
    with database.reading() as session:
        report = verify(session)
    assert report.sound
    assert (report.transactions, report.postings) == (1, 2)


def test_postgresql_refuses_truncate_too(database, booked):
    if database.engine.dialect.name != "postgresql":
        return  # SQLite has no TRUNCATE
    for table in ("ledger_posting", "ledger_transaction"):
        with pytest.raises(IntegrityError, match="append-only"), database.transaction() as session:
            session.execute(text(f"TRUNCATE {table} CASCADE"))


def test_balances_cannot_go_below_zero_behind_the_ledgers_back(database, booked):
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == CARD.id).values(balance=-1))


def test_counter_accounts_cannot_keep_a_balance(database, booked):
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == ISSUED.id).values(balance=-2))


def test_the_ddl_makes_the_triggers_that_create_all_makes(tmp_path):
    """Tables made bare, then the migration's statements: the same triggers, doing the same."""
    engine = make_engine(f"sqlite:///{tmp_path / 'bare.db'}")
    with engine.begin() as connection:
        for table in (ACCOUNTS, TRANSACTIONS, POSTINGS):
            connection.execute(CreateTable(table))
        for statement in immutability_ddl("sqlite"):
            connection.exec_driver_sql(statement)
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        assert set(names) == trigger_names("sqlite")
    engine.dispose()


def test_the_ddl_can_be_run_by_a_migration(database, booked):
    """Drop one trigger, be told of it, and put it back by the same statements."""
    dialect = database.engine.dialect.name
    on_table = " ON ledger_posting" if dialect == "postgresql" else ""
    with database.transaction() as session:
        session.execute(text(f"DROP TRIGGER ledger_posting_no_update{on_table}"))
        breaches = verify(session).breaches
        assert [(breach.invariant, breach.subject) for breach in breaches] == [
            ("booked_rows_guarded", "ledger_posting_no_update")
        ]
        for statement in immutability_ddl(dialect):
            if (
                "ledger_posting_no_update" in statement
                or "FUNCTION ledger_refuse_change() RETURNS" in statement
            ):
                session.execute(text(statement))
        assert verify(session).sound
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(update(POSTINGS).values(amount=7))


def test_no_ddl_for_a_database_without_the_promise():
    with pytest.raises(ValueError, match="mysql"):
        immutability_ddl("mysql")


def _posting(transaction_id, account, amount, unit="stamp"):
    return insert(POSTINGS).values(
        transaction_id=transaction_id, account_id=account.id, unit=unit, amount=amount
    )


def _transaction(clock, **members):
    row = {
        "id": "ltx_9",
        "kind": "forged",
        "source_type": "press",
        "source_id": "p9",
        "details": {},
        "occurred_at": clock.now(),
    }
    return insert(TRANSACTIONS).values(row | members)


def _balance(value, *, clawback=False):
    return update(ACCOUNTS).where(ACCOUNTS.c.id == CARD.id).values(balance=value, clawback=clawback)


def test_verify_finds_each_kind_of_damage(database, clock, booked):
    """Damage is done by plain SQL inside a transaction that is rolled back, one kind after the other."""
    cases = {
        "a posting added to a booked transaction": (
            [
                _posting(booked.id, POINTS, 5, "point"),
                ACCOUNTS.update().where(ACCOUNTS.c.id == POINTS.id).values(balance=5),
            ],
            {("transactions_balance", booked.id)},
        ),
        "a transaction without postings": (
            [_transaction(clock)],
            {("transactions_have_two_postings", "ltx_9")},
        ),
        "a posting in another unit than its account's": (
            [
                _transaction(clock),
                _posting("ltx_9", CARD, 1, "point"),
                _posting("ltx_9", ISSUED, -1, "point"),
                _balance(3),
            ],
            {("units_do_not_mix", "ltx_9")},
        ),
        "a wrong balance": ([_balance(1)], {("balances_are_sums", CARD.id)}),
        "a flag without reason": (
            [_balance(2, clawback=True)],
            {("negative_only_by_clawback", CARD.id)},
        ),
        "a reversal that is not the opposite": (
            [
                _transaction(clock, reverses_id=booked.id),
                _posting("ltx_9", CARD, -1),
                _posting("ltx_9", ISSUED, 1),
                _balance(1),
            ],
            {("reversals_are_opposite", "ltx_9")},
        ),
    }
    for name, (damage, expected) in cases.items():
        with database.transaction() as session:
            for statement in damage:
                session.execute(statement)
            found = {(breach.invariant, breach.subject) for breach in verify(session).breaches}
            assert found == expected, name
            session.rollback()
    with database.transaction() as session:
        reverse(session, clock, transaction_id=booked.id, reason="r", actor="a")
        assert verify(session).sound


def test_the_database_itself_refuses_malformed_rows(database, clock, booked):
    for statement in (
        _posting(booked.id, POINTS, 0),
        _posting("ltx_404", CARD, 1),
        _posting(booked.id, CARD, 1),
        _transaction(clock, source_id="p1", kind="stamp"),
    ):
        with pytest.raises(DBAPIError), database.transaction() as session:
            session.execute(statement)
