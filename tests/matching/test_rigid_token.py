"""A real token with four pins on a real screen, looked for among ten thousand decoys."""

import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest

from stampsdk import PatternIndex
from stampsdk.codebook import random_patterns
from stampsdk.geometry import residual

SHARED = Path(os.environ.get("STAMP_SHARED", Path(__file__).parents[3] / "shared"))
RECORDING = SHARED / "recordings" / "rigid-token" / "placements.json"
TOKEN = 1_000_000
DECOYS = 10_000
SCALE = (0.95, 1.05)

# Touch error per axis as a share of the longest distance: measured on another token of the same source, so
# that nothing is fitted to the placements under test.
ERROR = 0.0135
PAIRS = list(itertools.permutations(range(4), 2))


def _longest(pattern):
    return np.linalg.norm(pattern[:, None] - pattern[None], axis=2).max()


def _tolerance(pattern):
    """Residual that 99.9 % of honest pairs stay below; one rule from the touch error, for any token.

    Both placements carry the error, hence twice the variance.  The squared residual of n points is then
    2 sigma² / n times chi-squared with 2n - 4 degrees of freedom (place, angle and scale are fitted), whose
    99.9 % quantile for n = 4 is 18.47.
    """
    return np.sqrt(2) * ERROR * _longest(pattern) * np.sqrt(18.47 / len(pattern))


def _decoys(pattern, seed):
    """Four random tips each, anywhere in a disc as wide as the token is long."""
    face = _longest(pattern)
    rng = np.random.default_rng(seed)
    return random_patterns(DECOYS, tips=4, face_diameter_mm=face, least_spacing_mm=1, rng=rng)


@pytest.fixture(scope="module")
def recording():
    if not RECORDING.exists():
        pytest.skip("the recording of a rigid token is not beside this repository")
    told = json.loads(RECORDING.read_text(encoding="utf-8"))
    return np.array(told["placements_px"], dtype=float), np.array(told["doubtful_px"][0], dtype=float)


@pytest.mark.parametrize("enrolled", range(4))
def test_enrolled_from_any_placement_the_others_are_found_first(recording, enrolled):
    placements, doubtful = recording
    pattern = placements[enrolled]
    known = np.concatenate((_decoys(pattern, 0), pattern[None]))
    index = PatternIndex.build(known, np.append(np.arange(DECOYS), TOKEN))
    tolerance = _tolerance(pattern)
    for other in set(range(4)) - {enrolled}:
        assert index.search(placements[other], tolerance=tolerance, scale=SCALE).ids[0] == TOKEN
    assert TOKEN not in index.search(doubtful, tolerance=tolerance, scale=SCALE).ids


def test_one_tolerance_takes_every_placement_and_not_the_doubtful_one(recording):
    placements, doubtful = recording
    honest = [
        residual(placements[one], placements[other], scale=SCALE).residual / _tolerance(placements[other])
        for one, other in PAIRS
    ]
    doubt = [
        residual(doubtful, pattern, scale=SCALE).residual / _tolerance(pattern) for pattern in placements
    ]
    assert max(honest) < 0.7
    assert min(doubt) > 2


def test_over_many_draws_of_decoys_the_token_comes_first_nine_times_in_ten(recording):
    """Four tips cannot do better: now and then a random pattern is truly nearer than the second placement.

    A press alone is what decides it, so each decoy that comes first is held against the exact residual.
    """
    placements, _ = recording
    first = 0
    for seed in range(1, 21):
        decoys = _decoys(placements[0], seed)
        index = PatternIndex.build(decoys)
        for shown, enrolled in PAIRS:
            own = residual(placements[shown], placements[enrolled], scale=SCALE).residual
            hits = index.search(placements[shown], tolerance=own, scale=SCALE)
            first += len(hits.ids) == 0
            for decoy in hits.ids:
                assert residual(placements[shown], decoys[decoy], scale=SCALE).residual <= own
    # 219 of 240 were seen; two standard errors of that are 9.
    assert first >= 210
