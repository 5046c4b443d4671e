"""``matching.json`` is what the library answers; brute force and integrals say the same."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from tests import oracle
from tests.matching.bruteforce import TinyIndex
from tests.vectors import matching_cases
from tests.vectors.writing import FOLDER, MADE_BY, read, text_of

VECTORS = read("matching.json")
CASES = VECTORS["cases"]
NAMES = [case["name"] for case in CASES]


def stamps_of(case):
    return {each["id"]: each["pattern"] for each in VECTORS["registered"] if each["index"] == case["index"]}


def model_of(case):
    return VECTORS["model"] | case.get("model", {})


def test_the_file_is_what_the_library_answers_now():
    written = (FOLDER / "matching.json").read_text(encoding="utf-8")
    assert written == text_of(matching_cases.document()), f"run: {MADE_BY}"


def test_every_verdict_is_there_by_known_ranged_and_free_scale():
    assert len(set(NAMES)) == len(NAMES) >= 20
    assert {case["answer"]["verdict"] for case in CASES} == {"identified", "ambiguous", "unknown"}
    identified = [case for case in CASES if case["answer"]["verdict"] == "identified"]
    assert {case["scale"] and tuple(case["scale"]) for case in identified} == {
        None,
        tuple(matching_cases.KNOWN),
        tuple(matching_cases.PIXELS),
    }


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_candidates_are_all_that_brute_force_finds(case):
    told = {each["id"]: each for each in case["answer"]["candidates"]}
    if all(touch == case["touches"][0] for touch in case["touches"]):
        assert not told  # all at one place is no shape, whatever the tolerance
        return
    for number, pattern in stamps_of(case).items():
        least, labels = oracle.residual(case["touches"], pattern, case["scale"])
        assert (number in told) == (least <= case["tolerance"])
        if number in told:
            assert told[number]["residual"] == pytest.approx(least, abs=1e-6)
            assert tuple(told[number]["labels"]) == labels


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["index"] == "five" and case["touches"][0] != case["touches"][1]],
    ids=lambda case: case["name"],
)
def test_recognition_over_a_brute_force_index_says_the_same(case):
    stamps = stamps_of(case)
    answer = matching_cases.recognised(case, TinyIndex(list(stamps.values()), list(stamps)))
    assert (answer.verdict, answer.stamp_id) == (case["answer"]["verdict"], case["answer"]["stamp_id"])
    assert answer.none_posterior == pytest.approx(case["answer"]["none_posterior"], abs=2e-6)
    assert {each.stamp_id: each.posterior for each in answer.candidates} == pytest.approx(
        {each["id"]: each["posterior"] for each in case["answer"]["candidates"]}, abs=2e-6
    )


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_verdict_follows_from_the_posteriors(case):
    answer, threshold = case["answer"], model_of(case)["threshold"]
    shares = [each["posterior"] for each in answer["candidates"]]
    assert sum(shares) + answer["none_posterior"] == pytest.approx(1.0, abs=1e-5)
    assert shares == sorted(shares, reverse=True)
    assert answer["posterior"] == max(shares, default=0.0)
    best = answer["candidates"][0]["id"] if shares else None
    certain = answer["posterior"] >= threshold
    some = answer["none_posterior"] <= 1.0 - threshold
    assert answer["verdict"] == ("identified" if certain else "ambiguous" if some else "unknown")
    assert answer["stamp_id"] == (best if certain else None)
    # No figure stands so near the threshold that rounding decides.
    for share in (answer["posterior"], 1.0 - answer["none_posterior"]):
        assert abs(share - threshold) > 2e-6


def log_density(case, pattern, labels):
    """Log density of touches at known scale, but for what all share: an integral over the angle."""
    q = np.array([complex(*touch) for touch in case["touches"]])
    h = np.array([complex(*tip) for tip in pattern])[labels]
    q, h = q - q.mean(), h - h.mean()
    model = model_of(case)
    parts = (
        (1.0 - model["stress_share"], model["sigma_mm"]),
        (model["stress_share"], model["stress_sigma_mm"]),
    )
    fitted = np.angle(np.vdot(h, q))
    best = (np.abs(q - h * np.exp(1j * fitted)) ** 2).sum()

    def density(turn):
        away = (np.abs(q - h * np.exp(1j * (fitted + turn))) ** 2).sum() - best
        return sum(
            share / sigma ** (2 * len(q) - 2) * math.exp(-(away + best) / (2.0 * sigma**2))
            for share, sigma in parts
        )

    value, _ = quad(density, -0.5, 0.5, points=[0.0], epsabs=0.0, epsrel=1e-9)
    return math.log(value)


def test_odds_of_candidates_are_what_integrals_over_the_angle_give():
    compared = 0
    for case in CASES:
        found = case["answer"]["candidates"]
        if case["scale"] != matching_cases.KNOWN or len(found) < 2 or found[1]["posterior"] < 1e-3:
            continue
        weights = [
            math.log(prior) + log_density(case, stamps_of(case)[each["id"]], each["labels"])
            for prior, each in zip(case["prior"]["candidates"], found, strict=True)
        ]
        odds = found[0]["posterior"] / found[1]["posterior"]
        assert math.exp(weights[0] - weights[1]) == pytest.approx(odds, rel=2e-3), case["name"]
        compared += 1
    assert compared >= 3


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_priors_follow_from_the_place(case):
    """By the formula of `PlaceModel`, straight."""
    place, model, prior = case["place"], VECTORS["place_model"], case["prior"]
    if "accuracy_m" not in place:
        assert prior["none"] == pytest.approx(model["unregistered_share"])
        assert prior["candidates"] == pytest.approx(
            [(1.0 - model["unregistered_share"]) / place["stamps_in_all"]] * len(prior["candidates"])
        )
        return
    axis = place["accuracy_m"] / math.sqrt(-2.0 * math.log(1.0 - place["confidence"]))
    spread = math.hypot(axis, model["fence_slack_m"])
    weight = {
        each["id"]: (1.0 + (each["distance_m"] / spread) ** 2 / model["tail"])
        ** (-(model["tail"] + 2.0) / 2.0)
        for each in place["nearby"]
    }
    travelling = model["courier_share"] if place["couriers"] else 0.0
    local = 1.0 - model["unregistered_share"] - model["elsewhere_share"] - travelling
    parts = {number: local * each / max(1.0, sum(weight.values())) for number, each in weight.items()}
    for number in place["couriers"]:
        parts[number] = parts.get(number, 0.0) + travelling / len(place["couriers"])
    assert prior["none"] == pytest.approx(1.0 - model["elsewhere_share"] - sum(parts.values()), rel=1e-6)
    everywhere = model["elsewhere_share"] / place["stamps_in_all"]
    assert prior["candidates"] == pytest.approx(
        [everywhere + parts.get(each["id"], 0.0) for each in case["answer"]["candidates"]], rel=1e-6
    )
