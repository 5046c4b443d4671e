"""A tiny index that tries everything, to test recognition apart from the real one."""

import itertools
from dataclasses import dataclass

import numpy as np


def as_complex(points):
    """Points (..., n, 2) as centred complex numbers (..., n)."""
    z = np.asarray(points)[..., 0] + 1j * np.asarray(points)[..., 1]
    return z - z.mean(axis=-1, keepdims=True)


@dataclass
class TinyHits:
    ids: np.ndarray
    residual: np.ndarray
    labels: np.ndarray


class TinyIndex:
    """All patterns against all labellings."""

    def __init__(self, points, ids=None) -> None:
        self._points = np.asarray(points, dtype=float)
        self._ids = np.arange(len(points)) if ids is None else np.asarray(ids)
        self._h = as_complex(self._points)
        self._permutations = np.array(list(itertools.permutations(range(self._points.shape[1]))))

    def search(self, touches, *, tolerance, scale):
        y = as_complex(touches)
        tips = len(y)
        inverse = np.argsort(self._permutations, axis=1)
        overlap = np.abs(self._h.conj() @ y[inverse].T)
        best = overlap.argmax(axis=1)
        c = overlap[np.arange(len(self._h)), best]
        a, b = (np.abs(y) ** 2).sum(), (np.abs(self._h) ** 2).sum(axis=1)
        s = np.clip(c / a, *((0, np.inf) if scale is None else scale))
        residual = np.sqrt(np.maximum(0, s**2 * a + b - 2 * s * c) / tips)
        found = np.flatnonzero(residual <= tolerance)
        found = found[np.lexsort((self._ids[found], residual[found]))]
        return TinyHits(self._ids[found], residual[found], self._permutations[best[found]])

    def points(self, ids):
        order = np.argsort(self._ids)
        return self._points[order[np.searchsorted(self._ids, ids, sorter=order)]]


def press(pattern, rng, *, sigma=0.4, scale=1.0):
    """Touches (n, 2) in units of `scale` mm: noise, any place, any angle, any order."""
    z = as_complex(pattern) + sigma * (rng.normal(size=len(pattern)) + 1j * rng.normal(size=len(pattern)))
    z = rng.permutation(z) * np.exp(2j * np.pi * rng.random()) / scale + complex(*rng.normal(0, 100, 2))
    return np.stack((z.real, z.imag), axis=1)
