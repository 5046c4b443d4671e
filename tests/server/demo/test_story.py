"""The demonstration as `make demo ONCE=1` runs it, with fewer stamps; it checks each step of its story."""

import json
import os
import subprocess
import sys

import pytest


def _run(folder, *options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STAMP_")}
    return subprocess.run(
        [sys.executable, "-m", "server.demo", "--once", "--stamps", "400", "--folder", str(folder), *options],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize(
    "options", [pytest.param((), marks=pytest.mark.slow), ("--tls",)], ids=["http", "https"]
)
def test_the_story_comes_true_and_comes_true_again(tmp_path, options):
    for _ in range(2):
        done = _run(tmp_path, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        counts = json.loads(done.stdout.splitlines()[-1])
        assert set(counts) == {
            "presses",
            "accepted",
            "refused",
            "coupons_issued",
            "coupons_redeemed",
            "press_ms_p50",
            "stamps_registered",
        }
        assert counts["accepted"] >= 5
        assert counts["refused"] >= 3
        assert counts["coupons_issued"] == counts["coupons_redeemed"] == 1
        assert counts["presses"] == counts["accepted"] + counts["refused"]
        assert counts["stamps_registered"] == 400
        assert counts["press_ms_p50"] > 0


def test_too_few_stamps_are_refused_with_the_limit(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "server.demo", "--stamps", "2", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "3" in done.stderr
