"""Who may read which presses, and what of them."""

from tests.server.presses.envelopes import OTHER_PATTERN, enrol, press_of


def read(client, headers, press_id):
    return client.get(f"/v1/presses/{press_id}", headers=headers)


def test_a_device_reads_its_own_press_as_it_was_told(cafe, phone, client):
    told = phone.press().json()
    body = read(client, phone.headers, told["id"]).json()
    assert {name: body[name] for name in told} == told
    assert body.keys() - told.keys() == {"at"}


def test_a_device_reads_of_a_refusal_what_it_was_told_and_no_more(cafe, phone, client):
    refused = phone.press(touches=press_of(OTHER_PATTERN)).json()
    body = read(client, phone.headers, refused["press"]).json()
    assert (body["verdict"], body["code"], body["text"]) == ("refused", "not_recognised", refused["text"])
    assert (body["shop"], body["card"], body["coupons"], body["receipt"]) == (None, None, [], None)
    assert not {"reason", "residual_mm", "posterior", "stamp"} & body.keys()


def test_a_page_reads_with_a_devices_token_only_where_the_devices_partner_listed_it(
    cafe, phone, client, make_partner
):
    press, theirs = phone.press().json()["id"], "https://other.example"
    make_partner(origins=[theirs])
    answer = read(client, phone.headers | {"Origin": theirs}, press)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")


def test_the_shops_partner_reads_the_reason(cafe, phone, client, partner):
    refused = phone.press(touches=press_of(OTHER_PATTERN)).json()
    body = read(client, partner.headers, refused["press"]).json()
    assert (body["reason"], body["customer"], body["touches"]) == ("not_recognised", phone.customer, 5)


def test_nobody_else_reads_it(cafe, phone, make_phone, make_partner, client):
    press = phone.press().json()["id"]
    for headers in (make_phone().headers, make_partner().headers):
        answer = read(client, headers, press)
        assert (answer.status_code, answer.json()["code"]) == (404, "press_not_found")
    other = phone.token[:-1] + ("1" if phone.token.endswith("0") else "0")
    for headers in ({}, {"Authorization": "Bearer sk_x"}, {"Authorization": f"Bearer {other}"}):
        assert read(client, headers, press).status_code == 401
    assert client.get("/v1/presses", headers=phone.headers).status_code == 401


def test_a_press_stands_in_the_log_of_the_shops_partner_whosever_app_it_came_from(
    cafe, make_partner, client, log
):
    other = make_partner()
    phone = enrol(client, other.publishable_key)
    accepted = phone.press().json()["id"]
    unknown = phone.press(touches=press_of(OTHER_PATTERN)).json()["press"]
    assert [entry["id"] for entry in log()] == [accepted]
    theirs = client.get("/v1/presses", headers=other.headers).json()["data"]
    assert [entry["id"] for entry in theirs] == [unknown]


def test_a_forged_press_is_not_the_devices_own(cafe, phone, client, partner):
    text = phone.envelope()
    forged = phone.submit(text[:-8] + "AAAAAAAA").json()["press"]
    assert read(client, phone.headers, forged).status_code == 404
    assert read(client, partner.headers, forged).json()["proven"] is False


def test_the_log_is_filtered_and_turned_page_by_page(cafe, make_shop, phone, client, partner, log, clock):
    def press(**members):
        clock.advance(1)
        body = phone.press(**members).json()
        return body.get("id") or body["press"]

    accepted = [press(touches=press_of(seed=seed)) for seed in range(3)]
    refused = [press(touches=press_of(seed=9)[:2]) for _ in range(2)]
    everything = [*reversed(refused), *reversed(accepted)]
    assert [entry["id"] for entry in log()] == everything
    assert [entry["id"] for entry in log(verdict="accepted")] == everything[2:]
    assert [entry["id"] for entry in log(reason="touches_few")] == everything[:2]
    assert [entry["id"] for entry in log(shop=cafe.shop["id"])] == everything[2:]
    assert log(shop=make_shop()["id"]) == []
    seen, cursor = [], None
    while True:
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/presses", params=parameters, headers=partner.headers).json()
        seen += [entry["id"] for entry in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == everything


def test_anothers_shop_cannot_be_asked_for(cafe, make_partner, client):
    answer = client.get("/v1/presses", params={"shop": cafe.shop["id"]}, headers=make_partner().headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "shop_not_found")
