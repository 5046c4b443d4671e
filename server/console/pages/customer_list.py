"""The list of customers: one table, which is drawn as cards where the screen is narrow."""

from collections.abc import Iterable
from datetime import date
from html import escape
from typing import Final

from nicegui import ui

from server.console.phrases import ago
from server.console.texts import Texts
from server.insights.customers import CardStand, CustomerRow

_HEADS: Final = (
    "customers.name",
    "customers.segment",
    "customers.last",
    "customers.visits",
    "customers.card_stamps",
    "customers.coupons",
)


class CustomerList:
    """The table on the screen, drawn where it is made; `add` puts rows below.

    The roles are named although they are those of a table: browsers forget them where a style sheet makes
    cards of the rows, and the style sheet takes what it writes before each value from ``data-label``.
    """

    def __init__(self, words: Texts, title: str, today: date) -> None:
        self._words, self._today = words, today
        self._count = 0
        with ui.element("table").classes("customers").props(f'role=table aria-label="{escape(title)}"'):
            ui.html(
                "<tr role=row>"
                + "".join(f"<th role=columnheader scope=col>{escape(words(key))}</th>" for key in _HEADS)
                + "</tr>",
                sanitize=False,
                tag="thead",
            ).props("role=rowgroup")
            self._body = ui.element("tbody").props("role=rowgroup")

    @property
    def count(self) -> int:
        """How many customers are shown."""
        return self._count

    def show(self, rows: Iterable[CustomerRow]) -> None:
        """Show other customers."""
        self._body.clear()
        self._count = 0
        self.add(rows)

    def add(self, rows: Iterable[CustomerRow]) -> None:
        """Show more customers below."""
        with self._body:
            for row in rows:
                self._count += 1
                ui.html(cells(self._words, row, self._today), sanitize=False, tag="tr").props("role=row")


def cells(words: Texts, row: CustomerRow, today: date) -> str:
    """Return a customer's row as HTML."""
    day = row.last_day.isoformat()
    values = [
        f'<span class="segment {row.segment}">{escape(words(f"customers.segment.{row.segment}"))}</span>',
        f'{escape(ago(words, row.last_day, today))} <time class="soft" datetime="{day}">{day}</time>',
        f"{row.visits:,}",
        "<br>".join(_card(words, card, several=len(row.cards) > 1) for card in row.cards)
        or f'<span class="soft">{escape(words("customers.no_card"))}</span>',
        f"{sum(card.coupons for card in row.cards):,}",
    ]
    labelled = "".join(
        f'<td role=cell data-label="{escape(words(key))}"><div>{value}</div></td>'
        for key, value in zip(_HEADS[1:], values, strict=True)
    )
    return f"<th role=rowheader scope=row>{escape(row.name)}</th>{labelled}"


def _card(words: Texts, card: CardStand, *, several: bool) -> str:
    stand = words("customers.of", stamps=card.stamps, needed=card.stamps_required)
    name = f' <span class="soft">{escape(card.program[words.language])}</span>' if several else ""
    return escape(stand) + name
