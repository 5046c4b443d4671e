"""Nothing that `flush` acknowledged is lost, whenever the writer dies; nothing else is taken for it."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from stampsdk import IndexFileError, PatternIndex
from stampsdk.index import _durable, _log, _stored
from stampsdk.index._log import Change

POINTS = np.random.default_rng(0).uniform(-20, 20, (40, 5, 2))


@pytest.fixture
def path(tmp_path):
    where = tmp_path / "stamps.index"
    PatternIndex.build(POINTS, path=where)
    return where


def pattern(number):
    return np.random.default_rng([7, number]).uniform(-20, 20, (1, 5, 2))


_WRITER = """
import sys
import numpy as np
from stampsdk import PatternIndex

index = PatternIndex.open(sys.argv[1])
for number in range(1000, 3000):
    index.add(np.random.default_rng([7, number]).uniform(-20, 20, (1, 5, 2)), [number])
    if number % 3 == 0:
        index.remove([number - 1])
    index.flush()
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("acknowledged", [1, 4, 60])
def test_a_writer_killed_at_any_moment_loses_nothing_acknowledged(path, acknowledged):
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        last = [int(writer.stdout.readline()) for _ in range(acknowledged)][-1]
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    last = int(rest[-1]) if rest else last
    ids = set(PatternIndex.open(path).ids().tolist())
    expected = set(range(40)) | {n for n in range(1000, last + 1) if (n + 1) % 3 or n + 1 > last}
    # One more round may have become durable without having been acknowledged.
    assert ids in (expected, (expected | {last + 1}) - ({last} if (last + 1) % 3 == 0 else set()))
    index = PatternIndex.open(path)
    for number in sorted(ids - set(range(40)))[:5]:
        assert index.search(pattern(number)[0], 1e-6, (1.0, 1.0)).ids.tolist() == [number]


def test_a_record_cut_anywhere_is_as_if_it_had_never_been(path):
    before = path.read_bytes()
    index = PatternIndex.open(path)
    index.add(pattern(77), [77])
    index.flush()
    after = path.read_bytes()
    grown = after[len(before) :]
    for length in range(len(grown) + 1):
        path.write_bytes(before + grown[:length])
        assert len(PatternIndex.open(path)) == 40
    path.write_bytes(before + bytes(500))
    again = PatternIndex.open(path)
    assert len(again) == 40
    again.add(pattern(78), [78])
    again.flush()
    assert sorted(set(PatternIndex.open(path).ids().tolist()) - set(range(40))) == [78]
    path.write_bytes(after[:-1])
    with pytest.raises(IndexFileError):
        PatternIndex.open(path)


def test_every_bit_of_the_log_counts(path):
    index = PatternIndex.open(path)
    index.add(pattern(77), [77])
    index.remove([3])
    index.flush()
    good = path.read_bytes()
    start = good.index(b"STAMPLOG")
    for at in [*range(start, len(good), 7), *range(24, 128)]:
        data = bytearray(good)
        data[at] ^= 1 << (at % 8)
        path.write_bytes(data)
        with pytest.raises(IndexFileError):
            PatternIndex.open(path)


def test_records_cannot_change_places():
    changes = [Change(np.array([n]), None) for n in range(3)]
    whole, last = _log.written(changes, 5, bytes(32))
    length = len(whole) // 3
    assert [c.ids.tolist() for c in _log.read(memoryview(whole), 5, bytes(32), last)] == [[0], [1], [2]]
    for order in ([1, 0, 2], [0, 2], [0, 1], [0, 0, 1, 2]):
        mixed = b"".join(whole[n * length : (n + 1) * length] for n in order)
        with pytest.raises(IndexFileError):
            _log.read(memoryview(mixed), 5, bytes(32), last)


def test_a_second_writer_is_told(path):
    first, second = PatternIndex.open(path), PatternIndex.open(path)
    first.add(pattern(1), [100])
    second.add(pattern(2), [200])
    first.flush()
    with pytest.raises(IndexFileError, match="changed by another writer; open it again"):
        second.flush()
    assert 100 in PatternIndex.open(path).ids()
    first.remove(100)
    first.flush()


