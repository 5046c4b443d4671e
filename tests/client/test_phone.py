"""PhoneClient against a server that shares no code with it."""

import json
import math
import threading

import pytest

from stampsdk import client
from stampsdk.capture import Contact, Frame, Press, PressQuality
from stampsdk.client import Location, RefusedError
from stampsdk.factors import FactorEvidence, FactorKind
from stampsdk.protocol import EnvelopeError, ReceiptError, ScreenInfo
from tests.client.fake_server import card, refused, unb64
from tests.public_names import assert_public_names

FIVE = [(101.5, 640.25), (233.0, 598.0), (188.0, 720.0), (96.0, 771.0), (251.0, 690.0)]
HERE = Location(37.5665, 126.978, 12.0, age_s=1.5, mock=False)


def payload(server, number=-1):
    return json.loads(unb64(server.state.envelopes[number].split(".")[1]))


def calls(server, path):
    return [body for _, seen, _, body in server.state.seen if seen == path]


@pytest.mark.parametrize("algorithm", ["ES256", "HS256"])
def test_a_first_press_enrols_and_is_credited(make_phone, server, algorithm):
    phone = make_phone(algorithm=algorithm, model="SM-S921N")
    outcome = phone.press(FIVE, location=HERE, px_per_mm=6.3)
    assert (outcome.verdict, outcome.code, outcome.accepted) == ("accepted", "stamped", True)
    assert (outcome.shop.name, outcome.card.stamps, outcome.card.program.stamps_required) == (
        "달빛 카페",
        1,
        3,
    )
    assert (outcome.visit.presses, outcome.coupons, outcome.replayed) == (1, (), False)
    assert outcome.text.in_language("ko-KR") == "적립되었습니다."
    assert outcome.text.in_language("de") == "Stamped."
    body = payload(server)
    assert body["press"]["touches"] == [list(touch) for touch in FIVE]
    assert body["location"] == {
        "lat": 37.5665,
        "lon": 126.978,
        "accuracy_m": 12.0,
        "confidence": 0.68,
        "age_s": 1.5,
        "mock": False,
    }
    assert (body["screen"]["px_per_mm"], body["screen"]["width"], body["screen"]["height"]) == (
        6.3,
        251.0,
        771.0,
    )
    assert body["device"] == {"model": "SM-S921N", "os": None, "app": "stampsdk-python/1"}
    assert body["sent_at"] == "2026-11-22T09:30:00.000+00:00"
    assert calls(server, "/v1/devices")[0]["algorithm"] == algorithm


def test_a_device_enrols_once_and_comes_back_as_itself(make_phone, server):
    first = make_phone()
    assert first.press(FIVE).card.stamps == 1
    again = make_phone()
    assert again.press(FIVE).card.stamps == 2
    assert again.enrol() == first.enrol()
    assert len(calls(server, "/v1/devices")) == 1


def test_a_detected_press_goes_out_whole(phone, server):
    frames = tuple(Frame(50.0 + k / 60, (Contact(3, 1.5, 2.5, 0.4, None),)) for k in range(2))
    press = Press(tuple(FIVE), frames, PressQuality(8, (0.1,) * 5, 0.04, 0.2), "kivy-sdl")
    evidence = FactorEvidence(FactorKind.SOUND_CODE, (("code", "123456"),))
    phone.press(press, screen=ScreenInfo(1080, 2340), device_model="Pixel 8", factors=[evidence])
    body = payload(server)
    assert body["press"]["frames"] == [
        {"t": 0.0, "contacts": [[3, 1.5, 2.5, 0.4, None]]},
        {"t": 0.0167, "contacts": [[3, 1.5, 2.5, 0.4, None]]},
    ]
    assert body["press"]["quality"]["frames_used"] == 8
    assert (body["press"]["source"], body["device"]["model"]) == ("kivy-sdl", "Pixel 8")
    assert (body["screen"]["width"], body["screen"]["height"]) == (1080, 2340)
    assert body["factors"] == [{"kind": "sound_code", "data": {"code": "123456"}}]


