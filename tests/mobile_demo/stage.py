"""A window without a display, and tips on its glass by the provider that phones use."""

import importlib.util
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import deque

import pytest

from tests.requirements import require

WIDTH, HEIGHT, DENSITY = 540, 1170, 1.31
_DRAWN_EVERY = 20
FIVE_MM = ((0.0, 0.0), (17.3, 2.1), (8.4, 13.9), (-9.2, 12.6), (-6.1, -13.7))


def open_window():
    """Give Kivy's window, opened offscreen once a process; the test is skipped where there is no OpenGL."""
    os.environ.update(
        SDL_VIDEODRIVER="offscreen",
        KIVY_NO_ARGS="1",
        KIVY_NO_FILELOG="1",
        KIVY_NO_CONSOLELOG="1",
        KIVY_LOG_MODE="PYTHON",
        KIVY_NO_CONFIG="1",
        KIVY_METRICS_DENSITY=str(DENSITY),
        KIVY_METRICS_FONTSCALE="1",
        LIBGL_ALWAYS_SOFTWARE="1",
    )
    os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="kivy-"))
    _require_window()
    from kivy.config import Config  # noqa: PLC0415 - importing Kivy reads the environment

    options = {"width": WIDTH, "height": HEIGHT, "multisamples": 0, "maxfps": 0}
    for name, value in options.items():
        Config.set("graphics", name, str(value))
    Config.remove_section("input")
    Config.add_section("input")
    from kivy.base import EventLoop  # noqa: PLC0415 - after the configuration
    from kivy.core.window import Window  # noqa: PLC0415 - opens it

    EventLoop.ensure_window()
    return Window


def _require_window():
    """Try in a process of its own: where there is no OpenGL, Kivy ends the process."""
    require(importlib.util.find_spec("kivy"), "Kivy is not installed: pip install '.[mobile]'")
    probe = "from kivy.core.window import Window; print('window' if Window else '')"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    missing = "no offscreen OpenGL: apt-get install libegl1 libgl1 libgl1-mesa-dri"
    require(done.stdout.strip().endswith("window"), missing)


class Stage:
    """Runs an app frame by frame, and presses stamps on it.

    Frames are not waited for: each moves the pad's and Kivy's clock by a sixtieth of a second. Software
    OpenGL is slow, so only every twentieth is drawn.
    """

    time_s = 0.0
    """Goes on from test to test: Kivy's clock must not run backwards."""

    def __init__(self, window, monkeypatch) -> None:
        from kivy.base import EventLoop  # noqa: PLC0415 - after the window
        from kivy.clock import Clock  # noqa: PLC0415 - after the window
        from kivy.core.window.window_sdl2 import SDL2MotionEventProvider  # noqa: PLC0415 - after the window

        self.window, self._loop, self.provider = window, EventLoop, SDL2MotionEventProvider
        Stage.time_s = max(Stage.time_s, Clock.time())
        monkeypatch.setattr(Clock, "time", lambda: Stage.time_s)
        monkeypatch.setattr(time, "monotonic", lambda: Stage.time_s)
        self.app, self._frame = None, 0
        dispatch = window.dispatch

        def dispatch_some(event, *details):
            skipped = event in {"on_draw", "on_flip"} and self._frame % _DRAWN_EVERY
            return None if skipped else dispatch(event, *details)

        monkeypatch.setattr(window, "dispatch", dispatch_some, raising=False)

    def run(self, app):
        from kivy.app import App  # noqa: PLC0415 - after the window
        from kivy.base import runTouchApp  # noqa: PLC0415 - after the window

        self.app = app
        App._running_app = app
        root = app.build()
        app.root = root
        runTouchApp(root, embedded=True)
        app.dispatch("on_start")
        self.frames(3)
        return app

    def close(self):
        from kivy.app import App  # noqa: PLC0415 - after the window

        if self.app is not None:
            self.app.dispatch("on_stop")
            self.window.remove_widget(self.app.root)
            App._running_app = None
        self.provider.q.clear()
        self.provider.touchmap.clear()
        self._loop.touches.clear()
        assert type(self.provider.q) is deque

    def frames(self, count=1):
        for _ in range(count):
            Stage.time_s += 1 / 60
            self._frame += 1
            self._loop.idle()
            self._loop.window.mainloop()

    def draw(self):
        """Draw one frame for certain."""
        self._frame = -1
        self.window.canvas.ask_update()
        self.frames()

    def wait(self, seconds):
        self.frames(math.ceil(seconds * 60))

    def touch(self, kind, finger, x, y, pressure=0.5):
        """Report a contact as SDL does on a phone: px from the top left, normalised."""
        width, height = self.window.size
        self.provider.q.appendleft((f"finger{kind}", finger, x / (width - 1), y / (height - 1), pressure))

    def press(self, tips, *, rng=None, hold_s=0.25, lift=True):
        """Press a stamp: tips land in turn, settle, are held, and lift together."""
        rng = rng or random.Random(1)
        for finger, (x, y) in enumerate(tips):
            self.touch("down", finger, x + rng.uniform(-2, 2), y + rng.uniform(-2, 2))
            self.frames()
        for _ in range(math.ceil(hold_s * 60)):
            for finger, (x, y) in enumerate(tips):
                self.touch("motion", finger, x + rng.uniform(-0.2, 0.2), y + rng.uniform(-0.2, 0.2))
            self.frames()
        if lift:
            self.lift(tips)

    def lift(self, tips):
        for finger, (x, y) in enumerate(tips):
            self.touch("up", finger, x, y, 0.0)
        self.frames(2)
        self.wait(0.3)

    def tips(self, centre=(270.0, 640.0), angle=0.6, px_per_mm=6.3):
        c, s = math.cos(angle) * px_per_mm, math.sin(angle) * px_per_mm
        return [(centre[0] + c * x - s * y, centre[1] + s * x + c * y) for x, y in FIVE_MM]


@pytest.fixture(scope="session")
def window():
    return open_window()


@pytest.fixture
def stage(window, monkeypatch):
    made = Stage(window, monkeypatch)
    yield made
    made.close()
