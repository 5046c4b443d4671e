"""The cases of ``patterns/vectors/matching.json``: which stamp made a press, by shape and by place."""

import math
import random
from dataclasses import asdict
from functools import cache

import numpy as np

from stampsdk import PatternIndex
from stampsdk.matching import PlaceModel, PlacePrior, RecognitionModel, recognise
from stampsdk.matching._unregistered import spacing_probability
from tests.vectors import heads
from tests.vectors.shapes import mirrored, pattern, press
from tests.vectors.writing import rounded

KNOWN = [1.0, 1.0]
UNIT = 0.16
PIXELS = [0.1568, 0.1632]
BROWSER = 0.2645
DIGITS = 6
IN_ALL = 60_000


@cache
def registered():
    """Return ids and patterns of each index."""
    rng = random.Random(90)
    five = {100 + k: pattern(rng, 5, radius=18.0, spacing=11.0) for k in range(24)}
    five[200] = five[100][::-1]  # the same stamp once more, its tips told in another order
    five[201] = rounded([(x + rng.uniform(-0.4, 0.4), y + rng.uniform(-0.4, 0.4)) for x, y in five[101]], 3)
    eight = {300 + k: pattern(rng, 8, radius=27.0, spacing=11.0) for k in range(6)}
    return {"five": five, "eight": eight}


@cache
def index_of(name):
    """Return an index of the registered stamps."""
    stamps = registered()[name]
    return PatternIndex.build(np.array(list(stamps.values())), list(stamps))


def document():
    """Return the whole file."""
    return {
        "about": heads.MATCHING,
        "model": asdict(RecognitionModel()),
        "place_model": asdict(PlaceModel()),
        "spacing_probability": _spacing_probabilities(),
        "registered": [
            {"index": name, "id": number, "pattern": points}
            for name, stamps in registered().items()
            for number, points in stamps.items()
        ],
        "cases": [*map(answered, cases())],
    }


def _spacing_probabilities():
    used = {(len(case["touches"]), RecognitionModel(**case.get("model", {}))) for case in cases()}
    faces = sorted({(tips, model.face_diameter_mm, model.least_spacing_mm) for tips, model in used})
    return [
        {
            "tips": tips,
            "face_diameter_mm": face,
            "least_spacing_mm": spacing,
            "probability": float(f"{spacing_probability(tips, face, spacing):.9g}"),
        }
        for tips, face, spacing in faces
    ]


def prior_of(place):
    """Return the library's prior for a place."""
    if "accuracy_m" not in place:
        return PlacePrior.uniform(place["stamps_in_all"])
    return PlacePrior.from_fix(
        [stamp["id"] for stamp in place["nearby"]],
        [stamp["distance_m"] for stamp in place["nearby"]],
        place["accuracy_m"],
        place["stamps_in_all"],
        courier_ids=place["couriers"],
        confidence=place["confidence"],
    )


def recognised(case, index=None):
    """Return what the library says to a case."""
    return recognise(
        index or index_of(case["index"]),
        case["touches"],
        scale=case["scale"] and tuple(case["scale"]),
        log_prior=prior_of(case["place"]),
        tolerance=case["tolerance"],
        model=RecognitionModel(**case.get("model", {})),
    )


def answered(case):
    """Return a case with its answer."""
    answer, prior = recognised(case), prior_of(case["place"])
    told = [
        {
            "id": candidate.stamp_id,
            "residual": round(candidate.residual_mm, 7),
            "posterior": round(candidate.posterior, DIGITS),
            "labels": list(candidate.labels),
        }
        for candidate in answer.candidates
    ]
    # Copies of a pattern differ by rounding alone, which must not decide their order here.
    told.sort(key=lambda each: (-each["posterior"], each["residual"], each["id"]))
    ids = [each["id"] for each in told]
    return case | {
        "prior": {
            "candidates": [float(f"{math.exp(value):.9g}") for value in prior(ids)],
            "none": float(f"{prior.none_probability:.9g}"),
        },
        "answer": {
            "verdict": answer.verdict,
            "stamp_id": answer.stamp_id,
            "posterior": round(answer.posterior, DIGITS),
            "none_posterior": round(answer.none_posterior, DIGITS),
            "candidates": told,
        },
    }


def _fix(nearby, accuracy_m=10.0, *, couriers=(), confidence=0.68):
    return {
        "nearby": [{"id": number, "distance_m": distance} for number, distance in nearby.items()],
        "accuracy_m": accuracy_m,
        "confidence": confidence,
        "couriers": list(couriers),
        "stamps_in_all": IN_ALL,
    }


