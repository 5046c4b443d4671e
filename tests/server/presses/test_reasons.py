"""The table that turns reasons into what phones are told."""

import re
from pathlib import Path

from server.presses.codes import PublicCode, Refusal
from server.presses.reasons import Reason
from server.presses.texts import Advice
from server.programs.service import CouponRefusal

ROOT = Path(__file__).parents[3]
COARSE = {
    "press_unclear": 422,
    "not_recognised": 422,
    "place_refused": 403,
    "not_fresh": 409,
    "nonce_used": 409,
    "signature_refused": 401,
    "limit_reached": 429,
    "stamp_unavailable": 403,
    "coupon_unavailable": 409,
    "purpose_not_supported": 422,
    "envelope_invalid": 422,
}


def _sources():
    files = (ROOT / "server" / "presses").glob("*.py")
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.name != "reasons.py")


def test_no_two_reasons_have_become_one():
    text = (ROOT / "server" / "presses" / "reasons.py").read_text(encoding="utf-8")
    assert len(Reason) == len(re.findall(r"^    [A-Z_]+ = \(", text, re.MULTILINE))
    assert len({reason.code for reason in Reason}) == len(Reason)


def test_every_reason_is_given_somewhere():
    # CouponRefusal names the coupons' reasons.
    given = set(re.findall(r"Reason\.([A-Z_]+)", _sources())) | {
        name for name in Reason.__members__ if name.startswith("COUPON_")
    }
    assert given == set(Reason.__members__)


def test_every_coupon_refusal_has_a_reason():
    assert {refusal.value for refusal in CouponRefusal} == {
        reason.code for reason in Reason if reason.code.startswith("coupon_")
    }


def test_every_reason_is_in_the_threat_model():
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([a-z_]+)` \| `([a-z_]+)` \|", text, re.MULTILINE))
    assert documented == {reason.code: reason.refusal.public.code for reason in Reason}


def test_refusals_use_the_agreed_coarse_codes_and_statuses():
    assert {refusal.public.code: refusal.public.status for refusal in Refusal} == COARSE


def test_what_phones_learn_about_patterns_and_places_is_one_answer():
    same = {
        reason.refusal
        for reason in (
            Reason.NOT_RECOGNISED,
            Reason.PATTERN_AMBIGUOUS,
            Reason.PATTERN_MIRRORED,
            Reason.OUTSIDE_FENCE,
        )
    }
    assert same == {Refusal.UNRECOGNISED}


def test_columns_hold_every_code():
    assert max(len(reason.code) for reason in Reason) <= 32
    assert max(len(public.code) for public in PublicCode) <= 32


def test_people_read_whole_sentences_in_both_languages():
    for advice in Advice:
        assert re.search("[가-힣]", advice.text.ko), advice
        assert not re.search("[가-힣]", advice.text.en), advice
        assert advice.text.ko.endswith((".", "!")), advice
        assert advice.text.en.endswith((".", "!")), advice
        assert len(advice.text.en) <= 110, advice
        assert len(advice.text.ko) <= 70, advice


def test_the_threat_model_names_tests_that_exist():
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = set(re.findall(r"test_[a-z_]+\.py", text))
    rooms = (ROOT / "tests" / "server", ROOT / "tests" / "console")
    here = {file.name for room in rooms for file in room.rglob("test_*.py")}
    assert named
    assert named <= here
