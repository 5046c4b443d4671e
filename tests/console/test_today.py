"""Today on the first page: numbers, and a line in the feed as soon as something happens."""

import numpy as np
import pytest
from sqlalchemy import select

from server.core.identifiers import new_id
from server.customers.models import Customer
from server.ledger.models import LedgerTransaction
from server.programs import administration as programs
from server.programs.corrections import give_stamp, undo_stamp
from server.programs.schemas import ProgramCreate
from server.shops import service as shops
from server.staff import members, sessions
from server.staff.actor import Role
from server.stamps import service as stamps
from stampsdk.codebook import random_patterns
from tests.capture_page.phone import images_folder
from tests.console.house import sign_up
from tests.console.test_pages import faults
from tests.console.test_pictures import take

pytestmark = pytest.mark.browser


@pytest.fixture
def cafe(house, request):
    """Give an owner with an open café: the session's token, the actor, the shop, a customer."""
    state = house.state
    token = sign_up(house, f"{request.node.name}@example.com".replace("[", "-").replace("]", ""))
    with state.database.transaction() as session:
        actor = sessions.find(session, state.clock, token)
        fence = {"type": "Point", "coordinates": [127.0559, 37.5445]}
        partner_id = actor.partner_id
        (shop_id,) = shops.create_many(
            session,
            state.clock,
            partner_id=partner_id,
            rows=[shops.ShopRow(name="온도 커피 성수", fence=fence, radius_m=60.0)],
        )
        pattern = random_patterns(1, tips=5, rng=np.random.default_rng(1))[0]
        stamp = stamps.StampRow(serial=f"T-{partner_id[-6:]}", pattern_mm=pattern, shop_ids=(shop_id,))
        stamps.register_many(session, state.clock, partner_id=partner_id, rows=[stamp])
        body = ProgramCreate.model_validate(
            {
                "name": {"ko": "카드", "en": "Card"},
                "reward": {"ko": "아메리카노", "en": "an americano"},
                "stamps_required": 10,
                "shops": [shop_id],
            }
        )
        programs.create(session, state.clock, partner_id=partner_id, actor="test", body=body)
        customer = Customer(
            id=new_id("cus", state.clock), partner_id=partner_id, created_at=state.clock.now()
        )
        session.add(customer)
    return token, actor, shop_id, customer.id


def give(house, cafe, key, count=1):
    _, actor, shop_id, customer_id = cafe
    with house.state.database.transaction() as session:
        return give_stamp(
            session,
            house.state.clock,
            actor,
            shop_id=shop_id,
            customer_id=customer_id,
            count=count,
            reason="단말 고장",
            key=key,
            settings=house.state.settings,
        )


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_what_happens_shows_up_without_a_reload(house, visit, cafe, language, width):
    visitor = visit(language=language, width=width).bring(cafe[0]).open("/owner/")
    visitor.sees("feed.empty")
    lines = visitor.page.locator(".feed .entry")
    given = give(house, cafe, "form-0001", count=2)
    lines.nth(1).wait_for(timeout=10_000)
    assert visitor.words("feed.hand") in lines.first.inner_text()
    assert "단말 고장" in lines.first.inner_text()
    visitor.page.reload()
    numbers = visitor.page.locator(".number .value")
    numbers.first.wait_for()
    assert numbers.all_inner_texts() == ["2", "1", "1", "0", "0", "0"]
    with house.state.database.transaction() as session:
        one = session.scalar(
            select(LedgerTransaction.id).where(LedgerTransaction.source_id == f"{given.id}_1")
        )
        undo_stamp(session, house.state.clock, cafe[1], transaction_id=one, reason="잘못 찍음")
    visitor.page.locator(".feed .entry.undone").wait_for(timeout=10_000)
    visitor.page.reload()
    visitor.page.locator(".number .value", has_text="1").first.wait_for()
    assert faults(visitor.page) == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_page_left_open_after_the_sign_out_shows_nothing_more(house, visit, cafe):
    visitor = visit(language="en").bring(cafe[0]).open("/owner/")
    visitor.sees("feed.empty")
    with house.state.database.transaction() as session:
        sessions.close(session, house.state.clock, cafe[0])
    give(house, cafe, "form-0002")
    visitor.page.wait_for_url("**/sign-in*")


def test_staff_see_today_and_not_the_set_up(house, visit, cafe):
    with house.state.database.transaction() as session:
        member = session.get(members.Member, cafe[1].member_id)
        member.role = Role.STAFF.value
    visitor = visit(language="en").bring(cafe[0]).open("/owner/")
    visitor.sees("feed.empty")
    assert visitor.page.get_by_role("link", name=visitor.words("nav.setup")).count() == 0
    assert visitor.page.get_by_text(visitor.words("home.shop")).count() == 0


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_pictures_of_today(house, visit, cafe, tmp_path, language, width):
    for number in range(3):
        give(house, cafe, f"form-{number:04}", count=1 + number % 2)
    visitor = visit(language=language, width=width).bring(cafe[0]).open("/owner/")
    visitor.page.locator(".feed .entry").nth(3).wait_for()
    take(visitor.page, images_folder(tmp_path) / f"owner-today-{language}.png")
