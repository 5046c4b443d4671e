"""Links that set a password, once, and the letters that carry them."""

import pytest
from sqlalchemy import func, inspect, select, table, text

from server.core.errors import Forbidden, NotFound, Unauthorised, Unprocessable
from server.core.outbox import OutboxMessage
from server.staff import service, sessions
from server.staff.actor import Role
from server.staff.mail import deliver_mail
from server.staff.models import PasswordReset
from tests.server.staff.conftest import PASSWORD, Outbound

NEW = "an other password"
ORIGIN = "https://stamps.example"


@pytest.fixture
def outbound():
    return Outbound()


@pytest.fixture
def deliver(do, sealer, outbound):
    """Deliver all that waits; return how many letters were handed over."""

    def deliver():
        count = 0
        while do(deliver_mail, sealer, outbound, public_origin=ORIGIN):
            count += 1
        return count

    return deliver


@pytest.fixture
def link(do, sealer, deliver, outbound):
    """Ask for a link and return its token."""

    def link(email="mina@cafe.example"):
        do(service.request_reset, sealer, email=email)
        assert deliver() == 1
        return outbound.token()

    return link


def refused(do, token, password=NEW, kind=Forbidden):
    with pytest.raises(kind) as refusal:
        do(service.reset, token=token, password=password)
    return refusal.value.code


def sign_in(do, password, email="mina@cafe.example"):
    return do(service.sign_in, email=email, password=password, address="")


def test_a_link_sets_the_password_once_and_ends_all_sessions(sign_up, do, link, database, clock):
    actor, token = sign_up()
    by_mail = link()
    assert do(service.reset, token=by_mail, password=NEW) == actor.member_id
    with database.reading() as session:
        assert sessions.find(session, clock, token) is None
    assert sign_in(do, NEW)[0] == actor
    with pytest.raises(Unauthorised):
        sign_in(do, PASSWORD)
    assert refused(do, by_mail, "a third password") == "link_invalid"
    sign_in(do, NEW)


def test_the_letter_goes_to_the_address_that_signed_up(sign_up, link, outbound):
    """Not to the one that was typed: it may be a look-alike of somebody else."""
    sign_up(email="Strasse@cafe.example")
    link("straße@CAFE.example")
    assert [mail.to for mail in outbound.sent] == ["Strasse@cafe.example"]
    assert f"{ORIGIN}/owner/reset?token=rst_" in outbound.sent[0].text


def test_nobody_gets_a_letter_that_nobody_asked_for(owner, sign_up, do, sealer, deliver, database, member):
    do(service.request_reset, sealer, email="nobody@cafe.example")
    do(service.request_reset, sealer, email="no e-mail")
    view = do(service.invite, sealer, owner, email="ara@cafe.example", name="Ara", role=Role.STAFF)
    do(service.suspend, owner, member_id=view.id)
    do(service.request_reset, sealer, email="ara@cafe.example")
    with database.reading() as session:
        topics = session.scalars(select(OutboxMessage.topic)).all()
        assert topics == ["mail.invitation"]


def test_a_link_is_good_for_thirty_minutes(owner, do, link, clock):
    token = link()
    clock.advance(30 * 60 - 1)
    assert refused(do, token, "short", Unprocessable) == "password_invalid"
    do(service.reset, token=token, password=NEW)
    token = link()
    clock.advance(30 * 60)
    assert refused(do, token) == "link_invalid"


def test_a_newer_link_replaces_the_older(owner, do, link):
    older, newer = link(), link()
    assert refused(do, older) == "link_invalid"
    do(service.reset, token=newer, password=NEW)


@pytest.mark.parametrize("token", ["", "rst_", "x" * 10_000, "é", "rst_" + "A" * 43 + "00000000"])
def test_links_that_are_none(owner, do, token):
    assert refused(do, token) == "link_invalid"


def test_an_invitation_sets_the_first_password(owner, do, sealer, deliver, outbound, clock):
    view = do(service.invite, sealer, owner, email="ara@cafe.example", name="Ara", role=Role.MANAGER)
    deliver()
    first = outbound.token()
    do(service.invite_again, sealer, owner, member_id=view.id)
    deliver()
    assert refused(do, first) == "link_invalid"
    clock.advance(7 * 24 * 3600 - 1)
    do(service.reset, token=outbound.token(), password=NEW)
    actor, _ = sign_in(do, NEW, "ara@cafe.example")
    assert (actor.member_id, actor.role, actor.partner_id) == (view.id, Role.MANAGER, owner.partner_id)
    with pytest.raises(Exception, match="invitation_closed"):
        do(service.invite_again, sealer, owner, member_id=view.id)
    with pytest.raises(NotFound):
        do(service.invite_again, sealer, owner, member_id="mem_nobody")


def test_a_suspended_member_cannot_use_a_link(owner, do, sealer, deliver, outbound):
    view = do(service.invite, sealer, owner, email="ara@cafe.example", name="Ara", role=Role.STAFF)
    deliver()
    do(service.suspend, owner, member_id=view.id)
    assert refused(do, outbound.token()) == "link_invalid"
    do(service.resume, owner, member_id=view.id)
    do(service.invite_again, sealer, owner, member_id=view.id)
    do(service.suspend, owner, member_id=view.id)
    deliver()
    assert len(outbound.sent) == 1  # the second letter had nobody to go to


def test_no_table_holds_a_password_a_pin_or_a_token_in_clear(
    sign_up, do, sealer, deliver, outbound, database
):
    owner, token = sign_up()
    do(service.add_staff, sealer, owner, name="Jun", pin="25806931")
    _, counter = do(service.issue_counter, owner, name="Till")
    do(service.request_reset, sealer, email="mina@cafe.example")

    def everything():
        with database.reading() as session:
            names = inspect(session.connection()).get_table_names()
            return "\n".join(
                repr(tuple(row))
                for name in names
                for row in session.execute(select(text("*")).select_from(table(name)))
            )

    before = everything()
    deliver()
    kept = before + everything()
    assert "mina@cafe.example" in kept
    for secret in (PASSWORD, "25806931", token, counter, outbound.token(), outbound.token()[4:20]):
        assert secret not in kept


def test_each_letter_is_handed_over_once(owner, link, deliver, database):
    link()
    assert deliver() == 0
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 1
        assert session.scalars(select(OutboxMessage)).one().delivered_at is not None
