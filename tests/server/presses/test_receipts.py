"""Receipts, and the keys that sign them."""

import json
import stat
import threading

import pytest

from server.presses.receipts import ReceiptKeyError, ReceiptKeys, receipt_key_path
from server.settings import Settings
from stampsdk.protocol import (
    ES256Signer,
    Receipt,
    ReceiptError,
    envelope_digest,
    jwk_thumbprint,
    verify_receipt,
)
from tests.server.presses.envelopes import press_of


def a_receipt(**members):
    return Receipt(
        **{
            "press": "prs_1",
            "purpose": "verify",
            "shop_id": "shp_1",
            "shop_name": "카페 온기",
            "at": "2026-11-20T01:00:00+00:00",
            "customer": "cus_1",
            "device": "dev_1",
            "envelope_sha256": "0" * 64,
        }
        | members
    )


def test_a_stamps_receipt_says_all_and_is_checked_offline(cafe, phone, client, clock):
    keys = client.get("/v1/receipt-keys")
    text = phone.envelope()
    body = phone.submit(text).json()
    receipt = verify_receipt(body["receipt"], keys.json())
    assert receipt == Receipt(
        press=body["id"],
        purpose="stamp",
        shop_id=cafe.shop["id"],
        shop_name=cafe.shop["name"],
        at=clock.now().isoformat(),
        customer=phone.customer,
        device=phone.id,
        envelope_sha256=envelope_digest(text),
        coupon=None,
        card=body["card"]["id"],
        stamps=1,
    )
    assert "max-age" in keys.headers["Cache-Control"]
    assert "d" not in keys.json()["keys"][0]


def test_a_coupons_receipt_names_it(cafe, phone, client):
    for seed in range(3):
        last = phone.press(touches=press_of(seed=seed)).json()
    coupon = last["coupons"][0]["id"]
    body = phone.press(purpose="redeem", coupon=coupon, touches=press_of(seed=5)).json()
    receipt = verify_receipt(body["receipt"], client.get("/v1/receipt-keys").json())
    assert (receipt.coupon, receipt.card) == (coupon, None)


def test_the_first_start_makes_a_key_that_its_owner_alone_may_read(tmp_path):
    path = tmp_path / "var" / "keys.json"
    first = ReceiptKeys.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]
    again = ReceiptKeys.load_or_create(path)
    assert again.jwks == first.jwks
    verify_receipt(first.sign(a_receipt()), again.jwks)


def test_processes_that_start_at_once_use_one_key(tmp_path):
    path = tmp_path / "keys.json"
    gate, found = threading.Barrier(8), []

    def start():
        gate.wait()
        found.append(ReceiptKeys.load_or_create(path).jwks["keys"][0]["kid"])

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_new_key_signs_and_the_old_one_is_still_published(tmp_path):
    path = tmp_path / "keys.json"
    old = ReceiptKeys.load_or_create(path)
    receipt = old.sign(a_receipt())
    newest = ES256Signer.generate()
    content = json.loads(path.read_text())
    content["keys"].insert(0, newest.private_jwk)
    path.write_text(json.dumps(content))
    rotated = ReceiptKeys.load_or_create(path)
    assert [key["kid"] for key in rotated.jwks["keys"]] == [
        jwk_thumbprint(newest.public_jwk),
        old.jwks["keys"][0]["kid"],
    ]
    verify_receipt(receipt, rotated.jwks)
    fresh = rotated.sign(a_receipt())
    verify_receipt(fresh, rotated.jwks)
    with pytest.raises(ReceiptError, match="thumbprint"):
        verify_receipt(fresh, old.jwks)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"keys":[]}', '{"keys":[{"kty":"EC"}]}', '{"keys":5}', "[]", '{"keys":["x"]}']
)
def test_a_broken_file_stops_the_start_and_is_named(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ReceiptKeyError, match=r"keys\.json"):
        ReceiptKeys.load_or_create(path)
    assert path.read_text() == content


def test_keys_that_others_may_read_stop_the_start(tmp_path):
    path = tmp_path / "keys.json"
    ReceiptKeys.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(ReceiptKeyError, match="chmod 600"):
        ReceiptKeys.load_or_create(path)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(ReceiptKeyError, match="STAMP_RECEIPT_KEY_PATH"):
        ReceiptKeys.load_or_create(blocker / "keys.json")


def test_keys_lie_where_the_settings_say_or_beside_the_database(tmp_path):
    named = Settings(receipt_key_path=tmp_path / "k.json")
    sqlite = Settings(database_url=f"sqlite:///{tmp_path}/data/stamp.db")
    postgresql = Settings(database_url="postgresql://stamps@localhost/stamps")
    assert receipt_key_path(named) == tmp_path / "k.json"
    assert receipt_key_path(sqlite) == tmp_path / "data" / "receipt-keys.json"
    assert str(receipt_key_path(postgresql)) == "var/receipt-keys.json"
