"""How the numeric kernels are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def kernel(function: Kernel) -> Kernel:
    """Compile a function on its first call, without the interpreter lock.

    The machine code is kept on disk where that is possible. Where nothing is writable it is compiled again in
    every process. `fastmath` stays off: the proofs in docs/theory.md assume IEEE arithmetic.
    """
    try:
        return cast("Kernel", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder that it may write its cache to
        return cast("Kernel", njit(nogil=True)(function))
