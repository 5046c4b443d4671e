"""Who works here: added, invited, changed and kept out on the page, proven in the database."""

import re
from functools import partial

import pytest

from server.core.errors import Forbidden
from server.staff import account, counters, members, passwords, sessions
from server.staff.actor import Right, Role
from tests.console.house import PASSWORD
from tests.console.staff_house import PIN, STRANGE, found, kept_mail
from tests.console.test_pages import faults

pytestmark = pytest.mark.browser


@pytest.fixture
def cafe(house, request):
    return found(house, re.sub(r"\W+", "-", request.node.name).strip("-")[-60:])


def is_whole(page):
    """Say whether nothing runs out of the screen and axe-core finds nothing serious."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0 and faults(page) == []


def unfold(visitor, key):
    visitor.page.locator("summary", has_text=visitor.words(key)).click()


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_staff_are_added_with_a_pin_and_bad_input_is_told(house, visit, cafe, language, width):
    visitor = visit(language=language, width=width).bring(cafe.token).open("/owner/people")
    visitor.sees("people.state.password")
    unfold(visitor, "people.add")
    for name, pin, problem in (
        ("W" * 10_000, PIN, "name_invalid"),
        ("", PIN, "name_invalid"),
        (STRANGE, "12", "pin_invalid"),
        (STRANGE, "1234", "pin_simple"),
    ):
        visitor.fill("people.staff_name", name)
        visitor.fill("people.pin", pin)
        visitor.press("people.add.do")
        visitor.message(f"problem.{problem}")
    assert len(cafe.listed()) == 1
    visitor.fill("people.pin", PIN)
    visitor.press("people.add.do")
    visitor.message("people.added")
    assert visitor.page.locator(".message").evaluate(
        "it => it.getBoundingClientRect().top >= 0 && it.getBoundingClientRect().bottom <= innerHeight"
    )
    added = cafe.listed()[1]
    assert (added.name, added.role, added.has_pin, added.email) == (STRANGE, Role.STAFF, True, None)
    cafe.at_counter(added.id)  # the PIN is the one that was typed
    visitor.page.locator(".person .name", has_text="<b>").wait_for()
    assert visitor.page.locator(".person b").count() == 0
    assert is_whole(visitor.page)


def test_a_manager_is_invited_by_mail_and_comes_in_by_its_link(house, visit, cafe):
    visitor = visit(language="en").bring(cafe.token).open("/owner/people")
    visitor.sees("people.state.password")
    unfold(visitor, "people.invite")
    visitor.fill("people.invited_name", "이매니저")
    with kept_mail(house) as sent:
        for email, problem in (("nobody", "email_invalid"), (cafe_email(cafe), "email_taken")):
            visitor.fill("sign.email", email)
            visitor.press("people.invite.do")
            visitor.message(f"problem.{problem}")
        assert sent == []
        visitor.fill("sign.email", "Manager@Example.com")
        visitor.press("people.invite.do")
        visitor.page.locator(".message.good", has_text="Manager@Example.com").wait_for()
        assert [mail.to for mail in sent] == ["Manager@Example.com"]
        visitor.page.get_by_role("link", name="이매니저").click()
        visitor.press("person.invite_again")
        visitor.page.locator(".message.good", has_text="Manager@Example.com").wait_for()
        first, second = (re.search(r"/owner/reset\?token=\S+", mail.text).group() for mail in sent)
    assert is_whole(visitor.page)
    guest = visit(language="en").open(first)
    guest.page.fill("#password", PASSWORD)
    guest.press("reset.save")
    guest.message("problem.link_invalid")  # the second one voided it
    guest.open(second)
    guest.page.fill("#password", PASSWORD)
    guest.press("reset.save")
    guest.message("done.password_set")
    guest.page.fill("#email", "manager@example.com")
    guest.page.fill("#password", PASSWORD)
    guest.press("sign.in")
    guest.sees("home.staff")
    assert cafe.listed()[1].role is Role.MANAGER
    guest.open("/owner/people").message("problem.not_allowed")
    guest.open("/owner/counters").sees("counters.none")
    visitor.page.reload()
    visitor.sees("people.state.password")
    assert visitor.page.get_by_text(visitor.words("person.invite_again")).count() == 0


def cafe_email(cafe):
    return cafe.listed()[0].email


def test_a_member_is_renamed_given_a_pin_signed_out_and_kept_out(house, visit, cafe):
    jun = cafe.hire("Jun")
    phone = cafe.at_counter(jun.id)
    visitor = visit(language="ko").bring(cafe.token).open(f"/owner/people/{jun.id}")
    visitor.fill("people.name", "x" * 10_000)
    visitor.press("person.rename")
    visitor.message("problem.name_invalid")
    visitor.fill("people.name", STRANGE)
    visitor.press("person.rename")
    visitor.message("person.renamed")
    assert cafe.row(jun.id).name == STRANGE
    assert visitor.page.locator("h1").inner_text() == STRANGE
    assert is_whole(visitor.page)
    visitor.press("person.sign_out")
    visitor.message("person.signed_out")
    assert who(house, phone.token) is None
    phone = cafe.at_counter(jun.id)
    visitor.fill("people.new_pin", "1111")
    visitor.press("person.pin.save")
    visitor.message("problem.pin_simple")
    assert who(house, phone.token) == jun.id
    visitor.fill("people.new_pin", "9173")
    visitor.press("person.pin.save")
    visitor.message("person.pin.saved")
    assert who(house, phone.token) is None
    phone = cafe.at_counter(jun.id, pin="9173")
    unfold(visitor, "person.suspend")
    visitor.press("person.suspend.do")
    visitor.message("person.suspended")
    assert cafe.row(jun.id).status == "suspended"
    assert who(house, phone.token) is None
    visitor.press("person.resume")
    visitor.message("person.resumed")
    assert cafe.row(jun.id).status == "active"


def who(house, token):
    with house.state.database.reading() as session:
        actor = sessions.find(session, house.state.clock, token)
        return None if actor is None else actor.member_id


def test_roles_change_and_the_last_owner_stays(house, visit, cafe):
    other = found(house, "others-people")
    visitor = visit(language="en").bring(cafe.token)
    visitor.open(f"/owner/people/{other.actor.member_id}").message("problem.not_found")
    visitor.open(f"/owner/people/{cafe.actor.member_id}")
    unfold(visitor, "person.suspend")
    visitor.press("person.suspend.do")
    visitor.message("problem.last_owner")
    choose(visitor, "role.staff")
    visitor.press("person.role.save")
    visitor.message("problem.last_owner")
    assert cafe.row(cafe.actor.member_id).role == "owner"
    ara = cafe.do(
        members.invite,
        house.state.sealer,
        cafe.actor,
        email="ara-roles@example.com",
        name="Ara",
        role=Role.MANAGER,
    )
    with house.state.database.transaction() as session:
        session.get_one(members.Member, ara.id).password_hash = passwords.hash_password(PASSWORD)
    visitor.open(f"/owner/people/{ara.id}")
    choose(visitor, "role.owner")
    visitor.sees("role.owner.may")
    visitor.press("person.role.save")
    visitor.message("person.role.saved")
    assert cafe.row(ara.id).role == "owner"
    cafe.do(members.rename, cafe.actor, member_id=ara.id, name="Ara B.")  # another owner, meanwhile
    choose(visitor, "role.manager")
    visitor.press("person.role.save")
    visitor.message("problem.member_changed")
    assert cafe.row(ara.id).role == "owner"


def choose(visitor, key):
    visitor.page.get_by_role("combobox", name=visitor.words("person.role")).click()
    visitor.page.get_by_role("option", name=visitor.words(key), exact=True).click()


def test_staff_are_refused_by_the_pages_and_by_every_service(house, visit, cafe):
    jun = cafe.hire("Jun")
    phone = cafe.at_counter(jun.id)
    visitor = visit(language="ko").bring(phone.token)
    for path in ("/owner/people", f"/owner/people/{cafe.actor.member_id}", "/owner/counters"):
        visitor.open(path).message("problem.not_allowed")
        assert visitor.page.get_by_text("김사장").count() == 0
        assert visitor.page.locator(".nicegui-content button").count() == 0
    assert visitor.page.get_by_role("link", name=visitor.words("nav.people")).count() == 0
    visitor.open("/owner/counter").message("problem.not_allowed")
    assert visitor.page.locator("form").count() == 0
    state = house.state
    with state.database.reading() as session:
        staff = sessions.find(session, state.clock, phone.token)
    one = {"member_id": jun.id}
    sealed = partial(cafe.do, actor=staff, sealer=state.sealer)
    plain = partial(cafe.do, actor=staff)
    for act in (
        partial(sealed, members.add_staff, name="Max", pin=PIN),
        partial(sealed, members.invite, email="max@example.com", name="Max", role=Role.OWNER),
        partial(sealed, members.invite_again, **one),
        partial(sealed, members.set_pin, pin="9173", **one),
        partial(plain, members.rename, name="Max", **one),
        partial(plain, members.change_role, role=Role.OWNER, **one),
        partial(plain, members.suspend, member_id=cafe.actor.member_id),
        partial(plain, members.resume, **one),
        partial(plain, account.sign_out_member, member_id=cafe.actor.member_id),
        partial(plain, counters.issue_counter, name="Mine"),
        partial(plain, counters.revoke_counter, counter_id=phone.id),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "not_allowed"
    with state.database.reading() as session:
        for look in (members.list_members, partial(members.find_member, **one), counters.list_counters):
            with pytest.raises(Forbidden):
                look(session, staff)
    assert [(each.id, each.version) for each in cafe.listed()] == [(cafe.actor.member_id, 1), (jun.id, 1)]
    assert not staff.may(Right.MANAGE_STAFF)


def test_a_stolen_session_shows_and_does_nothing_after_the_sign_out(house, visit, cafe):
    jun = cafe.hire("Jun")
    visitor = visit(language="en").bring(cafe.token).open(f"/owner/people/{jun.id}")
    thief = visit(language="en").bring(cafe.token)
    visitor.fill("people.name", "Stolen")
    thief.open("/owner/people").sees("people.state.pin")
    cafe.do(members.sign_out_everywhere, cafe.actor)
    for path in ("/owner/people", f"/owner/people/{jun.id}", "/owner/counters", "/owner/password"):
        thief.open(path).page.wait_for_url("**/owner/sign-in*")
        assert "Jun" not in thief.page.content()
    visitor.press("person.rename")  # a page that was left open
    visitor.page.wait_for_url("**/owner/sign-in*")
    assert cafe.row(jun.id).name == "Jun"
