"""The page, the script and the real server together: touches in a browser become rows in a database."""

import random
from pathlib import Path

import httpx
import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.app import create_app
from server.core.database import make_engine
from server.core.migrations import upgrade
from server.ledger.models import LedgerAccount, LedgerPosting
from server.partners import service as partners
from server.presses.models import Press
from server.programs.models import Card
from server.settings import Settings
from stampsdk.codebook import random_patterns
from tests.capture_page.phone import PX_PER_MM, TIPS, stamp_at
from tests.capture_page.service import serving, serving_pages

pytestmark = pytest.mark.browser

PARTNER_PAGE = (Path(__file__).parent / "partner.html").read_text("utf-8")
STATIONS = {  # name -> latitude, longitude
    "온도 커피 성수": (37.5445, 127.0559),
    "느린 오후": (37.5796, 126.9770),
    "Harbour Coffee": (35.1587, 129.1604),
}
NOISE_MM = 0.3


class House:
    """The running service with three shops, each with a stamp of its own, and a programme at the first."""

    def __init__(self, app, origin, partner_origin) -> None:
        self.app = app
        self.origin = origin
        self.rng = random.Random(20261122)
        with app.state.database.transaction() as session:
            partner = partners.create_partner(session, app.state.clock, name="Coffee partners")
            secret = partners.create_key(session, app.state.clock, partner_id=partner.id, kind="secret")
            self.key = partners.create_key(
                session,
                app.state.clock,
                partner_id=partner.id,
                kind="publishable",
                origins=(partner_origin,),
            ).token
        self.client = httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {secret.token}"})
        self.patterns = {}
        patterns = random_patterns(len(STATIONS), rng=np.random.default_rng(7))
        patterns[0] = TIPS
        for (name, (lat, lon)), pattern in zip(STATIONS.items(), patterns.tolist(), strict=True):
            shop = self.post(
                "/v1/shops",
                name=name,
                timezone="Asia/Seoul",
                max_presses_per_visit=9,
                fence={"type": "Point", "coordinates": [lon, lat]},
                radius_m=60.0,
            )
            self.post("/v1/stamps", serial=f"S-{len(self.patterns)}", shops=[shop["id"]], pattern_mm=pattern)
            self.patterns[shop["id"]] = pattern
        self.shops = list(self.patterns)
        self.post(
            "/v1/programs",
            name={"ko": "커피 한 잔 더", "en": "One more coffee"},
            reward={"ko": "아메리카노 한 잔", "en": "an americano"},
            stamps_required=3,
            shops=[self.shops[0]],
        )

    def post(self, path, **body):
        answer = self.client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def touches(self, shop=0, x=206.4, y=440.7):
        """Return where the tips of a shop's stamp touch: any angle, and the noise of a real press."""
        tips = [
            (a + self.rng.gauss(0, NOISE_MM), b + self.rng.gauss(0, NOISE_MM))
            for a, b in self.patterns[self.shops[shop]]
        ]
        return stamp_at(x, y, self.rng.random() * 360, tips, PX_PER_MM)

    def presses(self):
        with Session(self.app.state.database.engine) as session:
            return list(session.scalars(select(Press).order_by(Press.id)))

    def stamps_on_cards(self):
        """Return each card's shop and what the ledger's postings sum up to."""
        stamps = (
            select(Card.shop_id, func.sum(LedgerPosting.amount))
            .join(LedgerAccount, (LedgerAccount.owner_type == "card") & (LedgerAccount.owner_id == Card.id))
            .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
            .where(LedgerAccount.unit == "stamp")
            .group_by(Card.id)
        )
        with Session(self.app.state.database.engine) as session:
            return [tuple(row) for row in session.execute(stamps)]


@pytest.fixture
def house(tmp_path):
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'stamp.db'}",
        sqlite_synchronous="NORMAL",
        log_level="ERROR",
        sealing_key_path=tmp_path / "sealing.key",
        receipt_key_path=tmp_path / "receipts.json",
    )
    engine = make_engine(settings.database_url, settings)
    upgrade(engine)
    app = create_app(settings, engine=engine)
    pages = {}
    with serving_pages(pages) as page_port, serving(app) as port:
        origin, foreign = (f"http://127.0.0.1:{number}" for number in (port, page_port))
        made = House(app, origin, foreign)
        pages["/"] = PARTNER_PAGE.replace("SERVER", origin).replace("KEY", made.key)
        made.foreign = foreign
        yield made
        made.client.close()
    engine.dispose()


def at(name):
    latitude, longitude = STATIONS[name]
    return {"latitude": latitude, "longitude": longitude, "accuracy": 15}


