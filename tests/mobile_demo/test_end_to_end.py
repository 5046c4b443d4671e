"""The app as its own process, a stamp pressed on it from here over UDP, a real server behind it.

Nothing is replaced: `python -m mobile_demo` opens its window offscreen, takes touches from a TUIO source, and
its PhoneClient talks HTTP. The proof is the row that the server writes.
"""

import importlib.util
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.live_server import CAFE, live_server, press_px
from tests.mobile_demo.tuio import Tuio
from tests.requirements import require

pytestmark = pytest.mark.kivy
ROOT = Path(__file__).parents[2]
WINDOW = (270, 585)  # software OpenGL draws this one fast enough beside other tests
PATIENCE_S = 90.0
_QUERY = text("select verdict, code, shop_id, source from press order by id")


@pytest.fixture
def server(tmp_path):
    with live_server(tmp_path) as running:
        yield running


@pytest.fixture
def tuio_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def app(window, server, tuio_port, tmp_path):
    assert window  # or skipped: without an offscreen OpenGL the app could not start either
    require(importlib.util.find_spec("oscpy"), "oscpy is not installed: pip install '.[test]'")
    command = [sys.executable, "-m", "mobile_demo", "--server", server.url, "--key", server.publishable_key]
    command += ["--lat", str(CAFE[0]), "--lon", str(CAFE[1]), "--tuio", f"127.0.0.1:{tuio_port}"]
    command += ["--store", str(tmp_path / "device.json"), "--language", "ko"]
    command += ["--window", f"{WINDOW[0]}x{WINDOW[1]}"]
    (tmp_path / "kivy").mkdir()
    (tmp_path / "kivy" / "config.ini").write_text("[graphics]\nmultisamples = 0\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KIVY_")}
    environment |= {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1", "PYTHONUNBUFFERED": "1"}
    environment |= {"KIVY_HOME": str(tmp_path / "kivy"), "KIVY_NO_FILELOG": "1"}
    log = (tmp_path / "app.log").open("wb")
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    yield process
    process.terminate()
    process.wait(30)
    log.close()


def presses(server):
    with server.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(_QUERY)]


def until(condition, app, log, what):
    """Wait for something that another process does, while that process lives."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        said = log.read_text(errors="replace")
        assert app.poll() is None, said[-3000:]
        assert time.monotonic() < deadline, f"no {what} within {PATIENCE_S} s\n{said[-3000:]}"
        time.sleep(0.05)


def hold(source, tips, seconds, rng):
    """Keep tips on the surface: sources repeat what they see sixty times a second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        shaken = {n: (x + rng.gauss(0, 2e-5), y + rng.gauss(0, 2e-5)) for n, (x, y) in tips.items()}
        source.frame(shaken)
        time.sleep(1 / 60)


def press(source, rng, number):
    """Press the café's stamp once: the tips land one after another, are held and lifted."""
    centre = (rng.uniform(115, 155), rng.uniform(230, 380))
    touches = press_px(rng, centre=centre, px_per_mm=4.0)
    tips = {}
    for tip, (x, y) in enumerate(touches):
        tips[100 * number + tip] = (x / (WINDOW[0] - 1), y / (WINDOW[1] - 1))
        hold(source, tips, 0.012, rng)
    hold(source, tips, 1.2, rng)
    source.frame({})


@pytest.fixture
def source(tuio_port):
    made = Tuio("127.0.0.1", tuio_port)
    yield made
    made.close()


def test_a_stamp_pressed_from_another_process_is_credited(server, app, source, tmp_path):
    log = tmp_path / "app.log"
    rng = random.Random(5)
    store = tmp_path / "device.json"
    until(store.exists, app, log, "enrolment")
    # One or two fingers first: a pinch is not a press.
    hold(source, {1: (0.3, 0.5), 2: (0.6, 0.5)}, 0.3, rng)
    source.frame({})
    time.sleep(0.5)
    assert presses(server) == []
    for number in (1, 2):
        # A loaded machine may stall a press; a person would press again.
        attempt = 0
        while len(presses(server)) < number and attempt < 8:
            press(source, rng, number * 10 + attempt)
            attempt += 1
            deadline = time.monotonic() + 12
            while len(presses(server)) < number and time.monotonic() < deadline:
                time.sleep(0.05)
        assert len(presses(server)) == number, log.read_text(errors="replace")[-3000:]
        time.sleep(0.5)
    assert presses(server) == [("accepted", "stamped", server.shop["id"], "script")] * 2
