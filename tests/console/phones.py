"""A customer's phone at a café of these tests: enrolled with the café's own key, pressing over HTTP."""

import httpx
from sqlalchemy import func, select

from server.ledger import verify
from server.ledger.models import LedgerAccount, LedgerPosting
from server.partners import service as partners
from server.programs.models import Card
from tests.server.presses.envelopes import at, enrol, press_of

PLACE = at(37.5445, 127.0559)


class CafePhone:
    """Presses the café's stamp; each press has touches of its own."""

    def __init__(self, app, cafe) -> None:
        with app.state.database.transaction() as session:
            key = partners.create_key(
                session, app.state.clock, partner_id=cafe.actor.partner_id, kind="publishable"
            )
        self.client = httpx.Client(base_url=app.state.origin, timeout=30)
        self.phone = enrol(self.client, key.token)
        self.customer = self.phone.customer
        self._pattern, self._presses = cafe.pattern, 0

    def press(self, **members):
        """Press the stamp; gives what the phone was told."""
        self._presses += 1
        touches = press_of(self._pattern, seed=self._presses)
        if "location_error" not in members:
            members = {"location": PLACE} | members
        answer = self.phone.press(touches=touches, **members)
        return answer.json()

    def stamp(self):
        """Press and be stamped."""
        told = self.press()
        assert told["code"] == "stamped", told
        return told

    def held(self):
        """Press without a location, which waits for a decision."""
        told = self.press(location_error="denied")
        assert told["code"] == "held", told
        return told

    def redeem(self, coupon):
        """Redeem a coupon by a press."""
        told = self.press(purpose="redeem", coupon=coupon)
        assert told["code"] == "redeemed", told
        return told

    def use_code(self, shop_id, digits):
        """Type a staff code."""
        answer = self.client.post(
            "/v1/staff-codes", json={"shop": shop_id, "code": digits}, headers=self.phone.headers
        )
        return answer.json()

    def told(self, press_id):
        """Ask what became of a press."""
        return self.client.get(f"/v1/presses/{press_id}", headers=self.phone.headers).json()

    def close(self):
        self.client.close()


def on_card(app, customer, unit="stamp"):
    """Count again, from the postings alone, what a customer's cards hold."""
    with app.state.database.reading() as session:
        return session.scalar(
            select(func.coalesce(func.sum(LedgerPosting.amount), 0))
            .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
            .join(Card, Card.id == LedgerAccount.owner_id)
            .where(
                Card.customer_id == customer, LedgerAccount.owner_type == "card", LedgerAccount.unit == unit
            )
        )


def is_sound(app):
    """Say whether every balance of the ledger is what its postings sum up to."""
    with app.state.database.transaction() as session:
        return verify(session).breaches == ()
