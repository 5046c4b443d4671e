"""The command line, as a shell sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from stampsdk import PatternIndex
from stampsdk.cli import app

POINTS = np.random.default_rng(0).uniform(-20, 20, (50, 5, 2))
RECORDINGS = Path(os.environ.get("STAMP_SHARED", "../shared")) / "recordings" / "evemu"


def run(*arguments, text=""):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=text)


@pytest.fixture
def path(tmp_path):
    np.save(tmp_path / "points.npy", POINTS)
    np.save(tmp_path / "ids.npy", np.arange(50) * 10)
    result = run(
        "index", "build", tmp_path / "points.npy", "--ids", tmp_path / "ids.npy", "--out", tmp_path / "i"
    )
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "50 patterns of 5 tips" in result.stderr
    return tmp_path / "i"


def test_an_index_is_built_with_ids_or_without(path):
    assert PatternIndex.open(path).search(POINTS[7], 0.01).ids.tolist() == [70]
    assert run("index", "build", path.with_name("points.npy"), "--out", path).exit_code == 0
    assert PatternIndex.open(path).search(POINTS[7], 0.01).ids.tolist() == [7]


def test_each_line_is_answered_in_turn(path):
    lines = [POINTS[3].tolist(), (POINTS[4] * 1.01).tolist(), (POINTS[5] * 6.3).tolist()]
    result = run("match", path, "--tolerance", "0.1", text="\n".join(map(json.dumps, lines)))
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 0
    assert first == {"ids": [30], "residuals": pytest.approx([0], abs=1e-9), "labels": [[0, 1, 2, 3, 4]]}
    assert second["ids"] == [40]
    assert third == {"ids": [], "residuals": [], "labels": []}


@pytest.mark.parametrize("options", [["--scale", "0.15", "0.17"], ["--free-scale"]])
def test_pixels_are_matched(path, options):
    result = run("match", path, "--tolerance", "0.01", *options, text=json.dumps((POINTS[5] * 6.3).tolist()))
    assert json.loads(result.stdout)["ids"] == [50]


def test_partial_presses_are_matched(path):
    result = run(
        "match", path, "--missing", "1", "--tolerance", "0.01", text=json.dumps(POINTS[5][1:].tolist())
    )
    assert json.loads(result.stdout) == {
        "ids": [50],
        "residuals": pytest.approx([0], abs=1e-9),
        "labels": [[1, 2, 3, 4]],
    }
    ghostly = [*POINTS[5].tolist(), [40, 40]]
    result = run("match", path, "--ghosts", "1", "--tolerance", "0.01", text=json.dumps(ghostly))
    assert json.loads(result.stdout)["labels"] == [[0, 1, 2, 3, 4, -1]]


def test_a_bad_line_is_named_and_the_run_goes_on(path):
    good = json.dumps(POINTS[1].tolist())
    bad = [
        ("bad_json", "[[1, 2], "),
        ("bad_json", ""),
        ("bad_json", "\xff"),
        ("bad_json", "[" * 100_000),
        ("bad_touches", "[[0, 0], [1, 1]]"),
        ("bad_touches", "[[NaN, 0], [1, 1], [2, 0], [3, 3], [4, 9]]"),
        ("bad_touches", '{"touches": []}'),
        ("bad_touches", "null"),
        ("bad_touches", '["a", "b"]'),
        ("bad_touches", "[[true, 0], [1, 1], [2, 0], [3, 3], [4, 9]]"),
        ("bad_touches", "[[1e999, 0], [1, 1], [2, 0], [3, 3], [4, 9]]"),
        ("bad_touches", f"[[{'9' * 400}, 0], [1, 1], [2, 0], [3, 3], [4, 9]]"),
    ]
    text = "".join(f"{line}\n{good}\n" for _, line in bad).encode("latin-1")
    result = run("match", path, text=text)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert len(answers) == 2 * len(bad)
    for number, (code, _) in enumerate(bad):
        error = answers[2 * number]["error"]
        assert error["code"] == code
        assert error["line"] == 2 * number + 1
        assert error["message"]
        assert answers[2 * number + 1]["ids"][0] == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["match", "nothing"], "nothing: No such file"),
        (["match", "points.npy"], "not a stamp index"),
        (["match", "i", "--tolerance", "-1"], "tolerance must be"),
        (["match", "i", "--tolerance", "nan"], "tolerance must be"),
        (["match", "i", "--scale", "2", "1"], "scale must satisfy"),
        (["match", "i", "--scale", "1", "1", "--free-scale"], "exclude each other"),
        (["match", "i", "--missing", "1", "--ghosts", "1"], "cannot both"),
        (["index", "build", "nothing.npy", "--out", "o"], "nothing.npy: No such file"),
        (["index", "build", "i", "--out", "o"], "not a numpy array file"),
        (["index", "build", "ids.npy", "--out", "o"], "points must have the shape"),
        (["index", "build", "points.npy", "--ids", "points.npy", "--out", "o"], "ids must have the shape"),
        (["index", "build", "points.npy", "--out", "no/folder/o"], "no/folder: No such folder"),
        (["replay", "nothing.events"], "nothing.events"),
        (["replay", "points.npy"], "points.npy"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(path, monkeypatch, arguments, message):
    monkeypatch.chdir(path.parent)
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit)
    assert_one_line_error(result.exit_code, result.stdout, result.stderr, message)


def test_a_shell_sees_no_traceback(path):
    code = "from stampsdk.cli import main; main()"
    arguments = [sys.executable, "-c", code, "match", str(path.with_name("points.npy"))]
    result = subprocess.run(arguments, input="", capture_output=True, text=True, check=False)
    assert_one_line_error(result.returncode, result.stdout, result.stderr, "not a stamp index")


def assert_one_line_error(exit_code, stdout, stderr, message):
    assert exit_code == 2
    assert stdout == ""
    assert message in stderr
    assert stderr.startswith("Error: ")
    assert stderr.count("\n") == 1


def test_a_reader_that_leaves_early_is_no_error(path):
    code = "from stampsdk.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "match", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        process.stdin.write(b"[]\n" * 10)
        process.stdin.close()
        errors = process.stderr.read()
        assert process.wait() == 0
    assert errors == b""


def test_without_typer_the_message_says_what_to_install():
    code = "import sys; sys.modules['typer'] = None; import stampsdk.cli"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "The stampsdk command needs more packages: pip install 'stampsdk[index]'\n"


def test_help_has_examples_and_loads_nothing_heavy():
    code = (
        "import sys, json; from typer.testing import CliRunner; from stampsdk.cli import app\n"
        "commands = [[], ['index'], ['index', 'build'], ['match'], ['replay']]\n"
        "results = [CliRunner().invoke(app, [*command, '--help']) for command in commands]\n"
        "assert not any(result.exit_code for result in results)\n"
        "assert not {'numpy', 'numba'} & set(sys.modules)\n"
        "print(json.dumps([result.output for result in results]))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    top, index, *commands = json.loads(result.stdout)
    assert "match" in top
    assert "build" in index
    for name, text in zip(("index build", "match", "replay"), commands, strict=True):
        assert f"stampsdk {name} " in text.split("For example:")[1]


def test_the_version_is_told():
    assert run("--version").output.startswith("stampsdk 0.")


def stream(positions):
    """Write five contacts that land, stay for half a second and lift, in multi-touch protocol B."""
    lines = ["# EVEMU 1.3", "N: made", "I: 0003 0000 0000 0000", "P: 02 00 00 00 00 00 00 00"]
    lines += ["A: 2f 0 9 0 0 0", "A: 35 0 2000 0 0 10", "A: 36 0 2000 0 0 10", "A: 39 0 65535 0 0 0"]
    for frame in range(32):
        time = frame / 60
        stamp = f"E: {int(time)}.{round(time % 1 * 1e6):06d}"
        for slot, (x, y) in enumerate(positions):
            lines.append(f"{stamp} 0003 002f {slot}")
            if frame == 0:
                lines.append(f"{stamp} 0003 0039 {slot + 100}")
            if frame < 31:
                lines += [f"{stamp} 0003 0035 {x + frame % 2}", f"{stamp} 0003 0036 {y}"]
            else:
                lines.append(f"{stamp} 0003 0039 -1")
        lines.append(f"{stamp} 0000 0000 0")
    return "\n".join(lines) + "\n"


def test_a_recorded_stamp_is_replayed_and_matched(path):
    """What `replay` finds in a stream, `match` finds in an index."""
    pattern = np.array([[0, 0], [20, 0], [5, 15], [-12, 9], [-6, -14]])
    file = path.parent / "stamp.events"
    file.write_text(stream((pattern * 10 + 800).tolist()))
    result = run("replay", file)
    assert result.exit_code == 0, result.output
    (press,) = map(json.loads, result.stdout.splitlines())
    PatternIndex.build(pattern[np.newaxis].astype(float), [42], path)
    found = json.loads(run("match", path, text=json.dumps(press["touches_mm"])).stdout)
    assert found["ids"] == [42]
    assert found["labels"] == [[0, 1, 2, 3, 4]]
    assert run("replay", file, "--tips", "4").stdout == ""
    assert run("replay", file, "--tips", "4", "--tips", "5").stdout == result.stdout


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of real touchscreens are not here")
def test_a_recording_of_fingers_prints_nothing():
    name = "Atmel_maXTouch_Touchscreen"
    result = run(
        "replay", RECORDINGS / f"{name}.4-finger-drag-down.events", "--desc", RECORDINGS / f"{name}.desc"
    )
    assert (result.exit_code, result.output) == (0, "")
