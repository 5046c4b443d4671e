"""Three presses on the owner's phone enrol a stamp: real touches, a measured screen, and what goes wrong."""

import contextlib
import itertools
import random
import re

import httpx
import numpy as np
import pytest
from sqlalchemy import select

from server.setup.forms import FenceForm, ShopForm
from server.setup.progress import NEW
from server.setup.service import save_fence, save_shop
from server.shops.models import Shop
from server.staff import sessions
from server.staff.models import Member, MemberSession
from server.stamps.models import Stamp, StampPlace
from server.stamps.patterns import decode
from stampsdk.geometry import residual
from stampsdk.matching.enrolment import EnrolmentError, enrol
from tests.capture_page.phone import Phone, stamp_at
from tests.console.catalogue import words
from tests.console.house import LOCALES, PASSWORD, sign_up
from tests.console.test_pages import faults

pytestmark = pytest.mark.browser
TIPS = ((0.0, 0.0), (17.3, 2.1), (8.4, 13.9), (-9.2, 12.6), (-6.1, -13.7))
OTHER = ((1.0, 2.0), (19.8, -4.4), (14.1, 15.3), (-8.0, 10.1), (-12.9, -9.8))
DENSITY = 6.06  # CSS pixels per mm of the phone in the hand


def loose_shapes():
    """Return what three bad presses leave of the tips: worse than good ones, and not refused."""
    rng = np.random.default_rng(5)
    while True:
        shapes = np.array(TIPS) + rng.normal(0.0, 0.55, (3, 5, 2))
        with contextlib.suppress(EnrolmentError):
            if 0.53 < enrol(shapes).spread_mm < 0.65:
                return shapes.tolist()


class OwnersPhone(Phone):
    """A phone with the owner's session, and a hand that presses stamps on it."""

    def __init__(self, browser, app, *, language="ko", token=None, seed=1, **more) -> None:
        super().__init__(
            browser, locale=LOCALES[language], viewport={"width": 390, "height": 844}, location=None, **more
        )
        self.rng = random.Random(seed)
        self.origin, self.language = app.state.origin, language
        if token:
            self.context.add_cookies([{"name": "stamp_owner", "value": token, "url": self.origin}])

    def say(self, key, **values):
        return words(self.language, key, **values)

    def show(self, path="/owner/press-stamp"):
        self.page.goto(self.origin + path)
        return self

    def stage(self, name):
        self.page.wait_for_selector(f"body[data-stage={name}]")

    def measure(self, density=DENSITY):
        self.stage("measure")
        self.page.get_by_label(self.say("enrol.measure.size")).fill(str(density))
        self.page.get_by_role("button", name=self.say("enrol.measure.done")).tap()

    def stamp(self, number, tips=TIPS, *, sigma_mm=0.12):
        """Press once, and again like a person when a machine under load drew too seldom to see it."""
        for _ in range(6):
            place = (self.rng.uniform(150, 240), self.rng.uniform(330, 600), self.rng.uniform(0, 360))
            noisy = [(a + self.rng.gauss(0, sigma_mm), b + self.rng.gauss(0, sigma_mm)) for a, b in tips]
            self.touch("touchStart", stamp_at(*place, noisy, DENSITY))
            taken = self.page.evaluate(
                """number => new Promise(done => {
                     const until = performance.now() + 2500;
                     const shown = document.getElementById("count");
                     const look = () => shown.textContent[0] === number ? done(true)
                       : performance.now() > until ? done(false) : setTimeout(look, 10);
                     look();
                   })""",
                str(number),
            )
            self.touch("touchEnd")
            self.frames(12)
            if taken:
                return
        raise AssertionError("the page took no press")

    def thrice(self, *shapes, **more):
        for number, tips in enumerate(shapes or (TIPS, TIPS, TIPS), 1):
            self.stamp(number, tips, **more)
        self.stage("result")
        return self.page.locator("#result").inner_text()


