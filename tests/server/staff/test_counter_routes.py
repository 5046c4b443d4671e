"""Staff at a phone of the counter, through the forms."""

import pytest

from server.staff import service, sessions
from server.staff.actor import Role
from tests.server.staff.conftest import OUT, cookie


@pytest.fixture
def till(browser, do, sealer, database, clock, whoami):
    """Give a browser that an owner has made a phone of the counter, signed out again, and a staff member."""
    browser.sign_up()
    answer = browser.post("counter", name="Till", next="/owner/staff")
    assert answer.headers["location"] == "/owner/staff"
    browser.counter_cookie = cookie(answer, "stamp_counter")
    with database.reading() as session:
        browser.owner = sessions.find(session, clock, browser.cookies["stamp_owner"])
    browser.jun = do(service.add_staff, sealer, browser.owner, name="Jun", pin="2580").id
    browser.post("session/end")
    return browser


def test_the_cookie_of_the_counter(till):
    made = till.counter_cookie
    assert (made["httponly"], made["secure"], made["samesite"], made["path"]) == (True, True, "lax", "/owner")
    assert int(made["max-age"]) == 400 * 24 * 3600


def test_staff_sign_in_by_pin_on_a_phone_of_the_counter(till, whoami, problem):
    assert whoami(till) == OUT
    assert problem(till.post("pin-session", member=till.jun, pin="2580")) is None
    assert whoami(till) == till.jun
    assert problem(till.post("counter", name="Another")) == "not_allowed"


def test_a_phone_that_nobody_made_one_of_the_counter_neither_signs_in_nor_locks_anybody_out(
    till, make_browser, problem, settings, whoami
):
    stranger = make_browser()
    assert problem(stranger.post("counter", name="Till")) == "sign_in_needed"
    for pin in ["2580"] * (settings.pin_tries + 2):
        assert problem(stranger.post("pin-session", member=till.jun, pin=pin)) == "counter_unknown"
    assert problem(till.post("pin-session", member=till.jun, pin="2580")) is None


def test_five_wrong_pins_lock_for_a_time_and_the_right_one_too(till, problem, settings, clock):
    def attempt(pin="2580"):
        return problem(till.post("pin-session", member=till.jun, pin=pin))

    assert settings.pin_tries == 5
    for _ in range(4):
        assert attempt("8520") == "pin_wrong"
    assert attempt() is None  # and the count begins anew
    for _ in range(5):
        clock.advance(800)
        assert attempt("8520") == "pin_wrong"
    assert attempt() == "pin_locked"
    clock.advance(899)
    assert attempt() == "pin_locked"  # the whole time from the last wrong one, however slowly they came
    clock.advance(1)
    assert attempt() is None


def test_slow_guessing_ends_at_the_days_limit(till, problem, settings, clock):
    codes = []
    for _ in range(settings.pin_tries_day + 1):
        codes.append(problem(till.post("pin-session", member=till.jun, pin="8520")))
        clock.advance(901)
    assert codes == ["pin_wrong"] * settings.pin_tries_day + ["pin_locked"]


def test_a_suspended_member_is_out_at_the_next_click(till, do, whoami, problem):
    till.post("pin-session", member=till.jun, pin="2580")
    assert whoami(till) == till.jun
    do(service.suspend, till.owner, member_id=till.jun)
    assert whoami(till) == OUT
    assert problem(till.post("pin-session", member=till.jun, pin="2580")) == "pin_wrong"


def test_roles_hold_for_who_is_signed_in_and_not_for_what_the_page_says(till, do, database, clock):
    till.post("pin-session", member=till.jun, pin="2580")
    with database.reading() as session:
        staff = sessions.find(session, clock, till.cookies["stamp_owner"])
        assert staff.role is Role.STAFF
        with pytest.raises(Exception, match="not_allowed"):
            service.list_members(session, staff)


def test_the_next_person_finds_the_sign_in_by_pin(till, whoami):
    for way in ("session/end", "session/end-all"):
        till.post("pin-session", member=till.jun, pin="2580")
        assert whoami(till) == till.jun
        answer = till.post(way, next="/owner/pin")
        assert answer.headers["location"] == "/owner/pin?done=signed_out"
        assert whoami(till) == OUT
        for elsewhere in ("", "/owner/people", "https://evil.example/", "/owner/pin/"):
            assert till.post(way, next=elsewhere).headers["location"].startswith("/owner/sign-in?")


def test_a_wrong_pin_leads_back_to_whose_it_was_to_be(till):
    answer = till.post("pin-session", member=till.jun, pin="8520")
    assert answer.headers["location"] == f"/owner/pin?problem=pin_wrong&member={till.jun}"
    for other in ("", "mem_x", "mem_" + "f" * 33, "x&next=//evil.example"):
        answer = till.post("pin-session", member=other, pin="8520")
        assert answer.headers["location"] == "/owner/pin?problem=pin_wrong"
