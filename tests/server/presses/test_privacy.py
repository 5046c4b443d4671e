"""What is kept of people, looked for in the whole database."""

import pytest
from sqlalchemy import inspect, select, table, text

from server.core.audit import AuditEntry
from tests.server.presses.envelopes import OTHER_PATTERN, at, press_of

# Digits that stand nowhere else.
LAT, LON = 37.56634917, 126.97791353
CANARIES = ("37.566349", "126.977913")


@pytest.fixture
def everything(app):
    """Return every row of every table as one text."""

    def read():
        with app.state.database.reading() as session:
            names = inspect(session.connection()).get_table_names()
            return "\n".join(
                f"{name} {tuple(row)!r}"
                for name in names
                for row in session.execute(select(text("*")).select_from(table(name)))
            )

    return read


def test_coordinates_of_the_phone_are_kept_nowhere(cafe, phone, everything):
    here = at(LAT, LON)
    phone.press(location=here)
    phone.press(location=here, touches=press_of(OTHER_PATTERN))
    phone.press(location=at(LAT, LON, mock=True), touches=press_of(seed=2))
    phone.press(location=at(LAT, LON, accuracy_m=900.0), touches=press_of(seed=3))
    kept = everything()
    assert "press " in kept
    for canary in CANARIES:
        assert canary not in kept


def test_touches_are_kept_only_while_a_press_is_held(cafe, phone, everything):
    accepted, refused, held = (press_of(seed=k, sigma_mm=0.2) for k in range(3))
    phone.press(touches=accepted)
    phone.press(touches=refused, location=at(37.4979, 127.0276))
    phone.press(touches=held, location_error="denied")
    kept = everything()
    for touches in (accepted, refused):
        assert not any(str(x)[:12] in kept for x, _ in touches)
    assert all(str(x)[:12] in kept for x, _ in held)


def test_no_secret_is_kept_in_clear(cafe, phone, make_phone, everything):
    challenge = phone.challenges()[0]
    other = make_phone(algorithm="HS256")
    kept = everything()
    for secret in (challenge["nonce"], phone.token, phone.recovery_code, repr(other.signer._secret)[2:20]):
        assert secret not in kept


def test_the_audit_names_devices_and_facts_only(cafe, phone, look):
    phone.press()
    (entry,) = (
        e
        for e in look.scalars(AuditEntry.__table__.select().with_only_columns(AuditEntry.detail))
        if "purpose" in e
    )
    assert entry == {"purpose": "stamp", "shop": cafe.shop["id"], "reason": None, "flagged": False}
