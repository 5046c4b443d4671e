"""The card for the counter: a QR code to the page of the customers, and three sentences. Print-ready HTML."""

import io
from html import escape
from typing import Final, Literal

import segno

from server.console import assets
from server.console.plain import page
from server.console.texts import Texts, texts

Size = Literal["a6", "a4"]

_PAGE: Final = {"a6": "105mm 148mm", "a4": "210mm 297mm"}


def counter_card(
    words: Texts,
    *,
    size: Size,
    shop: str,
    reward: dict[str, str],
    count: int,
    address: str,
    code_address: str,
) -> str:
    """Return the page.

    Parameters
    ----------
    words
        In the language of who prints it; the card itself speaks to customers in both.
    size
        Of the paper.
    shop, reward, count
        Whose card it is, and what is promised: `count` stamps for ``reward["ko"]``, ``reward["en"]``.
    address, code_address
        Of the customers' page, to be read by people, and by the QR code, which also names the shop.
    """
    head = (
        f"<style>@page{{size:{_PAGE[size]};margin:0}}</style>"
        f'<script defer src="{assets.address("print.js")}"></script>'
    )
    sentences = "".join(_sentences(texts(language), reward[language], count) for language in ("ko", "en"))
    body = (
        f'<header class="owner-header screen"><a class="brand" href="/owner/setup?step=card">'
        f'← {escape(words("card.back"))}</a><span class="grow"></span>'
        f'<button type="button" class="main" id="print">{escape(words("card.print"))}</button></header>'
        f'<main class="paper {size}"><h1>{escape(shop)}</h1>{qr_code(code_address, words("card.qr"))}'
        f'<p class="address">{escape(address)}</p>{sentences}</main>'
    )
    return page(words, title=words("card.title"), body=body, head=head, kind="print")


def _sentences(words: Texts, reward: str, count: int) -> str:
    lines = "".join(
        f"<li>{escape(words(key, count=count, reward=reward))}</li>" for key in ("card.1", "card.2", "card.3")
    )
    return f'<ol lang="{words.language}">{lines}</ol>'


def qr_code(address: str, label: str) -> str:
    """Return the code as SVG, readable through a scratch: error correction Q."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#2b211a", light="#ffffff"
    )
    svg = out.getvalue().decode()
    return f'<div class="qr" role="img" aria-label="{escape(label)}">{svg}</div>'