def test_no_location_says_why(phone, server):
    phone.press(FIVE, location_error="denied")
    assert (payload(server)["location"], payload(server)["location_error"]) == (None, "denied")


def test_redeeming_names_the_coupon(phone, server):
    outcome = phone.redeem("cpn_9", FIVE, location=HERE)
    assert (outcome.code, outcome.coupons[0].id, outcome.coupons[0].status) == (
        "redeemed",
        "cpn_9",
        "redeemed",
    )
    assert (payload(server)["purpose"], payload(server)["coupon"]) == ("redeem", "cpn_9")


def test_a_refusal_is_an_outcome_and_is_not_repeated(phone, server):
    server.state.verdicts.append(refused(422, "not_recognised"))
    outcome = phone.press(FIVE)
    assert (outcome.verdict, outcome.code, outcome.accepted) == ("refused", "not_recognised", False)
    assert (outcome.card, outcome.coupons, outcome.receipt, outcome.shop) == (None, (), None, None)
    assert outcome.text.en == "Press again."
    assert len(server.state.envelopes) == 1
    assert phone.pending == 0


def test_a_held_press_is_an_outcome(phone, server):
    held = {"id": "prs_1", "verdict": "held", "code": "held", "text": {"ko": "확인 중", "en": "Held."}}
    server.state.verdicts.append((202, {**held, "shop": None}))
    outcome = phone.press(FIVE)
    assert (outcome.verdict, outcome.press_id, outcome.accepted) == ("held", "prs_1", False)


@pytest.mark.parametrize(
    ("touches", "error"),
    [
        ([(float("nan"), 1.0)], EnvelopeError),
        ([(1e308, 1.0)], EnvelopeError),
        ([(1.0, 2.0)] * 17, EnvelopeError),
        ([(1.0,)], TypeError),
        (["ab"], TypeError),
        (["12"], TypeError),
        ([("1.0", 2.0)], TypeError),
        ([(True, 2.0)], TypeError),
        ([b"12"], TypeError),
        ([(10**400, 2.0)], EnvelopeError),
        (7, TypeError),
    ],
)
def test_what_is_no_press_is_refused_before_it_is_sent(phone, server, touches, error):
    with pytest.raises(error):
        phone.press(touches)
    assert not server.state.envelopes
    assert phone.pending == 0


def test_what_cannot_be_sent_uses_up_no_challenge(phone, server):
    for _ in range(6):  # a device may hold five
        with pytest.raises(EnvelopeError):
            phone.press([(math.nan, 1.0)] * 5, location=HERE)
    assert phone.press(FIVE, location=HERE).accepted
    assert len(calls(server, "/v1/challenges")) == 1


@pytest.mark.parametrize("key", [None, b"pk_1", "pk_1\n", "키"])
def test_a_key_that_cannot_be_sent_is_named(tmp_path, key):
    with pytest.raises(ValueError, match="publishable_key"):
        client.PhoneClient("https://stamps.example", key, store=tmp_path / "phone.json")


@pytest.mark.parametrize("address", [None, "", "stamps.example", "ftp://stamps.example"])
def test_an_address_that_cannot_be_one_is_named(tmp_path, address):
    with pytest.raises(ValueError, match="base_url"):
        client.PhoneClient(address, "pk_1", store=tmp_path / "phone.json")


def test_a_location_is_a_location(phone, server):
    with pytest.raises(TypeError, match="Location"):
        phone.press(FIVE, location=(37.5665, 126.978, 12.0))
    assert server.state.envelopes == []


def test_the_wallet(phone):
    assert [c.stamps for c in phone.cards()] == [0, 1, 2, 3, 4]
    assert [c.id for c in phone.coupons()] == ["cpn_0", "cpn_1", "cpn_2"]
    assert [(h.kind, h.stamps, h.coupons, h.shop.id) for h in phone.history()] == [
        ("stamp", 1, 0, "shp_1")
    ] * 4
    me = phone.me()
    assert me.id.startswith("cus_")
    assert [d.current for d in me.devices] == [True]


