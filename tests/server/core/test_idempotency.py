"""A POST sent twice is done once."""

import threading

import pytest
from sqlalchemy import func, select

from server.core.idempotency import IdempotencyRecord, forget_old_keys
from server.shops.models import Shop
from tests.server.conftest import square_fence


@pytest.fixture
def post(client, partner):
    def post(key, name="Café", headers=None):
        return client.post(
            "/v1/shops",
            json={"name": name, "fence": square_fence()},
            headers=(headers or partner.headers) | ({} if key is None else {"Idempotency-Key": key}),
        )

    return post


def shops(app):
    with app.state.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Shop))


def test_the_same_key_gets_the_same_bytes_and_one_shop(app, post):
    first = post("order-1")
    again = post("order-1")
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert shops(app) == 1


def test_a_quoted_key_is_the_same_key(app, post):
    assert post('"order-1"').content == post("order-1").content
    assert shops(app) == 1


def test_without_a_key_every_post_counts(app, post):
    post(None)
    post(None)
    assert shops(app) == 2


def test_another_body_with_the_same_key_is_refused(app, post):
    post("order-1", name="One")
    answer = post("order-1", name="Another")
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert shops(app) == 1


def test_keys_belong_to_a_partner(app, post, make_partner):
    post("order-1")
    assert post("order-1", headers=make_partner().headers).status_code == 201
    assert shops(app) == 2


def test_a_refusal_does_not_use_the_key_up(app, client, partner, post):
    bad = {"name": "Café", "fence": square_fence(half_m=50_000)}
    refused = client.post("/v1/shops", json=bad, headers=partner.headers | {"Idempotency-Key": "order-1"})
    assert refused.status_code == 422
    assert post("order-1").status_code == 201
    assert shops(app) == 1


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256])
def test_a_key_that_is_none_is_refused(app, post, key):
    assert post(key).status_code in {400, 422}
    assert shops(app) == 0


def test_of_many_at_once_one_does_the_work(app, post):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post("order-1"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert shops(app) == 1


def test_old_answers_are_forgotten(app, clock, post):
    post("old")
    clock.advance(8 * 24 * 3600)
    post("new")
    with app.state.database.transaction() as session:
        forget_old_keys(session, clock, days=7)
    with app.state.database.reading() as session:
        assert session.scalars(select(IdempotencyRecord.key)).all() == ["new"]
