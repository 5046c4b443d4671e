"""What is asked of a measurement, and what it writes down."""

from dataclasses import dataclass, field
from typing import Any

from benchmarks.indexing.data import SCALE_ERROR

MODES: dict[str, tuple[float, float] | None] = {
    "known": (1.0, 1.0),
    "ranged": (1.0 - SCALE_ERROR, 1.0 + SCALE_ERROR),
    "free": None,
}


@dataclass(frozen=True)
class Settings:
    """How much is asked.

    Attributes
    ----------
    queries, others, singles, trial : int
        Queries in a batch of ours and of scipy; in one of the others; single searches; and in a batch by
        which the best of several arrangements is chosen.
    repeats : int
    seed : int
    full : bool
        Build FAISS's graph over any number of patterns.
    graph_patterns : int
        The most that it is built over otherwise.
    keys, balls, per_octave, leaves : tuple
        Arrangements among which scipy gets the best: see `Yardstick`, `OneTree`, `TreePerBand`.
    others_up_to : int
        The most patterns at which the others are measured; beyond, their keys and trees do not fit 24 GB.
    """

    queries: int = 10_000
    others: int = 1_000
    singles: int = 2_000
    trial: int = 1_000
    repeats: int = 5
    seed: int = 1
    full: bool = False
    graph_patterns: int = 600_000
    keys: tuple[str, ...] = ("chart", "veronese")
    balls: tuple[int, ...] = (1, 2, 3)
    per_octave: tuple[int, ...] = (4, 8, 16)
    leaves: tuple[int, ...] = (16, 32, 64)
    others_up_to: int = 10_000_000


@dataclass
class Measured:
    """What was measured at one size.

    Attributes
    ----------
    rows : list of dict
        One for each tree, tolerance and scale.
    figures : dict
        Ratios, as in the JSON.
    latencies_us : list of float
        Of single searches from Python.
    notes : list of str
    """

    patterns: int
    tips: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, float | None] = field(default_factory=dict)
    latencies_us: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def note(done: Measured, who: str, tolerance: float, mode: str, taken: float, **more: float) -> None:
    """Write down what one match costs, in seconds, and more."""
    row = {"who": who, "tolerance_mm": tolerance, "scale": mode, "us_per_query": taken * 1e6}
    done.rows.append(row | more)
