"""Clients of the server; `PhoneClient` is what an app embeds (phone-safe: standard library and requests).

Public names are resolved on first use, so that importing this room loads no other.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stampsdk.client.errors import AnswerError, ClientError, RefusedError, StoreError, TransportError
    from stampsdk.client.models import (
        Bilingual,
        Card,
        Coupon,
        Customer,
        CustomerDevice,
        HistoryEntry,
        Outcome,
        ProgramRef,
        ShopRef,
        Verdict,
        Visit,
    )
    from stampsdk.client.phone import PhoneClient
    from stampsdk.client.runtime import RetryPolicy, Runtime
    from stampsdk.protocol import Location

__all__ = [
    "AnswerError",
    "Bilingual",
    "Card",
    "ClientError",
    "Coupon",
    "Customer",
    "CustomerDevice",
    "HistoryEntry",
    "Location",
    "Outcome",
    "PhoneClient",
    "ProgramRef",
    "RefusedError",
    "RetryPolicy",
    "Runtime",
    "ShopRef",
    "StoreError",
    "TransportError",
    "Verdict",
    "Visit",
]

_HOMES = {
    "Location": "stampsdk.protocol",
    "PhoneClient": "stampsdk.client.phone",
    **dict.fromkeys(
        ("AnswerError", "ClientError", "RefusedError", "StoreError", "TransportError"),
        "stampsdk.client.errors",
    ),
    **dict.fromkeys(("RetryPolicy", "Runtime"), "stampsdk.client.runtime"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "stampsdk.client.models")), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
