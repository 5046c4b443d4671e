"""Stamps and shops for the tests of the registry, and a registry written the slow and obvious way."""

import math

import numpy as np
from sqlalchemy import select

from server.partners.service import HOUSE_ID, ensure_house
from server.settings import Settings
from server.shops.fences import distance_m, parse_fence
from server.shops.models import Shop
from server.shops.service import ShopRow, create_many
from server.stamps.models import Stamp, StampPlace
from server.stamps.patterns import decode
from server.stamps.service import StampRow, register_many
from tests.server.conftest import square_fence

SETTINGS = Settings(database_url="sqlite:///unused.db")


def random_pattern(rng, tips=5):
    """Return tips (n, 2) in mm, at least 9 mm apart, within 40 mm."""
    while True:
        points = rng.uniform(0, 40, (tips, 2))
        gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))[np.triu_indices(tips, 1)]
        if gaps.min() > 9:
            return points


def add_world(session, clock, rng, count, *, prefix="S", tips=(5,), kinds=("fixed",)):
    """Register `count` stamps at as many new shops around Seoul; return their ids."""
    ensure_house(session, clock, name="House")
    places = rng.uniform(-0.02, 0.02, (count, 2))
    shops = create_many(
        session,
        clock,
        partner_id=HOUSE_ID,
        rows=[ShopRow(f"{prefix}{k}", square_fence(37.5 + y, 127.0 + x)) for k, (x, y) in enumerate(places)],
    )
    rows = [
        StampRow(
            f"{prefix}-{k}",
            random_pattern(rng, int(rng.choice(tips))),
            (shops[k], shops[(k + 1) % count]) if kind == "zone" and count > 1 else (shops[k],),
            kind,
        )
        for k, kind in enumerate(rng.choice(kinds, count))
    ]
    return register_many(session, clock, partner_id=HOUSE_ID, rows=rows, settings=SETTINGS)


def assert_agrees(registry, session, probes):
    """Compare a registry with what reading the tables row by row says."""
    shops = {
        shop.id: parse_fence(shop.fence, shop.radius_m, largest_m=math.inf)
        for shop in session.scalars(select(Shop))
    }
    expected, patterns = {}, {}
    for stamp in session.scalars(select(Stamp)):
        places = select(StampPlace.shop_id).where(StampPlace.stamp_number == stamp.number)
        if stamp.status != "retired":
            expected[stamp.number] = (stamp, sorted(session.scalars(places)))
            patterns.setdefault(stamp.tips, {})[stamp.number] = decode([stamp.pattern], stamp.tips)[0]
    assert len(registry) == len(expected)
    for number, (stamp, shop_ids) in expected.items():
        view = registry.stamp(number)
        assert (view.number, view.id, view.kind, view.status, view.tips) == (
            number,
            stamp.id,
            stamp.kind,
            stamp.status,
            stamp.tips,
        )
        assert view.shop_ids == tuple(shop_ids)
    assert registry.couriers().tolist() == sorted(
        n for n, (stamp, _) in expected.items() if stamp.kind == "courier"
    )
    for tips in range(3, 11):
        held, index = patterns.get(tips, {}), registry.index(tips)
        assert (index is None) == (not held)
        for number, pattern in held.items():
            assert number in index.search(pattern, tolerance=0.01, scale=(1.0, 1.0)).ids
    for lat, lon in probes:
        distances = {
            number: min(distance_m(shops[shop_id], lat, lon) for shop_id in shop_ids)
            for number, (stamp, shop_ids) in expected.items()
            if stamp.kind != "courier"
        }
        for radius in (0.0, 60.0, 700.0, 5000.0):
            numbers, found = registry.near(lat, lon, radius)
            near = {number: metres for number, metres in distances.items() if metres <= radius}
            assert numbers.tolist() == sorted(near)
            assert np.allclose(found, [near[number] for number in sorted(near)], atol=1e-6)
        asked = sorted(expected)
        found = registry.distances(asked, lat, lon)
        assert np.allclose(
            found, [distances.get(number, math.nan) for number in asked], atol=1e-6, equal_nan=True
        )
