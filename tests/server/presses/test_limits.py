"""How often a device may fail."""

from server.presses.models import Press
from tests.server.presses.envelopes import OTHER_PATTERN, press_of, sign_raw


def fail(phone, clock, times, every_s=1.0):
    for seed in range(times):
        answer = phone.press(touches=press_of(OTHER_PATTERN, seed=seed))
        assert answer.json()["code"] == "not_recognised"
        clock.advance(every_s)


def test_ten_failures_in_ten_minutes(cafe, phone, make_phone, clock, look):
    fail(phone, clock, 10)
    blocked = phone.press()
    assert (blocked.status_code, blocked.json()["code"]) == (429, "limit_reached")
    assert look.press(blocked.json()["press"]).reason == "failures_window"
    assert look.bookings() == 0
    # The last failure was a second ago, and it is the one that has to be waited for.
    assert blocked.headers["Retry-After"] == "599"
    assert make_phone().press(touches=press_of(seed=50)).status_code == 200
    clock.advance(599)
    assert phone.press(touches=press_of(seed=60)).status_code == 200


def test_being_blocked_does_not_prolong_the_wait(cafe, phone, clock):
    fail(phone, clock, 10)
    for seed in range(5):
        assert phone.press(touches=press_of(OTHER_PATTERN, seed=90 + seed)).status_code == 429
        clock.advance(100)
    clock.advance(100)
    assert phone.press().status_code == 200


def test_fifty_failures_in_a_day(cafe, phone, clock, look):
    fail(phone, clock, 50, every_s=601)
    blocked = phone.press()
    assert look.press(blocked.json()["press"]).reason == "failures_day"
    clock.advance(int(blocked.headers["Retry-After"]))
    assert phone.press(touches=press_of(seed=2)).status_code == 200


def test_an_honest_phones_bad_moments_do_not_count(cafe, phone, clock):
    for seed in range(12):
        unclear = phone.press(touches=press_of(seed=seed)[:2])
        assert unclear.json()["code"] == "press_unclear"
    assert phone.press().status_code == 200


def test_a_forger_cannot_use_up_anothers_attempts(cafe, phone):
    challenge = phone.challenges()[0]
    for seed in range(12):
        text = phone.envelope(challenge=challenge, touches=press_of(OTHER_PATTERN, seed=seed))
        assert phone.submit(text[:-8] + "AAAAAAAA").status_code == 401
    assert phone.press(challenge=challenge, touches=press_of(seed=77)).status_code == 200


def test_forgeries_in_a_devices_name_do_not_fill_the_log(cafe, phone, make_phone, clock, look):
    """Fifty a day are written down; the rest is refused alike, and the device goes on as before."""
    stranger = make_phone()
    for number in range(53):
        payload = f'{{"forged":{number}}}'.encode()
        forged = phone.submit(sign_raw(payload, stranger.signer, kid=phone.id))
        assert (forged.status_code, forged.json()["code"]) == (401, "signature_refused")
        assert (forged.json()["press"] is None) == (number >= 50)
    assert look.count(Press) == 50
    assert phone.press(touches=press_of(seed=60)).status_code == 200
    clock.advance(86_401)
    assert phone.submit(sign_raw(payload, stranger.signer, kid=phone.id)).json()["press"] is not None
