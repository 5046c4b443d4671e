"""Which of an owner's shops the pages are about: ``?shop=``, else the one chosen before, else all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection

from server.insights.scope import Place, Places
from server.setup.progress import NEW

SHOP_COOKIE: Final = "stamp-owner-shop"
ALL: Final = "all"
_NAME = re.compile(rf"{ALL}|{NEW}|shp_[0-9a-f]{{1,40}}")


def shop_asked(connection: HTTPConnection) -> str:
    """Return the shop that the address asks for, or that was chosen before; `ALL` for none."""
    return shop_chosen(connection) or _checked(connection.cookies.get(SHOP_COOKIE, "")) or ALL


def shop_chosen(connection: HTTPConnection) -> str | None:
    """Return the shop that the address asks for, to be kept; None when it asks for none."""
    return _checked(connection.query_params.get("shop", ""))


def _checked(name: str) -> str | None:
    return name if _NAME.fullmatch(name) else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the pages are about.

    Attributes
    ----------
    places
        All shops of the visitor's, by identifier.
    shop_id
        The one chosen; None for all. Of a single shop there is nothing to choose, so it is that one.
    is_new
        The visitor is about to add a shop.
    """

    places: Places
    shop_id: str | None
    is_new: bool = False

    @property
    def ids(self) -> tuple[str, ...] | None:
        """The shop for services that take several; None for all."""
        return None if self.shop_id is None else (self.shop_id,)

    @property
    def shown(self) -> Mapping[str, Place]:
        """The shops that the page is about."""
        return self.places if self.shop_id is None else {self.shop_id: self.places[self.shop_id]}

    @property
    def to_set_up(self) -> str | None:
        """What `server.setup.progress.progress` is asked for."""
        return NEW if self.is_new else self.shop_id


def choose(asked: str, places: Places) -> Chosen:
    """Return the choice among the visitor's shops. A shop that is not theirs (any more) is none."""
    if asked in places:
        return Chosen(places, asked)
    only = next(iter(places)) if len(places) == 1 else None
    return Chosen(places, only, is_new=asked == NEW)
