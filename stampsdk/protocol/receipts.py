"""Receipts: the server's signed word that a press was accepted, checked by anyone without asking it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stampsdk.protocol import _fields, json_text
from stampsdk.protocol.compact import sign_compact, split_compact, verify_compact
from stampsdk.protocol.errors import EnvelopeError, KeyFormatError, ReceiptError
from stampsdk.protocol.jwk import jwk_thumbprint
from stampsdk.protocol.parts import Purpose
from stampsdk.protocol.signing import Signer

__all__ = ["RECEIPT_TYPE", "Receipt", "sign_receipt", "verify_receipt"]

RECEIPT_TYPE: Final = "stamp-receipt+jws"

_VERSION: Final = 1
_ID: Final = re.compile(r"[a-z]{3}_[0-9A-Za-z]{1,64}")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says.

    Attributes
    ----------
    press
        The press's id ``prs_…``.
    purpose
        What it was for.
    shop_id, shop_name
        Where.
    at
        RFC 3339 with a zone, by the server's clock.
    customer, device
        Whose press it was.
    envelope_sha256
        Hexadecimal SHA-256 of the envelope's compact text.
    coupon
        The coupon redeemed, or None.
    card, stamps
        The card's id and its stamps afterwards, or None for both.
    """

    press: str
    purpose: Purpose
    shop_id: str
    shop_name: str
    at: str
    customer: str
    device: str
    envelope_sha256: str
    coupon: str | None = None
    card: str | None = None
    stamps: int | None = None

    @property
    def time(self) -> datetime:
        """`at` as an aware time."""
        return datetime.fromisoformat(self.at)


def sign_receipt(receipt: Receipt, signer: Signer) -> str:
    """Sign a receipt with the server's key.

    Parameters
    ----------
    receipt
        What it says.
    signer
        An `ES256Signer` whose ``key_id`` is the thumbprint of its public key.

    Raises
    ------
    ReceiptError
        When a claim has a form that `verify_receipt` would refuse.
    """
    claims = {
        "v": _VERSION,
        "press": receipt.press,
        "verdict": "accepted",
        "purpose": str(receipt.purpose),
        "shop": {"id": receipt.shop_id, "name": receipt.shop_name},
        "at": receipt.at,
        "customer": receipt.customer,
        "device": receipt.device,
        "envelope_sha256": receipt.envelope_sha256,
        "coupon": receipt.coupon,
        "card": None if receipt.card is None else {"id": receipt.card, "stamps": receipt.stamps},
    }
    try:
        text = sign_compact(json_text.write(claims), signer, type_name=RECEIPT_TYPE)
        _read_claims(split_compact(text, type_name=RECEIPT_TYPE).payload)
    except EnvelopeError as error:
        raise ReceiptError(error.code, error.field, error.message) from None
    return text


def verify_receipt(receipt: str, jwks: Mapping[str, Any]) -> Receipt:
    """Check a receipt offline against the server's published keys.

    Parameters
    ----------
    receipt
        The compact text.
    jwks
        A JSON Web Key Set, as `GET /v1/receipt-keys` gives it. The key is the one whose thumbprint, computed
        here, the receipt names; a set's own ``kid`` members are not trusted.

    Returns
    -------
    Receipt
        Only when the signature holds.

    Raises
    ------
    ReceiptError
        ``unknown_key`` when no key of the set has that thumbprint; else the code of what was wrong.
    """
    try:
        jws = split_compact(receipt, type_name=RECEIPT_TYPE)
        verify_compact(jws, "ES256", _find_key(jwks, jws.key_id))
        return _read_claims(jws.payload)
    except (EnvelopeError, KeyFormatError) as error:
        raise ReceiptError(error.code, error.field, error.message) from None


def _find_key(jwks: Mapping[str, Any], thumbprint: str) -> Mapping[str, Any]:
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    for key in keys if isinstance(keys, list) else ():
        try:
            if jwk_thumbprint(key) == thumbprint:
                found: Mapping[str, Any] = key
                return found
        except KeyFormatError:
            continue  # a set may hold keys of other kinds
    raise ReceiptError("unknown_key", "header.kid", "the key set has no key of this thumbprint")


def _read_claims(payload: bytes) -> Receipt:
    names = ("v", "press", "verdict", "purpose", "shop", "at", "customer", "device", "envelope_sha256")
    claims = _fields.member(json_text.read(payload), "", (*names, "coupon", "card"))
    _fields.integer(claims["v"], "v", low=_VERSION, high=_VERSION)
    _fields.text(claims["verdict"], "verdict", re.compile("accepted"))
    shop = _fields.member(claims["shop"], "shop", ("id", "name"))
    card, coupon = claims["card"], claims["coupon"]
    if card is not None:
        _fields.member(card, "card", ("id", "stamps"))
    return Receipt(
        press=_fields.text(claims["press"], "press", _ID),
        purpose=Purpose(_fields.text(claims["purpose"], "purpose", re.compile("|".join(Purpose)))),
        shop_id=_fields.text(shop["id"], "shop.id", _ID),
        shop_name=_fields.text(shop["name"], "shop.name", _NAME),
        at=_time(claims["at"]),
        customer=_fields.text(claims["customer"], "customer", _ID),
        device=_fields.text(claims["device"], "device", _ID),
        envelope_sha256=_fields.text(claims["envelope_sha256"], "envelope_sha256", _DIGEST),
        coupon=None if coupon is None else _fields.text(coupon, "coupon", _ID),
        card=None if card is None else _fields.text(card["id"], "card.id", _ID),
        stamps=None if card is None else _fields.integer(card["stamps"], "card.stamps", low=0, high=1e6),
    )


def _time(value: Any) -> str:
    text = _fields.text(value, "at", _TIME)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise EnvelopeError("bad_value", "at", "there is no such date and time") from None
    return text
