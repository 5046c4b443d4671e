"""The key: a shape as a point of Euclidean space, distances preserved.

For a labelled, centred shape z of unit norm, written in an orthonormal (Helmert) basis as h in C^(n-1), the
key holds the entries of h·h*: the Veronese–Whitney embedding of the shape space CP^(n-2). The distance of two
keys is exactly the full Procrustes distance of the shapes (K. V. Mardia and V. Patrangenaru, Ann. Statist.
33, 2005; theory.md, lemma 2). A fixed orthogonal projection then saves coordinates and can only bring keys
closer.
"""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel

COORDINATES = 8
"""Length of a projected key; shorter only where a full key is."""

_SAMPLE = 20_000


@kernel
def write_key(shape: NDArray[np.complex128], order: NDArray[np.int8], key: NDArray[np.float64]) -> None:
    """Write the (n-1)² coordinates of the key of ``shape[order]``; the shape is centred, of unit norm."""
    n = shape.shape[0]
    reduced = np.empty(n - 1, np.complex128)
    total = 0.0j
    for k in range(1, n):
        total += shape[order[k - 1]]
        reduced[k - 1] = (total - k * shape[order[k]]) / np.sqrt(k * (k + 1.0))
    at = 0
    for i in range(n - 1):
        key[at] = (reduced[i].real ** 2 + reduced[i].imag ** 2) / np.sqrt(2.0)
        at += 1
        for j in range(i):
            product = reduced[i] * np.conj(reduced[j])
            key[at] = product.real
            key[at + 1] = product.imag
            at += 2


@kernel
def project(
    key: NDArray[np.float64],
    centre: NDArray[np.float64],
    basis: NDArray[np.float64],
    projected: NDArray[np.float64],
) -> None:
    """Write ``(key - centre) @ basis``; the columns of the basis are orthonormal."""
    for column in range(basis.shape[1]):
        total = 0.0
        for at in range(key.shape[0]):
            total += (key[at] - centre[at]) * basis[at, column]
        projected[column] = total


@kernel
def projected_keys(
    tips: NDArray[np.complex128],
    sizes: NDArray[np.float64],
    centre: NDArray[np.float64],
    basis: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return the projected keys of patterns (N, n) that stand in canonical order."""
    count, n = tips.shape
    keys = np.empty((count, basis.shape[1]), np.float32)
    full = np.empty(centre.shape[0], np.float64)
    short = np.empty(basis.shape[1], np.float64)
    order = np.arange(n).astype(np.int8)
    for row in range(count):
        write_key(tips[row] / sizes[row], order, full)
        project(full, centre, basis, short)
        for column in range(short.shape[0]):
            keys[row, column] = short[column]
    return keys


@kernel
def _full_keys(shapes: NDArray[np.complex128]) -> NDArray[np.float64]:
    count, n = shapes.shape
    keys = np.empty((count, (n - 1) ** 2), np.float64)
    order = np.arange(n).astype(np.int8)
    for row in range(count):
        write_key(shapes[row], order, keys[row])
    return keys


def fit_projection(
    tips: NDArray[np.complex128], sizes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Choose the centre and the directions in which a sample of the keys varies most.

    Any choice is correct, since an orthogonal projection never lengthens a distance; a good one leaves fewer
    candidates to check.
    """
    n = tips.shape[1]
    width = (n - 1) ** 2
    step = max(1, -(-len(tips) // _SAMPLE))
    shapes = tips[::step] / sizes[::step, np.newaxis]
    keys = _full_keys(np.ascontiguousarray(shapes))
    centre = keys.mean(axis=0) if len(keys) else np.zeros(width)
    spread = (keys - centre).T @ (keys - centre)
    _, directions = np.linalg.eigh(spread)
    kept = min(COORDINATES, width - 1)  # the diagonal of h·h* adds up to one
    return centre, np.ascontiguousarray(directions[:, ::-1][:, :kept])
