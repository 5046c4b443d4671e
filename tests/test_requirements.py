"""A missing part skips on a desk and fails in CI."""

import pytest
from _pytest.outcomes import Failed, Skipped

from tests.requirements import require


def test_what_is_there_passes(monkeypatch):
    monkeypatch.setenv("CI", "true")
    require(1, "unused")
    monkeypatch.delenv("CI")
    require("anything true", "unused")


def test_what_is_missing_skips_on_a_desk(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(Skipped, match="no such part"):
        require([], "no such part")


@pytest.mark.parametrize("value", ["true", "True", "1"])
def test_what_is_missing_fails_in_ci(monkeypatch, value):
    monkeypatch.setenv("CI", value)
    with pytest.raises(Failed, match="no such part"):
        require(None, "no such part")
