"""The real server with the owner's pages, and visitors who use them in a browser."""

import contextlib
from pathlib import Path

from server.app import create_app
from server.core.database import make_engine
from server.core.migrations import upgrade
from server.settings import Settings
from server.staff import signing_in
from tests.capture_page.service import serving
from tests.console.catalogue import words

PATTERNS = Path(__file__).parents[2] / "patterns"
PASSWORD = "아침마다 커피를 볶아요"
PLACE = {"latitude": 37.5445, "longitude": 127.0559, "accuracy": 12}
LOCALES = {"ko": "ko-KR", "en": "en-GB"}


def _one_family(folder):
    """Return a folder with the family `medium` alone: with more, a serial may be one of several."""
    for part in ("families/medium.toml", "codebooks/medium.npz"):
        copy = folder / "patterns" / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((PATTERNS / part).read_bytes())
    return folder / "patterns"


@contextlib.contextmanager
def open_house(folder, *, clock=None, **more):
    """Run the service on a new SQLite file; gives the app, whose `state.origin` is its address.

    By the system's clock unless told another.
    """
    more = {"codebook_folder": _one_family(folder)} | more
    settings = Settings(
        database_url=f"sqlite:///{folder / 'owner.db'}",
        sqlite_synchronous="NORMAL",
        log_level="ERROR",
        sealing_key_path=folder / "sealing.key",
        receipt_key_path=folder / "receipts.json",
        sign_ups_hour=100,
        **more,
    )
    engine = make_engine(settings.database_url, settings)
    upgrade(engine)
    app = create_app(settings, clock=clock, engine=engine)
    with serving(app) as port:
        app.state.origin = f"http://127.0.0.1:{port}"
        yield app
    engine.dispose()


def sign_up(app, email, **more):
    """Sign an owner up without a browser; gives the session's token."""
    with app.state.database.transaction() as session:
        _, token = signing_in.sign_up(
            session,
            app.state.clock,
            email=email,
            password=PASSWORD,
            name="김사장",
            organisation=f"온기 {email}",
            address="127.0.0.1",
            **more,
        )
    return token


class Visitor:
    """A browser at the pages, with what went wrong in it and which other hosts it asked."""

    def __init__(self, browser, origin, *, language="ko", width=390, **more) -> None:
        self.origin = origin
        self.language = language
        self.foreign = []
        self.problems = []
        self.expected = ()
        settings = {
            "viewport": {"width": width, "height": 844 if width < 500 else 800},
            "locale": LOCALES[language],
            "geolocation": PLACE,
            "permissions": ["geolocation"],
            "timezone_id": "Asia/Seoul",
        }
        self.context = browser.new_context(**(settings | more))
        self.context.set_default_timeout(20_000)
        self.context.on("request", self._note_request)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._note)

    def _note_request(self, request):
        if not request.url.startswith((self.origin, "data:", self.origin.replace("http", "ws", 1))):
            self.foreign.append(request.url)

    def _note(self, message):
        if message.type == "error" and not any(part in message.text for part in self.expected):
            self.problems.append(message.text)

    def words(self, key, **values):
        return words(self.language, key, **values)

    def open(self, path):
        self.page.goto(self.origin + path)
        return self

    def bring(self, token):
        """Be signed in already."""
        self.context.add_cookies([{"name": "stamp_owner", "value": token, "url": self.origin}])
        return self

    def press(self, key):
        self.page.get_by_role("button", name=self.words(key), exact=True).click()

    def fill(self, key, text):
        self.page.get_by_label(self.words(key), exact=True).fill(text)

    def sees(self, key, **values):
        self.page.get_by_text(self.words(key, **values)).first.wait_for()

    def step(self, name):
        """Wait for a step of the set-up."""
        self.page.get_by_role("heading", name=self.words(f"setup.{name}.title"), exact=True).wait_for()

    def message(self, key):
        self.page.locator(".message", has_text=self.words(key)).wait_for()
