"""A stand-in for the server: the API's contract with scripted answers, and the real page in front.

Signatures are checked here with `cryptography`, challenges are single use, and the same envelope
gets the same answer; whether a press is genuine is the script's choice.
"""

import base64
import contextlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from server.capture_page.routes import router
from stampsdk.protocol import parse_envelope

PAGE_KEY = "pk_page"
PARTNER_KEY = "pk_partner"
RECOVERY_CODE = "K7QM-2XRA-9WFT-HD4N"
SHOP = {"id": "shp_1", "name": "온도 커피 성수"}
PROGRAM = {
    "id": "prg_1",
    "name": {"ko": "커피 한 잔 더", "en": "One more coffee"},
    "reward": {"ko": "아메리카노 한 잔", "en": "an americano on us"},
    "stamps_required": 3,
}
REFUSAL = {
    "ko": "이곳에서 쓸 수 있는 스탬프로 확인되지 않았어요. 매장 안에서 잠시 기다렸다가 다시 눌러 주세요.",
    "en": "We did not recognise a stamp of this place. Stand in the shop, wait a moment and press again.",
}


def decode(part: str) -> bytes:
    assert "=" not in part
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


@dataclass
class Service:
    """What the server knows, and what it shall answer next."""

    stamps_required: int = 3
    next_answers: list[dict[str, Any]] = field(default_factory=list)  # scripted: {"status", "body"}
    failures: int = 0  # so many presses get a 503 before one is answered
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    challenges: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    envelopes: list[str] = field(default_factory=list)  # every arrival, in order, repeats too
    payloads: list[dict[str, Any]] = field(default_factory=list)  # of each envelope that was new
    origins: list[str | None] = field(default_factory=list)
    bad_signatures: int = 0
    staff_codes: list[dict[str, Any]] = field(default_factory=list)  # bodies, as they arrived

    def enrol(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        code = body.get("recovery_code")
        if code is not None:
            known = [name for name, one in self.customers.items() if one["code"] == code]
            if not known:
                return 422, {"code": "recovery_code_unknown", "status": 422, "detail": "no such code"}
            customer = known[0]
        else:
            customer = f"cus_{len(self.customers)}"
            made = RECOVERY_CODE if not self.customers else f"AAAA-BBBB-CCCC-{len(self.customers):04d}"
            self.customers[customer] = {"code": made, "stamps": 0, "coupons": []}
        device = f"dev_{len(self.devices)}"
        token = f"dt_{secrets.token_urlsafe(8)}"
        self.devices[device] = {"key": body["public_key"], "customer": customer, "token": token}
        return 201, {
            "id": device,
            "customer": customer,
            "algorithm": body["algorithm"],
            "secret": None,
            "token": token,
            "recovery_code": None if code else self.customers[customer]["code"],
        }

    def challenge(self, device: str, purpose: str, count: int) -> dict[str, Any]:
        assert count >= 1
        name = f"chl_{secrets.token_hex(4)}"
        nonce = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        self.challenges[name] = {"nonce": nonce, "purpose": purpose, "device": device}
        return {"id": name, "nonce": nonce, "purpose": purpose, "expires_at": "2026-11-22T01:01:30Z"}

    def by_token(self, authorization: str) -> str | None:
        for name, device in self.devices.items():
            if authorization == f"Bearer {device['token']}":
                return name
        return None

    def press(self, envelope: str) -> tuple[int, dict[str, Any]]:
        self.envelopes.append(envelope)
        if self.failures:
            self.failures -= 1
            return 503, {"code": "unavailable", "status": 503}
        if envelope in self.answers:
            return self.answers[envelope]
        header, payload = (json.loads(decode(part)) for part in envelope.split(".")[:2])
        assert header == {"alg": "ES256", "kid": header["kid"], "typ": "stamp-press+jws"}
        assert parse_envelope(envelope).key_id == header["kid"]  # the strict reader takes every member
        device = self.devices[header["kid"]]
        if not self.verifies(envelope, device["key"]):
            self.bad_signatures += 1
            return 401, {"code": "signature_refused", "verdict": "refused", "status": 401, "text": REFUSAL}
        challenge = self.challenges.pop(payload["challenge"])
        assert (challenge["nonce"], challenge["purpose"]) == (payload["nonce"], payload["purpose"])
        assert challenge["device"] == header["kid"]
        self.payloads.append(payload)
        self.answers[envelope] = self.decide(self.customers[device["customer"]], payload)
        return self.answers[envelope]

    def staff_code(self, body: dict[str, Any], customer: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.staff_codes.append(body)
        if self.failures:
            self.failures -= 1
            return 503, {"code": "unavailable", "status": 503}
        customer["stamps"] += 1
        text = {"ko": "스탬프를 적립했어요.", "en": "Your stamp is on the card."}
        return 200, accepted(0, "stamped", text, self.card(customer), []) | {"receipt": None}

    def verifies(self, envelope: str, jwk: dict[str, str]) -> bool:
        signed, _, signature = envelope.rpartition(".")
        raw = decode(signature)
        assert len(raw) == 64
        r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
        x, y = (int.from_bytes(decode(jwk[name])) for name in ("x", "y"))
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        with contextlib.suppress(Exception):
            key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
            return True
        return False

    def decide(self, customer: dict[str, Any], payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.next_answers:
            scripted = self.next_answers.pop(0)
            return scripted["status"], scripted["body"]
        number = len(self.payloads)
        if payload["purpose"] == "redeem":
            coupon = next(one for one in customer["coupons"] if one["id"] == payload["coupon"])
            coupon |= {"status": "redeemed", "redeemed_at": "2026-11-22T02:00:00Z"}
            text = {"ko": "쿠폰을 사용했어요. 맛있게 드세요!", "en": "Your coupon is redeemed. Enjoy!"}
            return 200, accepted(number, "redeemed", text, None, [coupon])
        customer["stamps"] += 1
        coupons = []
        text = {"ko": "스탬프를 적립했어요.", "en": "Your stamp is on the card."}
        if customer["stamps"] == self.stamps_required:
            coupons = [coupon_of(len(customer["coupons"]))]
            customer["coupons"] += coupons
            text = {
                "ko": "스탬프를 모두 모았어요. 쿠폰이 도착했어요!",
                "en": "That was the last stamp: a coupon is yours!",
            }
        customer["stamps"] %= self.stamps_required
        return 200, accepted(number, "stamped", text, self.card(customer), coupons)

    def card(self, customer: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": "crd_1",
            "program": PROGRAM | {"stamps_required": self.stamps_required},
            "shop": SHOP,
            "stamps": customer["stamps"],
            "updated_at": "2026-11-22T01:00:00Z",
        }


def accepted(number, code, text, card, coupons):
    return {
        "id": f"prs_{number}",
        "verdict": "accepted",
        "code": code,
        "text": text,
        "shop": SHOP,
        "card": card,
        "coupons": coupons,
        "visit": {"id": "vis_1", "presses": number},
        "receipt": "e30.e30.AA",
    }


def coupon_of(number):
    return {
        "id": f"cpn_{number}",
        "card": "crd_1",
        "program": "prg_1",
        "reward": PROGRAM["reward"],
        "shop": SHOP,
        "status": "issued",
        "issued_at": "2026-11-22T01:00:00Z",
        "expires_at": "2026-12-22T15:00:00Z",
        "redeemed_at": None,
    }


def app_of(service: Service, allowed_origins: list[str]) -> FastAPI:
    app = FastAPI()
    app.state.page_key = PAGE_KEY
    app.include_router(router)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=allowed_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Stamp-Key"],
    )
    _add_staff_codes(app, service)
    _add_phone_routes(app, service)
    return app


def _add_staff_codes(app: FastAPI, service: Service) -> None:
    @app.post("/v1/staff-codes")
    async def staff_codes(request: Request):
        device = service.by_token(request.headers.get("authorization", ""))
        if device is None:
            return JSONResponse({"code": "unauthorised", "status": 401}, 401)
        customer = service.customers[service.devices[device]["customer"]]
        status, answer = service.staff_code(await request.json(), customer)
        return JSONResponse(answer, status)


def _add_phone_routes(app: FastAPI, service: Service) -> None:
    unauthorised = JSONResponse({"code": "unauthorised", "status": 401}, 401)

    def device_of(request: Request) -> str | None:
        return service.by_token(request.headers.get("authorization", ""))

    def customer_of(device: str) -> dict[str, Any]:
        return service.customers[service.devices[device]["customer"]]

    @app.post("/v1/devices")
    async def devices(request: Request):
        if request.headers.get("stamp-key") not in (PAGE_KEY, PARTNER_KEY):
            return unauthorised
        status, body = service.enrol(await request.json())
        return JSONResponse(body, status)

    @app.post("/v1/challenges")
    async def challenges(request: Request):
        device = device_of(request)
        if device is None:
            return unauthorised
        body = await request.json()
        return JSONResponse(
            {"challenges": [service.challenge(device, **body) for _ in range(body["count"])]}, 201
        )

    @app.post("/v1/presses")
    async def presses(request: Request):
        service.origins.append(request.headers.get("origin"))
        body = await request.json()
        assert list(body) == ["envelope"]
        status, answer = service.press(body["envelope"])
        return JSONResponse(answer, status)

    @app.get("/v1/{kind}")
    async def lists(kind: str, request: Request):
        device = device_of(request)
        if device is None:
            return unauthorised
        customer = customer_of(device)
        cards = [service.card(customer)] if customer["stamps"] or customer["coupons"] else []
        return {"data": {"cards": cards, "coupons": customer["coupons"]}[kind], "next_cursor": None}


@contextlib.contextmanager
def serving(app):
    """Serve an ASGI app on a free port of the loopback; gives the port."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 180  # the first start of a fresh clone compiles the search
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in 180 s"
        time.sleep(0.01)  # uvicorn tells of its start by this flag alone
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


@contextlib.contextmanager
def serving_pages(pages: dict[str, str]):
    """Serve HTML pages from another port, which makes them another origin; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path.partition("?")[0], "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=partial(server.serve_forever, 0.05), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
