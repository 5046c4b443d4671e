# ruff: noqa: PLR0917 - kernels take positional arguments only
"""The chart: a labelled shape as a few coordinates, near shapes near each other.

A labelled, centred shape of unit norm is turned so that its inner product with a fixed shape, the *gauge*, is
real and positive, and what is left of it across the gauge is its place in the chart: 2n - 4 coordinates, of
which the first few principal ones are kept. Shapes at full Procrustes distance s lie at most `stretch`·s
apart (theory.md, lemma 2). The gauge is chosen so that most shapes lie along it, where the stretch is small.
"""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel

COORDINATES = 6
"""Coordinates of a chart: all there are up to five tips, the principal ones above; the rest are zero."""

MOST_COMPLETE = COORDINATES // 2 + 2
"""Tips up to which a place in the chart is all there is to know of a shape."""

_SAMPLE = 20_000
_STEEPEST = 0.95


@kernel
def place_in_chart(
    shape: NDArray[np.complex128],
    order: NDArray[np.int8],
    gauge: NDArray[np.complex128],
    basis: NDArray[np.float64],
    turned: NDArray[np.complex128],
    place: NDArray[np.float32],
) -> float:
    """Write the coordinates of ``shape[order]``; return how much of it lies along the gauge, 0 to 1.

    Parameters
    ----------
    shape : complex128 (n,)
        Centred, of unit norm.
    order : int8 (n,)
    gauge, basis : complex128 (n,), float64 (2n, COORDINATES)
        See `fit_chart`.
    turned : complex128 (n,)
        Scratch.
    place : float32 (COORDINATES,), written
    """
    n = gauge.shape[0]
    overlap = 0.0j
    for k in range(n):
        overlap += np.conj(gauge[k]) * shape[order[k]]
    along = abs(overlap)
    turn = np.conj(overlap) / along if along > 0.0 else 1.0 + 0.0j
    for k in range(n):
        turned[k] = turn * shape[order[k]]
    for column in range(COORDINATES):
        total = 0.0
        for k in range(n):
            total += turned[k].real * basis[k, column] + turned[k].imag * basis[n + k, column]
        place[column] = total
    return along


@kernel
def stretch(along: float, reach: float) -> float:
    """Bound how much farther apart than their Procrustes distance two shapes lie in the chart, as a factor.

    Holds for all distances up to `reach`.
    Infinite where the query lies so far across the gauge that nothing can be said. theory.md, lemma 2.
    """
    if reach >= _STEEPEST * along or reach >= _STEEPEST:
        return np.inf
    if reach <= 0.0:
        return 1.0 / along
    across = max(1.0 - along * along, 0.0)
    sine = reach / along
    half = np.sqrt((1.0 + np.sqrt(1.0 - sine * sine)) / 2.0)
    cosine = np.sqrt(1.0 - reach * reach)
    turned = np.sqrt(1.0 + across / (along * half) ** 2)
    return float((turned + np.sqrt(across) * (1.0 - cosine) / reach) / cosine)


@kernel
def chart_of(
    tips: NDArray[np.complex128],
    sizes: NDArray[np.float64],
    gauge: NDArray[np.complex128],
    basis: NDArray[np.float64],
    places: NDArray[np.float32],
) -> None:
    """Write the places (N, COORDINATES) of patterns (N, n) that stand in canonical order."""
    n = tips.shape[1]
    order = np.arange(n).astype(np.int8)
    shape, turned = np.empty(n, np.complex128), np.empty(n, np.complex128)
    for row in range(tips.shape[0]):
        for k in range(n):
            shape[k] = tips[row, k] / sizes[row]
        place_in_chart(shape, order, gauge, basis, turned, places[row])


def fit_chart(
    tips: NDArray[np.complex128], sizes: NDArray[np.float64]
) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Choose a gauge and the directions across it in which a sample of the shapes varies most.

    Any choice is correct; a good one leaves fewer candidates to check.

    Returns
    -------
    gauge : complex128 (n,)
        Centred, of unit norm: the direction nearest to all shapes, the first eigenvector of the mean of z·z*.
    basis : float64 (2n, COORDINATES)
        Orthonormal columns (or zero), for the real and then the imaginary parts of a shape; across the gauge
        and its multiples by i, and across shifts.
    """
    n = tips.shape[1]
    step = max(1, -(-len(tips) // _SAMPLE))
    shapes = tips[::step] / sizes[::step, np.newaxis]
    if not len(shapes):
        shapes = np.linspace(-1.0, 1.0, n)[np.newaxis].astype(np.complex128)
    _, vectors = np.linalg.eigh(shapes.T @ np.conj(shapes))
    gauge = vectors[:, -1] - vectors[:, -1].mean()
    gauge /= np.linalg.norm(gauge)
    fixed = np.column_stack([np.full(n, n**-0.5), gauge])
    rest = np.linalg.svd(fixed, full_matrices=True)[0][:, 2:]
    real = np.hstack([np.vstack([rest.real, rest.imag]), np.vstack([-rest.imag, rest.real])])
    overlap = shapes @ np.conj(gauge)
    turned = shapes * np.conj(overlap / np.maximum(np.abs(overlap), 1e-300))[:, np.newaxis]
    places = np.hstack([turned.real, turned.imag]) @ real
    places -= places.mean(axis=0)
    _, directions = np.linalg.eigh(places.T @ places)
    basis = np.zeros((2 * n, COORDINATES))
    kept = min(COORDINATES, 2 * n - 4)
    basis[:, :kept] = real @ directions[:, ::-1][:, :kept]
    return gauge, basis


def twist_of(basis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix that takes a place in the chart to that of the same shape turned by a right angle."""
    n = len(basis) // 2
    turned = np.concatenate([-basis[n:], basis[:n]])
    return np.ascontiguousarray(basis.T @ turned)