def _case(name, touches, scale, place, *, index="five", tolerance=0.9, **model):
    case = {"name": name, "index": index, "touches": touches, "scale": scale, "tolerance": tolerance}
    return case | ({"model": model} if model else {}) | {"place": place}


def cases():
    """Yield the cases, without answers; the same ones at each call."""
    five = registered()["five"]
    rng = random.Random(91)
    here = _fix({104: 0.0, 105: 60.0, 106: 400.0})
    yield _case("at its shop, density known", press(rng, five[104], 0.4), KNOWN, here)
    yield _case("at its shop, density to 2 %", press(rng, five[104], 0.4, UNIT), PIXELS, here)
    yield _case("at its shop, density unknown", press(rng, five[104], 0.3, BROWSER), None, here)
    yield _case("at the shop next door", press(rng, five[105], 0.3), KNOWN, here)
    yield _case("a bad press at its shop", press(rng, five[104], 0.8), KNOWN, here, tolerance=2.0)
    web = _fix({104: 20.0}, 35.0, confidence=0.95)
    yield _case("a browser's fix", press(rng, five[104], 0.3, UNIT), PIXELS, web)
    far = _fix({107: 5.0})
    yield _case("far from its shop", press(rng, five[104], 0.3), KNOWN, far)
    yield _case("far from its shop, density unknown", press(rng, five[104], 0.3, BROWSER), None, far)
    yield _case("a courier's stamp", press(rng, five[108], 0.3), KNOWN, _fix({107: 5.0}, couriers=[108, 109]))
    yield from _alike(rng, five)
    yield from _none(rng, five)
    yield from _settings(rng, five)


def _alike(rng, five):
    touches = press(rng, five[100], 0.3)
    both = _fix({100: 0.0, 200: 0.0})
    yield _case("one pattern at two shops, both here", touches, KNOWN, both)
    yield _case("one pattern at two shops, one here", touches, KNOWN, _fix({200: 0.0}))
    yield _case("one pattern at two shops, one 100 m on", touches, KNOWN, _fix({100: 100.0, 200: 0.0}))
    yield _case("one pattern at two shops, no fix", touches, KNOWN, {"stamps_in_all": IN_ALL})
    near = press(rng, five[101], 0.3)
    yield _case("two that hardly differ, both here", near, KNOWN, _fix({101: 0.0, 201: 0.0}))
    yield _case("two that hardly differ, one here", near, PIXELS, _fix({101: 0.0})) | {
        "touches": press(rng, five[101], 0.3, UNIT)
    }


def _none(rng, five):
    place = _fix({110: 0.0})
    yield _case("mirrored", press(rng, mirrored(five[110]), 0.2), KNOWN, place)
    stranger = pattern(rng, 5, radius=18.0, spacing=11.0)
    yield _case("not registered", press(rng, stranger, 0.3), KNOWN, place)
    yield _case("not registered, a wide tolerance", press(rng, stranger, 0.3), KNOWN, place, tolerance=5.0)
    yield _case("all touches in one place", [[200.0, 300.0]] * 5, None, place, tolerance=30.0)
    yield _case(
        "no fix, density unknown", press(rng, five[110], 0.5, BROWSER), None, {"stamps_in_all": 6_000_000}
    )
    yield _case("the only stamp there is", press(rng, five[110], 0.5), KNOWN, {"stamps_in_all": 1})


def _settings(rng, five):
    touches = press(rng, five[112], 0.5)
    place = {"stamps_in_all": 2_000_000}
    yield _case("a strict threshold", touches, KNOWN, place, threshold=0.999999)
    yield _case("a lenient threshold", touches, KNOWN, place, threshold=0.6)
    yield _case(
        "finer noise, none of it bad",
        press(rng, five[113], 0.1),
        KNOWN,
        place,
        sigma_mm=0.1,
        stress_share=0.0,
    )
    eight = registered()["eight"]
    wide = {"face_diameter_mm": 60.0, "least_spacing_mm": 0.0}
    yield _case(
        "eight tips", press(rng, eight[302], 0.4), KNOWN, {"stamps_in_all": IN_ALL}, index="eight", **wide
    )
    yield _case(
        "eight tips, density unknown",
        press(rng, eight[303], 0.4, BROWSER),
        None,
        {"stamps_in_all": IN_ALL},
        index="eight",
        **wide,
    )