@pytest.fixture(scope="module")
def open_shop(house):
    """Sign an owner up, whose shop has its fence, far from the others; gives the session's token."""
    numbers = itertools.count()

    def act(email):
        token, state = sign_up(house, email), house.state
        with state.database.transaction() as session:
            actor = sessions.find(session, state.clock, token)
            form, settings = ShopForm(name="온도 커피"), state.settings
            now = save_shop(session, state.clock, actor, form=form, version=0, settings=settings)
            fence = FenceForm(30.0 + next(numbers), 127.0, 60.0)
            save_fence(session, state.clock, actor, form=fence, version=now.version, settings=settings)
        return token

    return act


@pytest.fixture
def phone_of(chromium, house):
    phones = []

    def make(**more):
        phones.append(OwnersPhone(chromium, house, **more))
        return phones[-1]

    yield make
    problems = [problem for phone in phones for problem in phone.problems]
    for phone in phones:
        phone.close()
    assert problems == []


def shops_of(house, token):
    with house.state.database.reading() as session:
        partner = sessions.find(session, house.state.clock, token).partner_id
        return list(session.scalars(select(Shop).where(Shop.partner_id == partner).order_by(Shop.id)))


def stamps_of(house, token):
    with house.state.database.reading() as session:
        partner = sessions.find(session, house.state.clock, token).partner_id
        return list(session.scalars(select(Stamp).where(Stamp.partner_id == partner).order_by(Stamp.number)))


def a_customer_presses(browser, house, stamp):
    """Press the stamp on the customers' page, on a phone of another density: the visit is noted."""
    with house.state.database.reading() as session:
        shop = session.scalars(select(Shop).where(Shop.partner_id == stamp.partner_id)).one()
        place = {"latitude": shop.lat, "longitude": shop.lon, "accuracy": 12}
    phone = Phone(browser, location=place)
    phone.open(f"{house.state.origin}/s").press(stamp_at(206.4, 470.3, 140, TIPS, 5.3))
    assert shop.name in phone.result("accepted")
    phone.close()
    assert phone.problems == []


def test_sign_in_measure_press_three_times(chromium, house, phone_of, open_shop):
    """From the QR code's address on a phone where nobody is signed in, to a stamp in mm; then others."""
    token = open_shop("press@example.com")
    phone = phone_of().show()
    phone.page.wait_for_url("**/owner/sign-in?**")
    phone.page.fill("#email", "press@example.com")
    phone.page.fill("#password", PASSWORD)
    phone.page.get_by_role("button", name=phone.say("sign.in")).tap()
    phone.page.wait_for_url("**/owner/press-stamp?**")
    phone.stage("intro")
    assert faults(phone.page) == []
    phone.page.get_by_role("button", name=phone.say("enrol.begin")).tap()
    phone.stage("measure")
    assert faults(phone.page) == []
    phone.measure()
    phone.stage("surface")
    phone.stamp(1)
    assert phone.page.locator("#tips circle.pending").count() == 5
    assert phone.page.locator("#say").inner_text() == phone.say("enrol.once_more")
    phone.stamp(2)
    phone.stamp(3)
    phone.stage("result")
    told = phone.page.locator("#result").inner_text()
    assert phone.say("enrol.done", serial="MY-1") in told
    assert phone.say("enrol.alone") in told
    assert re.search(r"0\.\d+ mm", told)
    assert faults(phone.page) == []
    (stamp,) = stamps_of(house, token)
    pattern = decode([stamp.pattern], stamp.tips)[0]
    assert residual(pattern, TIPS, scale=(1.0, 1.0)).residual < 0.3
    a_customer_presses(chromium, house, stamp)

    # The size of the screen is remembered. The same stamp again: it would be mistaken for the first.
    phone.show().page.fill("#name", "FRONT-1")
    phone.page.get_by_role("button", name=phone.say("enrol.begin")).tap()
    told = phone.thrice()
    assert "FRONT-1" in told
    assert phone.say("stamp.confusable", metres="0 m") in told
    # A name that is taken loses no press: another name, and the three are sent again.
    phone.page.get_by_role("button", name=phone.say("enrol.more")).tap()
    phone.expected = ("status of 409",)
    phone.page.fill("#name", "FRONT-1")
    phone.page.get_by_role("button", name=phone.say("enrol.begin")).tap()
    for number in (1, 2, 3):
        phone.stamp(number, OTHER)
    phone.page.get_by_text(phone.say("problem.serial_taken")).wait_for()
    phone.page.fill("#name", "SIDE")
    phone.page.get_by_role("button", name=phone.say("enrol.begin")).tap()
    phone.stage("result")
    assert [stamp.serial for stamp in stamps_of(house, token)] == ["MY-1", "FRONT-1", "SIDE"]