def test_a_press_is_credited_at_the_shop_that_the_page_never_named(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    phone.press(house.touches())
    assert "1 / 3" in phone.result("accepted")
    (press,) = house.presses()
    assert (press.verdict, press.purpose, press.source) == ("accepted", "stamp", "touch")
    assert press.shop_id == house.shops[0]
    assert house.stamps_on_cards() == [(house.shops[0], 1)]


def test_what_is_no_press_never_reaches_the_server(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    phone.freeze()
    phone.touch("touchStart", house.touches())
    phone.touch("touchCancel")
    phone.thaw()
    phone.frames(20)
    phone.touch("touchStart", [*house.touches(), (50.0, 820.0)])
    phone.frames(20)
    phone.touch("touchEnd")
    phone.frames(20)
    for step in range(8):
        points = [(200.0 - 9 * step, 440.0), (215.0 + 9 * step, 440.0)]
        phone.touch("touchMove" if step else "touchStart", points)
    phone.touch("touchEnd")
    phone.frames(20)
    assert "pending" not in phone.diary()
    assert house.presses() == []
    assert house.stamps_on_cards() == []


def test_the_same_from_a_page_of_another_origin(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(house.foreign)
    phone.press(house.touches(y=400.2))
    phone.state("accepted")
    (press,) = house.presses()
    assert (press.verdict, press.shop_id) == ("accepted", house.shops[0])
    assert house.stamps_on_cards() == [(house.shops[0], 1)]


def test_a_page_that_the_partner_did_not_list_gets_nowhere(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수"))
    phone.expected = ("CORS policy", "status of 403", "Failed to load resource")
    phone.open(house.foreign.replace("127.0.0.1", "localhost"))
    phone.page.wait_for_load_state("networkidle")
    assert any("CORS policy" in text for text in phone.console)
    assert house.presses() == []


def test_three_stamps_a_coupon_and_its_redemption(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    for number in (1, 2, 3):
        phone.press(house.touches())
        phone.wait_for("n => document.getElementById('sheet').innerText.includes(n + ' / 3')", number)
    assert "아메리카노 한 잔" in phone.result("accepted")
    phone.tap("지금 사용하기")
    phone.state("idle")
    phone.press(house.touches())
    assert "쿠폰을 사용했어요." in phone.result("accepted")
    assert [(press.verdict, press.purpose) for press in house.presses()] == [
        ("accepted", "stamp"),
        ("accepted", "stamp"),
        ("accepted", "stamp"),
        ("accepted", "redeem"),
    ]
    assert phone.page.locator("#sheet .ticket.used").count() == 1


def test_the_stamp_of_another_city_is_refused_with_a_reason(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수"), locale="en-GB")
    phone.expected = ("status of 4",)
    phone.open(f"{house.origin}/s").press(house.touches(shop=2))
    sheet = phone.result("refused")
    (press,) = house.presses()
    assert press.verdict == "refused"
    assert house.stamps_on_cards() == []
    assert len(sheet) > 60
    assert not any("가" <= letter <= "힣" for letter in sheet)


def test_a_phone_that_does_not_tell_its_place_gets_no_credit(house, new_phone):
    phone = new_phone(location=None)
    phone.expected = ("status of 4",)
    phone.context.grant_permissions([])
    phone.open(f"{house.origin}/s").press(house.touches())
    phone.wait_for("() => ['held', 'refused'].includes(document.body.dataset.state)")
    (press,) = house.presses()
    assert press.verdict in {"held", "refused"}
    assert house.stamps_on_cards() == []


def test_offline_then_reloaded_then_online_it_is_credited_once(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수"))
    phone.expected = ("Failed to load resource",)
    phone.open(f"{house.origin}/s")
    phone.page.wait_for_load_state("networkidle")
    phone.page.route("**/v1/presses", lambda route: route.abort())
    phone.press(house.touches())
    phone.wait_for("() => document.getElementById('say').innerText.includes('저장했어요')")
    assert house.presses() == []
    phone.page.unroute("**/v1/presses")
    phone.page.reload()
    phone.result("accepted")
    phone.page.reload()
    phone.page.wait_for_load_state("networkidle")
    assert [press.verdict for press in house.presses()] == ["accepted"]
    assert house.stamps_on_cards() == [(house.shops[0], 1)]


def test_the_recovery_code_brings_the_card_to_another_phone(house, new_phone):
    phone = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    phone.press(house.touches())
    phone.result("accepted")
    phone.tap("닫기")
    phone.page.wait_for_selector("#sheet output")
    code = phone.page.locator("#sheet output").inner_text()
    other = new_phone(location=at("온도 커피 성수")).open(f"{house.origin}/s")
    other.tap("코드가 있어요")
    other.page.locator("#sheet input").fill(code.lower())
    other.tap("카드 가져오기")
    other.page.get_by_text("1 / 3").wait_for()
