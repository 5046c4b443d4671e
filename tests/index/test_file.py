"""The index file: whole or refused."""

import mmap

import numpy as np
import pytest

from stampsdk import IndexFileError, PatternIndex
from stampsdk.index import _file

POINTS = np.random.default_rng(0).uniform(-20, 20, (60, 5, 2))
IDS = np.arange(60) * 3 - 50


@pytest.fixture
def path(tmp_path):
    where = tmp_path / "stamps.index"
    PatternIndex.build(POINTS, IDS, where)
    return where


def same(left, right):
    return all(
        np.array_equal(a, b)
        for query in POINTS[::7]
        for a, b in zip(
            (left.search(query, 5.0).ids, left.search(query, 5.0).residual, left.search(query, 5.0).labels),
            (
                right.search(query, 5.0).ids,
                right.search(query, 5.0).residual,
                right.search(query, 5.0).labels,
            ),
            strict=True,
        )
    )


def test_what_is_opened_answers_as_what_was_built(path):
    built = PatternIndex.build(POINTS, IDS)
    opened = PatternIndex.open(str(path))
    assert len(opened) == 60
    assert opened.tips == 5
    assert same(built, opened)
    base = opened._forest[0].part.tips.leading
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base.obj if isinstance(base, memoryview) else base, mmap.mmap)


def test_an_index_of_nothing_is_kept_too(tmp_path):
    path = tmp_path / "none"
    PatternIndex.build(np.zeros((0, 7, 2)), path=path)
    opened = PatternIndex.open(path)
    assert (len(opened), opened.tips) == (0, 7)


def test_flush_keeps_what_was_added_and_removed(path):
    index = PatternIndex.open(path)
    index.add(POINTS[:2] * 1.5, [1000, 1001])
    index.remove([IDS[0], 1001])
    assert len(PatternIndex.open(path)) == 60
    index.flush()
    opened = PatternIndex.open(path)
    assert len(opened) == 60
    assert opened.search(POINTS[0] * 1.5, 0.01).ids.tolist() == [1000]
    assert IDS[0] not in opened.search(POINTS[0], 0.01).ids
    assert same(index, opened)
    before = path.stat()
    index.flush()
    assert path.stat().st_ino == before.st_ino, "nothing changed, nothing is written"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_who_has_the_old_file_open_keeps_it(path):
    reader, writer = PatternIndex.open(path), PatternIndex.open(path)
    writer.remove(IDS[1:])
    writer.flush()
    assert len(reader) == 60
    assert reader.search(POINTS[5], 0.01).ids.tolist() == [IDS[5]]
    assert len(PatternIndex.open(path)) == 1


def test_a_failed_write_leaves_the_old_file(path, monkeypatch):
    before = path.read_bytes()

    def full_disk(_handle):
        raise OSError(28, "No space left on device")

    index = PatternIndex.open(path)
    index.remove(IDS[:3])
    monkeypatch.setattr(_file.os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        index.flush()
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    monkeypatch.undo()
    index.flush()
    assert len(PatternIndex.open(path)) == 57


def test_any_change_is_noticed(path):
    rng = np.random.default_rng(1)
    good = path.read_bytes()
    for trial in range(1000):
        data = bytearray(good)
        kind = trial % 4
        if kind == 0:
            data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        elif kind == 1:
            start = rng.integers(len(data))
            stop = min(len(data), start + rng.integers(1, 600))
            data[start:stop] = rng.bytes(stop - start)
        elif kind == 2:
            del data[rng.integers(len(data)) :]
        else:
            data += rng.bytes(rng.integers(1, 100))
        path.write_bytes(data)
        if data != good:
            with pytest.raises(IndexFileError):
                PatternIndex.open(path)


@pytest.mark.parametrize("content", [b"", b"STAMPIDX", b"PK\x03\x04" + bytes(500), np.arange(100).tobytes()])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(IndexFileError, match="not a stamp index"):
        PatternIndex.open(path)


def test_another_version_is_named(path, monkeypatch):
    monkeypatch.setattr(_file, "VERSION", 3)
    with pytest.raises(
        IndexFileError, match="version 2; this library reads version 3: build it again"
    ) as caught:
        PatternIndex.open(path)
    assert caught.value.code == "index_file_invalid"


def test_contents_that_make_no_sense_are_refused_even_with_a_good_checksum(path, monkeypatch):
    laid_out = _file.laid_out
    monkeypatch.setattr(_file, "laid_out", lambda tips, arrays, start: laid_out(tips + 1, arrays, start))
    index = PatternIndex.open(path)
    _file.write_file(index._forest[0].part, [], path)
    with pytest.raises(IndexFileError, match="cannot read"):
        PatternIndex.open(path)


def test_a_missing_file_is_just_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        PatternIndex.open(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError):
        PatternIndex.build(POINTS, IDS, tmp_path / "no" / "folder")
