"""How the numeric kernels are compiled."""

import hashlib
import os
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
    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = _cache_folder(before)
    try:
        return cast("Kernel", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder that it may write its cache to
        return cast("Kernel", njit(nogil=True)(function))
    finally:
        settings.CACHE_DIR = before


def inlined(function: Kernel) -> Kernel:
    """Compile a small function into each kernel that calls it: a call would cost more than its work."""
    return cast("Kernel", njit(inline="always")(function))


def _cache_folder(base: str) -> str:
    """Return where kernels of just this source are kept, under NUMBA_CACHE_DIR if set.

    numba looks at the file a kernel stands in, not at those of the kernels that are compiled into it; after
    an update it would go on running what was compiled from the old ones.
    """
    if not base:
        base = str(Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "stampsdk")
    return str(Path(base) / f"kernels-{_SOURCE}")


def _digest_of_source() -> str:
    """Return a digest of all that is compiled here."""
    digest = hashlib.sha256(numba_version.encode())
    rooms = Path(__file__).parent, Path(__file__).parent.parent / "index"
    for path in sorted(path for room in rooms for path in room.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


_SOURCE = _digest_of_source()
