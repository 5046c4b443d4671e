"""An organisation with an owner, and browsers that sign in."""

import re
from http.cookies import SimpleCookie
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from server.core.sealing import load_sealer
from server.staff import passwords, service
from server.staff.dependencies import ActorDep
from server.staff.models import Member

ORIGIN = "https://testserver"
PASSWORD = "correct horse battery"
OUT = (401, "sign_in_needed")


@pytest.fixture(autouse=True)
def cost_of_hashes(monkeypatch):
    """Let hashes cost little where the cost is not what is tested; modules that test it replace this."""
    cheap = passwords.Parameters(memory_kib=64, iterations=1, lanes=1)
    monkeypatch.setattr(passwords, "PARAMETERS", cheap)
    monkeypatch.setattr(passwords, "_NOBODYS", passwords._unmade(cheap))


@pytest.fixture
def sealer(settings):
    return load_sealer(settings)


@pytest.fixture
def sign_up(database, clock):
    """Sign an owner up; gives the actor and the token."""

    def sign_up(email="mina@cafe.example", password=PASSWORD, name="Mina", organisation="Café Ongi"):
        with database.transaction() as session:
            return service.sign_up(
                session, clock, email=email, password=password, name=name, organisation=organisation
            )

    return sign_up


@pytest.fixture
def owner(sign_up):
    """Give the actor of an owner who has signed up."""
    return sign_up()[0]


@pytest.fixture
def do(database, clock, sealer):
    """Call a service in a transaction of its own, with the session, the clock, and the sealer where named."""

    def do(work, *arguments, **members):
        with database.transaction() as session:
            return work(session, clock, *arguments, **members)

    return do


@pytest.fixture
def member(database):
    """Read a member's row."""

    def member(member_id):
        with database.reading() as session:
            return session.get_one(Member, member_id)

    return member


class Outbound:
    """Keeps mail instead of sending it."""

    def __init__(self) -> None:
        self.sent = []

    def send(self, mail):
        self.sent.append(mail)

    def token(self):
        """Return the token of the last link."""
        return re.search(r"/owner/reset\?token=(\S+)", self.sent[-1].text).group(1)


@pytest.fixture
def mail(app):
    app.state.mail = Outbound()
    return app.state.mail


@pytest.fixture
def make_browser(app, client, mail):
    """Make browsers: `post(path, **fields)` gives the answer; cookies are kept as a browser keeps them."""

    def make(base=ORIGIN, **headers):
        http = TestClient(app, base_url=base, follow_redirects=False, headers={"Origin": base} | headers)

        def post(path, **fields):
            return http.post(f"/owner/{path}", data=fields)

        def sign_up(email="mina@cafe.example", password=PASSWORD, name="Mina", organisation="Café Ongi"):
            return post("sign-up", email=email, password=password, name=name, organisation=organisation)

        def sign_in(email="mina@cafe.example", password=PASSWORD, **more):
            return post("session", email=email, password=password, **more)

        return SimpleNamespace(http=http, post=post, sign_up=sign_up, sign_in=sign_in, cookies=http.cookies)

    return make


@pytest.fixture
def browser(make_browser):
    return make_browser()


@pytest.fixture
def problem():
    """Return the code of the problem that an answer leads back with, or None."""

    def code(answer):
        assert answer.status_code == 303, answer.text
        found = re.search(r"[?&]problem=([a-z_]+)", answer.headers["location"])
        return None if found is None else found.group(1)

    return code


@pytest.fixture
def whoami(app):
    """Ask another router's endpoint who is signed in; gives the member's id or the problem's code."""

    @app.api_route("/test/me", methods=["GET", "POST"])
    def me(actor: ActorDep):
        return {"member": actor.member_id, "role": actor.role}

    def whoami(browser, token=None, method="GET", **headers):
        if token is not None:
            headers["Cookie"] = f"stamp_owner={token}"
        answer = browser.http.request(method, "/test/me", headers=headers)
        body = answer.json()
        return body["member"] if answer.status_code == 200 else (answer.status_code, body["code"])

    return whoami


def cookie(answer, name):
    """Return one cookie that an answer sets, as http.cookies reads it."""
    for line in answer.headers.get_list("set-cookie"):
        found = SimpleCookie(line)
        if name in found:
            return found[name]
    return None
