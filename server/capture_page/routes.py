"""The page that takes stamps without an app, and the capture script for any page."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from server.capture_page.assets import (
    Asset,
    Language,
    page,
    page_script,
    sheets_script,
    stamp_script,
    style_hash,
)

router = APIRouter(include_in_schema=False)

_COOKIE: Final = "stamp-language"
_YEAR_S: Final = 365 * 24 * 3600
_METHODS: Final = ["GET", "HEAD"]


@router.api_route("/", methods=_METHODS)
def lead_to_the_page() -> Response:
    """Lead a person who typed the bare address to the page."""
    return RedirectResponse("/s", status_code=302)


@router.api_route("/s", methods=_METHODS)
def show_page(request: Request, lang: Annotated[str | None, Query(max_length=20)] = None) -> Response:
    """Answer with the page, in the language of ``?lang=``, else the one chosen before, else the browser's."""
    language = _language(lang or request.cookies.get(_COOKIE) or request.headers.get("accept-language", ""))
    response = _send(request, page(language, request.app.state.page_key), "no-cache")
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    response.headers["Content-Language"] = language
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'sha256-{style_hash()}'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response.headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=()"
    if lang:
        response.set_cookie(_COOKIE, language, max_age=_YEAR_S, path="/s", samesite="lax", httponly=True)
    return response


@router.api_route("/s/page.js", methods=_METHODS)
def send_page_script(request: Request, v: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """Answer with the page's own script."""
    return _send_script(request, page_script(), v)


@router.api_route("/s/sheets.js", methods=_METHODS)
def send_sheets_script(request: Request, v: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """Answer with the page's sheets that few people see."""
    return _send_script(request, sheets_script(), v)


@router.api_route("/sdk/v1/stamp.js", methods=_METHODS)
def send_stamp_script(request: Request, v: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """Answer with stamp.js, which pages of any origin may load."""
    response = _send_script(request, stamp_script(), v)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _send_script(request: Request, script: Asset, version: str | None) -> Response:
    """Send a script; under the address that names its content it may be kept for ever."""
    named = version == script.version
    return _send(request, script, f"public, max-age={_YEAR_S}, immutable" if named else "public, max-age=300")


def _send(request: Request, asset: Asset, cache_control: str) -> Response:
    compressed = "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{asset.version}{"-gzip" if compressed else ""}"'
    headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if compressed:
        headers["Content-Encoding"] = "gzip"
    body = asset.compressed if compressed else asset.body
    return Response(body, media_type=asset.media_type, headers=headers)


def _language(wanted: str) -> Language:
    return "ko" if wanted.strip().lower().startswith("ko") else "en"
