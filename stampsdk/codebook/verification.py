"""Verifying a codebook: what it promises, found again by other means than those that made it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._scale import Scale
from stampsdk.codebook.codebook import Codebook
from stampsdk.codebook.throwing import throw
from stampsdk.index import PatternIndex

Report = Callable[[str, float], None]

_CHUNK = 1 << 16
_BEYOND = 1.08  # so much farther than promised is looked for, to tell the least distance that there is
_SPARE_MM = 1e-6
LEAST_RATIO = 3.0


@dataclass(frozen=True)
class Findings:
    """What was found of a codebook.

    Attributes
    ----------
    count, wanted : int
        Patterns, and how many the family wants.
    least_distance_mm, promised_mm : float
        Least distance of two patterns; infinity where none are within 1.08 times what is promised.
    nearest_mirror_mm : float
        Least distance of a pattern from its own mirror; infinity likewise.
    digest, expected_digest : str
        Of all patterns; and as the family's file has it, or empty.
    thrown : int
        Patterns that random throwing keeps in the same region at the same distance and scale, stopping below
        1 %; 0 where it was not tried and the family does not say.
    """

    count: int
    wanted: int
    least_distance_mm: float
    promised_mm: float
    nearest_mirror_mm: float
    digest: str
    expected_digest: str
    thrown: int

    @property
    def ratio(self) -> float:
        """How many times as many patterns as random throwing keeps."""
        return self.count / self.thrown if self.thrown else float("nan")

    @property
    def faults(self) -> tuple[str, ...]:
        """What does not hold, in words; nothing where all does."""
        least = self.promised_mm - _SPARE_MM
        checks = {
            f"only {self.count:,} patterns, {self.wanted:,} are wanted": self.count >= self.wanted,
            f"two patterns are {self.least_distance_mm:.6f} mm apart": self.least_distance_mm >= least,
            f"a pattern is {self.nearest_mirror_mm:.6f} mm from its mirror": self.nearest_mirror_mm >= least,
            "the digest is not the one in the family's file": self.expected_digest in {"", self.digest},
            f"only {self.ratio:.2f} times random throwing": not self.thrown or self.ratio >= LEAST_RATIO,
        }
        return tuple(fault for fault, holds in checks.items() if not holds)


def verify(codebook: Codebook, report: Report, rng: np.random.Generator | None = None) -> Findings:
    """Verify a codebook.

    Distances are those that `PatternIndex` finds at the family's scale; it shares nothing with the lattice
    that the patterns come from. Every pattern is asked for, so that of each two either is scaled once.

    Parameters
    ----------
    codebook : Codebook
    report : callable
        Called with what is being done and the share of it that is done.
    rng : numpy.random.Generator, optional
        Throw at random with it; without, the number in the family's file is taken.
    """
    family = codebook.family
    points = codebook.points()
    index = PatternIndex.build(points)
    limit = _BEYOND * family.distance_mm
    mirrored = points * [-1.0, 1.0]
    scale = family.scale_range
    least = _nearest(
        index, points, limit, own=False, scale=scale, report=lambda share: report("distances", share)
    )
    mirror = _nearest(
        index, mirrored, limit, own=True, scale=scale, report=lambda share: report("mirrors", share)
    )
    thrown = 0 if family.generated is None else family.generated.thrown
    if rng is not None:
        start = 1.0

        def progress(kept: int, share: float) -> None:
            # The share kept falls about like a power of time; its logarithm is a fair measure of progress.
            done = np.log(start / max(share, 1e-3)) / np.log(start / 0.01)
            report(f"throwing at random, {kept:,} kept", float(min(done, 1.0)))

        thrown = throw(family, rng, report=progress)
    return Findings(
        count=len(codebook),
        wanted=family.count,
        least_distance_mm=least,
        promised_mm=family.distance_mm,
        nearest_mirror_mm=mirror,
        digest=codebook.digest(),
        expected_digest="" if family.generated is None else family.generated.sha256,
        thrown=thrown,
    )


def _nearest(
    index: PatternIndex,
    asked: NDArray[np.float64],
    limit: float,
    *,
    own: bool,
    scale: Scale,
    report: Callable[[float], None],
) -> float:
    """Return the least distance, mm, of any asked pattern from its own in the index, or from another one."""
    root = asked.shape[1] ** 0.5
    least = np.inf
    for start in range(0, len(asked), _CHUNK):
        batch = index.search_batch(asked[start : start + _CHUNK], limit / root, scale)
        number = np.repeat(np.arange(start, start + len(batch.offsets) - 1), np.diff(batch.offsets))
        wanted = batch.residual[(batch.ids == number) == own]
        least = min(least, float(wanted.min(initial=np.inf)) * root)
        report(min(1.0, (start + _CHUNK) / len(asked)))
    return least
