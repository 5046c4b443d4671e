"""Touches laid on tips whose order is known: what is left once place and angle are taken out."""

import math

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


def as_complex(points: npt.ArrayLike) -> Complex:
    """Return points (n, 2) as x + iy (n,)."""
    array = np.asarray(points, dtype=np.float64)
    result: Complex = array[..., 0] + 1j * array[..., 1]
    return result


def as_points(z: Complex) -> Real:
    """Return x + iy (n,) as points (n, 2)."""
    return np.stack((z.real, z.imag), axis=-1)


def turned_onto(moving: Complex, still: Complex) -> Complex:
    """Centre and turn points so that they lie best on others, which are centred (least squares).

    Without any overlap every angle is as good, and none is taken.
    """
    centred: Complex = moving - moving.mean()
    inner = (centred.conj() * still).sum()
    return centred * (inner / abs(inner)) if abs(inner) > 0 else centred


def labelled_residual(touches: Real, tips: Real, low: float, high: float) -> float:
    """Return the residual in mm of touches (n, 2) on tips (n, 2) in the same order, for a range of scales."""
    u, h = as_complex(touches), as_complex(tips)
    u, h = u - u.mean(), h - h.mean()
    a, b, c = float((np.abs(u) ** 2).sum()), float((np.abs(h) ** 2).sum()), float(abs((u.conj() * h).sum()))
    scale = min(max(c / a, low), high) if a > 0 else low
    return math.sqrt(max(0.0, scale**2 * a + b - 2 * scale * c) / len(u))


def shape_axes(about: Complex) -> Real:
    r"""Return orthonormal axes (2n, 2n - 3) of all errors of points that no shift and no small turn makes.

    Errors stand as :math:`(x_1, y_1, x_2, y_2, \ldots)`. Their coordinates along these axes are, to first
    order in the errors, what fitting place and angle by least squares leaves of them.
    """
    points = as_points(about - about.mean())
    x, y = points[:, 0], points[:, 1]
    rigid = np.zeros((2 * len(x), 3))
    rigid[0::2, 0] = rigid[1::2, 1] = 1.0
    rigid[0::2, 2], rigid[1::2, 2] = -y, x
    axes: Real = np.linalg.qr(rigid, mode="complete")[0][:, 3:]
    return axes
