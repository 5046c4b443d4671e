"""Links by mail and changed passwords, through the forms."""

import re

from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings
from server.staff import service
from tests.server.staff.conftest import OUT, PASSWORD


def test_asking_for_a_link_is_answered_alike_for_everybody(browser, mail, problem, settings):
    browser.sign_up()
    answers = [
        browser.post("reset-request", email=email)
        for email in ("mina@cafe.example", "nobody@cafe.example", "no e-mail", "")
    ]
    assert {answer.headers["location"] for answer in answers} == {"/owner/reset-request?done=reset_requested"}
    assert [each.to for each in mail.sent] == ["mina@cafe.example"]
    for email in ("mina@cafe.example", "nobody@cafe.example"):
        codes = [
            problem(browser.post("reset-request", email=email)) for _ in range(settings.reset_mails_hour)
        ]
        assert codes == [None] * (settings.reset_mails_hour - 1) + ["reset_limit_reached"]


def test_a_mailed_link_sets_the_password_once(browser, make_browser, mail, problem, whoami, settings):
    browser.sign_up()
    for _ in range(settings.sign_in_tries):
        make_browser().sign_in(password="wrong password")
    browser.post("reset-request", email="mina@cafe.example")
    token = mail.token()
    short = browser.post("reset", token=token, password="short")
    assert short.headers["location"] == f"/owner/reset?problem=password_invalid&token={token}"
    done = browser.post("reset", token=token, password="a new password")
    assert done.headers["location"] == "/owner/sign-in?done=password_set"
    assert whoami(browser) == OUT
    # Wrong guesses of others have kept the owner out only until then.
    assert problem(browser.sign_in(password="a new password")) is None
    assert problem(browser.post("reset", token=token, password="a third password")) == "link_invalid"


def test_a_link_begins_with_our_own_address_and_never_with_what_a_request_says(
    browser, make_browser, app, mail, settings
):
    browser.sign_up()
    make_browser("https://evil.example").post("reset-request", email="mina@cafe.example")
    assert "\n/owner/reset?token=" in mail.sent[-1].text
    app.state.settings = Settings(**settings.model_dump() | {"public_origin": "https://stamps.example/"})
    make_browser("https://evil.example").post("reset-request", email="mina@cafe.example")
    assert "\nhttps://stamps.example/owner/reset?token=" in mail.sent[-1].text
    assert all("evil" not in each.text for each in mail.sent)


def test_changing_the_password_keeps_this_browser_in_and_no_other(make_browser, whoami, problem):
    phone, desk = make_browser(), make_browser()
    assert problem(phone.post("password", old=PASSWORD, new="a new password")) == "sign_in_needed"
    phone.sign_up()
    desk.sign_in()
    assert problem(phone.post("password", old=PASSWORD, new="short")) == "password_invalid"
    assert (
        phone.post("password", old=PASSWORD, new="a new password", next="/owner/me").headers["location"]
        == "/owner/me"
    )
    assert whoami(phone).startswith("mem_")
    assert whoami(desk) == OUT


def test_guessing_the_present_password_in_a_stolen_session_is_limited(browser, problem, settings):
    browser.sign_up()
    for _ in range(settings.sign_in_tries):
        assert (
            problem(browser.post("password", old="wrong password", new="a new password")) == "password_wrong"
        )
    assert problem(browser.post("password", old=PASSWORD, new="a new password")) == "sign_in_limit_reached"


def test_letters_that_a_crash_left_behind_leave_at_the_next_start(
    owner, do, sealer, settings, clock, engine, capsys
):
    do(service.request_reset, sealer, email="mina@cafe.example")
    again = create_app(settings, clock=clock, engine=engine)
    with TestClient(again):
        pass
    logged = capsys.readouterr().err
    assert len(re.findall(r"/owner/reset\?token=rst_[A-Za-z0-9_-]+", logged)) == 1
    assert "mina@cafe.example" in logged
    with TestClient(again):
        pass
    assert "rst_" not in capsys.readouterr().err
