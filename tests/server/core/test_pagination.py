"""Lists by cursor: every row once, in order, whatever is added meanwhile."""

import base64

import pytest

from server.shops.service import ShopRow, create_many
from tests.queries import counted_queries
from tests.server.conftest import square_fence


@pytest.fixture
def shops(app, clock, partner):
    """Add 25 shops and return their ids, oldest first."""
    ids = []
    for number in range(25):
        clock.advance(1)
        with app.state.database.transaction() as session:
            ids += create_many(
                session, clock, partner_id=partner.id, rows=[ShopRow(f"Shop {number}", square_fence())]
            )
    return ids


def walk(client, partner, limit, between=lambda: None):
    cursor, found = None, []
    while True:
        query = {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        page = client.get("/v1/shops", params=query, headers=partner.headers).json()
        assert len(page["data"]) <= limit
        found += [shop["id"] for shop in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
        between()


@pytest.mark.parametrize("limit", [1, 7, 24, 25, 26, 200])
def test_every_row_once_newest_first(client, partner, shops, limit):
    assert walk(client, partner, limit) == shops[::-1]


def test_rows_added_while_reading_do_not_shift_pages(client, partner, shops, make_shop, clock):
    def add():
        clock.advance(1)
        make_shop()

    assert walk(client, partner, 10, between=add) == shops[::-1]


def test_a_page_costs_a_fixed_number_of_statements(app, client, partner, shops):
    database = app.state.database
    with counted_queries(database.engine, database.read_engine) as few:
        client.get("/v1/shops?limit=2", headers=partner.headers)
    with counted_queries(database.engine, database.read_engine) as many:
        client.get("/v1/shops?limit=25", headers=partner.headers)
    assert len(few) == len(many)
    assert sum("FROM shop" in statement for statement in many) == 1


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        base64.b64encode(b"shp_'; DROP TABLE shop").decode(),
        "é",
        base64.b64encode(b"\xff").decode(),
    ],
)
def test_a_made_up_cursor_is_refused(client, partner, cursor):
    answer = client.get("/v1/shops", params={"cursor": cursor}, headers=partner.headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_cursor"


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1.5", "many", "1e3", "9" * 30])
def test_a_limit_out_of_range_is_refused(client, partner, limit):
    assert client.get("/v1/shops", params={"limit": limit}, headers=partner.headers).status_code == 422
