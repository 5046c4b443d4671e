"""A visitor's way through the set-up, with a look at every page."""

from functools import lru_cache
from pathlib import Path

from stampsdk.codebook import Codebook, load_family
from tests.console.house import PASSWORD

PATTERNS = Path(__file__).parents[2] / "patterns"


@lru_cache
def medium():
    return Codebook.load(
        PATTERNS / "codebooks" / "medium.npz", load_family(PATTERNS / "families" / "medium.toml")
    )


def sign_up(visitor, email):
    visitor.open("/owner/sign-up")
    visitor.page.fill("#organisation", f"온기 {email}")
    visitor.page.fill("#name", "김사장")
    visitor.page.fill("#email", email)
    visitor.page.fill("#password", PASSWORD)


def walk(visitor, number, look=lambda _name: None):
    """Go from the sign-up's form to the finished set-up; `look` is called at every page."""
    look("sign-up")
    visitor.press("sign.up")
    visitor.step("shop")
    visitor.fill("shop.name", "온도 커피 성수")
    visitor.fill("shop.address", "서울 성동구 연무장길 1")
    saturday = visitor.page.get_by_role("group", name=visitor.words("day.sat"))
    saturday.get_by_role("textbox").nth(0).fill("18:00")
    saturday.get_by_role("textbox").nth(1).fill("02:00")
    look("shop")
    visitor.press("next")
    visitor.step("fence")
    visitor.press("fence.here")
    visitor.page.wait_for_selector(".canvas")
    look("fence")
    visitor.press("next")
    visitor.step("stamp")
    serial = medium().serial(number)
    visitor.fill("stamp.serial", serial.replace("-", "").lower())
    visitor.press("stamp.add")
    visitor.page.locator(".stamps", has_text=serial).wait_for()
    look("stamp")
    visitor.press("next")
    visitor.step("program")
    visitor.fill("program.reward.ko", "아메리카노 한 잔")
    visitor.fill("program.reward.en", "an americano")
    visitor.page.locator(
        ".card-reward", has_text={"ko": "아메리카노", "en": "americano"}[visitor.language]
    ).wait_for()
    look("program")
    visitor.press("next")
    visitor.step("card")
    look("card")
    visitor.press("card.done")
    visitor.page.wait_for_url("**/owner/")
