"""PhoneClient against the real server over HTTP: the whole loyalty story, and the presses that must fail."""

import random

import pytest
from sqlalchemy import text

from stampsdk.client import Location, PhoneClient, RefusedError, TransportError
from stampsdk.client.outbox import Outbox
from tests.live_server import CAFE, live_server, press_px

HERE = Location(*CAFE, 12.0, age_s=1.0, mock=False)
BUSAN = Location(35.1796, 129.0756, 12.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture
def rng(request):
    return random.Random(request.node.name)


@pytest.fixture
def make_phone(server, tmp_path):
    made = []

    def make(name="phone", **options):
        made.append(PhoneClient(server.url, server.publishable_key, store=tmp_path / name, **options))
        return made[-1]

    yield make
    for phone in made:
        phone.close()


def press(phone, rng, **details):
    return phone.press(press_px(rng), **{"location": HERE, "px_per_mm": 6.3, **details})


@pytest.mark.parametrize("algorithm", ["ES256", "HS256"])
def test_three_stamps_a_coupon_and_its_redemption(make_phone, rng, server, algorithm):
    phone = make_phone(algorithm=algorithm, model="SM-S921N")
    outcomes = [press(phone, rng) for _ in range(3)]
    assert [(o.verdict, o.code) for o in outcomes] == [("accepted", "stamped")] * 3, [
        o.text.en for o in outcomes
    ]
    assert [o.shop.id for o in outcomes] == [server.shop["id"]] * 3
    assert [o.visit.presses for o in outcomes] == [1, 2, 3]
    (coupon,) = outcomes[2].coupons
    assert (coupon.status, coupon.reward.ko) == ("issued", "아메리카노 한 잔")
    redeemed = phone.redeem(coupon.id, press_px(rng), location=HERE, px_per_mm=6.3)
    assert (redeemed.code, redeemed.coupons[0].status) == ("redeemed", "redeemed")
    again = phone.redeem(coupon.id, press_px(rng), location=HERE, px_per_mm=6.3)
    assert (again.verdict, again.code) == ("refused", "coupon_unavailable")
    assert [c.stamps for c in phone.cards()] == [0]
    assert [c.status for c in phone.coupons()] == ["redeemed"]
    history = phone.history()
    kinds = sorted(entry.kind for entry in history)
    assert kinds == ["coupon_issued", "coupon_redeemed", "stamp", "stamp", "stamp"]
    assert {entry.shop.name for entry in history} == {"달빛 카페"}


def test_a_receipt_is_checked_offline(make_phone, rng):
    phone = make_phone()
    outcome = press(phone, rng, purpose="verify")
    assert (outcome.code, outcome.card) == ("verified", None)
    receipt = phone.verify_receipt_offline(outcome.receipt)
    assert (receipt.press, receipt.purpose, receipt.shop_name) == (outcome.press_id, "verify", "달빛 카페")
    assert (receipt.device, receipt.customer) == (phone.enrol(), phone.me().id)


def test_held_challenges_are_taken(make_phone, rng):
    phone = make_phone()
    assert phone.prefetch_challenges(3) == 3
    assert press(phone, rng).accepted


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"location": BUSAN}, {"place_refused", "not_recognised"}),
        ({"location": Location(91.0, 0.0, 5.0)}, {"place_refused"}),
        ({"location": Location(*CAFE, 10_000.0)}, {"place_refused"}),
        ({"location": Location(*CAFE, 12.0, age_s=3600.0)}, {"place_refused"}),
        ({"location": Location(*CAFE, 12.0, mock=True)}, {"place_refused"}),
    ],
)
def test_a_press_from_a_place_that_cannot_be_is_an_outcome(make_phone, rng, details, code):
    phone = make_phone()
    outcome = press(phone, rng, **details)
    assert outcome.verdict == "refused"
    assert outcome.code in code
    assert phone.cards() == ()


@pytest.mark.parametrize(
    "touches", [[], [(1.0, 2.0)], [(5.0, 5.0)] * 5, [(30.0 * k, 40.0) for k in range(11)]]
)
def test_a_press_that_is_none_is_an_outcome(make_phone, touches):
    phone = make_phone()
    outcome = phone.press(touches, location=HERE)
    assert (outcome.verdict, outcome.code) == ("refused", "press_unclear")


def test_the_same_envelope_twice_is_one_credit_and_the_same_answer(make_phone, rng, server, monkeypatch):
    """The answer is lost on the way; a new process sends the very same envelope and gets it again."""
    phone = make_phone()
    phone.enrol()
    deliver = Outbox._deliver

    def lose(self, entry, attempts=None):
        outcome = deliver(self, entry, attempts)
        self._store.update(pending=(entry,))
        raise TransportError("unreachable", f"lost after {outcome.code}")

    monkeypatch.setattr(Outbox, "_deliver", lose)
    with pytest.raises(TransportError, match="lost after stamped"):
        press(phone, rng)
    monkeypatch.undo()
    (outcome,) = make_phone().resume_pending()
    assert (outcome.accepted, outcome.replayed, outcome.card.stamps) == (True, True, 1)
    assert phone.cards()[0].stamps == 1
    with server.engine.connect() as connection:
        query = text("select count(*) from press where device_id = :device")
        count = connection.execute(query, {"device": phone.enrol()}).scalar_one()
    assert count == 1


def test_the_cards_come_to_a_new_phone(make_phone, rng):
    old = make_phone("old")
    assert press(old, rng).card.stamps == 1
    new = make_phone("new")
    assert new.recover(old.recovery_code) == old.me().id
    assert press(new, rng).card.stamps == 2
    code = new.new_recovery_code()
    assert code != old.recovery_code
    assert {d.current for d in new.me().devices} == {True, False}


def test_a_held_press_is_read_until_the_shop_has_decided(make_phone, rng, server):
    phone = make_phone()
    held = press(phone, rng, location=None)
    assert (held.verdict, held.accepted) == ("held", False)
    assert phone.read_press(held.press_id).verdict == "held"
    server.release(held.press_id)
    released = phone.read_press(held.press_id)
    assert (released.verdict, released.code, released.press_id) == ("accepted", "stamped", held.press_id)
    assert released.card.stamps == 1
    assert phone.verify_receipt_offline(released.receipt).press == held.press_id
    stranger = make_phone("stranger")
    with pytest.raises(RefusedError) as caught:
        stranger.read_press(held.press_id)
    assert caught.value.code == "press_not_found"


def test_a_press_that_was_refused_can_be_read_too(make_phone, rng):
    phone = make_phone()
    refused = press(phone, rng, location=BUSAN)
    assert refused.verdict == "refused"
    assert phone.read_press(refused.press_id) == refused
