"""The pages' own files, served under addresses that name their content."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
NAMES: Final = ("console.css", "print.js", "three_presses.js")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file: its bytes, its media type, and the beginning of its content's SHA-256."""

    body: bytes
    media_type: str
    version: str


@lru_cache
def asset(name: str) -> Asset:
    """Return one of `NAMES`; KeyError for any other."""
    if name not in NAMES:
        raise KeyError(name)
    body = (files(__package__) / "static" / name).read_bytes()
    kind = _TYPES[name[name.rindex(".") :]]
    return Asset(body, f"{kind}; charset=utf-8", hashlib.sha256(body).hexdigest()[:16])


def address(name: str) -> str:
    """Return where a file is served; the address changes with its content."""
    return f"/owner/assets/{asset(name).version}/{name}"
