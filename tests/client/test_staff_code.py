"""A staff code in place of a press: against the real server, and over lines that lose answers."""

import pytest
import requests

from stampsdk.client import Location, PhoneClient, RefusedError, RetryPolicy, TransportError
from tests.live_server import CAFE, live_server

HERE = Location(*CAFE, 12.0, age_s=1.0, mock=False)
FAR = Location(35.1796, 129.0756, 12.0)


class Losing(requests.Session):
    """A line that loses the answers of the staff codes sent first; the requests arrive."""

    def __init__(self, times) -> None:
        super().__init__()
        self.left, self.bodies = times, []

    def request(self, method, url, **options):
        answer = super().request(method, url, **options)
        if url.endswith("/staff-codes"):
            self.bodies.append(options["json"])
            if self.left:
                self.left -= 1
                raise requests.ConnectionError
        return answer


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("codes")) as running:
        yield running


@pytest.fixture
def phone_of(live, tmp_path, fake_time):
    made = []

    def make(name="phone", session=None):
        options = {"runtime": fake_time.runtime(), "policy": RetryPolicy(attempts=2), "session": session}
        made.append(PhoneClient(live.url, live.publishable_key, store=tmp_path / name, **options))
        return made[-1]

    yield make
    for phone in made:
        phone.close()


def test_six_digits_at_the_counter_are_a_stamp(live, phone_of):
    phone = phone_of()
    outcome = phone.use_staff_code(live.issue_code(), location=HERE)
    assert (outcome.accepted, outcome.code, outcome.card.stamps) == (True, "stamped", 1)
    assert (outcome.shop.id, outcome.receipt, outcome.replayed) == (live.shop["id"], None, False)
    assert outcome.press_id.startswith("stc_")
    code = live.issue_code()
    # By now the phone has a card, which tells the shop where the phone cannot.
    assert phone.use_staff_code(f"{code[:3]} {code[3:]}").card.stamps == 2
    assert [card.stamps for card in phone.cards()] == [2]


def test_refusals_are_outcomes_with_a_sentence(live, phone_of):
    phone, code = phone_of(), live.issue_code()
    nowhere = phone.use_staff_code(code)
    assert (nowhere.verdict, nowhere.code) == ("refused", "staff_code_shop_unknown")
    # A place that is nowhere on the globe says nothing; one far away has no such code.
    for place in (Location(float("nan"), 0.0, 5.0), Location(91.0, 0.0, 5.0), Location(*CAFE, -1.0)):
        assert phone.use_staff_code(code, location=place).code == "staff_code_shop_unknown"
    far = phone.use_staff_code(code, location=FAR)
    assert (far.verdict, far.code, far.card, far.shop) == ("refused", "staff_code_refused", None, None)
    assert far.text.in_language("ko") != far.text.in_language("en")
    assert phone.use_staff_code(code, location=FAR, shop=live.shop["id"]).accepted


def test_guessing_ends_and_says_so(live, phone_of):
    phone, code = phone_of(), live.issue_code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    codes = [phone.use_staff_code(wrong, shop=live.shop["id"]).code for _ in range(6)]
    assert codes == ["staff_code_refused"] * 5 + ["limit_reached"]


def test_a_lost_answer_costs_nothing(live, phone_of):
    """One answer is lost: the client asks again by itself. Both are lost: the person does."""
    phone = phone_of(session=Losing(1))
    outcome = phone.use_staff_code(live.issue_code(), location=HERE)
    assert (outcome.accepted, outcome.replayed, outcome.card.stamps) == (True, True, 1)
    line = Losing(2)
    other, code = phone_of("other", line), live.issue_code()
    with pytest.raises(TransportError):
        other.use_staff_code(code, location=HERE)
    again = other.use_staff_code(code, location=HERE)
    assert (again.accepted, again.replayed, again.card.stamps) == (True, True, 1)
    assert line.bodies == [line.bodies[0]] * 3
    assert [card.stamps for card in other.cards()] == [1]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６"])
def test_what_is_no_code_is_not_sent(make_phone, server, code):
    with pytest.raises(ValueError, match="six digits"):
        make_phone().use_staff_code(code)
    with pytest.raises(TypeError):
        make_phone().use_staff_code(123456)
    assert server.state.seen == []


def test_an_answer_that_is_no_verdict_is_an_error(make_phone):
    """A server of before, which has no such path, and a device that the server has forgotten."""
    phone = make_phone()
    with pytest.raises(RefusedError) as error:
        phone.use_staff_code("123456")
    assert error.value.status == 404
