"""Indexes kept between starts: the table is the truth, whatever the file holds."""

import numpy as np
import pytest

from server.stamps import kept_index
from server.stamps.kept_index import load_index
from stampsdk import PatternIndex
from stampsdk.codebook import random_patterns

STAMPS = random_patterns(400, rng=np.random.default_rng(1))
NUMBERS = np.random.default_rng(2).permutation(10_000)[:400]


@pytest.fixture(autouse=True)
def few_are_worth_keeping(monkeypatch):
    monkeypatch.setattr(kept_index, "_WORTH_KEEPING", 10)


def holds(index, numbers, points):
    assert np.array_equal(index.ids(), np.sort(numbers))
    expected = points - points.mean(axis=1, keepdims=True)
    assert np.abs(index.points(numbers) - expected).max() < 1e-9
    batch = index.search_batch(points, 1e-6, (1.0, 1.0))
    assert np.array_equal(batch.ids, numbers)


def file_of(folder):
    return folder / "stamps-5-tips.index"


def test_a_second_start_builds_nothing(tmp_path, monkeypatch):
    holds(load_index(tmp_path / "new", 5, NUMBERS, STAMPS), NUMBERS, STAMPS)

    def build(*_):
        raise AssertionError("built anew")

    monkeypatch.setattr(PatternIndex, "build", build)
    holds(load_index(tmp_path / "new", 5, NUMBERS, STAMPS), NUMBERS, STAMPS)


def test_what_the_table_gained_lost_and_changed_is_taken_over_and_kept(tmp_path):
    load_index(tmp_path, 5, NUMBERS, STAMPS)
    before = file_of(tmp_path).stat().st_ino
    changed = STAMPS.copy()
    changed[7] *= 1.1
    load_index(tmp_path, 5, NUMBERS[5:], changed[5:])
    holds(PatternIndex.open(file_of(tmp_path)), NUMBERS[5:], changed[5:])
    load_index(tmp_path, 5, NUMBERS, changed)
    holds(PatternIndex.open(file_of(tmp_path)), NUMBERS, changed)
    assert file_of(tmp_path).stat().st_ino == before, "only the differences were written"


@pytest.mark.parametrize("spoil", ["truncate", "flip", "foreign", "other database"])
def test_a_file_that_is_no_good_costs_time_only(tmp_path, spoil):
    load_index(tmp_path, 5, NUMBERS, STAMPS)
    data = bytearray(file_of(tmp_path).read_bytes())
    if spoil == "truncate":
        del data[len(data) // 2 :]
    elif spoil == "flip":
        data[len(data) // 2] ^= 4
    elif spoil == "foreign":
        data = bytearray(b"PK\x03\x04")
    file_of(tmp_path).write_bytes(data)
    if spoil == "other database":
        PatternIndex.build(STAMPS * 1.01, NUMBERS, file_of(tmp_path))
    holds(load_index(tmp_path, 5, NUMBERS, STAMPS), NUMBERS, STAMPS)
    holds(PatternIndex.open(file_of(tmp_path)), NUMBERS, STAMPS)


def test_a_folder_that_cannot_be_written_keeps_the_index_in_memory(tmp_path):
    (tmp_path / "file").write_text("in the way")
    holds(load_index(tmp_path / "file" / "below", 5, NUMBERS, STAMPS), NUMBERS, STAMPS)


def test_a_few_stamps_are_not_kept(tmp_path):
    holds(load_index(tmp_path, 5, NUMBERS[:9], STAMPS[:9]), NUMBERS[:9], STAMPS[:9])
    assert not list(tmp_path.iterdir())
