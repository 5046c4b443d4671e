"""Lists by cursor: ``?limit=&cursor=`` gives ``{"data": […], "next_cursor": …}``.

Identifiers sort by the time they were made, so that they are the keyset.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.core.errors import Unprocessable
from server.core.schemas import ApiModel

Item = TypeVar("Item")
Row = TypeVar("Row")
_IDENTIFIER = re.compile(r"[a-z]{2,8}_[0-9a-f]{32}")


class Page(ApiModel, Generic[Item]):
    """One page of a list, newest first."""

    data: list[Item]
    next_cursor: str | None = Field(None, description="ask for it with ?cursor=…; null on the last page")


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for: at most `limit` rows, after the identifier `after`."""

    limit: int
    after: str | None


def _page_request(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="next_cursor of the page before")] = None,
) -> PageRequest:
    return PageRequest(limit, None if cursor is None else _decode(cursor))


PageDep = Annotated[PageRequest, Depends(_page_request)]


def _decode(cursor: str) -> str:
    try:
        after = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (UnicodeError, binascii.Error):
        after = ""
    if not _IDENTIFIER.fullmatch(after):
        raise Unprocessable("cursor: use next_cursor of the page before, as it is.", code="invalid_cursor")
    return after


def paginate(
    session: Session, statement: Select[Row], identifier: InstrumentedAttribute[str], page: PageRequest
) -> tuple[list[Row], str | None]:
    """Run `statement` for one page, newest first.

    Parameters
    ----------
    session
        To read with.
    statement
        Selects one entity, already limited to what the caller may see.
    identifier
        The entity's identifier column, made by `new_id`.
    page
        From `PageDep`.

    Returns
    -------
    rows, next_cursor
        The cursor is None on the last page.
    """
    if page.after is not None:
        statement = statement.where(identifier < page.after)
    statement = statement.order_by(identifier.desc()).limit(page.limit + 1)
    rows: list[Any] = list(session.scalars(statement))
    if len(rows) <= page.limit:
        return rows, None
    last = getattr(rows[page.limit - 1], identifier.key)
    return rows[: page.limit], base64.urlsafe_b64encode(last.encode()).decode()
