"""A lost stamp replaced by the serial of another: by who may, whole or not at all."""

import numpy as np
import pytest
from sqlalchemy import select

from server.core.errors import Problem
from server.stamps.models import Stamp
from server.stamps.replacing import replace_by_serial
from stampsdk.codebook import Codebook, load_family
from stampsdk.codebook._files import codebook_file, shipped_families
from tests.server.people import member


@pytest.fixture(scope="module")
def medium():
    spec = shipped_families() / "medium.toml"
    return Codebook.load(codebook_file("medium", spec), load_family(spec))


@pytest.fixture
def run(app, clock, settings, partner):
    def run(stamp, serial, *, actor=None, family="medium"):
        with app.state.database.transaction() as session:
            try:
                return replace_by_serial(
                    session,
                    clock,
                    actor or member(partner.id, "manager"),
                    stamp_id=stamp["id"],
                    serial=serial,
                    family=family,
                    settings=settings,
                    registry=app.state.registry,
                )
            except Problem as problem:
                return problem.code

    return run


@pytest.fixture
def states(app):
    def read():
        with app.state.database.reading() as session:
            return dict(session.execute(select(Stamp.serial, Stamp.status)).all())

    return read


def test_the_new_one_takes_the_place(make_shop, make_stamp, medium, run, states, client, partner):
    shop = make_shop()
    lost = make_stamp(shop)
    new = medium.serial(340_001)
    done = run(lost, new.lower().replace("-", ""))
    assert (done.lost, done.serial, done.look_alikes) == (lost["serial"], new, ())
    assert states() == {lost["serial"]: "retired", new: "active"}
    listed = client.get("/v1/stamps", headers=partner.headers).json()["data"]
    made = next(one for one in listed if one["serial"] == new)
    assert (made["shops"], made["kind"]) == ([shop["id"]], lost["kind"])
    assert np.allclose(made["pattern_mm"], medium.points([340_001])[0], atol=0.001)
    assert run(lost, medium.serial(340_002)) == "stamp_retired"


def test_look_alikes_are_told_and_the_lost_one_is_none(make_shop, make_stamp, medium, run):
    shop = make_shop()
    same = medium.points([340_003])[0].tolist()
    lost = make_stamp(shop, pattern_mm=same)
    other = make_stamp(shop)
    assert run(lost, medium.serial(340_003)).look_alikes == ()
    neighbour = make_stamp(shop, serial="TWIN", pattern_mm=medium.points([340_004])[0].tolist())
    found = run(other, medium.serial(340_004)).look_alikes
    assert [round(one.distance_mm, 2) for one in found] == [0.0]
    assert neighbour["serial"] == "TWIN"


@pytest.mark.parametrize(
    ("serial", "code"),
    [("", "serial_length"), ("x" * 10_000, "serial_length"), ("T-1", "serial_length")],
)
def test_what_is_no_serial_changes_nothing(make_stamp, run, states, serial, code):
    lost = make_stamp()
    assert run(lost, serial) == code
    assert states() == {lost["serial"]: "active"}


def test_only_who_may_and_only_their_own(make_stamp, make_partner, medium, run, states, partner):
    lost = make_stamp()
    new = medium.serial(340_005)
    assert run(lost, new, actor=member(partner.id, "staff")) == "not_allowed"
    assert run(lost, new, actor=member(make_partner().id)) == "stamp_not_found"
    assert run(lost, new, family="none") == "family_unknown"
    assert states() == {lost["serial"]: "active"}
    run(lost, new)
    assert run(make_stamp(), new) == "serial_taken"
