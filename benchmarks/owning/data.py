"""A café chain of six months, written straight into the tables in the form that the services give them."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from server.core.clock import FrozenClock
from server.core.database import Database, make_engine
from server.core.migrations import alembic_config, upgrade
from server.partners import service as partners
from server.programs import administration
from server.programs.models import ProgramShop
from server.programs.schemas import ProgramCreate
from server.settings import Settings
from server.shops.service import ShopRow, create_many

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # half past six in the evening in Seoul
DAYS, SHOPS, REQUIRED = 180, 4, 10
_PRESSES_A_CUSTOMER = 40
_REFUSED, _HELD, _UNDONE, _KEPT_COUPON = 0.06, 0.004, 0.003, 0.2
_BATCH = 5_000
_FENCE = {"type": "Point", "coordinates": [126.9779, 37.5663]}
Say = Callable[[int], None]


@dataclass(frozen=True)
class Chain:
    """A database that was made: its partner and shops, and the programme."""

    path: Path
    partner_id: str
    shop_ids: tuple[str, ...]
    program_id: str


def chain(folder: Path, presses: int, seed: int, say: Say) -> Chain:
    """Return a chain with so many presses, made now or by an earlier run.

    Parameters
    ----------
    folder
        Where databases are kept.
    presses, seed
        What it holds.
    say
        Told how many presses were just written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = Path(__file__).read_bytes() + str(_heads()).encode()
    path = folder / f"owner-{presses}-{seed}-{zlib.crc32(source):08x}.db"
    note = path.with_suffix(".json")
    if not note.exists():
        for old in folder.glob(f"{path.stem}.db*"):
            old.unlink()
        note.write_text(json.dumps(_make(path, presses, seed, say)), encoding="utf-8")
    made = json.loads(note.read_text(encoding="utf-8"))
    return Chain(path, made["partner_id"], tuple(made["shop_ids"]), made["program_id"])


