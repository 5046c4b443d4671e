"""Files to take away: customers as CSV. Plain links, so that the browser saves what comes."""

from collections.abc import AsyncIterator, Callable, Collection
from html import escape
from typing import Annotated, Final

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from sqlalchemy.orm import Session

from server.console.acting import is_away
from server.console.engine import MOUNT
from server.console.language import Language, language_of
from server.console.plain import page
from server.console.shop_choice import ALL
from server.console.texts import texts
from server.core.clock import Clock
from server.core.database import Database
from server.core.errors import Forbidden, Problem, Unavailable
from server.insights.exports import Export, export_customers
from server.insights.people import Listing
from server.insights.pseudonyms import Pseudonyms
from server.staff import sessions
from server.staff.actor import Actor
from server.staff.cookies import OWNER_COOKIE

router: Final = APIRouter(prefix="/export", include_in_schema=False)

Shop = Annotated[str, Query(max_length=64)]
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
                return RedirectResponse(f"{MOUNT}/sign-in?problem=sign_in_needed", status_code=303)
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
        actor = sessions.find(session, self.clock, self._request.cookies.get(OWNER_COOKIE, ""))
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


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
