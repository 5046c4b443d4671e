"""A phone in a hand: Chromium, with touches that go through the browser's own input pipeline."""

import math
import os
import shutil
from pathlib import Path

from tests.requirements import require

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
]
SCREEN = {"width": 412, "height": 915}
SEOUL = {"latitude": 37.5445, "longitude": 127.0559, "accuracy": 12}
# Five tips on a 40 mm face, in mm from its middle; no two distances alike.
TIPS = ((-13.1, -8.4), (2.3, -15.2), (14.6, -4.9), (8.7, 12.2), (-10.4, 9.8))
PX_PER_MM = 6.3
# Everything the page said about its state, so that a test can wait for what has passed already; and
# display frames that can be held back, so that time does not decide before a test says so.
_DIARY = """
window.frozen = null;
const frame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = act => frozen ? frozen.push(act) : frame(act);
window.thaw = () => { const late = frozen; frozen = null; late.forEach(act => frame(act)); };
window.diary = [];
addEventListener("DOMContentLoaded", () => {
  const note = () => diary.push(document.body.dataset.state);
  if (!document.body.dataset.state) return;
  new MutationObserver(note).observe(document.body, { attributeFilter: ["data-state"] });
});
"""


def launch(playwright):
    require(CHROMIUM is not None, "Chromium is not installed (Debian: apt-get install chromium)")
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)


def stamp_at(x, y, degrees, tips=TIPS, px_per_mm=PX_PER_MM):
    """Return the tips' places on the screen in px, fractional."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(x + px_per_mm * (c * a - s * b), y + px_per_mm * (s * a + c * b)) for a, b in tips]


class Phone:
    """One page, and the touches on it."""

    def __init__(self, browser, *, locale="ko-KR", location=SEOUL, touch_events=True, **more) -> None:
        settings = {
            "viewport": SCREEN,
            "device_scale_factor": 2.625,
            "is_mobile": True,
            "has_touch": touch_events,
            "locale": locale,
            "timezone_id": "Asia/Seoul",
        }
        if location:
            settings |= {"geolocation": location, "permissions": ["geolocation"]}
        self.context = browser.new_context(**(settings | more))
        self.context.set_default_timeout(20_000)
        self.context.add_init_script(_DIARY)
        self.page = self.context.new_page()
        self.expected = ()  # parts of console errors that the test provokes
        self.console = []
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("console", self._note)
        self.cdp = self.context.new_cdp_session(self.page)
        if touch_events:
            self.cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5})

    def _note(self, message):
        if message.type == "error":
            self.console.append(message.text)

    @property
    def problems(self):
        return [text for text in self.console if not any(part in text for part in self.expected)]

    def open(self, url):
        self.page.goto(url)
        return self

    def touch(self, kind, points=()):
        """Dispatch one touch event with the complete set of touches."""
        named = [
            {"x": x, "y": y, "id": k, "radiusX": 5.25, "radiusY": 4.75, "force": 0.42}
            for k, (x, y) in enumerate(points)
        ]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": named})

    def put_down(self, points):
        """Let the tips land one after another, as they do."""
        for count in range(1, len(points) + 1):
            self.touch("touchStart", points[:count])

    def freeze(self):
        """Hold back the page's display frames: it sees touches, and nothing is decided by waiting."""
        self.page.evaluate("() => { window.frozen = []; }")

    def thaw(self):
        self.page.evaluate("thaw()")

    def frames(self, count):
        """Let the page draw so many frames."""
        self.page.evaluate(
            """count => new Promise(done => {
                 const next = () => count-- > 0 ? requestAnimationFrame(next) : done();
                 next();
               })""",
            count,
        )

    def diary(self):
        return self.page.evaluate("diary")

    def wait_for(self, condition, argument=None):
        return self.page.wait_for_function(condition, arg=argument, polling=20)

    def press(self, points):
        """Press a stamp and lift it once the page has taken it.

        A machine under load may draw too seldom for a press to be taken; then it presses again, as people do.
        """
        for _ in range(6):
            before = len(self.diary())
            self.touch("touchStart", points)
            taken = self.page.evaluate(
                """before => new Promise(done => {
                     const until = performance.now() + 2500;
                     const look = () => diary.slice(before).includes("pending") ? done(true)
                       : performance.now() > until ? done(false) : setTimeout(look, 10);
                     look();
                   })""",
                before,
            )
            self.touch("touchEnd")
            self.frames(12)
            if taken:
                return
        raise AssertionError(f"the page took no press; it went through {self.diary()}")

    def state(self, name):
        """Wait until the page is in this state."""
        self.page.wait_for_selector(f"body[data-state={name}]")

    def result(self, verdict):
        """Wait for the answer to the last press, and for the sheet that tells it; return the sheet's text."""
        self.state(verdict)
        self.page.wait_for_selector("#sheet.open")
        return self.page.locator("#sheet").inner_text()

    def tap(self, name):
        self.page.get_by_role("button", name=name, exact=True).tap()

    def close(self):
        self.context.close()


def images_folder(temporary):
    """Return where screenshots go: docs/images when STAMP_WRITE_IMAGES=1, else the temporary folder."""
    if os.environ.get("STAMP_WRITE_IMAGES") == "1":
        return Path(__file__).parents[2] / "docs" / "images"
    return temporary
