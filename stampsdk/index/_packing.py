# ruff: noqa: C901, PLR0912, PLR0917 - a kernel: loops by design
"""From patterns as they are given to packed tips in canonical order."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel
from stampsdk.geometry._validation import CLOSEST_TIPS_MM, FARTHEST_TIP_MM
from stampsdk.index._labelling import write_canonical_order
from stampsdk.index._tips import GRID_PER_MM, SHORT_BITS, pack_order, pack_row

PACKED, REFUSED, TOO_WIDE = 0, 1, 2


@kernel
def pack_patterns(
    points: NDArray[np.float64],
    leading: NDArray[np.int32],
    trailing: NDArray[np.uint8],
    codes: NDArray[np.uint8],
    sizes: NDArray[np.float32],
    trusted: bool,
) -> int:
    """Check, round, label and pack patterns.

    Parameters
    ----------
    points : float64 (N, n, 2)
    leading, trailing, codes : written
        See `stampsdk.index._tips.Tips`.
    sizes : float32 (N,), written
        Norms of the patterns as they are packed.
    trusted : bool
        Leave the checks out.

    Returns
    -------
    int
        `PACKED`; `REFUSED` where a row may be no pattern (`checked_patterns` tells); `TOO_WIDE` where one
        needs more bytes.
    """
    count, n, _ = points.shape
    width = trailing.shape[2]
    steps = np.empty((n, 2), np.int64)
    sorted_ = np.empty(n, np.float64)
    tips = np.empty(n, np.complex128)
    along = np.empty(n, np.float64)
    order = np.empty(n, np.int8)
    middle = np.empty(2, np.float64)
    for row in range(count):
        for axis in range(2):
            for k in range(n):
                value = points[row, k, axis]
                if not (trusted or np.isfinite(value)):
                    return REFUSED
                at = k
                while at > 0 and sorted_[at - 1] > value:
                    sorted_[at] = sorted_[at - 1]
                    at -= 1
                sorted_[at] = value
            total = 0.0  # in the order of size, so that the order of the tips does not change a bit of it
            for k in range(n):
                total += sorted_[k] / n
            middle[axis] = total
        for k in range(0 if trusted else n):
            x, y = points[row, k, 0] - middle[0], points[row, k, 1] - middle[1]
            if not x * x + y * y <= FARTHEST_TIP_MM * FARTHEST_TIP_MM * (1.0 - 1e-12):
                return REFUSED
            for j in range(k):
                x, y = points[row, k, 0] - points[row, j, 0], points[row, k, 1] - points[row, j, 1]
                if x * x + y * y < 4.0 * CLOSEST_TIPS_MM * CLOSEST_TIPS_MM:
                    return REFUSED
        # Shifted by whole millimetres, so that what lies on a grid of a micrometre still does.
        low_x = low_y = np.int64(2**62)
        high_x = high_y = np.int64(-(2**62))
        for k in range(n):
            steps[k, 0] = np.int64(np.rint((points[row, k, 0] - np.rint(middle[0])) * GRID_PER_MM))
            steps[k, 1] = np.int64(np.rint((points[row, k, 1] - np.rint(middle[1])) * GRID_PER_MM))
            low_x, high_x = min(low_x, steps[k, 0]), max(high_x, steps[k, 0])
            low_y, high_y = min(low_y, steps[k, 1]), max(high_y, steps[k, 1])
        if width == 1 and max(high_x - low_x, high_y - low_y) >= np.int64(1) << SHORT_BITS:
            return TOO_WIDE
        centre = 0.0j
        for k in range(n):
            tips[k] = complex(steps[k, 0] / GRID_PER_MM, steps[k, 1] / GRID_PER_MM)
            centre += tips[k] / n
        square = 0.0
        for k in range(n):
            tips[k] -= centre
            square += tips[k].real * tips[k].real + tips[k].imag * tips[k].imag
        sizes[row] = np.sqrt(square)
        write_canonical_order(tips, along, order)
        pack_order(order, row, codes)
        pack_row(steps, order, row, leading, trailing)
    return PACKED
