"""Generating the codebook of a family."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from stampsdk.codebook._bound import refuse_count_beyond_room
from stampsdk.codebook._choice import choose
from stampsdk.codebook._lattice import dimensions
from stampsdk.codebook._rules import candidates_of, greatest_norm, rules_of, slices, steps_of
from stampsdk.codebook.codebook import Codebook, rules_digest
from stampsdk.codebook.errors import FamilyError
from stampsdk.codebook.family import StampFamily
from stampsdk.index._bands import cores

Report = Callable[[str, float], None]

Kept = TypeVar("Kept", bound=NDArray[Any])


def _silent(_what: str, _share: float) -> None:
    """Report nothing."""


def generate(family: StampFamily, report: Report = _silent, work: Path | None = None) -> Codebook:
    """Generate the codebook of a family.

    Points of a lattice become patterns (docs/theory.md, section 9); those that a stamp of the family may
    have are candidates; of candidates that are too near each other as many are kept as a greedy choice can.
    The outcome is the same to the last bit on every machine and with any number of threads.

    Parameters
    ----------
    family : StampFamily
    report : callable
        Called with what is being done and the share of it that is done.
    work : folder, optional
        Where finished pieces are kept, so that a run that was stopped goes on where it was.

    Raises
    ------
    FamilyError
        The family wants more patterns than any packing holds (found within seconds), or than were found; says
        how many there are.
    OSError
        The folder cannot be written.

    Guarantee
    ---------
    No two patterns, in any of their labellings, are nearer than ``family.distance_mm``, and none is nearer
    than that to its own relabellings or its mirror: √n times the residual at the family's scale, whichever of
    the two is scaled.
    """
    refuse_count_beyond_room(family)
    pieces = _Pieces(work, rules_digest(family))
    rules = rules_of(family)
    most = greatest_norm(family)
    firsts = list(slices(family))
    found = _in_threads(
        lambda first: pieces.kept(f"candidates-{first}", lambda: candidates_of(rules, first, most)),
        firsts,
        lambda share: report("finding candidates", share),
    )
    addresses = np.concatenate(found)
    if len(addresses) < family.count:
        raise _too_many(family, len(addresses))
    steps = steps_of(rules, addresses)
    chosen = choose(family, steps, [len(some) for some in found], pieces.kept, report)
    if chosen.sum() < family.count:
        raise _too_many(family, int(chosen.sum()))
    return Codebook(family, addresses[chosen])


def _too_many(family: StampFamily, found: int) -> FamilyError:
    dimension = dimensions(family.tips) - (family.scale == "free")
    more = 100.0 * (0.9**-dimension - 1.0)
    return FamilyError(
        f"family.count={family.count:,} is more than the {found:,} patterns that there are with this face, "
        f"these tips and this distance. Widen the face, or lower code.distance_mm: a tenth less "
        f"makes {more:.0f} % more",
        "family_impossible",
    )


class _Pieces:
    """Finished pieces of a run, kept in a folder if there is one."""

    def __init__(self, folder: Path | None, digest: str) -> None:
        self._folder = folder
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        label = folder / "run.json"
        if label.exists() and json.loads(label.read_text()) == digest:
            return
        for piece in folder.glob("*.npy"):
            piece.unlink()  # of another family, or of this one as it was
        label.write_text(json.dumps(digest))

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """Return a piece, made now unless it was finished before."""
        if self._folder is None:
            return make()
        path = self._folder / f"{name}.npy"
        try:
            return np.load(path)  # type: ignore[no-any-return]
        except (FileNotFoundError, ValueError, EOFError):
            piece = make()
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, piece)
        partial.replace(path)
        return piece


def _in_threads(work: Callable[[int], Kept], items: list[int], report: Callable[[float], None]) -> list[Kept]:
    done = []
    with ThreadPoolExecutor(cores()) as pool:
        for result in pool.map(work, items):
            done.append(result)
            report(len(done) / len(items))
    return done
