"""Files that change as a whole or not at all, one writer at a time."""

import errno
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be replaced behind our back
    fcntl = None  # type: ignore[assignment]


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that takes the place of what is there, durably, once the block is left without an error.

    It keeps the permissions of what was there. What writers that died left beside it is removed.

    Raises
    ------
    OSError
        The folder cannot be written, or what is there is no file; it is untouched.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "No such folder", str(path.parent))
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "Not a file", str(path))
    _remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb+") as file:
            _lock(file, wait=True)  # so that nobody takes it for a leftover
            with suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl is not None:  # Windows moves no file that is open
                temporary.replace(path)
        if temporary.exists():
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


@contextmanager
def held(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read and write, other writers kept out; wait for whoever is at it.

    Raises
    ------
    OSError
        There is no such file, or it cannot be written.
    """
    while True:
        with path.open("r+b") as file:
            _lock(file, wait=True)
            with suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                    yield file
                    return
        # Another file has taken its place while we waited.


def _lock(file: BinaryIO, *, wait: bool) -> bool:
    """Lock a file until it is closed, by whoever and however; return whether that succeeded."""
    if fcntl is None:  # type: ignore[unreachable, unused-ignore]
        return True  # type: ignore[unreachable, unused-ignore]
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _remove_leftovers(path: Path) -> None:
    """Remove what writers of a file that died left beside it: nobody holds its lock."""
    if fcntl is None:  # type: ignore[unreachable, unused-ignore]
        return  # type: ignore[unreachable, unused-ignore]
    for leftover in path.parent.glob(f".{_literally(path.name)}.{'[0-9a-f]' * 32}.tmp"):
        with suppress(OSError), leftover.open("rb") as file:
            if _lock(file, wait=False):
                leftover.unlink(missing_ok=True)


def _literally(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system lets a folder be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
