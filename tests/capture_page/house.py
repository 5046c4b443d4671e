"""The real server on a port of the loopback, with shops, stamps and a programme."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.app import create_app
from server.core.database import make_engine
from server.core.migrations import upgrade
from server.ledger.models import LedgerAccount, LedgerPosting
from server.partners import service as partners
from server.presses import decisions, staff_codes
from server.presses.models import Press
from server.programs.models import Card
from server.settings import Settings
from stampsdk.codebook import random_patterns
from tests.capture_page.phone import PX_PER_MM, TIPS, stamp_at
from tests.capture_page.service import serving, serving_pages
from tests.server.people import member

PARTNER_PAGE = (Path(__file__).parent / "partner.html").read_text("utf-8")
STATIONS = {  # name -> latitude, longitude
    "온도 커피 성수": (37.5445, 127.0559),
    "느린 오후": (37.5796, 126.9770),
    "Harbour Coffee": (35.1587, 129.1604),
}
NOISE_MM = 0.3


class House:
    """The running service with three shops, each with a stamp of its own, and a programme at the first."""

    def __init__(self, app, origin, partner_origin) -> None:
        self.app = app
        self.origin = origin
        self.rng = random.Random(20261122)
        with app.state.database.transaction() as session:
            partner = partners.create_partner(session, app.state.clock, name="Coffee partners")
            self.partner_id = partner.id
            secret = partners.create_key(session, app.state.clock, partner_id=partner.id, kind="secret")
            self.key = partners.create_key(
                session,
                app.state.clock,
                partner_id=partner.id,
                kind="publishable",
                origins=(partner_origin,),
            ).token
        headers = {"Authorization": f"Bearer {secret.token}"}
        self.client = httpx.Client(base_url=origin, headers=headers, timeout=60)
        self.patterns = {}
        patterns = random_patterns(len(STATIONS), rng=np.random.default_rng(7))
        patterns[0] = TIPS
        for (name, (lat, lon)), pattern in zip(STATIONS.items(), patterns.tolist(), strict=True):
            shop = self.post(
                "/v1/shops",
                name=name,
                timezone="Asia/Seoul",
                max_presses_per_visit=9,
                fence={"type": "Point", "coordinates": [lon, lat]},
                radius_m=60.0,
            )
            self.post("/v1/stamps", serial=f"S-{len(self.patterns)}", shops=[shop["id"]], pattern_mm=pattern)
            self.patterns[shop["id"]] = pattern
        self.shops = list(self.patterns)
        self.post(
            "/v1/programs",
            name={"ko": "커피 한 잔 더", "en": "One more coffee"},
            reward={"ko": "아메리카노 한 잔", "en": "an americano"},
            stamps_required=3,
            shops=[self.shops[0]],
        )

    def post(self, path, **body):
        answer = self.client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def touches(self, shop=0, x=206.4, y=440.7):
        """Return where the tips of a shop's stamp touch: any angle, and the noise of a real press."""
        tips = [
            (a + self.rng.gauss(0, NOISE_MM), b + self.rng.gauss(0, NOISE_MM))
            for a, b in self.patterns[self.shops[shop]]
        ]
        return stamp_at(x, y, self.rng.random() * 360, tips, PX_PER_MM)

    def staff_code(self, shop=0):
        """Show a staff code of a shop; returns the six digits."""
        state = self.app.state
        with state.database.transaction() as session:
            issued = staff_codes.issue(
                session,
                state.clock,
                member(self.partner_id),
                shop_id=self.shops[shop],
                sealer=state.sealer,
                settings=state.settings,
            )
        return issued.code

    def decide(self, press_id, reason=None):
        """Release a held press, or refuse it with a reason, as a manager does at the counter."""
        state, manager = self.app.state, member(self.partner_id, "manager")
        with state.database.transaction() as session:
            if reason is None:
                decisions.release(session, state.clock, manager, press_id, receipt_keys=state.receipt_keys)
            else:
                decisions.refuse_held(session, state.clock, manager, press_id, reason=reason)

    def presses(self):
        with Session(self.app.state.database.engine) as session:
            return list(session.scalars(select(Press).order_by(Press.id)))

    def stamps_on_cards(self):
        """Return each card's shop and what the ledger's postings sum up to."""
        stamps = (
            select(Card.shop_id, func.sum(LedgerPosting.amount))
            .join(LedgerAccount, (LedgerAccount.owner_type == "card") & (LedgerAccount.owner_id == Card.id))
            .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
            .where(LedgerAccount.unit == "stamp")
            .group_by(Card.id)
        )
        with Session(self.app.state.database.engine) as session:
            return [tuple(row) for row in session.execute(stamps)]


@contextlib.contextmanager
def open_house(folder) -> Iterator[House]:
    """Run the service on a new SQLite file in `folder`, and a partner's page on a port of its own."""
    settings = Settings(
        database_url=f"sqlite:///{folder / 'stamp.db'}",
        sqlite_synchronous="NORMAL",
        log_level="ERROR",
        sealing_key_path=folder / "sealing.key",
        receipt_key_path=folder / "receipts.json",
    )
    engine = make_engine(settings.database_url, settings)
    upgrade(engine)
    app = create_app(settings, engine=engine)
    pages = {}
    with serving_pages(pages) as page_port, serving(app) as port:
        origin, foreign = (f"http://127.0.0.1:{number}" for number in (port, page_port))
        made = House(app, origin, foreign)
        pages["/"] = PARTNER_PAGE.replace("SERVER", origin).replace("KEY", made.key)
        made.foreign = foreign
        yield made
        made.client.close()
    engine.dispose()


def at(name):
    latitude, longitude = STATIONS[name]
    return {"latitude": latitude, "longitude": longitude, "accuracy": 15}
