"""A stamp enrolled by three presses: kept in mm, told when it is loose or like a neighbour's."""

import contextlib
import math

import numpy as np
import pytest

from server.core.errors import Conflict, Forbidden, Unprocessable
from server.partners import service as partners
from server.setup.forms import FenceForm, ShopForm
from server.setup.pressed import LOOSE_SPREAD_MM, add_pressed_stamp
from server.setup.progress import Step, progress
from server.setup.service import save_fence, save_shop
from server.staff.actor import Actor, Role
from server.stamps.patterns import decode
from server.stamps.registry import StampRegistry
from server.stamps.schemas import EnrolmentPress
from server.stamps.service import owned
from stampsdk.codebook import random_patterns
from stampsdk.geometry import residual
from stampsdk.matching.enrolment import EnrolmentError, enrol

TIPS = np.array(((0.0, 0.0), (17.3, 2.1), (8.4, 13.9), (-9.2, 12.6), (-6.1, -13.7)))


def presses(rng, tips=TIPS, *, sigma_mm=0.15, px_per_mm=6.05, claimed=None):
    """Press three times, at any place and angle and in any order, on a screen of this density."""
    made = []
    for _ in range(3):
        angle = rng.uniform(-math.pi, math.pi)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        touches = (tips + rng.normal(0.0, sigma_mm, tips.shape)) @ turn.T * px_per_mm + rng.uniform(
            150, 400, 2
        )
        touches = rng.permutation(touches)
        made.append(EnrolmentPress(touches=touches.tolist(), px_per_mm=claimed or px_per_mm))
    return made


def loose(rng):
    """Press so badly that it is loose and not refused; returns the presses and their spread."""
    while True:
        given = presses(rng, sigma_mm=0.55)
        with contextlib.suppress(EnrolmentError):
            spread_mm = enrol([np.array(press.touches) / press.px_per_mm for press in given]).spread_mm
            if spread_mm > LOOSE_SPREAD_MM + 0.01:
                return given, spread_mm


@pytest.fixture
def rng():
    return np.random.default_rng(20261126)


@pytest.fixture
def open_shop(database, clock, settings):
    """Make an owner with a shop."""

    def act(name="온기"):
        with database.transaction() as session:
            partner = partners.create_partner(session, clock, name=name)
            owner = Actor(f"mem_{name}", partner.id, Role.OWNER, "김사장")
            now = save_shop(session, clock, owner, form=ShopForm(name=name), version=0, settings=settings)
            fence = FenceForm(37.5445, 127.0559, 60.0)
            save_fence(session, clock, owner, form=fence, version=now.version, settings=settings)
        return owner

    return act


@pytest.fixture
def add(database, clock, settings):
    """Enrol in a transaction of its own, rolled back when it is refused."""

    def act(owner, given, *, serial=None, accept_loose=False, registry=None):
        with database.transaction() as session:
            return add_pressed_stamp(
                session,
                clock,
                owner,
                presses=given,
                serial=serial,
                accept_loose=accept_loose,
                settings=settings,
                registry=registry or StampRegistry(),
            )

    return act


@pytest.fixture
def patterns_of(database):
    """Give the patterns that are kept of an owner's stamps."""

    def act(owner):
        with database.reading() as session:
            return [
                decode([stamp.pattern], stamp.tips)[0] for stamp in session.scalars(owned(owner.partner_id))
            ]

    return act


def test_three_presses_are_a_stamp_in_mm(database, open_shop, add, patterns_of, rng):
    owner = open_shop()
    added = add(owner, presses(rng))
    assert (added.serial, added.is_loose, added.look_alikes) == ("MY-1", False, ())
    assert 0.03 < added.spread_mm < 0.3
    (pattern,) = patterns_of(owner)
    assert residual(pattern, TIPS, scale=(1.0, 1.0)).residual < 0.3
    with database.reading() as session:
        assert progress(session, owner).next_step is Step.PROGRAM


def test_a_density_that_is_wrong_is_a_pattern_of_the_wrong_size(open_shop, add, patterns_of, rng):
    """Which is why the page measures it: a guess of 6.3 for 5.4 px to the mm is a sixth too small."""
    owner = open_shop()
    add(owner, presses(rng, px_per_mm=5.4, claimed=6.3))
    (pattern,) = patterns_of(owner)
    assert residual(pattern, TIPS, scale=(1.0, 1.0)).residual > 0.9
    found = residual(pattern, TIPS)
    assert found.residual < 0.3
    assert found.scale == pytest.approx(6.3 / 5.4, rel=0.02)


