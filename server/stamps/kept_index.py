"""Indexes of patterns, kept in files between starts.

The table stays the truth: what a file holds is compared with it, pattern by
pattern, and only the difference is built anew. A file that is missing,
damaged, of another database or in the hands of another process costs time,
never an answer.
"""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from stampsdk.index import IndexFileError, PatternIndex

Numbers = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

_WORTH_KEEPING: Final = 20_000  # fewer are built within a tenth of a second
_SAME_MM: Final = 1e-6

_log = structlog.get_logger(__name__)


def load_index(folder: Path | None, tips: int, numbers: Numbers, points: Real) -> PatternIndex:
    """Return an index of just these patterns, from its file as far as that holds them.

    Parameters
    ----------
    folder
        Where the files are kept, or None to build in memory.
    tips
        Tips of each pattern.
    numbers, points
        The stamps and their patterns (N, tips, 2), mm.
    """
    if folder is None or len(numbers) < _WORTH_KEEPING:
        return PatternIndex.build(points, numbers)
    path = folder / f"stamps-{tips}-tips.index"
    try:
        index = _reconciled(PatternIndex.open(path), numbers, points)
    except FileNotFoundError:
        index = None
    except (IndexFileError, OSError) as error:
        _log.warning("stamps.index_file_unusable", path=str(path), reason=str(error))
        index = None
    try:
        if index is None:
            folder.mkdir(parents=True, exist_ok=True)
            return PatternIndex.build(points, numbers, path)
        index.flush()
    except (IndexFileError, OSError) as error:  # read-only, full, or another process keeps the same file
        _log.warning("stamps.index_file_not_kept", path=str(path), reason=str(error))
        return index or PatternIndex.build(points, numbers)
    return index


def _reconciled(index: PatternIndex, numbers: Numbers, points: Real) -> PatternIndex | None:
    """Make an index hold just these patterns; None where building it anew is quicker."""
    kept = index.ids()
    order = np.argsort(numbers, kind="stable")
    known = np.isin(numbers, kept, assume_unique=True)
    expected = points[known] - points[known].mean(axis=1, keepdims=True)
    stale = np.zeros(len(numbers), np.bool_)
    stale[known] = np.abs(index.points(numbers[known]) - expected).max(axis=(1, 2), initial=0.0) > _SAME_MM
    gone = np.concatenate([np.setdiff1d(kept, numbers[order], assume_unique=True), numbers[stale]])
    new = ~known | stale
    if len(gone) + int(new.sum()) > len(numbers) // 2:
        return None
    index.remove(gone)
    index.add(points[new], numbers[new])
    return index
