"""What the index file costs in memory when several processes map it."""

import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

_PROGRAM = """
import sys
import numpy as np
from stampsdk import PatternIndex

index = PatternIndex.open(sys.argv[1])
touches = np.load(sys.argv[2])
index.search_batch(touches, 0.9, (0.98, 1.02))
print("ready", flush=True)
sys.stdin.readline()
"""


def mapping_ratio(index: Path, touches: Path, processes: int = 4) -> float | None:
    """Return the memory of the file's mappings in several processes over that in one; None without /proc.

    The proportional set size counts a page that k processes share as a k-th of it in each.
    """
    if not Path("/proc/self/smaps").exists():
        return None
    alone = sum(_sizes(index, touches, 1))
    return sum(_sizes(index, touches, processes)) / alone


def _sizes(index: Path, touches: Path, processes: int) -> list[int]:
    command = [sys.executable, "-c", _PROGRAM, str(index), str(touches)]
    with ExitStack() as running:
        started = [
            running.enter_context(
                subprocess.Popen(  # noqa: S603 - our own program
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(processes)
        ]
        for process in started:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("a process that maps the index failed")
        sizes = [_proportional(process.pid, index) for process in started]
        for process in started:
            process.communicate("\n")
    return sizes


def _proportional(pid: int, index: Path) -> int:
    """Return the proportional set size of a file's mappings, kB."""
    total, ours = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            ours = line.endswith(str(index.resolve()))
        elif ours and line.startswith("Pss:"):
            total += int(line.split()[1])
    return total