def test_of_two_writers_at_once_one_is_told_even_in_the_middle_of_writing(path, monkeypatch):
    first, second = PatternIndex.open(path), PatternIndex.open(path)
    many = np.random.default_rng(1).uniform(-20, 20, (2000, 5, 2))
    first.add(many, np.arange(1000, 3000))  # so many that a whole new file is written
    second.add(pattern(2), [200])
    refused = []

    def flush():
        try:
            second.flush()
        except IndexFileError:
            refused.append(True)

    other = threading.Thread(target=flush)
    write = _stored.write_file

    def interrupted(*arguments):
        other.start()
        other.join(0.2)  # it waits for us
        write(*arguments)

    monkeypatch.setattr(_stored, "write_file", interrupted)
    first.flush()
    other.join()
    assert refused
    assert set(range(1000, 3000)) <= set(PatternIndex.open(path).ids().tolist())


@pytest.mark.parametrize("count", [1, 2000])
@pytest.mark.parametrize("failing", [1, 2])
def test_after_a_failed_flush_the_next_makes_all_durable(path, monkeypatch, count, failing):
    """One that appends and one that writes a new file, failing before and after the file says so."""
    index = PatternIndex.open(path)
    index.add(np.random.default_rng(1).uniform(-20, 20, (count, 5, 2)), np.arange(1000, 1000 + count))
    index.remove([3])
    calls = []
    sync = os.fsync

    def broken(handle):
        calls.append(handle)
        if len(calls) == failing:
            raise OSError(5, "Input/output error")
        sync(handle)

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        index.flush()
    assert PatternIndex.open(path).ids()[0] == 0, "whatever it says, it can be read"
    monkeypatch.undo()
    index.add(pattern(5), [500])
    index.flush()
    index.add(pattern(6), [600])
    index.flush()
    assert np.array_equal(PatternIndex.open(path).ids(), index.ids())
    assert len(index) == 40 + count - 1 + 2


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_what_a_killed_writer_left_is_removed_and_what_a_living_one_writes_is_not(path):
    program = (
        "import os, signal, sys\n"
        "import numpy as np\n"
        "from stampsdk import PatternIndex\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "PatternIndex.build(np.random.default_rng(0).uniform(-20, 20, (40, 5, 2)), path=sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(path.parent.iterdir())) == 2
    with _durable.whole_file(path) as file:
        file.write(path.read_bytes())
        assert len(list(path.parent.iterdir())) == 2, "what was left is gone, what is being written is there"
        index = PatternIndex.open(path)
        index.remove([3])
        index.add(np.random.default_rng(1).uniform(-20, 20, (2000, 5, 2)), np.arange(1000, 3000))
        index.flush()
        assert len(list(path.parent.iterdir())) == 2
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_file_stays_where_it_was_and_as_it_was(path, monkeypatch, tmp_path):
    path.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(path)
    monkeypatch.chdir(tmp_path)
    index = PatternIndex.open("link")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for number, count in ((1000, 1), (2000, 3000)):
        index.add(np.random.default_rng(1).uniform(-20, 20, (count, 5, 2)), np.arange(number, number + count))
        index.flush()
        assert len(PatternIndex.open(path)) == len(index)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    index.add(pattern(5), [500])
    index.flush()
    assert len(PatternIndex.open(path)) == len(index)


def test_a_flush_appends_and_a_long_log_makes_a_new_file(path, monkeypatch):
    monkeypatch.setattr(_stored, "_LONG_LOG", 8)
    index = PatternIndex.open(path)
    inode = path.stat().st_ino
    sizes = []
    for number in range(100, 140):
        index.add(pattern(number), [number])
        index.flush()
        sizes.append(path.stat().st_size)
        if path.stat().st_ino != inode:
            break
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1] > 0, "each flush costs what changed"
    assert path.stat().st_ino != inode
    assert len(PatternIndex.open(path)) == len(index) == 40 + len(sizes)
    for number in range(200, 260):
        index.add(pattern(number), [number])
        index.remove(number)
        index.flush()
    assert path.stat().st_size < 3 * sizes[0]
    assert np.array_equal(PatternIndex.open(path).ids(), index.ids())


def test_a_pattern_removed_and_registered_anew_is_the_new_one(path):
    index = PatternIndex.open(path)
    index.remove([5])
    index.add(pattern(5), [5])
    index.flush()
    index.remove([5])
    index.add(pattern(6), [5])
    index.flush()
    opened = PatternIndex.open(path)
    assert opened.search(pattern(6)[0], 1e-6, (1.0, 1.0)).ids.tolist() == [5]
    assert 5 not in opened.search(POINTS[5], 1e-6, (1.0, 1.0)).ids
    assert len(opened) == 40


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a POSIX system")
def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError):
        PatternIndex.open(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(IndexFileError, match="not a file"):
        PatternIndex.open(tmp_path / "pipe")
    with pytest.raises(FileExistsError):
        PatternIndex.build(POINTS, path=tmp_path / "pipe")
