"""A café in Seoul with a stamp and a programme, and phones."""

from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from server.core.audit import AuditEntry
from server.ledger.models import LedgerTransaction
from server.presses.models import Press
from tests.server.presses.envelopes import PATTERN, enrol


@pytest.fixture
def make_phone(client, partner):
    """Enrol phones."""

    def make(**members):
        return enrol(client, partner.publishable_key, **members)

    return make


@pytest.fixture
def phone(make_phone):
    """Give an enrolled phone."""
    return make_phone()


@pytest.fixture
def cafe(make_shop, make_stamp, make_program):
    """Give a shop with its stamp and its programme: three stamps for a coffee."""
    shop = make_shop()
    stamp = make_stamp(shop, pattern_mm=PATTERN)
    return SimpleNamespace(shop=shop, stamp=stamp, program=make_program(shop))


@pytest.fixture
def look(app):
    """Look into the database."""
    database = app.state.database

    class Look:
        def scalars(self, statement):
            with database.reading() as session:
                return session.scalars(statement).all()

        def count(self, model, *conditions):
            return self.scalars(select(func.count()).select_from(model).where(*conditions))[0]

        def credits(self):
            return self.count(LedgerTransaction, LedgerTransaction.source_type == "press")

        def bookings(self):
            return self.count(LedgerTransaction)

        def press(self, press_id):
            return self.scalars(select(Press).where(Press.id == press_id))[0]

        def presses(self):
            return self.scalars(select(Press).order_by(Press.id))

        def audit(self, subject):
            return self.scalars(select(AuditEntry).where(AuditEntry.subject == subject))

    return Look()


@pytest.fixture
def log(client, partner):
    """Read the owner's log, newest first."""

    def read(**filters):
        answer = client.get("/v1/presses", params=filters, headers=partner.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    return read
