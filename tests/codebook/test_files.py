"""Where families and codebooks are looked for: in a checkout, in an installed package, with the user."""

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stampsdk.cli import app
from stampsdk.codebook import _files
from tests.codebook.families import TEXT

ROOT = Path(__file__).parents[2]


def _setuptools():
    try:
        return int(version("setuptools").split(".")[0])
    except PackageNotFoundError:
        return 0


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Lay out an installed package with one family of its own, without a checkout around it."""
    package = tmp_path / "site-packages" / "stampsdk" / "codebook"
    (package / "families").mkdir(parents=True)
    (package / "families" / "tiny.toml").write_text(TEXT)
    monkeypatch.setattr(_files, "_CHECKOUT", tmp_path / "site-packages" / "patterns" / "families")
    monkeypatch.setattr(_files, "files", {"stampsdk.codebook": package}.__getitem__)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return package


def test_in_a_checkout_its_families_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _files.shipped_families() == ROOT / "patterns" / "families"
    found = _files.family_file(Path("small"))
    assert found == ROOT / "patterns" / "families" / "small.toml"
    assert _files.codebook_file("small", found) == ROOT / "patterns" / "codebooks" / "small.npz"


def test_families_of_the_current_folder_come_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patterns" / "families").mkdir(parents=True)
    (tmp_path / "patterns" / "families" / "small.toml").write_text(TEXT)
    found = _files.family_file(Path("small"))
    assert found.resolve() == tmp_path / "patterns" / "families" / "small.toml"
    assert _files.codebook_file("small", found) == tmp_path / "patterns" / "codebooks" / "small.npz"


def test_the_codebook_of_a_file_of_ones_own_lies_beside_it(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(TEXT)
    assert _files.family_file(mine) == mine
    assert _files.codebook_file("tiny", mine) == tmp_path / "tiny.npz"


def test_without_a_checkout_the_package_has_the_families(installed):
    assert _files.shipped_families() == installed / "families"
    found = _files.family_file(Path("tiny"))
    assert found == installed / "families" / "tiny.toml"
    with pytest.raises(FileNotFoundError, match="families that ship: tiny"):
        _files.family_file(Path("small"))


def test_a_codebook_is_generated_into_the_users_folder_not_into_the_package(installed):
    before = sorted(installed.rglob("*"))
    made = CliRunner().invoke(app, ["codebook", "generate", "tiny"])
    assert made.exit_code == 0, made.output
    data = installed.parents[2] / "data"
    assert [path.name for path in data.rglob("*.npz")] == ["tiny.npz"]
    assert sorted(installed.rglob("*")) == before
    answer = CliRunner().invoke(app, ["codebook", "plan", "--stamps", "900", "--face", "40"])
    assert "family tiny, 300 patterns" in answer.output


def test_without_a_home_the_current_folder_is_taken(installed, monkeypatch):
    def homeless(_path):
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(Path, "expanduser", homeless)
    wanted = Path("codebooks/tiny.npz")
    assert _files.codebook_file("tiny", installed / "families" / "tiny.toml") == wanted


@pytest.mark.skipif(_setuptools() < 77, reason="building needs setuptools 77, as pyproject.toml says")
def test_a_wheel_has_the_families_and_the_repository_the_only_copy(tmp_path):
    assert not (ROOT / "stampsdk" / "codebook" / "families").exists()
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("stampsdk", "server", "mobile_demo", "patterns"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    words = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet", "-w", str(tmp_path), "."]
    subprocess.run([sys.executable, "-m", "pip", *words], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        for path in (ROOT / "patterns" / "families").glob("*.toml"):
            assert packed.read(f"stampsdk/codebook/families/{path.name}") == path.read_bytes()
        assert not [name for name in packed.namelist() if name.startswith("patterns")]