def test_what_goes_wrong_is_said_and_another_try_loses_nothing(house, phone_of, open_shop):
    token = open_shop("wrong@example.com")
    phone = phone_of(language="en", token=token).show()
    phone.expected = ("status of 422", "Failed to load resource")
    phone.page.get_by_role("button", name=phone.say("enrol.begin")).tap()
    phone.measure()
    phone.stage("surface")
    phone.touch("touchStart", stamp_at(200, 450, 30, TIPS[:4], DENSITY))
    phone.page.wait_for_timeout(900)
    phone.touch("touchEnd")
    phone.page.get_by_text(phone.say("enrol.few")).wait_for()
    # Two stamps among the three presses.
    assert phone.say("problem.enrolment_presses_disagree") in phone.thrice(TIPS, TIPS, OTHER)
    phone.page.get_by_role("button", name=phone.say("enrol.again")).tap()
    # Loose presses are offered again, and kept only when the owner says so.
    told = phone.thrice(*loose_shapes(), sigma_mm=0.0)
    assert phone.page.locator("#keep").is_visible()
    assert stamps_of(house, token) == []
    assert "differ by about 0." in told
    # The line is lost between the presses and the answer.
    phone.page.route("**/pressed-stamps*", lambda route: (route.fetch(), route.abort())[1])
    phone.page.get_by_role("button", name=phone.say("enrol.keep")).tap()
    phone.page.get_by_text(phone.say("enrol.offline")).wait_for()
    phone.page.unroute("**/pressed-stamps*")
    phone.page.get_by_role("button", name=phone.say("enrol.resend")).tap()
    phone.page.get_by_role("heading", name=phone.say("enrol.done", serial="MY-1")).wait_for()
    assert phone.page.locator("#facts .warning").count() == 1
    assert [stamp.serial for stamp in stamps_of(house, token)] == ["MY-1"]


def test_on_a_desk_there_is_a_code_for_the_phone(visit, house, open_shop):
    token = open_shop("desk@example.com")
    visitor = visit(width=1280).bring(token).open("/owner/setup?step=stamp")
    visitor.step("stamp")
    visitor.page.get_by_role("link", name=visitor.words("enrol.open")).click()
    visitor.page.wait_for_url("**/owner/press-stamp?**")
    visitor.sees("enrol.desk.title")
    (shop,) = shops_of(house, token)
    address = f"{house.state.origin}/owner/press-stamp?shop={shop.id}"
    assert visitor.page.locator(".address").inner_text() == address
    assert visitor.page.locator(".qr svg").is_visible()
    assert faults(visitor.page) == []
    visitor.page.get_by_role("link", name=visitor.words("enrol.back")).click()
    visitor.step("stamp")


