import numba

from stampsdk.geometry import _compile


def test_kernels_work_where_nothing_can_be_cached():
    """Numba refuses to cache a function that has no file; so does it where no folder is writable."""
    namespace = {"kernel": _compile.kernel}
    exec("@kernel\ndef double(x):\n    return x + x\n", namespace)  # noqa: S102 - the point: code without a file
    assert isinstance(namespace["double"], numba.core.dispatcher.Dispatcher)
    assert namespace["double"](3) == 6
    assert namespace["double"].nopython_signatures
