"""Signing up and in, and changing the password."""

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import func, select

from server.core.errors import Conflict, Forbidden, Unauthorised, Unprocessable
from server.partners.models import Partner
from server.partners.service import create_partner
from server.staff import passwords, service, sessions, signing_in
from server.staff.actor import Role
from server.staff.models import Member
from tests.server.staff.conftest import PASSWORD


@pytest.fixture(autouse=True)
def cost_of_hashes():
    """Let hashes cost what they do."""


@pytest.fixture
def sign_in(do):
    def sign_in(email="mina@cafe.example", password=PASSWORD):
        return do(service.sign_in, email=email, password=password, address="203.0.113.7")

    return sign_in


@pytest.fixture
def hashes(monkeypatch):
    """List the hashes that were computed to compare a password with."""
    compared = []

    class Watched:
        def __call__(self, **members) -> Argon2id:
            return Argon2id(**members)

        def verify_phc_encoded(self, password, text, secret=None):
            compared.append(text.split("$")[3])
            return Argon2id.verify_phc_encoded(password, text, secret=secret)

    monkeypatch.setattr(passwords, "Argon2id", Watched())
    return compared


def test_signing_up_makes_an_organisation_and_its_owner(sign_up, database):
    actor, _ = sign_up(organisation="카페 온기 ☕")
    with database.reading() as session:
        partner = session.get_one(Partner, actor.partner_id)
        member = session.get_one(Member, actor.member_id)
    assert partner.shown_name == "카페 온기 ☕"
    assert (member.email, member.role, member.status) == ("mina@cafe.example", "owner", "active")
    assert PASSWORD not in member.password_hash


def test_organisations_may_share_a_name_and_take_no_operators_handle(sign_up, do, database):
    first, _ = sign_up()
    second, _ = sign_up(email="jun@other.example")
    assert first.partner_id != second.partner_id
    operators = do(create_partner, name="Café Ongi")
    with database.reading() as session:
        named = session.scalars(select(Partner).where(Partner.name == "Café Ongi")).all()
    assert [partner.id for partner in named] == [operators.id]
    assert operators.shown_name == "Café Ongi"


def test_an_e_mail_signs_up_once_in_whatever_case_and_a_refusal_leaves_nothing(sign_up, database):
    sign_up(email="Mina@Cafe.example")
    for email in ("mina@cafe.example", "MINA@CAFE.EXAMPLE", " mina@cafe.example "):
        with pytest.raises(Conflict) as refused:
            sign_up(email=email)
        assert refused.value.code == "email_taken"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Partner)) == 1


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"email": "mina"}, "email_invalid"),
        ({"name": "x" * 10_000}, "name_invalid"),
        ({"organisation": "x" * 10_000}, "name_invalid"),
        ({"organisation": " "}, "name_invalid"),
        ({"password": "short"}, "password_invalid"),
        ({"password": "x" * 201}, "password_invalid"),
        ({"password": "mina@cafe.example"}, "password_simple"),
    ],
)
def test_a_sign_up_that_is_not_fit(sign_up, database, members, code):
    with pytest.raises(Unprocessable) as refused:
        sign_up(**members)
    assert refused.value.code == code
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Partner)) == 0


@pytest.mark.parametrize("name", ["مقهى الياسمين", "👩‍🍳", "=cmd|' /C calc'!A0"])
def test_names_come_back_as_they_were(sign_up, member, name):
    actor, _ = sign_up(name=name, organisation=name)
    assert actor.name == member(actor.member_id).name == name


def test_signing_in(sign_up, sign_in, database, clock):
    actor, _ = sign_up()
    again, token = sign_in(email="MINA@cafe.EXAMPLE")
    assert again == actor
    with database.reading() as session:
        assert sessions.find(session, clock, token) == actor


def test_every_refusal_is_the_same_and_costs_one_hash(sign_up, sign_in, do, sealer, database, hashes):
    """Whether the e-mail is unknown, suspended, without a password or no e-mail: one hash of one cost."""
    owner, _ = sign_up()
    do(service.invite, sealer, owner, email="new@cafe.example", name="New", role=Role.MANAGER)
    gone = do(service.invite, sealer, owner, email="gone@cafe.example", name="Gone", role=Role.MANAGER)
    with database.transaction() as session:
        session.get_one(Member, gone.id).password_hash = passwords.hash_password(PASSWORD)
    do(service.suspend, owner, member_id=gone.id)
    bodies = []
    for email, password in [
        ("mina@cafe.example", "wrong password"),
        ("nobody@cafe.example", PASSWORD),
        ("gone@cafe.example", PASSWORD),
        ("new@cafe.example", PASSWORD),
        ("new@cafe.example", ""),
        ("no e-mail at all", PASSWORD),
        ("x" * 10_000, "y" * 10_000),
    ]:
        del hashes[:]
        with pytest.raises(Unauthorised) as refused:
            sign_in(email, password)
        bodies.append(refused.value.body())
        assert hashes == ["m=19456,t=2,p=1"]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "sign_in_failed"
    del hashes[:]
    sign_in()
    assert hashes == ["m=19456,t=2,p=1"]


def test_a_cheap_hash_is_replaced_when_its_owner_signs_in(owner, sign_in, database, member):
    cheap = passwords.hash_password(PASSWORD, parameters=passwords.Parameters(64, 1, 1))
    with database.transaction() as session:
        session.get_one(Member, owner.member_id).password_hash = cheap
    with pytest.raises(Unauthorised):
        sign_in(password="wrong password")
    assert member(owner.member_id).password_hash == cheap
    sign_in()
    replaced = member(owner.member_id).password_hash
    assert replaced.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    sign_in()
    assert member(owner.member_id).password_hash == replaced


def test_who_was_verified_may_have_lost_the_password_since(owner, database, do, clock):
    with database.reading() as session:
        verified = signing_in.check_password(session, email="mina@cafe.example", password=PASSWORD)
    with database.transaction() as session:
        session.get_one(Member, owner.member_id).password_hash = passwords.hash_password("another password")
    with pytest.raises(Unauthorised):
        do(signing_in.sign_in_verified, verified, address="")


def test_changing_the_password_ends_all_other_sessions(sign_up, sign_in, do, database, clock):
    actor, token = sign_up()
    stolen = sign_in()[1]
    with pytest.raises(Forbidden) as refused:
        do(service.change_password, actor, token=token, old="wrong password", new="a new password")
    assert refused.value.code == "password_wrong"
    with pytest.raises(Unprocessable):
        do(service.change_password, actor, token=token, old=PASSWORD, new="short")
    do(service.change_password, actor, token=token, old=PASSWORD, new="a new password")
    with database.reading() as session:
        assert sessions.find(session, clock, token) == actor
        assert sessions.find(session, clock, stolen) is None
    with pytest.raises(Unauthorised):
        sign_in()
    sign_in(password="a new password")
