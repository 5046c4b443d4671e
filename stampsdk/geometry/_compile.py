"""How the numeric kernels are compiled."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import __version__ as numba_version
from numba import config, njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def kernel(function: Kernel) -> Kernel:
    """Compile a function on its first call, without the interpreter lock.

    The machine code is kept on disk where that is possible. Where nothing is writable it is compiled again in
    every process. `fastmath` stays off: the proofs in docs/theory.md assume IEEE arithmetic.
    """
    if _CACHE is None:
        return cast("Kernel", njit(nogil=True)(function))
    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = _CACHE
    try:
        return cast("Kernel", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # a function without a file, which numba cannot keep
        return cast("Kernel", njit(nogil=True)(function))
    finally:
        settings.CACHE_DIR = before


def inlined(function: Kernel) -> Kernel:
    """Compile a small function into each kernel that calls it: a call would cost more than its work."""
    return cast("Kernel", njit(inline="always")(function))


def _cache_folder() -> str | None:
    """Return the folder where kernels of just this source are kept, or None where none can be written.

    numba looks at the file a kernel stands in, not at those of the kernels that are compiled into it; after
    an update it would go on running what was compiled from the old ones. So its own choice of a folder beside
    the source is not taken either.
    """
    bases = [os.environ.get("NUMBA_CACHE_DIR"), _user_cache(), str(Path(__file__).parent / "__pycache__")]
    for base in filter(None, bases):
        folder = Path(base) / f"kernels-{_digest_of_source()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return None


def _user_cache() -> str | None:
    try:
        return str(Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "stampsdk")
    except RuntimeError:  # there is no home
        return None


def _digest_of_source() -> str:
    """Return a digest of all that is compiled here."""
    digest = hashlib.sha256(numba_version.encode())
    library = Path(__file__).parent.parent
    rooms = [library / room for room in ("geometry", "index", "codebook")]
    for path in sorted(path for room in rooms for path in room.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


_CACHE = _cache_folder()
