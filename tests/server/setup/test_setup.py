"""The steps of the set-up: their order, their state, and two owners at it at once."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from sqlalchemy import select

from server.core.errors import Conflict, Forbidden, Problem
from server.partners import service as partners
from server.programs.models import Program
from server.setup.forms import FenceForm, ProgramForm, ShopForm
from server.setup.progress import Step, progress
from server.setup.service import add_stamp, finish, save_fence, save_program, save_shop
from server.shops.fences import FenceError
from server.shops.hours import WEEKDAYS
from server.shops.models import Shop
from server.staff.actor import Actor, Role
from server.stamps.registry import StampRegistry
from server.stamps.serials import families, pattern_of_serial
from stampsdk.codebook import Codebook, load_family

PATTERNS = Path(__file__).parents[3] / "patterns"
SHOP = ShopForm(name="온도 커피", address="성수동", opening_hours={"fri": [["18:00", "02:00"]]})
FENCE = FenceForm(37.5445, 127.0559, 60.0)
PROGRAM = ProgramForm(10, "아메리카노", "an americano", 4, 90)


@pytest.fixture
def owner(session, clock):
    partner = partners.create_partner(session, clock, name="온기")
    return Actor("mem_1", partner.id, Role.OWNER, "김사장")


@pytest.fixture
def registry():
    return StampRegistry()


def serials(family, count):
    book = Codebook.load(
        PATTERNS / "codebooks" / f"{family}.npz",
        load_family(PATTERNS / "families" / f"{family}.toml"),
    )
    return [(book.serial(number), book.points([number])[0]) for number in range(300_000, 300_000 + count)]


def test_each_step_opens_the_next_and_the_data_is_the_state(database, clock, settings, registry):
    def do(step, **more):
        with database.transaction() as session:
            return step(session, clock, owner, **more)

    with database.transaction() as session:
        partner = partners.create_partner(session, clock, name="온기")
        owner = Actor("mem_1", partner.id, Role.OWNER, "김사장")
        now = progress(session, owner)
        assert (now.next_step, now.done) == (Step.SHOP, frozenset())
    now = do(save_shop, form=SHOP, version=0, settings=settings)
    assert now.next_step is Step.FENCE
    friday = {"fri": [["18:00", "02:00"]]}
    assert now.draft["opening_hours"] == {day: friday.get(day, []) for day in WEEKDAYS}
    with database.reading() as session:
        assert session.scalar(select(Shop)) is None
    now = do(save_fence, form=FENCE, version=now.version, settings=settings)
    assert now.next_step is Step.STAMP
    assert (now.shop.name, now.shop.address, now.draft) == ("온도 커피", "성수동", None)
    assert now.shop.opening_hours["fri"] == [["18:00", "02:00"]]
    ((serial, pattern),) = serials("medium", 1)
    added = do(add_stamp, serial=serial.lower(), family="medium", settings=settings, registry=registry)
    assert (added.serial, added.family, added.look_alikes) == (serial, "medium", ())
    assert np.allclose(pattern_of_serial(serial, "medium").pattern_mm, pattern)
    with database.reading() as session:
        now = progress(session, owner)
    assert now.next_step is Step.PROGRAM
    now = do(save_program, form=PROGRAM, version=now.version, settings=settings)
    assert now.shop.max_presses_per_visit == 4
    assert now.program.name == {"ko": "온도 커피", "en": "온도 커피"}
    now = do(finish, version=now.version)
    assert now.next_step is None
    latte = ProgramForm(8, "라테", "a latte")
    changed = do(save_program, form=latte, version=now.version, settings=settings)
    assert changed.program.id == now.program.id
    with database.reading() as session:
        assert [program.stamps_required for program in session.scalars(select(Program))] == [8]


def test_a_second_owner_with_an_old_page_is_told(session, clock, settings, owner):
    save_shop(session, clock, owner, form=SHOP, version=0, settings=settings)
    with pytest.raises(Conflict) as told:
        save_shop(session, clock, owner, form=ShopForm(name="Other"), version=0, settings=settings)
    assert told.value.code == "setup_changed"
    assert progress(session, owner).draft["name"] == "온도 커피"


def test_steps_cannot_be_skipped(session, clock, settings, owner, registry):
    with pytest.raises(Conflict) as told:
        save_fence(session, clock, owner, form=FENCE, version=0, settings=settings)
    assert told.value.code == "setup_step_closed"
    with pytest.raises(Conflict):
        add_stamp(session, clock, owner, serial="X", family=None, settings=settings, registry=registry)


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER])
def test_only_owners_set_up(session, clock, settings, owner, registry, role):
    other = Actor("mem_2", owner.partner_id, role, "알바")
    acts = [
        lambda: progress(session, other),
        lambda: save_shop(session, clock, other, form=SHOP, version=0, settings=settings),
        lambda: save_fence(session, clock, other, form=FENCE, version=0, settings=settings),
        lambda: add_stamp(
            session, clock, other, serial="X", family=None, settings=settings, registry=registry
        ),
        lambda: save_program(session, clock, other, form=PROGRAM, version=0, settings=settings),
        lambda: finish(session, clock, other, version=0),
    ]
    for act in acts:
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "not_allowed"


def test_a_reward_in_one_language_stands_for_both_and_in_none_is_refused(session, clock, settings, owner):
    now = save_shop(session, clock, owner, form=SHOP, version=0, settings=settings)
    now = save_fence(session, clock, owner, form=FENCE, version=now.version, settings=settings)
    for form, reward in (
        (ProgramForm(10, "아메리카노", " "), {"ko": "아메리카노", "en": "아메리카노"}),
        (ProgramForm(10, "", "a latte"), {"ko": "a latte", "en": "a latte"}),
        (PROGRAM, {"ko": "아메리카노", "en": "an americano"}),
    ):
        assert form.reward().model_dump() == reward
    with pytest.raises(ValidationError):
        ProgramForm(10, " ", "").reward()
    form = ProgramForm(10, "", "a latte")
    now = save_program(session, clock, owner, form=form, version=now.version, settings=settings)
    assert now.program.reward == {"ko": "a latte", "en": "a latte"}


@pytest.mark.parametrize("name", ["", " ", "가" * 10_000])
def test_a_name_has_one_to_a_hundred_characters(session, clock, settings, owner, name):
    with pytest.raises(ValidationError):
        save_shop(session, clock, owner, form=ShopForm(name=name), version=0, settings=settings)


@pytest.mark.parametrize(
    ("corners", "code"),
    [
        (((37.0, 127.0), (37.001, 127.001), (37.001, 127.0), (37.0, 127.001)), "fence_self_crossing"),
        (((37.0, 127.0), (38.0, 127.0), (38.0, 128.0)), "fence_too_large"),
        (((37.0, 127.0), (37.0, 127.0), (37.0, 127.0)), "fence_no_area"),
    ],
)
def test_fences_that_cannot_be(session, clock, settings, owner, corners, code):
    now = save_shop(session, clock, owner, form=SHOP, version=0, settings=settings)
    with pytest.raises(FenceError) as told:
        save_fence(
            session, clock, owner, form=FenceForm(corners=corners), version=now.version, settings=settings
        )
    assert told.value.code == code


def test_a_stamp_like_a_neighbours_is_warned_of(database, clock, settings):
    ((serial, _),) = serials("medium", 1)
    found = []
    for name in ("온기", "옆집"):
        with database.transaction() as session:
            partner = partners.create_partner(session, clock, name=name)
            owner = Actor("mem_1", partner.id, Role.OWNER, "김사장")
            now = save_shop(session, clock, owner, form=SHOP, version=0, settings=settings)
            save_fence(session, clock, owner, form=FENCE, version=now.version, settings=settings)
        with database.transaction() as session:
            give = {"serial": serial, "family": "medium", "settings": settings}
            found.append(add_stamp(session, clock, owner, registry=StampRegistry(), **give).look_alikes)
    assert found[0] == ()
    assert [round(other.distance_mm, 3) for other in found[1]] == [0.0]


@pytest.mark.parametrize(
    ("serial", "family", "code"),
    [
        ("", None, "serial_length"),
        ("AY2EM-318E3-8", "medium", "serial_check"),
        ("AY2EM-318U3-9", "medium", "serial_symbol"),
        ("x" * 10_000, None, "serial_length"),
        ("AY2EM-318E3-9", "no such", "family_unknown"),
    ],
)
def test_serials_that_are_none(serial, family, code):
    with pytest.raises(Problem) as told:
        pattern_of_serial(serial, family)
    assert told.value.code == code


def test_a_serial_of_two_families_has_to_be_told_apart():
    assert {"browser", "medium", "small", "tablet"} <= set(families())
    found = {}
    book = Codebook.load(
        PATTERNS / "codebooks" / "small.npz", load_family(PATTERNS / "families" / "small.toml")
    )
    for number in range(0, 2000, 50):
        try:
            pattern_of_serial(book.serial(number))
        except Conflict as problem:
            found[number] = problem
    assert found, "no serial of both families among forty"
    number, problem = next(iter(found.items()))
    assert problem.code == "serial_ambiguous"
    for family in problem.extra["families"]:
        assert pattern_of_serial(book.serial(number), family).family == family
