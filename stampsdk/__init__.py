"""Recognise a passive touch stamp among millions of registered patterns.

Public names are resolved on first use, so that a phone that imports
``stampsdk.client`` never loads numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stampsdk.index import IndexFileError, PatternIndex

__all__ = ["IndexFileError", "PatternIndex"]

_HOMES = {"IndexFileError": "stampsdk.index", "PatternIndex": "stampsdk.index"}


def __getattr__(name: str) -> Any:
    """Import a public name from its room when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
