"""One row of the capacity report: what is pressed, on what screen, how often, and with which seed."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

Density = Literal["known", "ranged", "free"]
Kind = Literal["registered", "random", "mirrored", "scaled", "hands", "elsewhere"]
Scale = tuple[float, float] | None

DENSITIES: tuple[Density, ...] = ("free", "ranged", "known")  # the browser's case first
THRESHOLDS = (0.9, 0.99, 0.999, 0.9999)
FREE_SCALE_ERROR = 0.07


@dataclass(frozen=True)
class Source:
    """Where patterns come from, and what recognition is told about their make.

    Attributes
    ----------
    kind : {"family", "random", "file"}
    name : str
        In rows' names.
    tips, count : int
    face_mm : float
        Diameter of the disc that holds the centres of all tips.
    spacing_mm : float
        Least distance of two tips.
    path : str
        The family's file, or the file of patterns.
    codebook : str
        The family's codebook.
    digest : str
        Of all that the patterns depend on, so that nothing measured on others is taken for these.
    noise_mm : float
        Touch error per axis that the family is made for; 0 where nobody says.
    """

    kind: Literal["family", "random", "file"]
    name: str
    tips: int
    count: int
    face_mm: float
    spacing_mm: float
    path: str = ""
    codebook: str = ""
    digest: str = ""
    noise_mm: float = 0.0


@dataclass(frozen=True)
class Noise:
    """How touches differ from tips, besides the scale.

    Attributes
    ----------
    kind : {"normal", "placed", "measured"}
        Normal and independent; or the bias of a sensor grid, a smooth one and a normal part (`presses`); or
        drawn from measured errors.
    sigma_mm : float
        Root mean square of all of it per axis, before rounding.
    quantum_mm : float
        Step of the screen's coordinates; 0 for none.
    errors_mm : tuple of (x, y)
        Measured errors, for that kind.
    """

    kind: Literal["normal", "placed", "measured"] = "normal"
    sigma_mm: float = 0.4
    quantum_mm: float = 0.0
    errors_mm: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Place:
    """Presses whose place is known: stamps in the country, and the radius that holds 68 % of fixes, in m."""

    stamps: int
    accuracy_m: float


@dataclass(frozen=True)
class Job:
    """A row. It follows from these fields alone, whatever ran before it and wherever it runs.

    Attributes
    ----------
    name : str
        Unique; what `--rows` takes.
    table : str
        Of the report.
    density : {"known", "ranged", "free"}
        What is known of the scale: all, up to `scale_error`, nothing.
    kind
        What is pressed. Registered patterns; or what must not be accepted: others of the same make, mirrored
        and scaled copies, recorded hands, a registered stamp far from its shop.
    trouble : {"", "missing", "ghost"}
        One tip does not touch, or one touch is no tip.
    matcher : {"told", "shipped"}
        Told the noise of the row; or with the settings that the library has when told nothing.
    unregistered : float
        Share of presses that recognition expects of objects that are not registered.
    factor : float
        Size of a scaled copy.
    """

    name: str
    table: str
    source: Source
    density: Density
    presses: int
    noise: Noise = Noise()
    kind: Kind = "registered"
    trouble: Literal["", "missing", "ghost"] = ""
    matcher: Literal["told", "shipped"] = "told"
    unregistered: float = 0.001
    scale_error: float = 0.02
    factor: float = 1.0
    place: Place | None = None
    seed: int = 1

    @property
    def scale(self) -> Scale:
        """Millimetres per unit of the touches, as recognition is told."""
        if self.density == "free":
            return None
        error = self.scale_error if self.density == "ranged" else 0.0
        return 1.0 / (1.0 + error), 1.0 / (1.0 - error)

    @property
    def true_scale_error(self) -> float:
        """Greatest relative error of the scale of the touches."""
        return {"known": 0.0, "ranged": self.scale_error, "free": FREE_SCALE_ERROR}[self.density]

    def rng(self) -> np.random.Generator:
        """Return this row's own source of randomness, from its name and seed."""
        digest = hashlib.sha256(self.name.encode()).digest()
        return np.random.default_rng([self.seed, *np.frombuffer(digest, np.uint32).tolist()])

    def digest(self) -> str:
        """Return a digest of all that the row follows from."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True)
class Row:
    """What became of the presses of a job.

    Attributes
    ----------
    name : str
    presses : int
        0 when the row could not be measured; `skipped` says why.
    right, wrong, ambiguous, unknown : int
        Identified as what was pressed, as something else; not identified though some registered stamp, or
        none. Of presses that nothing may be accepted for, `right` counts those that were identified as the
        stamp that was copied or carried there.
    nearest_wrong : int
        Presses whose most probable candidate is not the right one: what would be wrong if none were refused.
    predicted : float or None
        The union bound for `nearest_wrong`, as a share.
    at : dict
        By threshold, identified right and wrong.
    candidates : float
        Mean number of candidates.
    milliseconds : float
        Mean time of a recognition.
    skipped : str
    """

    name: str
    presses: int
    right: int = 0
    wrong: int = 0
    ambiguous: int = 0
    unknown: int = 0
    nearest_wrong: int = 0
    predicted: float | None = None
    at: dict[str, tuple[int, int]] | None = None
    candidates: float = 0.0
    milliseconds: float = 0.0
    skipped: str = ""

    @property
    def refused(self) -> int:
        """Presses that were not identified."""
        return self.ambiguous + self.unknown
