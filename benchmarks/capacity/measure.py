"""Measure one row."""

import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from benchmarks.capacity.city import LocalStamps, Neighbourhood, neighbourhood
from benchmarks.capacity.impostors import recorded_hands
from benchmarks.capacity.jobs import THRESHOLDS, Job, Row
from benchmarks.capacity.matcher import Answer, LacksTip, Shared, matcher_of
from benchmarks.capacity.prediction import union_bound
from benchmarks.capacity.presses import press, with_ghost
from benchmarks.capacity.sources import index_of
from benchmarks.capacity.uniform import TooTightError, uniform_patterns
from stampsdk.index import PatternIndex
from stampsdk.matching import PlaceModel, PlacePrior

Real = npt.NDArray[np.float64]

_PREDICTED = 200
_VERDICT = 0.999
_LEAST_MATCHED = 4


def measure(job: Job) -> Row:
    """Press as often as the job says and count what becomes of it."""
    if job.trouble and job.source.tips - (job.trouble == "missing") < _LEAST_MATCHED:
        return Row(job.name, 0, skipped=f"the search needs {_LEAST_MATCHED} matched tips")
    try:
        index = index_of(job.source, partial=job.trouble == "missing")
    except TooTightError as error:
        return Row(job.name, 0, skipped=str(error))
    rng = job.rng()
    strangers = _strangers(job, rng)
    presses = job.presses if strangers is None else min(job.presses, len(strangers))
    if not presses:
        return Row(job.name, 0, skipped=f"no recorded hands with {job.source.tips} contacts at hand")
    pressed = rng.integers(len(index), size=presses)
    answers = []
    spent = 0.0
    place_model = PlaceModel(unregistered_share=job.unregistered)
    for number in range(presses):
        pattern = int(pressed[number])
        here = None
        if job.place is not None:
            here = neighbourhood(job.place, len(index), place_model, rng)
            if job.kind == "registered":
                pattern = int(here.patterns[0])
        tips = index.points([pattern])[0] if strangers is None else strangers[number]
        touches = _touches(job, tips, rng)
        begin = time.perf_counter()
        answer = _ask(job, index, here, touches, place_model)
        spent += time.perf_counter() - begin
        truth = _truth(job, pattern, here)
        answers.append((answer, truth))
    row = _counted(job, answers, 1000 * spent / presses)
    if job.kind != "registered" or job.trouble or job.place is not None:
        return row
    return _with_prediction(row, job, index, pressed[:_PREDICTED], rng)


def _strangers(job: Job, rng: np.random.Generator) -> Real | None:
    """Return tips of what is pressed where it is no registered pattern."""
    source = job.source
    if job.kind == "random":
        return uniform_patterns(job.presses, source.tips, source.face_mm / 2, source.spacing_mm, rng)
    if job.kind == "hands":
        return rng.permutation(recorded_hands(source.tips))
    return None


def _touches(job: Job, tips: Real, rng: np.random.Generator) -> Real:
    if job.kind == "mirrored":
        tips = tips * (-1.0, 1.0)
    if job.kind == "scaled":
        tips = tips * job.factor
    if job.trouble == "missing":
        # The bias of each tip is drawn with the others', then one of them is not there.
        return press(tips, job.noise, job.true_scale_error, rng)[1:]
    touches = press(tips, job.noise, job.true_scale_error, rng)
    if job.trouble == "ghost":
        touches = with_ghost(touches, job.source.face_mm, job.source.spacing_mm, rng)
    return touches


def _ask(
    job: Job, index: PatternIndex, here: Neighbourhood | None, touches: Real, place: PlaceModel
) -> Answer:
    matcher = matcher_of(job)
    if here is not None:
        local = LocalStamps(index, here)
        return matcher.ask(local, touches, local)
    prior = PlacePrior.uniform(len(index), model=place)
    if job.trouble == "missing":
        return matcher.ask(LacksTip(index), touches, Shared(prior, job.source.tips))
    return matcher.ask(index, touches, Shared(prior, len(touches)) if job.trouble else prior)


def _truth(job: Job, pattern: int, here: Neighbourhood | None) -> int | None:
    """Return the id that names what was pressed or copied; None if there is none."""
    if job.kind in {"random", "hands"}:
        return None
    if here is None:
        return pattern
    return 0 if job.kind == "registered" else len(here.patterns) + pattern


def _counted(job: Job, answers: list[tuple[Answer, int | None]], milliseconds: float) -> Row:
    verdicts = [answer.verdict(_VERDICT) for answer, _ in answers]
    at = {}
    for threshold in THRESHOLDS:
        named = [answer.best == truth for answer, truth in answers if answer.identifies(threshold)]
        at[f"{threshold:g}"] = (sum(named), len(named) - sum(named))
    right, wrong = at[f"{_VERDICT:g}"]
    return Row(
        job.name,
        len(answers),
        right=right,
        wrong=wrong,
        ambiguous=verdicts.count("ambiguous"),
        unknown=verdicts.count("unknown"),
        nearest_wrong=sum(answer.best != truth or truth is None for answer, truth in answers),
        at=at,
        candidates=sum(answer.candidates for answer, _ in answers) / len(answers),
        milliseconds=milliseconds,
    )


def _with_prediction(
    row: Row, job: Job, index: PatternIndex, pressed: npt.NDArray[np.int64], rng: np.random.Generator
) -> Row:
    points = index.points(pressed)
    error = job.true_scale_error
    points = points * (1.0 + rng.uniform(-error, error, (len(points), 1, 1)))
    sigma = matcher_of(job).model.sigma_mm if job.matcher == "told" else job.noise.sigma_mm
    return replace(row, predicted=union_bound(index, pressed, points, job.scale, sigma))
