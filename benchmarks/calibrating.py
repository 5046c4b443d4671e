"""Learn from simulated accepted presses, and recognise held-out ones under what was learnt."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks.screens import Press, ScreenNoise, World
from stampsdk.codebook import Codebook, CodebookError, generate, load_family
from stampsdk.index import PatternIndex
from stampsdk.matching import PlacePrior, Recognition, RecognitionModel, recognise
from stampsdk.matching.calibration import Bend, Calibration, CalibrationState, Observation, learn
from stampsdk.matching.calibration._align import labelled_residual

_PATTERNS = Path(__file__).resolve().parents[1] / "patterns"
REPORTED = (0.93, 1.07)
CORRECTED = (0.99, 1.01)
_BEYOND = 1e-4
_NEIGHBOURS = 20
_SHOP_ERROR_M = 30.0
Report = Callable[[str, float], None]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """How much is simulated.

    Attributes
    ----------
    patterns : int
        Stamps in the index, a random subset of the codebook; all of it if there are fewer.
    stamps : int
        Of these, stamps that are pressed.
    screens : int
        Device models.
    customers, each : int
        Customers on each device model who train, and presses of each.
    held_out : int
        Presses on each device model, by other customers, that are judged.
    """

    patterns: int = 20_000
    stamps: int = 150
    screens: int = 12
    customers: int = 250
    each: int = 2
    held_out: int = 400


QUICK = Size(patterns=20_000, stamps=40, screens=5, customers=120, each=2, held_out=100)


@dataclass(frozen=True)
class Outcome:
    """Held-out presses under one state of knowledge.

    Attributes
    ----------
    knowledge : str
        What was known.
    sigma_mm, sigma_low_mm, sigma_high_mm : float
        Effective standard deviation of a touch per axis once place and angle are fitted (and the scale,
        where it is searched over ±7 %), with its 95 % interval over device models (Student's t).
    presses, right, wrong, undecided : int
        Held-out presses; identified as the stamp that was pressed, as another, or not identified.
    first : int
        The stamp that was pressed is the best candidate, identified or not.
    """

    knowledge: str
    sigma_mm: float
    sigma_low_mm: float
    sigma_high_mm: float
    presses: int
    right: int
    wrong: int
    undecided: int
    first: int


class Measurement:
    """One simulated world, its training presses and its held-out presses.

    Parameters
    ----------
    patterns : (N, n, 2) ndarray
        Registered patterns in mm; the first `size.stamps` of them are pressed.
    size : Size
    noise : ScreenNoise
    rng : numpy.random.Generator
        The only source of randomness.
    """

    def __init__(self, patterns: Points, size: Size, noise: ScreenNoise, rng: np.random.Generator) -> None:
        self._size = size
        self._rng = rng
        self._patterns = patterns
        self._world = World(patterns[: size.stamps], size.screens, rng, noise)
        self._index = PatternIndex.build(patterns)
        self._held_out = self._world.presses(size.held_out, 1, "held out")
        self.trained = 0

    def run(
        self, shares: tuple[float, ...] = (), report: Report = lambda _what, _share: None
    ) -> list[Outcome]:
        """Learn, and judge the held-out presses under every state of knowledge.

        Parameters
        ----------
        shares : tuple of float
            Shares of forged contributors, below one half, to learn with once more each.
        """
        honest = self._accepted(report)
        self.trained = len(honest)
        learnt = self._learn(honest, lambda share: report("learning", share))
        straight = {name: replace(one, bend=Bend()) for name, one in learnt.devices.items()}
        known = [
            ("nothing: scale within ±7 %", Calibration(), REPORTED),
            ("scale", Calibration(straight), CORRECTED),
            ("scale, bend", Calibration(learnt.devices), CORRECTED),
            ("scale, bend, tips", learnt, CORRECTED),
        ]
        for share in shares:
            forgers = round(self._size.customers * share / (1 - share))
            poisoned = self._learn(
                [*honest, *self._world.forgeries(forgers, self._size.each)],
                lambda part, share=share: report(f"learning, {share:.0%} forged", part),
            )
            known.append((f"all, {share:.0%} forged", poisoned, CORRECTED))
        outcomes = [
            self._judge(name, calibration, scale, lambda share, name=name: report(f"judging: {name}", share))
            for name, calibration, scale in known
        ]
        return [*outcomes, self._judge("the truth", None, CORRECTED, lambda share: report("judging", share))]

    def _accepted(self, report: Report) -> list[Observation]:
        """Return training presses that recognition identifies, with place, before anything is learnt.

        They are learnt from as what they were taken for, right or wrong.
        """
        presses = self._world.presses(self._size.customers, self._size.each, "trainer")
        model = RecognitionModel(sigma_mm=0.5, stress_sigma_mm=0.9)
        taken = []
        for done, press in enumerate(presses):
            near = np.append(self._rng.integers(0, len(self._patterns), _NEIGHBOURS), press.stamp)
            prior = PlacePrior.from_fix(near, np.zeros(len(near)), _SHOP_ERROR_M, len(self._patterns))
            answer = recognise(
                self._index, press.touches_mm, scale=REPORTED, log_prior=prior, tolerance=1.2, model=model
            )
            if answer.stamp_id is not None:
                best = answer.candidates[0]
                as_taken = replace(press, stamp=best.stamp_id, labels=best.labels)
                taken.append(as_taken.observation(self._patterns[best.stamp_id]))
            report("training presses", done / len(presses))
        return taken

    def _learn(self, presses: list[Observation], report: Callable[[float], None]) -> Calibration:
        state = CalibrationState("a secret of the simulation")
        for press in presses:
            state.add(press)
        return learn(state, report=report)

    def _judge(
        self,
        name: str,
        calibration: Calibration | None,
        scale: tuple[float, float],
        report: Callable[[float], None],
    ) -> Outcome:
        """Recognise the held-out presses by shape alone, under the noise that their knowledge leaves.

        The noise is what these presses show on average, so every row is recognised with the best setting.
        """
        pressed = range(self._size.stamps)
        tips = np.array([self._tips(calibration, stamp) for stamp in pressed])
        touches = [self._touches(calibration, press) for press in self._held_out]
        fixed = scale if scale == REPORTED else (1.0, 1.0)
        variances = [
            _variance(points, tips[press.stamp], press.labels, fixed)
            for points, press in zip(touches, self._held_out, strict=True)
        ]
        by_model = np.array(variances).reshape(self._size.screens, -1).mean(axis=1)
        sigma = math.sqrt(by_model.mean())
        margin = (
            stats.t.ppf(0.975, max(1, len(by_model) - 1)) * stats.sem(by_model) if len(by_model) > 1 else 0.0
        )
        patterns = self._patterns.copy()
        patterns[: self._size.stamps] = tips
        index = PatternIndex.build(patterns)
        freedom = 2 * patterns.shape[1] - 3
        tolerance = sigma * math.sqrt(stats.chi2.isf(_BEYOND, freedom) / patterns.shape[1])
        model = RecognitionModel(sigma_mm=sigma, stress_sigma_mm=2 * sigma)
        prior = PlacePrior.uniform(len(patterns))
        right = wrong = first = 0
        for done, (points, press) in enumerate(zip(touches, self._held_out, strict=True)):
            answer: Recognition = recognise(
                index, points, scale=scale, log_prior=prior, tolerance=tolerance, model=model
            )
            right += answer.stamp_id == press.stamp
            wrong += answer.stamp_id not in {None, press.stamp}
            first += bool(answer.candidates) and answer.candidates[0].stamp_id == press.stamp
            report(done / len(touches))
        low, high = (math.sqrt(max(0.0, sigma**2 + sign * margin)) for sign in (-1, 1))
        count = len(touches)
        return Outcome(name, sigma, low, high, count, right, wrong, count - right - wrong, first)

    def _tips(self, calibration: Calibration | None, stamp: int) -> Points:
        if calibration is None:
            tips: Points = self._world.tips[stamp]
            return tips
        return calibration.tips(stamp, self._patterns[stamp])

    def _touches(self, calibration: Calibration | None, press: Press) -> Points:
        if calibration is None:
            return press.screen.straightened(press.touches_mm)
        screen = press.screen
        return calibration.correct(press.touches_mm, screen.name, screen=screen.reported_mm)


def codebook_patterns(count: int, rng: np.random.Generator, report: Report) -> Points:
    """Return a random subset of the small family's patterns (N, n, 2), mm."""
    family = load_family(_PATTERNS / "families" / "small.toml")
    try:
        codebook = Codebook.load(_PATTERNS / "codebooks" / "small.npz", family)
    except (OSError, CodebookError):
        codebook = generate(family, report=report)
    return codebook.points(rng.permutation(len(codebook))[:count])


def _variance(points: Points, tips: Points, labels: tuple[int, ...], scale: tuple[float, float]) -> float:
    """Return what one press says of the variance of a touch per axis, given its true labels."""
    laid = np.empty_like(points)
    laid[list(labels)] = points
    count = len(points)
    freedom = 2 * count - (3 if scale[0] == scale[1] else 4)
    return labelled_residual(laid, tips, *scale) ** 2 * count / freedom
