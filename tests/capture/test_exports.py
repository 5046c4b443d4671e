"""The room's public names, and what they need."""

import os
import subprocess
import sys
from pathlib import Path

from stampsdk import capture
from tests.public_names import assert_public_names


def test_public_names():
    assert_public_names(capture)


def test_the_room_needs_nothing_but_the_standard_library():
    code = "import stampsdk.capture, stampsdk.capture.replay"
    root = str(Path(__file__).parents[2])
    # -S leaves out site-packages: whatever is not in the standard library is missing.
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": root, "PATH": os.environ["PATH"]},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
