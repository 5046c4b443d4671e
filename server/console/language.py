"""In which language a visitor reads: ``?lang=``, else the one chosen before, else the browser's."""

from typing import Final, Literal

from starlette.requests import HTTPConnection

Language = Literal["ko", "en"]

LANGUAGE_COOKIE: Final = "stamp-owner-language"
_LONGEST = 500


def language_of(connection: HTTPConnection) -> Language:
    """Return the language for a request."""
    asked = chosen(connection) or connection.cookies.get(LANGUAGE_COOKIE, "")
    if asked in {"ko", "en"}:
        return "ko" if asked == "ko" else "en"
    return _accepted(connection.headers.get("accept-language", ""))


def chosen(connection: HTTPConnection) -> Language | None:
    """Return the language that the address asks for, to be kept; None when it asks for none of ours."""
    asked = connection.query_params.get("lang", "")
    return "ko" if asked == "ko" else "en" if asked == "en" else None


def _accepted(header: str) -> Language:
    """Return which of the two the browser would rather have; English for those who read neither."""
    best: tuple[float, Language] = (0.0, "en")
    for part in header[:_LONGEST].split(","):
        name, _, weight = part.strip().lower().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        tag = name.partition("-")[0]
        if quality > best[0] and tag in {"ko", "en"}:
            best = (quality, "ko" if tag == "ko" else "en")
    return best[1]