def test_serials_of_ones_own_are_counted_and_kept_apart(open_shop, add, patterns_of, rng):
    owner = open_shop()
    neighbour = open_shop("옆집")
    assert [add(owner, presses(rng)).serial for _ in range(2)] == ["MY-1", "MY-2"]
    assert add(neighbour, presses(rng)).serial == "MY-1"
    assert add(owner, presses(rng), serial="MY-9").serial == "MY-9"
    assert add(owner, presses(rng), serial="MY-last").serial == "MY-last"
    assert add(owner, presses(rng)).serial == "MY-10"
    with pytest.raises(Conflict) as taken:
        add(owner, presses(rng), serial="MY-9")
    assert taken.value.code == "serial_taken"


@pytest.mark.parametrize("serial", [None, "FRONT-1"])
def test_the_very_same_presses_are_registered_once(open_shop, add, patterns_of, rng, serial):
    """The answer was lost, and the page sends them again."""
    owner, given = open_shop(), presses(rng)
    first, again = (add(owner, given, serial=serial) for _ in range(2))
    assert first == again
    assert len(patterns_of(owner)) == 1
    assert add(open_shop("옆집"), given).stamp_id != first.stamp_id


def test_the_same_stamp_again_is_like_the_first(open_shop, add, patterns_of, rng):
    owner = open_shop()
    add(owner, presses(rng))
    other = random_patterns(1, rng=rng)[0]
    registry = StampRegistry()
    assert add(owner, presses(rng, other), registry=registry).look_alikes == ()
    (alike,) = add(open_shop("옆집"), presses(rng)).look_alikes
    assert alike.distance_mm < 0.4
    assert alike.metres == pytest.approx(0.0, abs=1.0)


def test_loose_presses_are_kept_only_when_the_owner_says_so(open_shop, add, patterns_of, rng):
    owner = open_shop()
    given, spread_mm = loose(rng)
    with pytest.raises(Unprocessable) as refused:
        add(owner, given)
    problem = refused.value
    assert problem.code == "presses_loose"
    assert problem.extra["spread_mm"] == pytest.approx(spread_mm, abs=0.005)
    assert problem.extra["spread_mm"] > LOOSE_SPREAD_MM
    assert patterns_of(owner) == []
    added = add(owner, given, accept_loose=True)
    assert added.is_loose
    assert added.spread_mm == pytest.approx(problem.extra["spread_mm"], abs=0.005)


def test_presses_that_make_no_stamp(open_shop, add, patterns_of, rng):
    owner = open_shop()
    good = presses(rng)
    four = [EnrolmentPress(touches=press.touches[:4], px_per_mm=6.05) for press in good]
    moved = np.array(good[0].touches)
    moved[0] += 20.0
    told = {}
    for name, given in {
        "enrolment_presses_disagree": [
            *good[:2],
            EnrolmentPress(touches=moved.tolist(), px_per_mm=6.05),
        ],
        "enrolment_tip_counts_differ": [*good[:2], four[2]],
        "enrolment_tips_too_close": presses(rng, TIPS * 0.3),
        "enrolment_too_large": presses(rng, TIPS * 5),
    }.items():
        with pytest.raises(Unprocessable) as refused:
            add(owner, given, accept_loose=True)
        told[name] = refused.value.code
    assert told == {name: name for name in told}
    assert patterns_of(owner) == []


def test_only_owners_and_only_after_the_fence(database, clock, open_shop, add, rng):
    owner = open_shop()
    for role in (Role.STAFF, Role.MANAGER):
        with pytest.raises(Forbidden):
            add(Actor("mem_2", owner.partner_id, role, "알바"), presses(rng))
    with database.transaction() as session:
        partner = partners.create_partner(session, clock, name="새로")
    with pytest.raises(Conflict) as closed:
        add(Actor("mem_3", partner.id, Role.OWNER, "박사장"), presses(rng))
    assert closed.value.code == "setup_step_closed"
