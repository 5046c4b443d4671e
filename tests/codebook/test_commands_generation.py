"""``stampsdk codebook generate`` and ``verify`` as a user meets them."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from stampsdk.cli import app
from tests.codebook.families import TEXT


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Lay out a folder as the repository is, with a family of some hundred patterns."""
    root = tmp_path_factory.mktemp("house")
    (root / "patterns" / "families").mkdir(parents=True)
    (root / "patterns" / "families" / "tiny.toml").write_text(TEXT)
    return root


def run(house, monkeypatch, *words):
    monkeypatch.chdir(house)
    return CliRunner().invoke(app, ["codebook", *words])


def test_a_family_is_generated_by_name_and_verified_by_its_file(house, monkeypatch):
    made = run(house, monkeypatch, "generate", "tiny")
    assert made.exit_code == 0, made.output
    assert "patterns at least 4 mm apart" in made.stdout
    digest = made.stdout.split("sha256 ")[1].split()[0]
    path = house / "patterns" / "codebooks" / "tiny.npz"
    assert [file.name for file in path.parent.iterdir()] == ["tiny.npz"], "pieces are gone"
    before = path.stat().st_mtime_ns
    found = run(house, monkeypatch, "verify", "patterns/families/tiny.toml", "--no-throw")
    assert found.exit_code == 0, found.output
    assert digest in found.stdout
    assert "promised 4 mm" in found.stdout
    assert path.stat().st_mtime_ns == before


def test_what_does_not_hold_is_said_and_the_exit_code_is_1(house, monkeypatch):
    said = '\n[generated]\ncount = 300\nsha256 = "0123"\nthrown = 1000000\n'
    (house / "patterns" / "families" / "wrong.toml").write_text(TEXT.replace('"tiny"', '"wrong"') + said)
    found = run(house, monkeypatch, "verify", "wrong", "--no-throw")
    assert found.exit_code == 1
    assert "the digest is not the one in the family's file" in found.stderr
    assert "times random throwing" in found.stderr
    assert run(house, monkeypatch, "generate", "wrong").exit_code == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["generate", "nothing"], "no family or file nothing; families that ship: browser, large, medium, "),
        (["generate", "nothing.toml"], "nothing.toml: No such file"),
        (["verify", "bad"], "family.tips must be from 3 to 10"),
        (["generate", "greedy"], "is more than the"),
        (["verify", "tiny", "--codebook", "patterns/families/tiny.toml"], "is no codebook"),
        (["generate", "tiny", "--out", "patterns/families/tiny.toml/x.npz"], "File exists"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(house, monkeypatch, words, message):
    families = house / "patterns" / "families"
    (families / "bad.toml").write_text(TEXT.replace("tips = 5", "tips = 2"))
    (families / "greedy.toml").write_text(TEXT.replace("count = 300", "count = 90000"))
    outcome = run(house, monkeypatch, *words)
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert outcome.stderr.startswith("Error: ")
    assert outcome.stderr.count("\n") == 1


def test_help_has_examples_and_loads_no_numpy():
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from stampsdk.cli import app\n"
        "for command in ('generate', 'verify', 'assign', 'plan', 'draw'):\n"
        "    shown = CliRunner().invoke(app, ['codebook', command, '--help'])\n"
        "    assert shown.exit_code == 0 and 'For example' in shown.output, command\n"
        "assert 'numpy' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
