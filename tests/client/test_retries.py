"""Lost connections, failing servers, restarts: one press is credited once, and its answer is not lost."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampsdk.client import AnswerError, PhoneClient, RefusedError, RetryPolicy, TransportError
from tests.client.conftest import FakeTime
from tests.client.fake_server import KEY, FakeServer, problem, refused
from tests.client.test_phone import FIVE, calls

HTML = b"<html>Welcome to the free Wi-Fi</html>"


def credits_of(server):
    return sum(server.state.credits.values())


@pytest.mark.parametrize(
    "faults",
    [
        ["lost before"],
        ["lost after"],
        ["lost after", "lost before", "lost after"],
        [problem(500, "commit_failed")],
        [problem(503, "busy"), (502, b"<html>bad gateway</html>"), (504, b"")],
        [(200, HTML)],
        [(302, b"", {"Location": "http://login.invalid/"})],
        [(408, b""), problem(429, "rate_limited")],
    ],
)
def test_the_same_envelope_is_sent_until_the_answer_comes(phone, server, fake_time, faults):
    server.state.faults.extend(faults)
    outcome = phone.press(FIVE)
    assert outcome.accepted
    assert outcome.replayed is ("lost after" in faults)
    assert credits_of(server) == 1
    assert len(set(server.state.envelopes)) == 1
    sent = [body["envelope"] for body in calls(server, "/v1/presses")]
    assert len(sent) == len(faults) + 1
    assert len(set(sent)) == 1
    assert len(fake_time.waits) == len(faults)
    assert phone.pending == 0


def test_waits_grow_are_spread_and_bounded(phone, server, fake_time):
    server.state.faults.extend([problem(500, "failed")] * 4)
    with pytest.raises(TransportError):
        phone.press(FIVE)
    limits = [0.5, 1.0, 2.0]
    assert all(0 < wait <= most for wait, most in zip(fake_time.waits, limits, strict=True))


@pytest.mark.parametrize(
    ("header", "waited"),
    [("7", 7.0), ("0", 0.0), ("Sun, 22 Nov 2026 09:30:08 GMT", 8.0), ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0)],
)
def test_retry_after_is_obeyed(phone, server, fake_time, header, waited):
    server.state.faults.append((429, b"{}", {"Retry-After": header}))
    assert phone.press(FIVE).accepted
    assert fake_time.waits == [waited]


@pytest.mark.parametrize("header", ["soon", "-5", "1e9", "", "٣"])
def test_an_unreadable_retry_after_is_left_aside(phone, server, fake_time, header):
    server.state.faults.append((503, b"{}", {"Retry-After": header.encode().decode("latin-1")}))
    assert phone.press(FIVE).accepted
    assert 0 < fake_time.waits[0] <= 0.5


def test_a_server_that_asks_for_a_long_wait_is_not_waited_for(phone, server, fake_time):
    server.state.faults.append((503, b"{}", {"Retry-After": "3600"}))
    with pytest.raises(TransportError) as caught:
        phone.press(FIVE)
    assert (caught.value.retry_after_s, caught.value.retryable, fake_time.waits) == (3600.0, True, [])
    assert phone.pending == 1


def test_a_limit_that_judged_the_press_is_an_outcome_at_once(phone, server, fake_time):
    server.state.verdicts.append(refused(429, "limit_reached"))
    assert phone.press(FIVE).code == "limit_reached"
    assert (len(server.state.envelopes), fake_time.waits) == (1, [])


def test_an_unanswered_press_survives_a_restart_and_goes_out_with_the_next_call(make_phone, server):
    first = make_phone()
    server.state.faults.extend(["lost after"] + ["lost before"] * 3)
    with pytest.raises(TransportError) as caught:
        first.press(FIVE)
    assert (caught.value.code, caught.value.retryable) == ("unreachable", True)
    assert credits_of(server) == 1
    second = make_phone()
    assert second.pending == 1
    (outcome,) = second.resume_pending()
    assert (outcome.accepted, outcome.replayed, outcome.card.stamps) == (True, True, 1)
    assert (second.pending, second.resume_pending()) == (0, ())
    assert credits_of(server) == 1


def test_the_next_press_takes_the_unanswered_one_along(phone, server):
    server.state.faults.extend(["lost before"] * 4)
    with pytest.raises(TransportError):
        phone.press(FIVE)
    assert credits_of(server) == 0
    assert phone.press(FIVE).card.stamps == 2
    assert phone.pending == 0


def test_an_unanswered_press_does_not_stand_in_the_way(phone, server):
    server.state.faults.extend(["lost before"] * 5)  # four tries, and the one when it is taken along
    with pytest.raises(TransportError):
        phone.press(FIVE)
    assert phone.press(FIVE).card.stamps == 1
    assert phone.pending == 1


def test_resuming_without_a_network_keeps_everything(phone, server):
    server.state.faults.extend(["lost before"] * 4)
    with pytest.raises(TransportError):
        phone.press(FIVE)
    server.state.faults.extend(["lost before"] * 4)
    with pytest.raises(TransportError):
        phone.resume_pending()
    assert phone.pending == 1


def test_no_more_than_sixteen_unanswered_presses_are_kept_and_the_loss_is_logged(make_phone, server, caplog):
    phone = make_phone(policy=RetryPolicy(attempts=1))
    phone.enrol()
    for _ in range(17):
        phone.prefetch_challenges(1)
        server.state.faults.extend(["lost before"] * 2)
        with pytest.raises(TransportError):
            phone.press(FIVE)
    assert phone.pending == 16
    assert "the oldest is given up" in caplog.text


def test_a_stale_challenge_is_replaced_once(phone, server):
    phone.prefetch_challenges(2)
    server.state.challenges.clear()
    outcome = phone.press(FIVE)
    assert outcome.accepted
    assert (len(server.state.envelopes), len(set(server.state.envelopes)), credits_of(server)) == (2, 2, 1)


def test_a_server_that_finds_nothing_fresh_gets_two_tries_only(phone, server):
    server.state.verdicts.extend([refused(409, "not_fresh")] * 2)
    assert phone.press(FIVE).code == "not_fresh"
    assert len(server.state.envelopes) == 2


def test_a_used_nonce_is_not_tried_again(phone, server):
    server.state.verdicts.append(refused(409, "nonce_used"))
    assert phone.press(FIVE).code == "nonce_used"
    assert len(server.state.envelopes) == 1


def test_challenges_held_ahead_make_a_press_one_call(phone, server, fake_time):
    assert phone.prefetch_challenges(3) == 3
    assert phone.prefetch_challenges(2) == 3
    before = len(server.state.seen)
    phone.press(FIVE)
    assert server.state.seen[before][1] == "/v1/presses"
    assert len(calls(server, "/v1/challenges")) == 1
    fake_time.passed += 76
    phone.press(FIVE)
    assert len(calls(server, "/v1/challenges")) == 2
    with pytest.raises(ValueError, match="1 to 5"):
        phone.prefetch_challenges(6)


def test_a_challenge_is_used_for_its_own_purpose_only(phone, server):
    phone.prefetch_challenges(1, "stamp")
    phone.press(FIVE, purpose="verify")
    assert [body["purpose"] for body in calls(server, "/v1/challenges")] == ["stamp", "verify"]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"verdict":"maybe"}',
        b'{"verdict":"accepted"}',
        b'{"verdict":"accepted","code":1,"text":{"ko":"","en":""}}',
        b'{"verdict":"accepted","code":"stamped","text":{"ko":"a","en":"b"},"card":{"id":"x"}}',
        b'{"verdict":"accepted","code":"stamped","text":"Stamped"}',
        b'{"verdict":"accepted","code":"stamped","text":{"ko":"a","en":"b"},"coupons":{}}',
        b"{}",
    ],
)
def test_an_answer_of_another_protocol_is_an_error_and_the_press_is_kept(phone, server, body):
    server.state.faults.append((200, body))
    with pytest.raises(AnswerError):
        phone.press(FIVE)
    assert phone.pending == 1
    (outcome,) = phone.resume_pending()
    assert outcome.accepted


def test_a_refusal_by_something_in_between_is_an_error_and_is_not_sent_for_ever(phone, server):
    server.state.faults.append((413, b"<html>too large</html>"))
    with pytest.raises(RefusedError) as caught:
        phone.press(FIVE)
    assert (caught.value.status, caught.value.retryable, phone.pending) == (413, False, 0)


def test_an_enrolment_that_failed_halfway_is_repeated(phone, server):
    server.state.fault_paths.add("/v1/devices")
    server.state.faults.extend([problem(500, "failed"), "lost before"])
    assert phone.press(FIVE).accepted


def test_an_enrolment_whose_answer_was_lost_is_made_anew_with_another_key(phone, server):
    server.state.fault_paths.add("/v1/devices")
    server.state.faults.append("lost after")
    assert phone.press(FIVE).accepted
    assert len(server.state.devices) == 2


def test_a_base_url_must_be_one(tmp_path):
    with pytest.raises(ValueError, match="https://"):
        PhoneClient("stamps.example", KEY, store=tmp_path / "s")


faults = st.sampled_from(["none", "lost before", "lost after", 500, 503, 429, "html"])


def _fault(kind):
    return {
        "none": None,
        "lost before": "lost before",
        "lost after": "lost after",
        500: problem(500, "failed"),
        503: problem(503, "busy"),
        429: problem(429, "rate_limited"),
        "html": (200, HTML),
    }[kind]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(faults, max_size=24), restarts=st.sets(st.integers(0, 4)))
def test_whatever_the_network_does_every_press_is_credited_exactly_once(tmp_path_factory, plan, restarts):
    """Five presses through any faults and restarts end in five credits, no more, no fewer."""
    time = FakeTime()
    with FakeServer() as server:
        options = {
            "store": tmp_path_factory.mktemp("store") / "phone.json",
            "runtime": time.runtime(),
            "policy": RetryPolicy(attempts=2),
        }
        phone = PhoneClient(server.url, KEY, **options)
        phone.enrol()
        server.state.faults.extend(map(_fault, plan))
        for number in range(5):
            if number in restarts:
                phone.close()
                phone = PhoneClient(server.url, KEY, **options)
            try:
                phone.press(FIVE)
            except TransportError:
                assert phone.pending
        server.state.faults.clear()
        assert all(outcome.accepted for outcome in phone.resume_pending())
        phone.close()
        assert (phone.pending, credits_of(server)) == (0, 5)
        assert len(set(server.state.answers)) == 5