def test_of_two_shops_the_stamp_goes_to_the_one_of_the_page(house, open_shop):
    token, state = open_shop("two@example.com"), house.state
    with state.database.transaction() as session:
        actor = sessions.find(session, state.clock, token)
        given = {"settings": state.settings, "shop_id": NEW}
        now = save_shop(session, state.clock, actor, form=ShopForm(name="둘째"), version=0, **given)
        fence = FenceForm(33.0, 126.5, 60.0)
        save_fence(session, state.clock, actor, form=fence, version=now.version, **given)
    _, second = shops_of(house, token)
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"stamp_owner={token}"}
    body = {"px_per_mm": 6.0, "presses": [[[6 * x, 6 * y] for x, y in TIPS]] * 3}
    with httpx.Client(base_url=state.origin, headers=headers) as client:
        page = client.get("/owner/press-stamp", params={"shop": second.id})
        assert f'data-shop="{second.id}"' in page.text
        answer = client.post("/owner/pressed-stamps", params={"shop": second.id}, json=body)
    assert answer.json() == {"serial": "MY-1", "spread_mm": 0.0, "is_loose": False, "look_alikes": []}
    with state.database.reading() as session:
        placed = session.scalars(select(StampPlace.shop_id).join(Stamp).where(Stamp.serial == "MY-1"))
        assert second.id in set(placed)


def test_who_may_not_is_refused_by_the_server(house, open_shop):
    """Without a session, from another site, as a manager, and with what is no press."""
    token = open_shop("door@example.com")
    body = {"px_per_mm": 6.0, "presses": [[list(tip) for tip in TIPS]] * 3}
    own = {"Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=house.state.origin) as client:

        def send(given=body, headers=own, cookie=token):
            cookies = {"Cookie": f"stamp_owner={cookie}"} if cookie else {}
            return client.post("/owner/pressed-stamps", json=given, headers=headers | cookies)

        assert (send(cookie="").status_code, send(cookie="").json()["code"]) == (401, "sign_in_needed")
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
            assert send(headers=headers).json()["code"] == "origin_not_allowed"
        for wrong in (
            {"px_per_mm": 0.5},
            {"px_per_mm": 1e9},
            {"presses": [body["presses"][0]] * 2},
            {"presses": [[]] * 3},
            {"serial": "<b>"},
            {"serial": "가게"},
            {"more": 1},
        ):
            assert (send(body | wrong).status_code, send(body | wrong).json()["code"]) == (
                422,
                "invalid_request",
            )
        with house.state.database.transaction() as session:
            member = session.scalars(
                select(Member).join(MemberSession).where(Member.email == "door@example.com")
            ).one()
            member.role = "manager"
        assert (send().status_code, send().json()["code"]) == (403, "not_allowed")
        page = client.get("/owner/press-stamp", headers={"Cookie": f"stamp_owner={token}"})
        assert (page.status_code, page.headers["location"]) == (303, "/owner/")
    assert stamps_of(house, token) == []


def test_a_stamp_is_never_enrolled_at_another_shop_than_the_page_was_about(house, open_shop):
    """A page of one owner's shop, left open, while another owner signed in in the same browser."""
    (left,) = shops_of(house, open_shop("left@example.com"))
    token = open_shop("came@example.com")
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"stamp_owner={token}"}
    body = {"px_per_mm": 6.0, "presses": [[[6 * x, 6 * y] for x, y in TIPS]] * 3}
    with httpx.Client(base_url=house.state.origin, headers=headers) as client:
        for named in (left.id, "shp_0", "x" * 1000, ""):
            answer = client.post("/owner/pressed-stamps", params={"shop": named}, json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "shop_not_found")
    assert stamps_of(house, token) == []


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/owner",
        "//evil.example",
        "/owner\\@evil.example",
        "/s",
        "javascript:x",
        '/owner"><b>',
    ],
)
def test_the_sign_in_leads_to_our_own_pages_only(house, open_shop, wanted):
    open_shop(f"next-{abs(hash(wanted))}@example.com")
    with httpx.Client(base_url=house.state.origin) as client:
        page = client.get("/owner/sign-in", params={"next": wanted}).text
        assert 'name="next"' not in page
        assert "evil" not in page
        good = client.get("/owner/sign-in", params={"next": "/owner/press-stamp"}).text
    assert '<input type="hidden" name="next" value="/owner/press-stamp">' in good
    assert "?next=%2Fowner%2Fpress-stamp&amp;lang=" in good
