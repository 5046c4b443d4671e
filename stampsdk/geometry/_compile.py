"""How the numeric kernels are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

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


def inlined(function: Kernel) -> Kernel:
    """Compile a small function into each kernel that calls it: calls with many arrays cost more than its work."""
    return cast("Kernel", njit(inline="always")(function))


@intrinsic
def prefetch(context: Any, array: Any, row: Any) -> Any:
    """Ask for the memory of ``array[row]`` ahead of its use, line by line; changes nothing else."""
    lines = 4

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = make_array(signature.args[0])(context, builder, arguments[0])
        stride = builder.extract_value(data.strides, 0)
        offset = builder.mul(builder.sext(arguments[1], stride.type), stride)
        byte = ir.IntType(8).as_pointer()
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        ask = get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        start = builder.gep(builder.bitcast(data.data, byte), [offset])
        for line in range(lines):
            where = builder.gep(start, [ir.Constant(offset.type, 64 * line)])
            builder.call(ask, [where, flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate
