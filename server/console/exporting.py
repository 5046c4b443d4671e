"""Files to take away: customers as CSV, months as CSV and PDF. Plain links, which browsers save."""

from collections.abc import AsyncIterator, Callable, Collection
from datetime import date
from html import escape
from typing import Annotated, Final

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from sqlalchemy.orm import Session

from server.console.answers import signed_in, to_sign_in
from server.console.engine import MOUNT
from server.console.language import Language, language_of
from server.console.plain import page
from server.console.shop_choice import ALL
from server.console.texts import texts
from server.core.clock import Clock
from server.core.database import Database
from server.core.errors import Forbidden, Problem, Unavailable
from server.core.problems import is_away
from server.insights.exports import Export, export_customers, export_month, export_month_sheet
from server.insights.people import Listing
from server.insights.pseudonyms import Pseudonyms
from server.insights.sheets import MonthSheet
from server.staff.actor import Actor

router: Final = APIRouter(prefix="/export", include_in_schema=False)

Shop = Annotated[str, Query(max_length=64)]
MonthName = Annotated[str | None, Query(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]
Shops = Collection[str] | None


class ExportDesk:
    """What the routes below send files through.

    Parameters
    ----------
    request
        Of the file.
    """

    def __init__(self, request: Request) -> None:
        state = request.app.state
        self.clock: Clock = state.clock
        self.names = Pseudonyms(state.sealer)
        self.language: Language = language_of(request)
        self._request = request
        self._database: Database = state.database

    async def send(self, shop: str, make: Callable[[Session, Actor, Shops], Export]) -> Response:
        """Note the export, commit, and send the file; a page that says why where there is none.

        Parameters
        ----------
        shop
            Of which shop, `ALL` for all.
        make
            Asks the service for the export.
        """
        shops = None if shop == ALL else (shop,)
        try:
            self._require_own_link()
            async with self._database.request_session() as session:
                export = await anyio.to_thread.run_sync(self._made, session, make, shops)
            if export is None:
                return to_sign_in()
            pieces = self._pieces(export)
            # Before the answer begins, so that what goes wrong can still be said in words.
            first = await anext(pieces)
        except Problem as problem:
            return self._problem_page(problem)
        except Exception as error:
            if not is_away(error):
                raise
            return self._problem_page(Unavailable())
        return StreamingResponse(
            _joined(first, pieces),
            media_type=export.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{export.file_name}"',
                "Cache-Control": "no-store",
            },
        )

    def _require_own_link(self) -> None:
        """Refuse links on other sites: they would have files taken away, and noted, in an owner's name."""
        if self._request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            raise Forbidden("Open the page and use its own link.", code="origin_not_allowed")

    def _made(
        self, session: Session, make: Callable[[Session, Actor, Shops], Export], shops: Shops
    ) -> Export | None:
        actor = signed_in(self._request, session, self.clock)
        return None if actor is None else make(session, actor, shops)

    async def _pieces(self, export: Export) -> AsyncIterator[bytes]:
        async with self._database.request_reading() as session:
            pieces = export.pieces(session)
            while (piece := await anyio.to_thread.run_sync(next, pieces, None)) is not None:
                yield piece

    def _problem_page(self, problem: Problem) -> Response:
        words = texts(self.language)
        body = (
            f'<main class="plain"><h1>{escape(words("export.problem"))}</h1>'
            f'<p class="message bad" role="alert">⚠ {escape(words.of_code(problem.code))}</p>'
            f'<p class="links"><a href="{MOUNT}/">{escape(words("export.back"))}</a></p></main>'
        )
        html = page(words, title=words("export.problem"), body=body)
        return HTMLResponse(html, problem.status, headers={"Content-Language": self.language})


DeskDep = Annotated[ExportDesk, Depends(ExportDesk)]


@router.get("/customers.csv")
async def send_customers(
    desk: DeskDep, listing: Annotated[Listing, Query(alias="list")] = Listing.ALL, shop: Shop = ALL
) -> Response:
    """Send a list of customers."""

    def make(session: Session, actor: Actor, shops: Shops) -> Export:
        return export_customers(
            session, desk.clock, actor, shops, names=desk.names, listing=listing, language=desk.language
        )

    return await desk.send(shop, make)


@router.get("/month.csv")
async def send_month(desk: DeskDep, month: MonthName = None, shop: Shop = ALL) -> Response:
    """Send a month, a row for each shop and day."""

    def make(session: Session, actor: Actor, shops: Shops) -> Export:
        return export_month(session, desk.clock, actor, shops, _first(month), language=desk.language)

    return await desk.send(shop, make)


@router.get("/month.pdf")
async def send_month_sheet(desk: DeskDep, month: MonthName = None, shop: Shop = ALL) -> Response:
    """Send a month to print."""

    def draw(sheet: MonthSheet) -> bytes:
        # Here and not above: nobody pays for the drawing of PDF but who wants one.
        from server.console.month_pdf import month_pdf  # noqa: PLC0415

        return month_pdf(texts(desk.language), sheet)

    def make(session: Session, actor: Actor, shops: Shops) -> Export:
        return export_month_sheet(session, desk.clock, actor, shops, _first(month), draw=draw)

    return await desk.send(shop, make)


def _first(month: str | None) -> date | None:
    return None if month is None else date.fromisoformat(f"{month}-01")


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
