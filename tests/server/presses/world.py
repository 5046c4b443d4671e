"""A country of 60,000 stamps in a database, and people who press them, for measurements through HTTP."""

import math
from dataclasses import dataclass

import numpy as np

from server.shops.service import ShopRow
from server.shops.service import create_many as create_shops
from server.stamps.service import StampRow, register_many
from stampsdk.codebook import random_patterns
from stampsdk.geometry.noise import NoiseModel, simulate_touches
from stampsdk.protocol import Location
from tests.server.conftest import square_fence

CITIES = ((37.5565, 126.9780, 8.0, 0.5), (35.1600, 129.0600, 7.0, 0.3), (35.8714, 128.6014, 6.0, 0.2))
METRES = 111_195.0
HALF_M = 30.0
ACCURACY_68_M = 15.0
NOISE = NoiseModel(sigma_mm=0.4, scale_error=0.02, quantum_mm=0.05)


@dataclass
class Country:
    """Shops (N,), their stamps' patterns (N, 5, 2) mm, and their ids."""

    lat: np.ndarray
    lon: np.ndarray
    patterns: np.ndarray
    shop_ids: list


def settle(app, clock, partner_id, *, stamps, rng):
    """Register one five-tip stamp at each of as many shops around three cities, by the bulk services."""
    city = rng.choice(len(CITIES), size=stamps, p=[share for *_, share in CITIES])
    lat0, lon0, spread_km, _ = np.array(CITIES)[city].T
    lat = lat0 + rng.normal(size=stamps) * spread_km * 1000 / METRES
    lon = lon0 + rng.normal(size=stamps) * spread_km * 1000 / METRES / np.cos(np.radians(lat0))
    patterns = random_patterns(stamps, tips=5, face_diameter_mm=40.0, least_spacing_mm=11.0, rng=rng)
    with app.state.database.transaction() as session:
        rows = [
            ShopRow(f"Shop {k}", square_fence(float(a), float(b), HALF_M))
            for k, (a, b) in enumerate(zip(lat, lon, strict=True))
        ]
        shop_ids = create_shops(session, clock, partner_id=partner_id, rows=rows)
        stamp_rows = [StampRow(f"W-{k:06d}", patterns[k], (shop_id,)) for k, shop_id in enumerate(shop_ids)]
        register_many(session, clock, partner_id=partner_id, rows=stamp_rows)
    return Country(lat, lon, patterns, shop_ids)


def somewhere_in(country, row, rng):
    """Stand somewhere in a shop, with a phone that errs as its accuracy says."""
    axis_error_m = ACCURACY_68_M / math.sqrt(-2 * math.log(1 - 0.68))
    north, east = rng.uniform(-HALF_M, HALF_M, size=2) + rng.normal(size=2) * axis_error_m
    lat = country.lat[row] + north / METRES
    lon = country.lon[row] + east / METRES / math.cos(math.radians(country.lat[row]))
    return Location(float(lat), float(lon), ACCURACY_68_M, age_s=2.0, mock=False, confidence=0.68)


def touches_of(pattern, rng, px_per_mm):
    """Press a stamp of this pattern, at a random place and angle."""
    touches = simulate_touches(pattern, rng, noise=NOISE, px_per_mm=px_per_mm)
    return tuple((float(x), float(y)) for x, y in touches)
