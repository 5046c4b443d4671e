"""Step 4: how many stamps, and what for; beside it the card as the customer will see it."""

from nicegui import ui

from server.console.frame import Opened
from server.console.pages.going import go_to
from server.console.widgets import choice, field, heading, main_button, number
from server.setup.forms import ProgramForm
from server.setup.progress import Progress, Step
from server.setup.service import save_program

_VALID_DAYS = (30, 90, 180, 365)
_FOR_EVER = 0
_MOST_SHOWN = 100


def draw(page: Opened[Progress]) -> None:
    """Draw the step with the programme there is."""
    words, around, now = page.words, page.around, page.found
    program = now.program
    reward = program.reward if program is not None else {"ko": "", "en": ""}
    with ui.element("div").classes("two-columns"):
        with ui.element("div"):
            stamps = number(
                words("program.stamps"), program.stamps_required if program else 10, least=1, most=100
            )
            one = words("program.reward.one")
            ko = field(words("program.reward.ko"), reward["ko"], hint=one, props='maxlength=100 lang="ko"')
            en = field(words("program.reward.en"), reward["en"], props='maxlength=100 lang="en"')
            visit = number(
                words("program.visit"),
                now.shop.max_presses_per_visit if now.shop else 3,
                least=1,
                most=100,
                hint=words("program.visit.hint"),
            )
            days = _expiry(
                page, None if program is None else program.coupon_valid_days, is_new=program is None
            )
        with ui.element("section").props(f'aria-label="{words("program.preview")}"'):
            heading(words("program.preview"), level=2)
            card = ui.element("div").classes("card-preview")

    def show() -> None:
        card.clear()
        with card:
            ui.label(now.shop.name if now.shop else "").classes("card-shop")
            _circles(int(min(max(stamps.value or 0, 0), _MOST_SHOWN)))
            mine = (ko.value or en.value) if words.language == "ko" else (en.value or ko.value)
            ui.label(words("program.card", reward=mine or "…")).classes("card-reward")

    for made in (stamps, ko, en):
        made.on_value_change(show)
    show()

    async def save() -> None:
        form = ProgramForm(
            stamps_required=stamps.value,
            reward_ko=str(ko.value or ""),
            reward_en=str(en.value or ""),
            stamps_per_visit=visit.value,
            coupon_valid_days=days.value or None,
        )
        saved = await page.desk.change(
            lambda session, actor: save_program(
                session,
                around.clock,
                actor,
                form=form,
                version=now.version,
                settings=around.settings,
                shop_id=page.chosen.to_set_up,
            )
        )
        if saved is not None:
            go_to(Step.CARD, saved.value)

    main_button(words("next"), save)


def _expiry(page: Opened[Progress], known: int | None, *, is_new: bool) -> ui.select:
    words = page.words
    days = sorted({*_VALID_DAYS, *([known] if known else [])})
    options = {day: words("program.days", days=day) for day in days} | {_FOR_EVER: words("program.for_ever")}
    return choice(words("program.valid"), options, 90 if is_new else known or _FOR_EVER)


def _circles(count: int) -> None:
    with ui.element("ol").classes("circles").props("aria-hidden=true"):
        for at in range(1, count + 1):
            with ui.element("li").classes("on" if at == 1 else ""):
                ui.label(str(at))
