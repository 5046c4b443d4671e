"""The same envelope again, the same challenge again, the same touches again."""

import json

from server.core.audit import AuditEntry
from server.presses.models import Press
from stampsdk.capture import Contact, Frame
from tests.server.presses.envelopes import press_of


def test_the_same_envelope_gets_the_same_answer_at_any_age(cafe, phone, look, clock, app):
    text = phone.envelope()
    first = phone.submit(text)
    for age_s in (0, 89, 400 * 86_400):
        clock.advance(age_s)
        again = phone.submit(text)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "Idempotent-Replayed" not in first.headers
    assert look.credits() == 1
    assert len(look.presses()) == 1


def test_a_refusal_is_repeated_too(cafe, phone, look, clock):
    text = phone.envelope(touches=press_of()[:2])
    first = phone.submit(text)
    again = phone.submit(text)
    assert first.status_code == 422
    assert first.headers["content-type"] == again.headers["content-type"] == "application/problem+json"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    assert len(look.presses()) == 1


def test_a_used_challenge_with_another_body_is_refused_and_flagged(cafe, phone, look):
    challenge = phone.challenges()[0]
    first = phone.press(challenge=challenge)
    other = phone.press(challenge=challenge, touches=press_of(seed=2))
    assert first.status_code == 200
    assert (other.status_code, other.json()["code"]) == (409, "nonce_used")
    assert look.credits() == 1
    press = look.press(other.json()["press"])
    assert (press.reason, press.challenge_id) == ("nonce_used", None)
    (entry,) = look.audit(press.id)
    assert (entry.actor, entry.action, entry.detail["flagged"]) == (phone.id, "press.refused", True)


def test_another_signature_over_the_same_words_is_another_body(cafe, phone, look):
    # ECDSA is randomised, so that a second signature over one payload is another envelope.
    challenge = phone.challenges()[0]
    texts = [phone.envelope(challenge=challenge) for _ in range(2)]
    assert texts[0].split(".")[:2] == texts[1].split(".")[:2]
    assert texts[0] != texts[1]
    assert [phone.submit(text).status_code for text in texts] == [200, 409]
    assert look.credits() == 1


def test_recorded_touches_signed_anew_are_refused_and_flagged(cafe, phone, make_phone, look):
    touches = press_of(seed=5, sigma_mm=0.3)
    assert phone.press(touches=touches).status_code == 200
    recorded = make_phone().press(touches=tuple(reversed(touches)))
    body = recorded.json()
    assert (recorded.status_code, body["code"]) == (409, "not_fresh")
    assert look.press(body["press"]).reason == "duplicate_capture"
    assert look.audit(body["press"])[0].detail["flagged"] is True
    assert look.credits() == 1


def test_recorded_frames_under_other_touches_are_refused(cafe, phone, look):
    frames = tuple(
        Frame(0.016 * k, tuple(Contact(uid, x + k, y, None, None) for uid, (x, y) in enumerate(press_of())))
        for k in range(3)
    )
    assert phone.press(touches=press_of(seed=5), frames=frames).status_code == 200
    again = phone.press(touches=press_of(seed=6), frames=frames)
    assert look.press(again.json()["press"]).reason == "duplicate_capture"


def test_touches_that_were_refused_may_be_sent_again(cafe, phone):
    # A person who allows the location after all need not press again.
    touches = press_of(seed=5)
    denied = phone.press(touches=touches, location_error="denied", purpose="verify")
    assert denied.status_code == 403
    assert phone.press(touches=touches, purpose="verify").status_code == 200


def test_what_outlives_a_refusal(cafe, phone, look):
    """The nonce, the row, the counter and the audit entry; and nothing of the credit."""
    challenge = phone.challenges()[0]
    refused = phone.press(
        challenge=challenge, touches=press_of(((0, 0), (18, 1), (35, 5), (3, 30), (20, 20)))
    )
    assert json.loads(refused.content)["code"] == "not_recognised"
    assert look.count(Press, Press.counts.is_(True)) == 1
    assert look.count(AuditEntry, AuditEntry.action == "press.refused") == 1
    assert look.bookings() == 0
    retry = phone.press(challenge=challenge)
    assert (retry.status_code, retry.json()["code"]) == (409, "nonce_used")
