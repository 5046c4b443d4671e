"""The real server on a loopback port, with one café, its stamp and its programme, for tests of clients."""

import itertools
import math
import socket
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import requests
import uvicorn

from server.app import create_app
from server.core.database import make_engine
from server.core.migrations import upgrade
from server.partners import service as partners
from server.presses import decisions, staff_codes
from server.settings import Settings
from tests.server.people import member

CAFE = (37.5663, 126.9779)
PATTERN_MM = ((0.0, 0.0), (17.3, 2.1), (8.4, 13.9), (-9.2, 12.6), (-6.1, -13.7))


@contextmanager
def live_server(folder):
    """Serve a fresh SQLite database; gives url, key, engine, the shop, `issue_code` and `release`."""
    settings = Settings(
        database_url=f"sqlite:///{folder / 'live.db'}",
        sqlite_synchronous="NORMAL",
        log_level="WARNING",
        sealing_key_path=folder / "sealing.key",
        receipt_key_path=folder / "receipts.pem",
    )
    engine = make_engine(settings.database_url, settings)
    upgrade(engine)
    app = create_app(settings, engine=engine)
    with socket.create_server(("127.0.0.1", 0)) as listening, _running(app, listening):
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        cafe = _open_a_cafe(app, url)

        def issue_code():
            """Show a staff code, as the owner's pages do; returns the six digits."""
            state, owner = app.state, member(cafe["partner_id"])
            with state.database.transaction() as session:
                issued = staff_codes.issue(
                    session,
                    state.clock,
                    owner,
                    shop_id=cafe["shop"]["id"],
                    sealer=state.sealer,
                    settings=settings,
                )
            return issued.code

        def release(press_id):
            """Accept a held press, as a manager does at the counter."""
            state, manager = app.state, member(cafe["partner_id"], "manager")
            with state.database.transaction() as session:
                decisions.release(session, state.clock, manager, press_id, receipt_keys=state.receipt_keys)

        yield SimpleNamespace(url=url, engine=engine, issue_code=issue_code, release=release, **cafe)
    engine.dispose()


@contextmanager
def _running(app, listening):
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    ended = []

    def serve():
        try:
            server.run(sockets=[listening])
        finally:
            ended.append(True)

    thread = threading.Thread(target=serve)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        assert not ended, "the server did not start"
        waiting.wait(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _open_a_cafe(app, url):
    clock = app.state.clock
    with app.state.database.transaction() as session:
        partner = partners.create_partner(session, clock, name="Moonlight")
        secret = partners.create_key(session, clock, partner_id=partner.id, kind="secret").token
        publishable = partners.create_key(session, clock, partner_id=partner.id, kind="publishable").token
    headers = {"Authorization": f"Bearer {secret}"}

    def post(path, body):
        answer = requests.post(url + path, json=body, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()

    lat, lon = CAFE
    ring = [[lon + x * 0.0003, lat + y * 0.0003] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    fence = {"type": "Polygon", "coordinates": [ring]}
    shop = post("/v1/shops", {"name": "달빛 카페", "timezone": "Asia/Seoul", "fence": fence})
    post(
        "/v1/stamps",
        {
            "serial": "M-1",
            "kind": "fixed",
            "shops": [shop["id"]],
            "pattern_mm": [list(p) for p in PATTERN_MM],
        },
    )
    post(
        "/v1/programs",
        {
            "name": {"ko": "커피 카드", "en": "Coffee card"},
            "reward": {"ko": "아메리카노 한 잔", "en": "One americano"},
            "stamps_required": 3,
            "coupon_valid_days": None,
            "shops": [shop["id"]],
        },
    )
    return {"publishable_key": publishable, "headers": headers, "shop": shop, "partner_id": partner.id}


def press_px(rng, *, centre=(206.0, 450.0), px_per_mm=6.3, sigma_mm=0.2, pattern=PATTERN_MM):
    """Give the touches of one press of the café's stamp, in px: random angle and order, a little noise."""
    angle = rng.uniform(-math.pi, math.pi)
    c, s = math.cos(angle) * px_per_mm, math.sin(angle) * px_per_mm
    noise = itertools.repeat(sigma_mm * px_per_mm)
    touches = [
        (
            centre[0] + c * x - s * y + rng.gauss(0, sigma),
            centre[1] + s * x + c * y + rng.gauss(0, sigma),
        )
        for (x, y), sigma in zip(pattern, noise, strict=False)
    ]
    rng.shuffle(touches)
    return touches
