"""The demo's owner: an organisation with one café, its stamp and its programme of ten stamps."""

import base64
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import Clock
from server.core.sealing import Sealer
from server.demo.history import Plan
from server.demo.world import World
from server.programs import administration as programs
from server.programs.schemas import ProgramCreate
from server.shops import service as shops
from server.staff import service as staff
from server.stamps import service as stamps
from server.stamps.models import Stamp

EMAIL: Final = "owner@demo.invalid"
_NAME: Final = "하루 · Haru"
_ORGANISATION: Final = "하루 커피 (demo)"
_SERIAL: Final = "HARU-0001"


@dataclass(frozen=True, slots=True)
class OwnedCafe:
    """The owner's café in the database; `stamp_number` is what the index knows its stamp by."""

    partner_id: str
    shop_id: str
    stamp_number: int


def owner_password(sealer: Sealer) -> str:
    """Return the password that the owner signs up with: always the same one of this server, of no other.

    The demo may be reached from its network, so that a password which stands in the source would be none.
    """
    letters = base64.b32encode(sealer.derive("the demo's owner")).decode().lower()
    return f"haru-{letters[:4]}-{letters[4:8]}-{letters[8:12]}"


def open_cafe(session: Session, clock: Clock, sealer: Sealer, world: World, plan: Plan) -> OwnedCafe:
    """Sign the owner up, and make the café, its stamp and its programme, as of the clock's day."""
    owner, _ = staff.sign_up(
        session, clock, email=EMAIL, password=owner_password(sealer), name=_NAME, organisation=_ORGANISATION
    )
    partner_id = owner.partner_id
    shop_ids = shops.create_many(
        session,
        clock,
        partner_id=partner_id,
        rows=[
            shops.ShopRow(
                name=world.owned.name,
                fence=world.owned.fence,
                timezone=plan.timezone,
                max_presses_per_visit=plan.presses_per_visit,
            )
        ],
    )
    row = stamps.StampRow(serial=_SERIAL, pattern_mm=world.owned_pattern, shop_ids=(shop_ids[0],))
    stamps.register_many(session, clock, partner_id=partner_id, rows=[row])
    body = ProgramCreate.model_validate(
        {
            "name": {"ko": "하루 커피 스탬프", "en": "Cafe Haru card"},
            "reward": {"ko": "음료 한 잔", "en": "A drink of your choice"},
            "stamps_required": plan.stamps_required,
            "coupon_valid_days": plan.coupon_valid_days,
            "shops": shop_ids,
        }
    )
    programs.create(session, clock, partner_id=partner_id, actor="demo", body=body)
    number = session.scalars(stamps.owned(partner_id).with_only_columns(Stamp.number)).one()
    return OwnedCafe(partner_id, shop_ids[0], number)
