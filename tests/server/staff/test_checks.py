"""What people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import Unprocessable
from server.staff.checks import checked_email, checked_name, checked_password, checked_pin


def code(check, *arguments, **members):
    with pytest.raises(Unprocessable) as refused:
        check(*arguments, **members)
    return refused.value.code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mina@cafe.example", "MINA@Cafe.Example"),
        (" mina@cafe.example\n", "mina@cafe.example"),
        ("straße@cafe.example", "STRASSE@cafe.example"),
        ("café@cafe.example", "CAFE\u0301@cafe.example"),
        ("미나@카페.한국", "미나@카페.한국"),
    ],
)
def test_e_mails_count_alike_in_both_cases(one, other):
    assert checked_email(one)[1] == checked_email(other)[1]
    assert checked_email(one)[0] == one.strip()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "mina",
        "@cafe.example",
        "mina@",
        "mi na@cafe.example",
        "a@b@c",
        "mina@cafe.example\x00",
        "mina@cafe\u202e.example",
        "mina@cafe\u200b.example",
        "\ud800@cafe.example",
        "m" * 65 + "@cafe.example",
        "m@" + "c" * 10_000,
        "m@" + "ß" * 200,
    ],
)
def test_what_is_no_e_mail(email):
    assert code(checked_email, email) == "email_invalid"


@pytest.mark.parametrize(
    "name", ["김미나", "مقهى الياسمين", "קפה", "☕", "👩‍🍳 Mina", "O'Brien & Sons", "=1+1", "é" * 100]
)
def test_names_in_any_script_are_kept_as_they_are(name):
    assert checked_name(f"  {name} ") == name


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "x" * 10_000, "a\nb", "a\x00", "\u200b", "\u202e", "a\u2028b", "\ud800"]
)
def test_names_that_are_none(name):
    assert code(checked_name, name) == "name_invalid"


def test_passwords():
    assert checked_password("correct horse") == "correct horse"
    assert checked_password("비밀번호는길다아주길다") == "비밀번호는길다아주길다"
    for password in ("short", "x" * 9, "xy" * 101):
        assert code(checked_password, password) == "password_invalid"
    for password in ("Mina.Kim@cafe.example", "MINA.KIM.2026", "xyxyxyxyxyxy"):
        assert (
            code(
                checked_password,
                password,
                email="mina.kim.2026@cafe.example" if "2026" in password else "mina.kim@cafe.example",
            )
            == "password_simple"
        )


@given(pin=st.text(alphabet=st.characters(codec="utf-8"), max_size=12))
def test_whatever_passes_for_a_pin_is_four_to_eight_plain_digits(pin):
    try:
        checked = checked_pin(pin)
    except Unprocessable:
        return
    assert checked == pin
    assert 4 <= len(pin) <= 8
    assert set(pin) <= set("0123456789")


def test_pins():
    for pin in ("2580", "91827364", "0001"):
        assert checked_pin(pin) == pin
    for pin in ("", "123", "123456789", "12a4", "٢٥٨٠", "2580\n"):
        assert code(checked_pin, pin) == "pin_invalid"
    for pin in ("0000", "1234", "4321", "23456789"):
        assert code(checked_pin, pin) == "pin_simple"
