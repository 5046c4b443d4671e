"""What a page of NiceGUI may load and run: as little as it can live with (docs/adr/0016)."""

import re
import secrets

_SCRIPT_TAG = re.compile(rb"<script(?=[\s>])")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](?::[0-9]{1,5})?")


def new_nonce() -> str:
    """Return a word that only this answer's scripts bear."""
    return secrets.token_urlsafe(18)


def with_nonce(page: bytes, nonce: str) -> bytes:
    """Give every script of a page the nonce.

    What owners type reaches a page as JSON in which ``<`` is escaped, so that a tag in the answer is one of
    NiceGUI's or ours. A script that comes in any other way has no nonce and does not run.
    """
    return _SCRIPT_TAG.sub(b'<script nonce="' + nonce.encode() + b'"', page)


def policy(nonce: str, *, host: str, map_origin: str | None) -> str:
    """Return the Content-Security-Policy of one answer.

    Parameters
    ----------
    nonce
        Of its scripts.
    host
        The request's Host, for browsers whose 'self' leaves out websockets.
    map_origin
        Where map tiles come from; None for nowhere.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    tiles = "" if map_origin is None else f" {map_origin}"
    return (
        "default-src 'none'; "
        # Vue compiles templates and NiceGUI evaluates handlers in the browser: both are eval.
        f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
        # Quasar sets styles on elements; there are no scripts in styles.
        "style-src 'self' 'unsafe-inline'; font-src 'self'; "
        f"img-src 'self' data:{tiles}; connect-src 'self'{sockets}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
