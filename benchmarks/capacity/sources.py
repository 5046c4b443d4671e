"""Patterns to press: families' codebooks, random ones, the user's own."""

import functools
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from benchmarks.capacity.jobs import Source
from benchmarks.capacity.uniform import uniform_patterns
from stampsdk.codebook import Codebook, CodebookError, StampFamily, generate, load_family
from stampsdk.index import IndexFileError, PatternIndex

Real = npt.NDArray[np.float64]

ROOT = Path(__file__).parents[2]
FAMILIES = ROOT / "patterns" / "families"
CODEBOOKS = ROOT / "patterns" / "codebooks"
_SMALL = 200_000
_EDGE_MM, _SPACING_MM = 2.5, 11.0
_FAR = 20_000


class SourceError(ValueError):
    """Patterns cannot be had; the message says why and what to do.

    Attributes
    ----------
    code : str
        "no_codebook", "bad_patterns".
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def family_source(
    path: Path, folder: Path, *, make: bool, say: Callable[[str], None] = lambda _text: None
) -> Source:
    """Return the source of a family whose codebook is in a folder, or is made now and put there.

    Raises
    ------
    SourceError
        There is no codebook, and it is not to be made now, or the family is too large for that.
    """
    family = load_family(path)
    codebook = folder / f"{family.name}.npz"
    try:
        book = Codebook.load(codebook, family)
    except (OSError, CodebookError):
        if not make or family.count > _SMALL:
            raise SourceError(
                "no_codebook",
                f"no codebook of {family.name!r} as it is now in {folder}: make it with "
                f"stampsdk codebook generate, or name its folder with --codebooks",
            ) from None
        say(f"generating {family.name}")
        book = generate(family)
        folder.mkdir(parents=True, exist_ok=True)
        book.save(codebook)
    return Source(
        "family", family.name, family.tips, len(book), _disc_mm(family), family.spacing_mm,
        path=str(path), codebook=str(codebook), digest=_digest(codebook.read_bytes()),
        noise_mm=family.noise_mm,
    )  # fmt: skip


def random_source(tips: int, face_mm: float, count: int, seed: int) -> Source:
    """Return the source of uniformly random patterns on a round face; the margin to its edge is 2.5 mm."""
    source = Source(
        "random", f"random-{tips}-tips-{face_mm:g}-mm", tips, count, face_mm - 2 * _EDGE_MM, _SPACING_MM
    )
    return replace(source, digest=_digest(f"{source!r} {seed}".encode()), path=str(seed))


def file_source(path: Path) -> Source:
    """Return the source of patterns in a .npy file, (N, n, 2) in mm; face and spacing are taken from them.

    Raises
    ------
    SourceError
        It is no such file.
    """
    try:
        points = np.load(path, allow_pickle=False)
        PatternIndex.build(points[:1])
    except (OSError, ValueError, EOFError) as error:
        raise SourceError(
            "bad_patterns", f"{path} is no array (N, n, 2) of patterns in mm: {error}"
        ) from error
    if not len(points) >= 2:  # noqa: PLR2004 - one alone cannot be mistaken
        raise SourceError("bad_patterns", f"{path} has {len(points)} patterns; at least two are needed")
    seen = points[:: max(1, len(points) // _FAR)]
    face = 2 * float(shapely.minimum_bounding_radius(shapely.multipoints(seen)).max())
    pairs = np.triu_indices(points.shape[1], 1)
    gaps = np.linalg.norm(seen[:, pairs[0]] - seen[:, pairs[1]], axis=2)
    return Source(
        "file", path.stem, points.shape[1], len(points), face, float(gaps.min()),
        path=str(path), digest=_digest(path.read_bytes()),
    )  # fmt: skip


def points_of(source: Source) -> Real:
    """Return all patterns (N, n, 2), mm."""
    if source.kind == "family":
        return Codebook.load(Path(source.codebook), load_family(Path(source.path))).points()
    if source.kind == "file":
        return np.load(source.path, allow_pickle=False)
    rng = np.random.default_rng([int(source.path), source.tips, round(1000 * source.face_mm)])
    return uniform_patterns(source.count, source.tips, source.face_mm / 2, source.spacing_mm, rng)


@functools.lru_cache(maxsize=2)
def index_of(source: Source, *, partial: bool) -> PatternIndex:
    """Return the index of a source's patterns, ids 0 to N - 1.

    It is kept in the system's temporary folder, so that all processes of a run share one copy.
    """
    name = f"{source.name}-{source.digest[:16]}{'-partial' if partial else ''}.index"
    path = Path(tempfile.gettempdir()) / "stamp-capacity" / name
    path.parent.mkdir(exist_ok=True)
    try:
        return PatternIndex.open(path)
    except (OSError, IndexFileError):
        return PatternIndex.build(points_of(source), path=path, partial=partial)


def _disc_mm(family: StampFamily) -> float:
    field = family.face.polygon().buffer(-family.edge_mm)
    return 2 * float(shapely.minimum_bounding_radius(field))


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
