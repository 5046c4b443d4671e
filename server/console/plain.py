"""Pages without a script: forms that a browser posts by itself, as HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Final

from server.console import assets
from server.console.texts import Texts

_PART: Final = re.compile(r"\{\{([a-z]+)\}\}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the form, the key of its label, and what browsers are told of it."""

    name: str
    label: str
    kind: str = "text"
    complete: str = "off"
    least: int = 1
    most: int = 100
    hint: str = ""
    mode: str = ""
    """Which keys a phone shows, where the kind does not tell."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form and what stands around it.

    Attributes
    ----------
    title, button, lead
        Keys.
    links
        Below it: (key, address).
    is_main
        Whether it is what the page is about.
    """

    title: str
    action: str
    fields: tuple[Field, ...]
    button: str
    links: tuple[tuple[str, str], ...] = ()
    lead: str = ""
    is_main: bool = True


def form_page(
    words: Texts,
    forms: Sequence[Form],
    *,
    here: str,
    message: str = "",
    is_good: bool = False,
    hidden: dict[str, str] | None = None,
) -> str:
    """Return a page with one form or more.

    Parameters
    ----------
    words
        Its texts.
    forms
        From top to bottom; the first gives the page its title.
    here
        The page's own address, for the link to the other language.
    message, is_good
        What came of the last try, as text.
    hidden
        Fields that go along with every form.
    """
    parts = [
        form_part(
            words, form, hidden or {}, level=1 if at == 0 else 2, note="" if at else note(message, is_good)
        )
        for at, form in enumerate(forms)
    ]
    return plain_page(words, title=words(forms[0].title), here=here, body="".join(parts))


def plain_page(words: Texts, *, title: str, here: str, body: str) -> str:
    """Return a page of one column; `title` is text, `here` as for `form_page`, `body` is HTML."""
    other = "en" if words.language == "ko" else "ko"
    mark = "&" if "?" in here else "?"
    header = (
        f'<header class="owner-header"><a class="brand" href="/owner">{escape(words("brand"))}</a>'
        f'<span class="grow"></span><a lang="{other}" hreflang="{other}" '
        f'href="{escape(here + mark)}lang={other}">{escape(words("other_language"))}</a></header>'
    )
    return page(words, title=title, body=f'{header}<main class="plain">{body}</main>')


def note(message: str, is_good: bool) -> str:
    """Return what came of the last try as HTML, nothing for an empty text."""
    if not message:
        return ""
    kind, sign, role = ("good", "✓", "status") if is_good else ("bad", "⚠", "alert")
    return f'<p class="message {kind}" role="{role}">{sign} {escape(message)}</p>'


def paragraph(text: str, kind: str = "lead") -> str:
    """Return a paragraph as HTML."""
    return f'<p class="{kind}">{escape(text)}</p>'


def heading(text: str, level: int = 1) -> str:
    """Return a heading as HTML; a name in it may run in either direction."""
    return f"<h{level}><bdi>{escape(text)}</bdi></h{level}>"


def links(words: Texts, pairs: Sequence[tuple[str, str]]) -> str:
    """Return links as HTML, from (key, address); nothing for none."""
    if not pairs:
        return ""
    parts = "".join(f'<a href="{escape(address)}">{escape(words(key))}</a>' for key, address in pairs)
    return f'<p class="links">{parts}</p>'


def page(words: Texts, *, title: str, body: str, head: str = "", kind: str = "") -> str:
    """Return a whole page; `title` is text, `body` and `head` are HTML, `kind` a class of the body."""
    values = {
        "language": words.language,
        "title": escape(title),
        "brand": escape(words("brand")),
        "style": assets.address("console.css"),
        "head": head,
        "kind": kind,
        "body": body,
    }
    # In one go: what somebody typed may look like a part of the frame.
    return _PART.sub(lambda part: values[part[1]], _frame())


@lru_cache
def _frame() -> str:
    return (files(__package__) / "static" / "plain.html").read_text("utf-8")


def form_part(
    words: Texts, form: Form, hidden: dict[str, str], *, level: int, note: str = "", above: str = ""
) -> str:
    """Return a form as HTML, with its heading, a `note` below that, and what stands `above` its fields."""
    parts = [f"<h{level}>{escape(words(form.title))}</h{level}>"]
    if form.lead:
        parts.append(paragraph(words(form.lead)))
    parts += [note, f'<form method="post" action="{escape(form.action)}">']
    parts += [
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
    ]
    parts += [above, *(_field(words, field) for field in form.fields)]
    kind = "main" if form.is_main else "side-button"
    parts.append(f'<button class="{kind}" type="submit">{escape(words(form.button))}</button></form>')
    parts.append(links(words, form.links))
    return "".join(parts)


def _field(words: Texts, field: Field) -> str:
    hint = f'<small id="{field.name}-hint">{escape(words(field.hint))}</small>' if field.hint else ""
    described = f' aria-describedby="{field.name}-hint"' if field.hint else ""
    mode = f' inputmode="{field.mode}"' if field.mode else ""
    return (
        f'<label for="{field.name}">{escape(words(field.label))}</label>{hint}'
        f'<input id="{field.name}" name="{field.name}" type="{field.kind}" autocomplete="{field.complete}" '
        f'minlength="{field.least}" maxlength="{field.most}" required{mode}{described}>'
    )
