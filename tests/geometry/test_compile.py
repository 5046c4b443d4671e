from pathlib import Path

import numba
import pytest

from stampsdk.geometry import _compile

SOURCE = "@kernel\ndef double(x):\n    return x + x\n"


def compiled():
    namespace = {"kernel": _compile.kernel}
    exec(SOURCE, namespace)  # noqa: S102 - code without a file
    return namespace["double"]


@pytest.mark.parametrize("folder", ["as it is", None])
def test_kernels_work_where_nothing_can_be_cached(monkeypatch, folder):
    """Numba refuses to cache a function that has no file; and no folder may be writable."""
    if folder is None:
        monkeypatch.setattr(_compile, "_CACHE", None)
    double = compiled()
    assert isinstance(double, numba.core.dispatcher.Dispatcher)
    assert double(3) == 6
    assert double.nopython_signatures


def test_the_cache_is_a_folder_of_just_this_source_wherever_it_may_be(monkeypatch, tmp_path):
    """Numba's own choice, beside the source, would go on with what was compiled from other kernels."""
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    wanted = f"kernels-{_compile._digest_of_source()}"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "own"))
    assert _compile._cache_folder() == str(tmp_path / "own" / wanted)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert _compile._cache_folder() == str(tmp_path / "user" / "stampsdk" / wanted)
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked / "user"))
    beside = _compile._cache_folder()
    assert beside is not None
    assert Path(beside) == Path(_compile.__file__).parent / "__pycache__" / wanted
    monkeypatch.setattr(_compile, "__file__", str(blocked / "geometry" / "_compile.py"))
    assert _compile._cache_folder() is None


def test_another_source_has_another_folder(monkeypatch, tmp_path):
    for room in ("geometry", "index"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "a.py").write_text("one")
    monkeypatch.setattr(_compile, "__file__", str(tmp_path / "geometry" / "_compile.py"))
    before = _compile._digest_of_source()
    (tmp_path / "index" / "a.py").write_text("two")
    assert _compile._digest_of_source() != before
