"""What is sent: how much, under which policy, how long it may be kept, in which language."""

import base64
import gzip
import hashlib
import json
import re
from importlib.resources import files

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from server.capture_page.routes import router

KEY = "pk_" + "x" * 51
STATIC = files("server.capture_page") / "static"


@pytest.fixture
def client():
    app = FastAPI()
    app.state.page_key = KEY
    app.include_router(router)
    return TestClient(app, headers={"Accept-Encoding": "identity"})


def scripts_of(html):
    return re.findall(r'<script defer src="([^"]+)"', html)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_whole_page_is_under_40_kb(client, language):
    page = client.get("/s", params={"lang": language})
    scripts = [client.get("/" + address) for address in scripts_of(page.text)]
    assert len(scripts) == 2
    sizes = [len(answer.content) for answer in (page, *scripts)]
    assert min(sizes) > 3_000
    assert sum(sizes) < 40_000, sizes


def test_the_first_paint_waits_for_nothing(client):
    html = client.get("/s").text
    assert '<link rel="stylesheet"' not in html
    assert "@import" not in html
    assert all("defer" in tag for tag in re.findall(r"<script[^>]*src=[^>]*>", html))
    assert html.index("<style>") < html.index("<script")


def test_nothing_comes_from_another_host(client):
    page = client.get("/s")
    everything = page.text + "".join(client.get("/" + address).text for address in scripts_of(page.text))
    outside = set(re.findall(r"https?://[^\s'\"]+", everything)) - {"http://www.w3.org/2000/svg"}
    assert outside == set()


def test_the_policy_admits_the_one_style_sheet_and_no_inline_script(client):
    page = client.get("/s")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    styles = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert len(styles) == 1
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    assert policy["style-src"] == f"'sha256-{digest}'"
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert " style=" not in page.text
    assert not re.search(r"<[^>]+\son\w+=", page.text)
    inline = re.findall(r"<script(?![^>]*src=)([^>]*)>", page.text)
    assert inline == [' id="texts" type="application/json"']


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        ("", "", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("", "", "en-GB,en;q=0.9,ko;q=0.5", "en"),
        ("", "", "de-DE", "en"),
        ("", "", "", "en"),
        ("?lang=en", "", "ko-KR", "en"),
        ("?lang=ko", "en", "en", "ko"),
        ("", "ko", "en", "ko"),
        ("?lang=<script>", "", "ko", "en"),
    ],
)
def test_it_speaks_korean_and_english(client, query, cookie, accepted, language):
    headers = {"Accept-Language": accepted} | ({"Cookie": f"stamp-language={cookie}"} if cookie else {})
    page = client.get(f"/s{query}", headers=headers)
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}">' in page.text
    assert {"Accept-Language", "Cookie"} <= set(page.headers["vary"].split(", "))
    words = json.loads(re.search(r'type="application/json">(.*?)</script>', page.text).group(1))
    assert words["press"].split("\n")[0] in page.text.split("<script id=")[0]
    assert bool(re.search("[가-힣]", words["refused"])) == (language == "ko")


def test_a_language_once_chosen_is_remembered(client):
    assert client.get("/s?lang=en", headers={"Accept-Language": "ko"}).headers["content-language"] == "en"
    assert client.get("/s", headers={"Accept-Language": "ko"}).headers["content-language"] == "en"


def test_every_text_exists_in_both_languages_and_is_used():
    texts = json.loads((STATIC / "texts.json").read_text("utf-8"))
    assert texts["ko"].keys() == texts["en"].keys()
    sources = (
        (STATIC / "page.js").read_text("utf-8") + (STATIC / "sheets.js").read_text("utf-8"),
        (STATIC / "page.html").read_text("utf-8"),
    )
    for group in texts["ko"]:
        assert texts["ko"][group].keys() == texts["en"][group].keys()
        for name in texts["ko"][group]:
            said = re.search(rf'"{name.removesuffix("_title").removesuffix("_why")}"', sources[0])
            assert said or f"{{{{{name}}}}}" in sources[1] or name in {"held", "refused"}, name
    names = texts["ko"]["words"].keys() | texts["ko"]["sheets"].keys()
    assert set(re.findall(r'(?:say|button)\("(\w+)"', sources[0])) <= names
    assert {
        f"{name}_{part}" for name in re.findall(r'told\("(\w+)"\)', sources[0]) for part in ("title", "why")
    } <= names


def test_nothing_of_the_template_is_left_open(client):
    html = client.get("/s").text
    assert "{{" not in html.replace(json.dumps("{{"), "")
    assert f'data-key="{KEY}"' in html


def test_the_sheets_that_few_people_see_come_when_they_are_wanted(client):
    """Named by its content like the other scripts, and not among what the page waits for."""
    address = re.search(r'data-sheets="([^"]+)"', client.get("/s").text).group(1)
    sheet = client.get("/" + address)
    assert address not in scripts_of(client.get("/s").text)
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert len(sheet.content) < 3_500
    texts = json.loads((STATIC / "texts.json").read_text("utf-8"))
    said = json.loads(re.search(r"texts=(\{.*?\}\});", sheet.text).group(1))
    assert said == {language: group["sheets"] for language, group in texts.items()}
    assert set(texts["ko"]["sheets"]) & set(texts["ko"]["words"]) == set()


@pytest.mark.parametrize("address", ["/s", "/s/page.js", "/s/sheets.js", "/sdk/v1/stamp.js"])
def test_what_is_known_is_not_sent_again(client, address):
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get(address, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == first.content
    assert packed.headers["etag"] != first.headers["etag"]
    assert client.head(address).headers["etag"] == first.headers["etag"]


def test_scripts_named_by_their_content_may_be_kept(client):
    html = client.get("/s")
    assert html.headers["cache-control"] == "no-cache"
    for address in scripts_of(html.text):
        plain, _, version = address.partition("?v=")
        named = client.get("/" + address)
        assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert hashlib.sha256(named.content).hexdigest().startswith(version)
        assert client.get("/" + plain).headers["cache-control"] == "public, max-age=300"
        assert client.get(f"/{plain}?v=stale").headers["cache-control"] == "public, max-age=300"


def test_the_script_may_be_loaded_by_any_page(client):
    script = client.get("/sdk/v1/stamp.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["access-control-allow-origin"] == "*"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert len(gzip.compress(script.content)) < len(script.content) / 2


def test_a_key_cannot_break_out_of_the_page():
    app = FastAPI()
    app.state.page_key = '"><script>alert(1)</script>'
    app.include_router(router)
    assert "<script>alert" not in TestClient(app).get("/s").text


def test_the_bare_address_leads_to_the_page(client):
    answer = client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/s")
