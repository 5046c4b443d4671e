"""What a page knows of the app that it belongs to: handed on in the request's scope, never a global."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from fastapi import FastAPI
from starlette.datastructures import State
from starlette.requests import HTTPConnection

from server.console.language import Language, language_of
from server.console.shop_choice import shop_asked
from server.core.clock import Clock
from server.core.database import Database
from server.core.sealing import Sealer
from server.insights.hub import FeedHub
from server.presses.receipts import ReceiptKeys
from server.settings import Settings
from server.stamps.registry import StampRegistry

_KEY: Final = "console surroundings"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The parts of one app, and the language and the choice of shop of one visitor.

    Many apps may live in one process, and NiceGUI in it only once; so a page
    takes these from its own request and keeps them for its events.
    """

    database: Database
    clock: Clock
    settings: Settings
    registry: StampRegistry
    hub: FeedHub
    language: Language
    asked_shop: str
    state: State = field(default_factory=State)
    """``app.state``, for what needs more of it: the sealer, the receipts' keys, the mail."""

    @property
    def sealer(self) -> Sealer:
        """What PINs, links and staff codes are sealed with."""
        return cast("Sealer", self.state.sealer)

    @property
    def receipt_keys(self) -> ReceiptKeys:
        """What signs the receipts of presses."""
        return cast("ReceiptKeys", self.state.receipt_keys)

    def into(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Return the scope with these in it."""
        return {**scope, _KEY: self}


def surroundings_of_app(app: FastAPI, connection: HTTPConnection) -> Surroundings:
    """Return the parts of an app, for a visitor's request."""
    state = app.state
    return Surroundings(
        state.database,
        state.clock,
        state.settings,
        state.registry,
        state.feed_hub,
        language_of(connection),
        shop_asked(connection),
        state,
    )


def surroundings_of(scope: Mapping[str, Any]) -> Surroundings:
    """Return what the gate put into a request's scope."""
    return cast("Surroundings", scope[_KEY])
