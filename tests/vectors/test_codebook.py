"""``codebook.json`` is what the library answers, and its head says enough to get it by arithmetic."""

import itertools
import math

import numpy as np
import pytest

from stampsdk.codebook import CodebookError, SerialError
from tests.vectors import codebook_cases
from tests.vectors.codebook_cases import book
from tests.vectors.writing import FOLDER, MADE_BY, read, text_of

VECTORS = read("codebook.json")
FAMILY = VECTORS["family"]


def test_the_file_is_what_the_library_answers_now():
    written = (FOLDER / "codebook.json").read_text(encoding="utf-8")
    assert written == text_of(codebook_cases.document()), f"run: {MADE_BY}"


def test_stamps_are_read_either_way():
    assert len(VECTORS["stamps"]) >= 20
    for stamp in VECTORS["stamps"]:
        assert book().number_of_serial(stamp["serial"]) == stamp["number"]
        assert book().number_of(np.array(stamp["tips_um"]) / 1000.0) == stamp["number"]


def address_by_the_head(text):
    """Read a serial by the words of the file's head, in whole numbers; or say what is wrong."""
    plain = "".join(text.upper().split()).replace("-", "")
    plain = plain.replace("O", "0").replace("I", "1").replace("L", "1")
    values = [FAMILY["letters"].find(symbol) for symbol in plain]
    if len(values) != FAMILY["symbols"] + 1:
        return "serial_length"
    if values[-1] < 0 or not all(0 <= value < 32 for value in values[:-1]):
        return "serial_symbol"
    number = sum(value * 32**place for place, value in enumerate(reversed(values[:-1])))
    if number % 37 != values[-1]:
        return "serial_check"
    if number >= 128 ** FAMILY["dimensions"]:
        return "serial_range"
    return [number // 128**place % 128 - 64 for place in reversed(range(FAMILY["dimensions"]))]


def test_serials_are_read_by_the_words_of_the_head_alone():
    for stamp in VECTORS["stamps"]:
        assert address_by_the_head(stamp["serial"]) == stamp["address"]
    for reading in VECTORS["readings"]:
        assert book().number_of_serial(reading["text"]) == reading["number"]
        assert address_by_the_head(reading["text"]) == book().addresses[reading["number"]].tolist()


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: f"{case['reason']} {case['text']}")
def test_what_is_no_serial_is_refused_for_its_reason(case):
    with pytest.raises(SerialError) as caught:
        book().number_of_serial(case["text"])
    assert caught.value.code == case["reason"]
    assert isinstance(caught.value, CodebookError)
    read_as = address_by_the_head(case["text"])
    if case["reason"] == "serial_unknown":
        assert not (book().addresses == read_as).all(axis=1).any()
    else:
        assert read_as == case["reason"]


def test_every_reason_has_a_case():
    reasons = {case["reason"] for case in VECTORS["refused"]}
    assert reasons == {"serial_length", "serial_symbol", "serial_check", "serial_range", "serial_unknown"}


def test_shapes_follow_from_addresses_by_the_words_of_the_head():
    """The distances of all tips, which neither place nor angle changes."""
    n = FAMILY["tips"]
    gauge = [complex(*value) for value in FAMILY["gauge"]]
    across = [[complex(*value) for value in row] for row in FAMILY["across"]]
    for stamp in VECTORS["stamps"]:
        pairs = zip(stamp["address"], FAMILY["offset"], strict=True)
        x = [(whole + offset) * FAMILY["unit_mm"] for whole, offset in pairs]
        tips = [
            x[0] * gauge[k] + sum(complex(x[1 + j], x[n - 1 + j]) * across[j][k] for j in range(n - 2))
            for k in range(n)
        ]
        for j, k in itertools.combinations(range(n), 2):
            engraved = math.dist(stamp["tips_um"][j], stamp["tips_um"][k])
            assert abs(tips[j] - tips[k]) * 1000.0 == pytest.approx(engraved, abs=2.0)
        # Nor is it the mirror image: area is what a reflection changes.
        area = sum((a.conjugate() * b).imag for a, b in itertools.pairwise([*tips, tips[0]]))
        corners = [complex(a, b) / 1000.0 for a, b in stamp["tips_um"]]
        same = sum((a.conjugate() * b).imag for a, b in itertools.pairwise([*corners, corners[0]]))
        assert area == pytest.approx(same, abs=0.5)


def test_touched_patterns_are_the_only_ones_so_near():
    """Against all patterns of the family and all labellings, at known scale, straight."""
    points = book().points()
    z = points[..., 0] + 1j * points[..., 1]
    z -= z.mean(axis=1, keepdims=True)
    orders = list(itertools.permutations(range(FAMILY["tips"])))
    for case in VECTORS["touched"]:
        q = np.array([complex(*touch) for touch in case["touches_mm"]])
        q -= q.mean()
        overlap = np.max([np.abs(z @ np.conj(q[list(order)])) for order in orders], axis=0)
        squared = ((np.abs(z) ** 2).sum(axis=1) + (np.abs(q) ** 2).sum() - 2.0 * overlap) / len(q)
        near = np.flatnonzero(squared < 0.02**2).tolist()
        assert near == ([] if case["number"] is None else [case["number"]])
        assert book().number_of(case["touches_mm"]) == case["number"]
    assert sum(case["number"] is None for case in VECTORS["touched"]) == 3
