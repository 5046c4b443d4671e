"""What the page and the script are made of, read once and kept ready to send.

The sources under ``static/`` are written to be read. They are sent without comments and
needless blanks, since all of the page has to arrive within 40 kB; nothing is renamed or compiled.
"""

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Final, Literal

import rjsmin

Language = Literal["ko", "en"]

# In this order: later parts use what earlier ones define.
_SDK_PARTS: Final = ("detector.js", "store.js", "wire.js", "place.js", "session.js", "ink.js", "pad.js")
_SDK_BANNER: Final = "/* stamp.js 1: smart stamps in any page. See docs/partner-capture.md */\n"


@dataclass(frozen=True, slots=True)
class Asset:
    """Bytes to send, with the hash of their content.

    Attributes
    ----------
    body, compressed
        The content, plain and by gzip.
    media_type
        With the charset.
    version
        The first 16 hexadecimal digits of the content's SHA-256.
    """

    body: bytes
    compressed: bytes
    media_type: str
    version: str

    @classmethod
    def of(cls, text: str, media_type: str) -> "Asset":
        """Make an asset of a text."""
        body = text.encode()
        return cls(
            body,
            gzip.compress(body, mtime=0),
            f"{media_type}; charset=utf-8",
            hashlib.sha256(body).hexdigest()[:16],
        )


@lru_cache
def stamp_script() -> Asset:
    """Return stamp.js, the capture script for any page."""
    return Asset.of(_SDK_BANNER + _script(*_SDK_PARTS), "text/javascript")


@lru_cache
def page_script() -> Asset:
    """Return the script of the page ``/s``."""
    return Asset.of(_script("page.js"), "text/javascript")


@lru_cache
def sheets_script() -> Asset:
    """Return the module with the page's sheets that few people see, fetched when one is opened."""
    texts = {name: group["sheets"] for name, group in json.loads(_read("texts.json")).items()}
    head = f"export const texts = {json.dumps(texts, ensure_ascii=False)};\n"
    return Asset.of(str(rjsmin.jsmin(head + _read("sheets.js"))), "text/javascript")


@lru_cache
def style_hash() -> str:
    """Return the hash by which the page's policy admits its one inline style sheet."""
    return base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()


@lru_cache(maxsize=8)
def page(language: Language, key: str) -> Asset:
    """Return the page in one language.

    Parameters
    ----------
    language
        Of the texts.
    key
        The publishable key that the page works with.
    """
    texts: dict[str, dict[str, str]] = json.loads(_read("texts.json"))[language]
    values = {name: escape(text) for name, text in (texts["frame"] | texts["words"]).items()}
    values |= {
        "language": language,
        "other_language": "en" if language == "ko" else "ko",
        "key": escape(key),
        "style": _style(),
        "stamp_script": stamp_script().version,
        "page_script": page_script().version,
        "sheets_script": sheets_script().version,
        # "<" could end the script element that carries the texts.
        "texts": json.dumps(texts["words"], ensure_ascii=False, separators=(",", ":")).replace(
            "<", "\\u003c"
        ),
    }
    html = _read("page.html")
    for name, value in values.items():
        html = html.replace("{{" + name + "}}", value)
    return Asset.of(html, "text/html")


def _script(*names: str) -> str:
    """Join scripts in one function, so that only what they hand to `window` is seen outside."""
    source = "\n".join(_read(name) for name in names)
    return str(rjsmin.jsmin('(() => {\n"use strict";\n' + source + "\n})();\n"))


@lru_cache
def _style() -> str:
    return "".join(line.strip() for line in _read("style.css").splitlines())


def _read(name: str) -> str:
    return (files(__package__) / "static" / name).read_text("utf-8")
