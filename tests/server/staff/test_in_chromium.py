"""What a real browser says of the page that a form stands on, and what the server makes of it."""

import json
from types import SimpleNamespace

import pytest
from fastapi.responses import HTMLResponse

from server.app import create_app
from server.console.texts import texts
from server.core.database import make_engine
from server.core.migrations import upgrade
from server.settings import Settings
from server.staff.dependencies import ActorDep
from tests.capture_page.service import serving
from tests.server.staff.conftest import PASSWORD

pytestmark = pytest.mark.browser

SIGN_UP = """<!doctype html><title>Sign up</title><form method="post" action="/owner/sign-up">
<input name="email"><input name="password" type="password"><input name="name"><input name="organisation">
<input name="next" value="/owner/test-me"><button>Go</button></form>"""
HOSTS = ("127.0.0.1", "cafe.test")  # a browser trusts the first over plain http, and says less to the second


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Serve the app with a page that has the form, and one that says who is signed in."""
    folder = tmp_path_factory.mktemp("chromium")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'stamp.db'}",
        sqlite_synchronous="NORMAL",
        log_level="WARNING",
        sealing_key_path=folder / "sealing.key",
        receipt_key_path=folder / "receipts.pem",
        owner_cookie_secure=False,
        owner_pages=False,  # NiceGUI would answer for the pages of this test
    )
    engine = make_engine(settings.database_url, settings)
    upgrade(engine)
    app = create_app(settings, engine=engine)

    @app.get("/owner/test-form", response_class=HTMLResponse)
    def form():
        return SIGN_UP

    @app.get("/owner/test-me")
    def me(actor: ActorDep):
        return {"member": actor.member_id}

    with serving(app) as port:
        yield port
    engine.dispose()


@pytest.fixture
def visit(chromium, port):
    """Open a page of the service under a host name in a browser of its own."""
    contexts = []

    def visit(host):
        contexts.append(chromium.new_context())
        page = contexts[-1].new_page()
        address = f"http://{host}:{port}"
        page.goto(f"{address}/owner/test-form")
        return SimpleNamespace(page=page, address=address)

    yield visit
    for context in contexts:
        context.close()


def sign_up(page, email):
    for name, value in {
        "email": email,
        "password": PASSWORD,
        "name": "مينا ☕",
        "organisation": "카페 온기",
    }.items():
        page.fill(f"[name={name}]", value)
    page.click("button")
    return json.loads(page.inner_text("body"))


@pytest.mark.parametrize("host", HOSTS)
def test_our_own_form_signs_up_and_a_stranger_s_cannot_sign_out(visit, host):
    at = visit(host)
    sent = []
    at.page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    member = sign_up(at.page, f"mina@{host}.example")["member"]
    assert at.page.url == f"{at.address}/owner/test-me"
    # The two ways by which the server knows its own page: the test would not cover both otherwise.
    assert ("sec-fetch-site" in sent[0].all_headers()) is (host == "127.0.0.1")

    stranger = f'<form method="post" action="{at.address}/owner/session/end-all"><button>Win</button></form>'
    at.page.route(
        "http://evil.example/", lambda route: route.fulfill(body=stranger, content_type="text/html")
    )
    at.page.goto("http://evil.example/")
    with at.page.expect_navigation() as led:
        at.page.click("button")
    assert led.value.status == 403
    told = texts("en" if at.page.get_attribute("html", "lang") == "en" else "ko")
    assert told("problem.origin_not_allowed") in at.page.inner_text("body")
    at.page.goto(f"{at.address}/owner/test-me")
    assert json.loads(at.page.inner_text("body")) == {"member": member}


def test_scripts_cannot_read_the_cookie(visit):
    at = visit("127.0.0.1")
    assert "member" in sign_up(at.page, "jun@cafe.example")
    assert at.page.evaluate("document.cookie") == ""
    kept = {each["name"]: each for each in at.page.context.cookies()}
    assert kept["stamp_owner"]["httpOnly"] is True
    assert kept["stamp_owner"]["sameSite"] == "Lax"
