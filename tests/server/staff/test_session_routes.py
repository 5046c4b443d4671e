"""Signing in and out as a browser without JavaScript does, and how often it may be tried."""

import logging
import re

import pytest

from server.core.logs import configure_logging
from server.settings import Settings
from tests.server.staff.conftest import OUT, PASSWORD, cookie


def test_sign_up_leads_home_with_a_session(browser, whoami):
    answer = browser.sign_up()
    assert (answer.status_code, answer.headers["location"]) == (303, "/owner")
    assert whoami(browser).startswith("mem_")


def test_the_attributes_of_the_cookie(browser):
    set_cookie = cookie(browser.sign_up(), "stamp_owner")
    assert set_cookie["httponly"] is True
    assert set_cookie["secure"] is True
    assert set_cookie["samesite"] == "lax"
    assert set_cookie["path"] == "/"
    assert set_cookie["domain"] == ""
    assert int(set_cookie["max-age"]) > 30 * 24 * 3600
    dropped = cookie(browser.post("session/end"), "stamp_owner")
    assert (dropped.value, dropped["max-age"], dropped["path"]) == ("", "0", "/")
    assert (dropped["httponly"], dropped["secure"], dropped["samesite"]) == (True, True, "lax")


@pytest.mark.parametrize(
    ("base", "secure"),
    [
        ("http://localhost:8080", False),
        ("http://127.0.0.1:8080", False),
        ("https://localhost:8443", True),
        ("http://192.168.0.7:8080", True),
        ("http://localhost.evil.example", True),
    ],
)
def test_the_cookie_is_secure_but_on_http_to_this_computer(make_browser, base, secure):
    answer = make_browser(base).sign_up()
    assert bool(cookie(answer, "stamp_owner")["secure"]) is secure


def test_a_setting_allows_plain_http_in_a_network_of_ones_own(make_browser, app, settings):
    app.state.settings = Settings(**settings.model_dump() | {"owner_cookie_secure": False})
    answer = make_browser("http://192.168.0.7:8080").sign_up()
    assert not cookie(answer, "stamp_owner")["secure"]


def test_a_stolen_session_is_dead_after_sign_out(browser, whoami):
    browser.sign_up()
    stolen = browser.cookies["stamp_owner"]
    answer = browser.post("session/end")
    assert answer.headers["location"] == "/owner/sign-in?done=signed_out"
    assert whoami(browser) == OUT
    assert whoami(browser, stolen) == OUT
    assert browser.post("session/end").status_code == 303  # once more, without a session


def test_out_everywhere(make_browser, whoami):
    phone, desk = make_browser(), make_browser()
    phone.sign_up()
    desk.sign_in()
    assert whoami(desk) == whoami(phone)
    phone.post("session/end-all")
    assert (whoami(phone), whoami(desk)) == (OUT, OUT)
    assert phone.post("session/end-all").status_code == 303


def test_signing_in_anew_ends_the_session_that_the_browser_had(browser, whoami):
    browser.sign_up()
    before = browser.cookies["stamp_owner"]
    browser.sign_in()
    assert browser.cookies["stamp_owner"] != before
    assert whoami(browser, before) == OUT
    assert whoami(browser).startswith("mem_")


def test_guessing_at_one_e_mail_ends_at_a_limit_whatever_the_address(app, browser, problem, settings, clock):
    browser.sign_up()
    for _ in range(settings.sign_in_tries):
        assert problem(browser.sign_in(password="wrong password")) == "sign_in_failed"
    refused = browser.sign_in(email="MINA@cafe.example")
    assert problem(refused) == "sign_in_limit_reached"
    assert re.search(r"[?&]wait=900\b", refused.headers["location"])
    # Another e-mail from here still may, known or not; and after the rest this one.
    assert problem(browser.sign_in(email="nobody@cafe.example")) == "sign_in_failed"
    clock.advance(899)
    assert problem(browser.sign_in()) == "sign_in_limit_reached"
    clock.advance(1)
    assert problem(browser.sign_in()) is None


def test_the_limit_is_the_same_for_an_e_mail_that_nobody_has(browser, problem, settings):
    codes = [problem(browser.sign_in(email="nobody@cafe.example")) for _ in range(settings.sign_in_tries + 1)]
    assert codes == ["sign_in_failed"] * settings.sign_in_tries + ["sign_in_limit_reached"]


def test_guessing_from_one_address_ends_at_a_limit_whatever_the_e_mail(app, browser, problem, settings):
    app.state.settings = Settings(**settings.model_dump() | {"sign_in_tries_address": 4})
    browser.sign_up()
    for _ in range(9):
        assert problem(browser.sign_in()) is None  # what succeeds is not counted
    for number in range(4):
        assert problem(browser.sign_in(email=f"m{number}@cafe.example")) == "sign_in_failed"
    assert problem(browser.sign_in()) == "sign_in_limit_reached"


def test_sign_ups_from_one_address_are_limited_and_slips_are_not_counted(
    app, browser, problem, settings, clock
):
    app.state.settings = Settings(**settings.model_dump() | {"sign_ups_hour": 2})
    for _ in range(4):
        assert problem(browser.sign_up(password="short")) == "password_invalid"
    for number in range(2):
        assert problem(browser.sign_up(email=f"m{number}@cafe.example")) is None
    assert problem(browser.sign_up(email="m3@cafe.example")) == "sign_up_limit_reached"
    clock.advance(3600)
    assert problem(browser.sign_up(email="m3@cafe.example")) is None


def test_a_session_in_use_lives_on_and_one_left_alone_ends(browser, whoami, clock, settings):
    browser.sign_up()
    for _ in range(3):
        clock.advance((settings.session_days - 1) * 24 * 3600)
        assert whoami(browser).startswith("mem_")
    clock.advance(settings.session_days * 24 * 3600)
    assert whoami(browser) == OUT


def test_no_password_pin_or_token_reaches_the_log(browser, monkeypatch, capsys):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", logging.INFO)
    configure_logging("INFO")
    browser.sign_up()
    browser.sign_in(password="wrong password")
    browser.http.get("/owner/nowhere?token=" + browser.cookies["stamp_owner"])
    logged = capsys.readouterr().err
    assert "/owner/session" in logged
    for secret in (PASSWORD, "wrong password", browser.cookies["stamp_owner"], "mina"):
        assert secret not in logged
