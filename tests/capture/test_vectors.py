"""The vectors for ports are what the reference does, and cover what it can do."""

import json

from stampsdk.capture import VoidReason
from tests.capture.make_vectors import VECTORS, text


def test_the_file_is_what_the_reference_produces():
    assert VECTORS.read_text(encoding="utf-8") == text(), "run: python -m tests.capture.make_vectors"


def test_every_outcome_is_covered():
    cases = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
    assert len({case["name"] for case in cases}) == len(cases) >= 25
    outcomes = [outcome for case in cases for outcome in case["outcomes"]]
    reasons = {outcome["void"]["reason"] for outcome in outcomes if "void" in outcome}
    # A time that is no number cannot be written in JSON, but a clock that jumps back can.
    assert reasons == {str(reason) for reason in VoidReason}
    assert sum("press" in outcome for outcome in outcomes) >= 12
    assert any(not case["outcomes"] for case in cases)


def test_outcomes_follow_their_events():
    for case in json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]:
        for outcome in case["outcomes"]:
            event = case["events"][outcome["after"]]
            if "press" in outcome:
                assert event["kind"] in {"tick", "move"}, case["name"]
