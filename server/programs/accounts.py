"""The ledger accounts of programmes and cards, and the kinds of their transactions.

Stamps: a press moves one from the programme's ``issued`` account to the card's;
a full card moves them to the programme's ``redeemed`` account. Coupons: the full
card gets one from ``issued``; redeeming it moves it to ``redeemed``. So what is
owed to customers is one sum, and a coupon cannot be spent twice even if its row
were wrong. What is put right is a reversal: it takes the very postings back.
"""

from dataclasses import dataclass
from typing import Final

from server.ledger import AccountRef

STAMP: Final = "stamp"
COUPON: Final = "coupon"

STAMPED: Final = "stamp"
COUPON_ISSUED: Final = "coupon_issued"
COUPON_REDEEMED: Final = "coupon_redeemed"

PRESS: Final = "press"
HAND: Final = "hand"
STAFF_CODE: Final = "staff_code"


@dataclass(frozen=True, slots=True)
class Source:
    """What a stamp is given for; `type` is one of ``press``, ``hand`` and ``staff_code``.

    At most one stamp is ever booked for one source.
    """

    type: str
    id: str


def card_account(card_id: str, unit: str) -> AccountRef:
    """Return the account of what a card holds."""
    return AccountRef("card", card_id, unit)


def issued_account(program_id: str, unit: str) -> AccountRef:
    """Return the counter-account that units come from."""
    return AccountRef("program", program_id, unit, "issued")


def redeemed_account(program_id: str, unit: str) -> AccountRef:
    """Return the counter-account that units go to."""
    return AccountRef("program", program_id, unit, "redeemed")


def accounts_of_program(program_id: str) -> list[AccountRef]:
    """Return the accounts to open with a programme."""
    return [
        account(program_id, unit)
        for unit in (STAMP, COUPON)
        for account in (issued_account, redeemed_account)
    ]


def accounts_of_card(card_id: str) -> list[AccountRef]:
    """Return the accounts to open with a card."""
    return [card_account(card_id, unit) for unit in (STAMP, COUPON)]
