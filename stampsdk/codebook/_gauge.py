"""Finding a gauge: the shape that the patterns of a family can best be laid along, labels free."""

import itertools

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 12
_SIZE_UM = 20_000


def best_gauge(patterns: NDArray[np.float64], rng: np.random.Generator) -> tuple[NDArray[np.int64], float]:
    """Return a gauge (n, 2), whole µm, and the mean share of the patterns (N, n, 2) that lies along it.

    Labels each pattern as it lies nearest to the gauge, takes the shape nearest to all of them for the next
    gauge, and so on; of several starts the best.
    """
    shapes = patterns[..., 0] + 1j * patterns[..., 1]
    shapes = shapes - shapes.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    orders = np.array(list(itertools.permutations(range(shapes.shape[1]))))
    best, share = shapes[0], -1.0
    for start in rng.integers(len(shapes), size=3):
        gauge = shapes[start]
        for _ in range(_ROUNDS):
            overlap = np.stack([np.abs(shapes[:, order] @ np.conj(gauge)) for order in orders])
            labelled = np.take_along_axis(shapes, orders[overlap.argmax(axis=0)], axis=1)
            gauge = np.linalg.eigh(labelled.T @ np.conj(labelled))[1][:, -1]
        if overlap.max(axis=0).mean() > share:
            best, share = gauge, float(overlap.max(axis=0).mean())
    steps = np.rint(np.stack([best.real, best.imag], axis=1) * _SIZE_UM).astype(np.int64)
    return steps, share
