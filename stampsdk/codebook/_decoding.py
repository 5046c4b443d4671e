"""From a pattern, exactly given, back to its address in the lattice; no table is needed."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._candidates import Rules, examine, new_scratch
from stampsdk.codebook._frame import write_coordinates
from stampsdk.codebook._lattice import is_lattice_point
from stampsdk.geometry._compile import kernel

_NEARLY_BEST = 1e-3  # of the overlap: rounding to whole micrometres changes less
_EXACT_MM = 0.02


def address_of(rules: Rules, pattern: NDArray[np.float64]) -> NDArray[np.int16] | None:
    """Return the address (D,) of a pattern (n, 2), mm, in any place, angle and order; or None."""
    if pattern.shape != (len(rules.frame.gauge), 2) or not np.isfinite(pattern).all():
        return None
    tips = pattern[:, 0] + 1j * pattern[:, 1]
    address = np.empty(len(rules.offset), np.int64)
    if not _decode(rules, tips - tips.mean(), address):
        return None
    return address.astype(np.int16)


@kernel
def _decode(rules: Rules, tips: NDArray[np.complex128], address: NDArray[np.int64]) -> bool:
    """Try the labellings that lie nearest to the gauge; write the address of the one that is a candidate."""
    n = tips.shape[0]
    count = rules.permutations.shape[0]
    overlaps = np.empty(count, np.float64)
    for row in range(count):
        overlap = 0.0j
        for k in range(n):
            overlap += np.conj(rules.frame.gauge[k]) * tips[rules.permutations[row, k]]
        overlaps[row] = abs(overlap)
    best = overlaps.max()
    labelled = np.empty(n, np.complex128)
    coordinates = np.empty(address.shape[0], np.float64)
    scratch = new_scratch(n)
    for row in range(count):
        if overlaps[row] < best * (1.0 - _NEARLY_BEST):
            continue
        for k in range(n):
            labelled[k] = tips[rules.permutations[row, k]]
        write_coordinates(rules.frame, labelled, coordinates)
        exact = True
        for k in range(address.shape[0]):
            unit = rules.unit if k else rules.along
            value = coordinates[k] / unit - rules.offset[k]
            address[k] = np.int64(np.rint(value))
            whole = (address[k] + rules.offset[k]) * unit
            exact = exact and abs(whole - coordinates[k]) <= _EXACT_MM
            coordinates[k] = whole
        if exact and is_lattice_point(address) and examine(rules, coordinates, scratch):
            return True
    return False
