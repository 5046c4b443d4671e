"""A server of the press protocol in memory, written from the contract alone, that fails on demand.

It shares no code with the library: signatures are checked with ``hmac`` and ``cryptography`` directly.
"""

import base64
import hashlib
import hmac
import json
import secrets
import socket
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

KEY = "pk_test"
NOW = "2026-11-22T00:30:00Z"
SHOP = {"id": "shp_1", "name": "달빛 카페"}
REQUIRED = 3


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class State:
    """Everything the server knows, and the faults it has been told to make."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.devices, self.tokens, self.codes = {}, {}, {}
        self.challenges, self.answers, self.used = {}, {}, {}
        self.credits = {}  # customer -> how many stamps, ever
        self.seen = []  # (method, path, headers, body) of every request that arrived
        self.envelopes = []  # every envelope as it arrived
        self.faults = deque()  # one per request to /v1/presses; see fault()
        self.fault_paths = {"/v1/presses"}
        self.verdicts = deque()  # forced answers: (status, body)
        self.busy = self.most_busy = 0
        self.receipt_key = ec.generate_private_key(ec.SECP256R1())
        self.serial = 0

    def new_id(self, prefix):
        self.serial += 1
        return f"{prefix}_{self.serial:032x}"

    # The resources

    def enrol(self, headers, body):
        if headers.get("Stamp-Key") != KEY:
            return problem(401, "key_unknown")
        if "public_key" in body and any(body["public_key"] == key for *_, key in self.devices.values()):
            return problem(409, "device_exists")
        device, secret, code = self.new_id("dev"), None, None
        if "recovery_code" in body:
            customer = self.codes.get(body["recovery_code"])
            if customer is None:
                return problem(403, "recovery_code_wrong")
        else:
            customer, code = self.new_id("cus"), f"CODE-{self.serial:04d}"
            self.codes[code] = customer
        if body["algorithm"] == "HS256":
            secret = secrets.token_bytes(32)
        token = f"dt_{device}"
        self.devices[device] = (customer, body["algorithm"], secret or body["public_key"])
        self.tokens[token] = device
        return 201, {
            "id": device,
            "customer": customer,
            "algorithm": body["algorithm"],
            "secret": secret and b64(secret),
            "token": token,
            "recovery_code": code,
            "later_member": {"ignored": True},
        }

    def challenge(self, device, body):
        made = []
        for _ in range(body["count"]):
            name, nonce = self.new_id("chl"), b64(secrets.token_bytes(32))
            self.challenges[name] = (device, nonce, body["purpose"])
            made.append({"id": name, "nonce": nonce, "purpose": body["purpose"], "expires_at": NOW})
        return 201, {"challenges": made}

    def press(self, text):
        self.envelopes.append(text)
        if text in self.answers:
            return (*self.answers[text], {"Idempotent-Replayed": "true"})
        if self.verdicts:
            return self.verdicts.popleft()
        answer = self._judge(text)
        self.answers[text] = answer
        return answer

    def _judge(self, text):
        head, payload, signature = text.split(".")
        kid = json.loads(unb64(head))["kid"]
        customer, algorithm, key = self.devices[kid]
        if not signed(algorithm, key, f"{head}.{payload}".encode(), unb64(signature)):
            return refused(401, "signature_refused")
        body = json.loads(unb64(payload))
        if self.challenges.get(body["challenge"]) != (kid, body["nonce"], body["purpose"]):
            return refused(409, "not_fresh")
        if self.used.setdefault(body["challenge"], text) != text:
            return refused(409, "nonce_used")
        if body["purpose"] == "stamp":
            self.credits[customer] = self.credits.get(customer, 0) + 1
        press = self.new_id("prs")
        total = self.credits.get(customer, 0)
        coupons = [self.coupon(body["coupon"])] if body["coupon"] else []
        code = {"stamp": "stamped", "redeem": "redeemed", "verify": "verified"}[body["purpose"]]
        return 200, {
            "id": press,
            "verdict": "accepted",
            "code": code,
            "text": {"ko": "적립되었습니다.", "en": "Stamped."},
            "shop": SHOP,
            "card": card(total % REQUIRED) if body["purpose"] == "stamp" else None,
            "coupons": coupons,
            "visit": {"id": "vis_1", "presses": total} if body["purpose"] == "stamp" else None,
            "receipt": self.receipt(press, body, customer, kid, text),
        }

    def coupon(self, name):
        return {
            "id": name,
            "card": "crd_1",
            "program": "prg_1",
            "reward": {"ko": "커피 한 잔", "en": "One coffee"},
            "shop": SHOP,
            "status": "redeemed",
            "issued_at": NOW,
            "expires_at": None,
            "redeemed_at": NOW,
        }

    def receipt_jwk(self):
        numbers = self.receipt_key.public_key().public_numbers()
        x, y = (b64(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def receipt(self, press, body, customer, device, text):
        jwk = self.receipt_jwk()
        ordered = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        kid = b64(hashlib.sha256(json.dumps(ordered, separators=(",", ":")).encode()).digest())
        claims = {
            "v": 1,
            "press": press,
            "verdict": "accepted",
            "purpose": body["purpose"],
            "shop": SHOP,
            "at": NOW,
            "customer": customer,
            "device": device,
            "envelope_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "coupon": body["coupon"],
            "card": None,
        }
        header = {"alg": "ES256", "kid": kid, "typ": "stamp-receipt+jws"}
        signing_input = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
        der = self.receipt_key.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(der)
        return f"{signing_input}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def me(self, device, customer):
        mine = {"id": device, "algorithm": "ES256", "model": None, "created_at": NOW, "current": True}
        return {"id": customer, "created_at": NOW, "devices": [mine]}

    def new_code(self, customer):
        code = self.new_id("code")
        self.codes[code] = customer
        return code

    def page(self, items, query):
        """Give two items a page, to make clients follow the cursor."""
        start = int(query.partition("cursor=")[2] or 0)
        rest = len(items) > start + 2
        return 200, {"data": items[start : start + 2], "next_cursor": str(start + 2) if rest else None}


def signed(algorithm, key, message, signature):
    if algorithm == "HS256":
        return hmac.compare_digest(hmac.digest(key, message, "sha256"), signature)
    x, y = (int.from_bytes(unb64(key[name]), "big") for name in "xy")
    der = utils.encode_dss_signature(
        int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    )
    try:
        ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key().verify(
            der, message, ec.ECDSA(hashes.SHA256())
        )
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no signature
        return False
    return True


def problem(status, code, **extra):
    return status, {
        "type": "about:blank",
        "title": code,
        "status": status,
        "detail": f"{code}.",
        "code": code,
        **extra,
    }


def refused(status, code):
    return problem(
        status, code, verdict="refused", press=None, text={"ko": "다시 찍어 주세요.", "en": "Press again."}
    )


def card(stamps):
    return {
        "id": "crd_1",
        "program": {
            "id": "prg_1",
            "name": {"ko": "커피 카드", "en": "Coffee card"},
            "reward": {"ko": "커피 한 잔", "en": "One coffee"},
            "stamps_required": REQUIRED,
        },
        "shop": SHOP,
        "stamps": stamps,
        "updated_at": NOW,
    }


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        self._serve()

    def do_POST(self):
        self._serve()

    def _serve(self):
        state = self.server.state
        with state.lock:
            state.busy += 1
            state.most_busy = max(state.most_busy, state.busy)
        try:
            self._answer(state)
        finally:
            with state.lock:
                state.busy -= 1

    def _answer(self, state):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path, _, query = self.path.partition("?")
        with state.lock:
            state.seen.append((self.command, path, dict(self.headers), body))
            fault = state.faults.popleft() if state.faults and path in state.fault_paths else None
            if fault == "lost before":
                return self._hang_up()
            if isinstance(fault, tuple):
                return self._send(*fault)
            answer = self._route(state, path, query, body)
        if fault == "lost after":
            return self._hang_up()
        return self._send(*answer)

    def _route(self, state, path, query, body):
        if path == "/v1/devices":
            return state.enrol(self.headers, body)
        if path == "/v1/presses":
            return state.press(body["envelope"])
        if path == "/v1/receipt-keys":
            return 200, {"keys": [state.receipt_jwk()]}
        device = state.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if device is None:
            return problem(401, "device_unknown")
        return self._route_of(state, device, path, query, body)

    def _route_of(self, state, device, path, query, body):
        customer = state.devices[device][0]
        entry = {"kind": "stamp", "at": NOW, "shop": SHOP, "stamps": 1}
        routes = {
            "/v1/challenges": lambda: state.challenge(device, body),
            "/v1/me": lambda: (200, state.me(device, customer)),
            "/v1/me/recovery-code": lambda: (201, {"recovery_code": state.new_code(customer)}),
            "/v1/cards": lambda: state.page([card(n) for n in range(5)], query),
            "/v1/coupons": lambda: state.page([state.coupon(f"cpn_{n}") for n in range(3)], query),
            "/v1/transactions": lambda: state.page([{**entry, "id": f"txn_{n}"} for n in range(4)], query),
        }
        return routes.get(path, lambda: problem(404, "not_found"))()

    def _send(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class FakeServer:
    """The server on a free loopback port, for the length of a ``with``."""

    def __init__(self) -> None:
        self.state = State()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.state = self.state
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.stop()

    def stop(self):
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
            self._http.server_close()
