"""The page's detector gives every answer of ``detector.json`` under Node too, where no browser is at hand.

In Chromium, as it is sent, it is held to them by ``tests/capture_page/test_detector_port.py``. The page reads
no other vectors: recognition is the server's, and its envelopes, whose keys are made in the browser, are read
by the strict reader in ``tests/capture_page/service.py``.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.vectors.writing import FOLDER, read

ROOT = FOLDER.parents[1]
FILES = (
    Path(__file__).with_name("play_page.js"),
    ROOT / "server" / "capture_page" / "static" / "detector.js",
    ROOT / "tests" / "capture_page" / "detector_port.js",
    FOLDER / "detector.json",
)
WITHIN = 1e-6


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on PATH")
def test_the_page_gives_every_published_answer_under_node():
    run = subprocess.run(["node", *map(str, FILES)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    cases = read("detector.json")["cases"]
    for case, outcomes in zip(cases, json.loads(run.stdout), strict=True):
        for mine, expected in zip(outcomes, case["outcomes"], strict=True):
            assert mine["after"] == expected["after"], case["name"]
            if "void" in expected:
                told = (mine["reason"], mine["hint"], len(mine["frames"]))
                void = expected["void"]
                assert told == (void["reason"], void["hint"], void["frames"]), case["name"]
                continue
            press, quality = expected["press"], mine["quality"]
            assert len(mine["frames"]) == press["frames"], case["name"]
            assert quality["frames_used"] == press["frames_used"], case["name"]
            for name in ("spread_px", "stagger_s", "hold_s"):
                assert quality[name] == pytest.approx(press[name], abs=WITHIN), case["name"]
            for touch, other in zip(mine["touches"], press["touches"], strict=True):
                assert touch == pytest.approx(other, abs=WITHIN), case["name"]
