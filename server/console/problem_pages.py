"""What goes wrong under ``/owner`` before a page could be made, said in words to whoever looks at a browser.

The API answers with problem documents, which programs read. A browser that opens a page, or posts a form
without a script, would show that document as it is.
"""

import json
from html import escape
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.console.engine import MOUNT
from server.console.language import language_of
from server.console.plain import heading, note, paragraph, plain_page
from server.console.texts import texts
from server.core.errors import PROBLEM_MEDIA_TYPE

_NO_PAGE: Final = frozenset({400, 404, 422})
"""What an address that is none of ours gets."""
_OWN_HEADERS: Final = ("content-type", "content-length")


class ProblemPages:
    """ASGI middleware: a problem document becomes a page for those who wanted one; nothing else is touched.

    The status and the other headers stay. Scripts of ours, which read the document, send and get JSON.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] == "http" and _wants_page(scope):
            send = _Wording(scope, receive, send).send
        await self.app(scope, receive, send)


class _Wording:
    """Keeps a problem document back until it is whole."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith(PROBLEM_MEDIA_TYPE):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        problem = json.loads(self._body)
        response = problem_page(HTTPConnection(self._scope), problem, method=self._scope["method"])
        kept = [pair for pair in start["headers"] if pair[0].lower().decode("latin-1") not in _OWN_HEADERS]
        response.raw_headers += kept
        await response(self._scope, self._receive, self._send)


def problem_page(connection: HTTPConnection, problem: dict[str, Any], *, method: str) -> HTMLResponse:
    """Return the page for a problem document.

    Parameters
    ----------
    connection
        The request, for its language.
    problem
        The document; its ``code`` finds the sentence, its ``detail`` is for programs and is not shown.
    method
        Of the request: an address can be opened again, a form has to be sent again by the person.
    """
    language = language_of(connection)
    words = texts(language)
    code, status = str(problem["code"]), int(problem["status"])
    is_form = method != "GET"
    is_nowhere = not is_form and status in _NO_PAGE
    title = words("fault.form" if is_form else "fault.missing" if is_nowhere else "fault.broken")
    parts = [heading(title)]
    if not is_nowhere and words.has(f"problem.{code}"):
        parts.append(note(words(f"problem.{code}"), is_good=False))
    if is_form:
        parts.append(paragraph(words("fault.resend")))
    # An empty address is that of the page itself.
    again = "" if is_form or is_nowhere else f'<a href="">{escape(words("fault.again"))}</a>'
    parts.append(f'<p class="links">{again}<a href="{MOUNT}/">{escape(words("fault.home"))}</a></p>')
    html = plain_page(words, title=title, here=f"{MOUNT}/", body="".join(parts))
    return HTMLResponse(html, status, headers={"Content-Language": language})


def _wants_page(scope: Scope) -> bool:
    """Say whether a browser opens a page or posts a form: both name HTML, which our scripts do not."""
    path = scope["path"]
    if path != MOUNT and not path.startswith(f"{MOUNT}/"):
        return False
    accepted = HTTPConnection(scope).headers.get("accept", "")
    return "text/html" in accepted or (scope["method"] == "GET" and "json" not in accepted)