def _heads() -> list[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (only its name is of interest)

    return list(ScriptDirectory.from_config(alembic_config()).get_heads())


def open_database(path: Path) -> Database:
    """Open a database of `chain`."""
    url = f"sqlite:///{path}"
    settings = Settings(database_url=url)
    return Database(make_engine(url, settings), settings)


def _make(path: Path, presses: int, seed: int, say: Say) -> dict[str, Any]:
    database = open_database(path)
    upgrade(database.engine)
    clock = FrozenClock(NOW - timedelta(days=DAYS))
    with database.transaction() as session:
        partner_id = partners.create_partner(session, clock, name="Chain").id
        rows = [ShopRow(f"Café {number}", _FENCE, radius_m=30.0) for number in range(SHOPS)]
        shop_ids = create_many(session, clock, partner_id=partner_id, rows=rows)
        words = {"ko": "커피", "en": "Coffee"}
        body = ProgramCreate(
            name=words, reward=words, stamps_required=REQUIRED, coupon_valid_days=60, shops=shop_ids
        )
        administration.create(session, clock, partner_id=partner_id, actor="benchmark", body=body)
        program_id = session.scalars(select(ProgramShop.program_id)).first()
    database.dispose()
    made = {"partner_id": partner_id, "shop_ids": shop_ids, "program_id": str(program_id)}
    _Writer(path, made, np.random.default_rng(seed)).write(presses, say)
    return made


def identifier(prefix: str, at: datetime, number: int) -> str:
    """Return an identifier of that time, unlike any of another number."""
    milliseconds = round(at.timestamp() * 1000)
    return f"{prefix}_{milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | number:032x}"


def stored(at: datetime) -> str:
    """Return a moment as SQLAlchemy keeps it in SQLite."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


class _Writer:
    """Writes presses and what they lead to, in the order of time."""

    def __init__(self, path: Path, made: dict[str, Any], rng: np.random.Generator) -> None:
        self._made, self._rng = made, rng
        self._line = sqlite3.connect(path, isolation_level=None)
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-400000"):
            self._line.execute(f"PRAGMA {pragma}")
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._number = 0
        self._stamps: dict[int, int] = {}
        self._coupons: dict[int, list[str]] = {}
        self._held: dict[str, int] = {}

    def write(self, presses: int, say: Say) -> None:
        self._line.execute("BEGIN")
        customers = max(20, presses // _PRESSES_A_CUSTOMER)
        self._people(customers)
        favourites = 1.0 / np.arange(1, customers + 1) ** 0.6
        who = self._rng.choice(customers, size=presses, p=favourites / favourites.sum())
        names = self._rng.permutation(customers)
        for count, (at, customer) in enumerate(zip(self._times(presses), names[who], strict=True), 1):
            self._press(at, int(customer))
            if count % _BATCH == 0:
                self._flush()
                say(_BATCH)
        self._flush()
        for account, balance in self._held.items():
            self._line.execute("UPDATE ledger_account SET balance = ? WHERE id = ?", (balance, account))
        self._line.execute("COMMIT")
        self._line.close()

    def _times(self, presses: int) -> Iterator[datetime]:
        """Give moments in order: opening hours in Seoul, more at noon, up to the present."""
        begin = (NOW - timedelta(days=DAYS)).replace(hour=15, minute=0)  # midnight in Seoul
        day = self._rng.integers(0, DAYS, size=presses)
        hour = np.clip(self._rng.normal(13.5, 3.5, size=presses), 7.0, 21.9)
        seconds = np.sort(day * 86_400 + hour * 3_600)
        limit = (NOW - begin).total_seconds()
        for second in np.minimum(seconds, limit - 1):
            yield begin + timedelta(seconds=float(second))

    def _people(self, customers: int) -> None:
        at = NOW - timedelta(days=DAYS)
        self._customers = [identifier("cus", at, number) for number in range(customers)]
        self._devices = [identifier("dev", at, number) for number in range(customers)]
        for customer, device in zip(self._customers, self._devices, strict=True):
            partner = self._made["partner_id"]
            self._add("customer", id=customer, partner_id=partner, version=0, created_at=stored(at))
            self._add(
                "device", id=device, customer_id=customer, partner_id=partner, algorithm="HS256", secret=b"x",
                created_at=stored(at),
            )  # fmt: skip
        self._flush()

    def _press(self, at: datetime, customer: int) -> None:
        shop = self._made["shop_ids"][int(self._rng.integers(SHOPS))]
        chance = self._rng.random()
        verdict, reason = "accepted", None
        if chance < _REFUSED:
            verdict, reason = "refused", "outside_fence"
        elif chance < _REFUSED + _HELD:
            verdict, reason = "held", "location_denied"
        coupons = self._coupons.get(customer, [])
        redeems = verdict == "accepted" and bool(coupons) and self._rng.random() > _KEPT_COUPON
        press = self._press_row(at, customer, shop, verdict, reason, "redeem" if redeems else "stamp")
        if verdict != "accepted":
            return
        card = self._card(at, customer, shop)
        details = {"card": card, "program": self._made["program_id"], "shop": shop, "press": press}
        if redeems:
            self._redeem(at, details, coupons.pop(0))
        else:
            self._stamp(at, customer, details)

    def _press_row(
        self, at: datetime, customer: int, shop: str, verdict: str, reason: str | None, purpose: str
    ) -> str:
        press, challenge = self._id("prs", at), self._id("chl", at)
        moment, device = stored(at), self._devices[customer]
        self._add(
            "challenge", id=challenge, device_id=device, purpose=purpose, nonce_hash=b"n" * 32,
            issued_at=moment, expires_at=moment, used_at=moment,
        )  # fmt: skip
        self._add(
            "press", id=press, partner_id=self._made["partner_id"], device_id=device,
            customer_id=self._customers[customer], proven=1, challenge_id=challenge,
            envelope_sha256=f"{self._number:064x}", purpose=purpose, verdict=verdict, code="stamped",
            reason=reason, counts=0, shop_id=shop, at=moment, answer_status=200, answer_body="{}",
        )  # fmt: skip
        return press

    def _card(self, at: datetime, customer: int, shop: str) -> str:
        card = f"crd_{customer:032x}"
        if customer not in self._stamps:
            self._stamps[customer] = 0
            self._add(
                "card", id=card, customer_id=self._customers[customer], program_id=self._made["program_id"],
                shop_id=shop, stamps_required=REQUIRED, created_at=stored(at),
            )  # fmt: skip
            for unit in ("stamp", "coupon"):
                self._add(
                    "ledger_account", id=f"card:{card}:{unit}:customer", owner_type="card", owner_id=card,
                    unit=unit, kind="customer", balance=0, clawback=0, version=0, changed_at=stored(at),
                )  # fmt: skip
        return card

    def _stamp(self, at: datetime, customer: int, details: dict[str, str]) -> None:
        program, card = details["program"], details["card"]
        stamped = self._book(
            at, "stamp", "press", details["press"], details,
            [(f"program:{program}:stamp:issued", -1), (f"card:{card}:stamp:customer", 1)],
        )  # fmt: skip
        if self._rng.random() < _UNDONE:
            self._book(
                at + timedelta(seconds=40), "reversal", "ledger_transaction", stamped, details,
                [(f"program:{program}:stamp:issued", 1), (f"card:{card}:stamp:customer", -1)], stamped,
            )  # fmt: skip
            return
        self._stamps[customer] += 1
        if self._stamps[customer] < REQUIRED:
            return
        self._stamps[customer] = 0
        coupon = self._id("cpn", at)
        self._coupons.setdefault(customer, []).append(coupon)
        self._book(
            at, "coupon_issued", "coupon", coupon, details | {"coupon": coupon},
            [
                (f"card:{card}:stamp:customer", -REQUIRED), (f"program:{program}:stamp:redeemed", REQUIRED),
                (f"program:{program}:coupon:issued", -1), (f"card:{card}:coupon:customer", 1),
            ],
        )  # fmt: skip
        self._add(
            "coupon", id=coupon, card_id=card, program_id=program, shop_id=details["shop"],
            reward='{"ko":"커피","en":"Coffee"}', status="issued", issued_press_id=details["press"],
            issued_at=stored(at), expires_at=stored(at + timedelta(days=60)), redemptions_undone=0,
        )  # fmt: skip

    def _redeem(self, at: datetime, details: dict[str, str], coupon: str) -> None:
        program, card = details["program"], details["card"]
        self._book(
            at, "coupon_redeemed", "coupon", coupon, details | {"coupon": coupon},
            [(f"card:{card}:coupon:customer", -1), (f"program:{program}:coupon:redeemed", 1)],
        )  # fmt: skip
        self._flush()
        self._line.execute(
            "UPDATE coupon SET status='redeemed', redeemed_at=?, redeemed_shop_id=?, redeemed_press_id=? "
            "WHERE id=?",
            (stored(at), details["shop"], details["press"], coupon),
        )

    def _book(
        self, at: datetime, kind: str, source_type: str, source_id: str, details: dict[str, str],
        postings: list[tuple[str, int]], reverses: str | None = None,
    ) -> str:  # fmt: skip
        transaction = self._id("ltx", at)
        self._add(
            "ledger_transaction", id=transaction, kind=kind, source_type=source_type, source_id=source_id,
            reverses_id=reverses, details=json.dumps(details, separators=(",", ":")), occurred_at=stored(at),
        )  # fmt: skip
        for account, amount in postings:
            unit = account.split(":")[2]
            self._add(
                "ledger_posting", transaction_id=transaction, account_id=account, unit=unit, amount=amount
            )
            if account.startswith("card:"):
                self._held[account] = self._held.get(account, 0) + amount
        return transaction

    def _id(self, prefix: str, at: datetime) -> str:
        self._number += 1
        return identifier(prefix, at, self._number)

    def _add(self, table: str, **row: Any) -> None:
        self._rows.setdefault(table, []).append(row)

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            marks = ", ".join("?" * len(names))
            self._line.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608 (our own names)
                ([row.get(name) for name in names] for row in rows),
            )
        self._rows.clear()
