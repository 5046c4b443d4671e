"""Pages without a script: forms that a browser posts by itself, as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files

from server.console import assets
from server.console.texts import Texts


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


@dataclass(frozen=True, slots=True)
class Form:
    """A form and what stands around it; `title` and `button` are keys, `links` are (key, address)."""

    title: str
    action: str
    fields: tuple[Field, ...]
    button: str
    links: tuple[tuple[str, str], ...] = ()
    lead: str = ""


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
    other = "en" if words.language == "ko" else "ko"
    mark = "&" if "?" in here else "?"
    parts = [
        (
            f'<header class="owner-header"><a class="brand" href="/owner">{escape(words("brand"))}</a>'
            f'<span class="grow"></span><a lang="{other}" hreflang="{other}" '
            f'href="{escape(here + mark)}lang={other}">{escape(words("other_language"))}</a></header>'
        ),
        '<main class="plain">',
    ]
    for at, form in enumerate(forms):
        parts.append(_form(words, form, hidden or {}, level=1 if at == 0 else 2, note=(message, is_good, at)))
    parts.append("</main>")
    return page(words, title=words(forms[0].title), body="".join(parts))


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
    html = _frame()
    for name, value in values.items():
        html = html.replace("{{" + name + "}}", value)
    return html


@lru_cache
def _frame() -> str:
    return (files(__package__) / "static" / "plain.html").read_text("utf-8")


def _form(
    words: Texts, form: Form, hidden: dict[str, str], *, level: int, note: tuple[str, bool, int]
) -> str:
    message, is_good, at = note
    parts = [f"<h{level}>{escape(words(form.title))}</h{level}>"]
    if form.lead:
        parts.append(f'<p class="lead">{escape(words(form.lead))}</p>')
    if message and at == 0:
        kind, sign = ("good", "✓") if is_good else ("bad", "⚠")
        role = "status" if is_good else "alert"
        parts.append(f'<p class="message {kind}" role="{role}">{sign} {escape(message)}</p>')
    parts.append(f'<form method="post" action="{escape(form.action)}">')
    parts += [
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
    ]
    parts += [_field(words, field) for field in form.fields]
    parts.append(f'<button class="main" type="submit">{escape(words(form.button))}</button></form>')
    if form.links:
        links = "".join(
            f'<a href="{escape(address)}">{escape(words(key))}</a>' for key, address in form.links
        )
        parts.append(f'<p class="links">{links}</p>')
    return "".join(parts)


def _field(words: Texts, field: Field) -> str:
    hint = f'<small id="{field.name}-hint">{escape(words(field.hint))}</small>' if field.hint else ""
    described = f' aria-describedby="{field.name}-hint"' if field.hint else ""
    return (
        f'<label for="{field.name}">{escape(words(field.label))}</label>{hint}'
        f'<input id="{field.name}" name="{field.name}" type="{field.kind}" autocomplete="{field.complete}" '
        f'minlength="{field.least}" maxlength="{field.most}" required{described}>'
    )