def test_a_device_that_the_server_does_not_know_is_told_so(phone, server):
    phone.enrol()
    server.state.tokens.clear()
    with pytest.raises(RefusedError) as caught:
        phone.cards()
    assert (caught.value.code, caught.value.status, caught.value.retryable) == ("device_unknown", 401, False)
    with pytest.raises(RefusedError):
        phone.press(FIVE)


def test_a_wrong_publishable_key_is_told_and_nothing_is_remembered(server, tmp_path, fake_time):
    with client.PhoneClient(
        server.url, "pk_other", store=tmp_path / "s", runtime=fake_time.runtime()
    ) as phone:
        with pytest.raises(RefusedError) as caught:
            phone.press(FIVE)
        assert caught.value.code == "key_unknown"
    assert not (tmp_path / "s").exists()


def test_the_cards_come_to_a_new_phone_with_the_recovery_code(make_phone, tmp_path):
    old = make_phone()
    old.press(FIVE)
    code = old.recovery_code
    new = make_phone(store=tmp_path / "new.json")
    assert new.press(FIVE).card.stamps == 1
    assert new.recover(code) == old.me().id
    assert new.enrol() != old.enrol()
    assert new.press(FIVE).card.stamps == 2
    assert make_phone(store=tmp_path / "new.json").me().id == old.me().id


def test_a_wrong_recovery_code_changes_nothing(phone):
    before = phone.enrol()
    with pytest.raises(RefusedError) as caught:
        phone.recover("NOPE")
    assert caught.value.code == "recovery_code_wrong"
    assert phone.enrol() == before
    assert phone.press(FIVE).accepted


def test_the_recovery_code_is_kept_until_saved_and_can_be_renewed(make_phone):
    phone = make_phone()
    assert phone.recovery_code is None
    phone.enrol()
    first = make_phone().recovery_code
    assert first == phone.recovery_code is not None
    phone.forget_recovery_code()
    assert make_phone().recovery_code is None
    renewed = phone.new_recovery_code()
    assert renewed != first
    assert make_phone().recovery_code == renewed


def test_a_receipt_is_checked_without_the_server(phone, make_phone, server):
    outcome = phone.press(FIVE, purpose="verify")
    server.stop()
    receipt = phone.verify_receipt_offline(outcome.receipt)
    assert (receipt.press, receipt.purpose, receipt.shop_name) == (outcome.press_id, "verify", "달빛 카페")
    assert make_phone().verify_receipt_offline(outcome.receipt) == receipt
    head, claims, signature = outcome.receipt.split(".")
    with pytest.raises(ReceiptError) as caught:
        phone.verify_receipt_offline(f"{head}.{claims[:-4]}AAAA.{signature}")
    assert caught.value.code in {"signature_wrong", "bad_base64"}


def test_a_receipt_is_unknown_before_any_key_was_seen(phone, make_phone, tmp_path):
    receipt = phone.press(FIVE).receipt
    stranger = make_phone(store=tmp_path / "stranger.json")
    with pytest.raises(ReceiptError) as caught:
        stranger.verify_receipt_offline(receipt)
    assert caught.value.code == "unknown_key"
    stranger.refresh_receipt_keys()
    assert stranger.verify_receipt_offline(receipt).press


def test_one_request_is_in_flight_at_a_time(phone, server):
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(phone.press(FIVE))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(o.card.stamps for o in outcomes) == sorted((k + 1) % 3 for k in range(8))
    assert server.state.most_busy == 1
    assert len(set(server.state.envelopes)) == 8
    assert len(calls(server, "/v1/devices")) == 1


def test_cards_of_a_newer_server_are_read():
    newer = {**card(2), "colour": "green"}
    assert client.Card.from_json(newer).stamps == 2


def test_public_names():
    assert_public_names(client)
    assert set(client.__all__) <= set(dir(client))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        client.Nothing  # noqa: B018 - the access is the test
