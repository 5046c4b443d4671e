"""Registering the simulated country: once, completely, and on from where it stopped."""

import pytest
from rich.console import Console
from sqlalchemy import func, select

from server.demo import registration
from server.demo.world import make_world
from server.programs.models import Program
from server.shops.models import Shop
from server.stamps.models import Stamp


def _counts(database):
    with database.reading() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(model)) for model in (Shop, Stamp, Program)
        )


def test_registration_goes_on_where_it_was_interrupted(database, clock, monkeypatch):
    monkeypatch.setattr(registration, "_CHUNK", 10)
    world = make_world(35, seed=7)
    register, calls = registration._register, []

    def fail_in_the_third(*arguments):
        calls.append(arguments)
        register(*arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(registration, "_register", fail_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        registration.ensure_registered(database, clock, world, Console(quiet=True))
    assert _counts(database) == (20, 20, 1)  # the third chunk was rolled back whole

    monkeypatch.setattr(registration, "_register", register)
    _, registered = registration.ensure_registered(database, clock, world, Console(quiet=True))
    assert registered == 35
    assert _counts(database) == (35, 35, 1)
    with database.reading() as session:
        serials = set(session.scalars(select(Stamp.serial)))
    assert serials == {world.serial(row) for row in range(35)}


def test_worlds_of_one_seed_are_equal_and_start_with_the_cafes():
    first, second = make_world(50, seed=3), make_world(50, seed=3)
    assert (first.patterns == second.patterns).all()
    assert first.names == second.names
    assert [cafe.name for cafe in first.cafes] == list(first.names[:3])
    assert first.patterns.shape == (50, 5, 2)
