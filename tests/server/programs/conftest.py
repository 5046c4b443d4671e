"""A wallet under test: services called as a press calls them, beside the API."""

import itertools
from types import SimpleNamespace

import pytest

from server.programs.service import CouponUnavailable, credit_stamp, redeem_coupon


@pytest.fixture
def enrol(client, partner):
    """Enrol customers: an object with id (of the customer), device and `headers` for the device token."""

    def make(**members):
        answer = client.post(
            "/v1/devices",
            json={"algorithm": "HS256"} | members,
            headers={"Stamp-Key": partner.publishable_key},
        )
        assert answer.status_code == 201, answer.text
        body = answer.json()
        return SimpleNamespace(
            id=body["customer"],
            device=body["id"],
            recovery_code=body["recovery_code"],
            headers={"Authorization": f"Bearer {body['token']}"},
        )

    return make


@pytest.fixture
def customer(enrol):
    return enrol()


@pytest.fixture
def stamp(app, clock):
    """Credit a stamp in a transaction of its own, as a press does; a new press each time unless told."""
    numbers = itertools.count(1)

    def credit(customer, shop, press_id=None):
        with app.state.database.transaction() as session:
            return credit_stamp(
                session,
                clock,
                customer_id=customer.id,
                shop_id=shop["id"],
                press_id=press_id or f"prs_{next(numbers):032x}",
            )

    return credit


@pytest.fixture
def redeem(app, clock):
    """Redeem a coupon in a transaction of its own; returns the coupon or the reason of the refusal."""
    numbers = itertools.count(1)

    def redeem(customer, coupon_id, shop):
        with app.state.database.transaction() as session:
            try:
                return redeem_coupon(
                    session,
                    clock,
                    coupon_id=coupon_id,
                    customer_id=customer.id,
                    shop_id=shop["id"],
                    press_id=f"prs_{next(numbers):032x}",
                )
            except CouponUnavailable as refusal:
                # The caller commits what else it wrote, so a refusal must have changed nothing.
                return refusal.reason

    return redeem


@pytest.fixture
def wallet(client):
    """Read a list of the customer's through the API."""

    def read(customer, name, **query):
        answer = client.get(f"/v1/{name}", headers=customer.headers, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return read
