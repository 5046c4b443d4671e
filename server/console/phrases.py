"""What several pages say in the same way: counts, how long ago, moments, sentences with links."""

import string
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from html import escape

from server.console.texts import Texts
from server.insights.scope import Places

_WEEKS_FROM, _MONTHS_FROM, _YEARS_FROM = 14, 60, 730


def counted(words: Texts, key: str, count: int) -> str:
    """Return ``KEY`` with its ``{count}``, or ``KEY.one`` where one is said in another way."""
    one = f"{key}.one"
    return words(one if count == 1 and words.has(one) else key, count=f"{count:,}")


def ago(words: Texts, day: date, today: date) -> str:
    """Say how long ago a day was, as roughly as people do. A day to come counts as today."""
    days = (today - day) // timedelta(days=1)
    if days <= 0:
        return words("ago.today")
    if days == 1:
        return words("ago.yesterday")
    if days < _WEEKS_FROM:
        return words("ago.days", count=days)
    if days < _MONTHS_FROM:
        return words("ago.weeks", count=days // 7)
    if days < _YEARS_FROM:
        return words("ago.months", count=days // 30)
    return words("ago.years", count=days // 365)


def as_of(words: Texts, at: datetime | None, places: Places) -> str:
    """Say when the roll-ups were counted, by the clock of the first of the shops."""
    if at is None:
        return words("as_of.never")
    first = next(iter(places.values()), None)
    local = at if first is None else first.local(at)
    return words("as_of", time=f"{local:%Y-%m-%d %H:%M}")


def linked(words: Texts, key: str, links: Mapping[str, tuple[str, str]], **values: object) -> str:
    """Return a sentence as HTML in which some parts are links.

    Parameters
    ----------
    words, key
        The sentence.
    links
        For these parts: what they say, and where they lead.
    **values
        For the other parts.
    """
    out = []
    for before, name, _, _ in string.Formatter().parse(words(key)):
        out.append(escape(before))
        if name is None:
            continue
        if name in links:
            said, target = links[name]
            out.append(f'<a href="{escape(target)}">{escape(said)}</a>')
        else:
            out.append(escape(str(values[name])))
    return "".join(out)
