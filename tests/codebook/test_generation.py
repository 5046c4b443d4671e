"""Generated codebooks, against brute force over all labellings, and against themselves."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from shapely import contains_xy

from stampsdk.codebook import Codebook, CodebookError, FamilyError, generate, throw, verify
from stampsdk.codebook import generation as module
from tests.codebook.families import CUSTOM, FOUR_TIPS, SQUARE, TEXT, family


@pytest.fixture(
    scope="module", params=[TEXT, SQUARE, CUSTOM, FOUR_TIPS], ids=["round", "square", "custom", "four"]
)
def book(request):
    return generate(family(request.param))


@pytest.fixture(scope="module")
def tiny():
    return generate(family())


def distances(left, right):
    """Least distance at known scale over all labellings, straight from the definition."""
    a, b = left[:, 0] + 1j * left[:, 1], right[..., 0] + 1j * right[..., 1]
    a, b = a - a.mean(), b - b.mean(axis=-1, keepdims=True)
    orders = np.array(list(itertools.permutations(range(len(a)))))
    overlap = np.abs(b[:, orders] @ np.conj(a)).max(axis=1)
    squared = (np.abs(a) ** 2).sum() + (np.abs(b) ** 2).sum(axis=1) - 2.0 * overlap
    return np.sqrt(np.maximum(squared, 0.0))


def test_no_two_patterns_and_no_mirror_are_too_near(book):
    points = book.points()
    least = book.family.distance_mm - 1e-9
    rng = np.random.default_rng(0)
    for number in rng.choice(len(points), min(60, len(points)), replace=False):
        others = np.delete(points, number, axis=0)
        assert distances(points[number], others).min() >= least
        assert distances(points[number] * [-1, 1], points[number : number + 1]).min() >= least


def test_no_pattern_is_near_one_of_its_own_relabellings(book):
    least = book.family.distance_mm - 1e-9
    for pattern in book.points()[::7]:
        z = pattern[:, 0] + 1j * pattern[:, 1]
        z = z - z.mean()
        for order in itertools.permutations(range(len(z))):
            if order != tuple(range(len(z))):
                overlap = abs(np.vdot(z, z[list(order)]))
                assert 2.0 * ((np.abs(z) ** 2).sum() - overlap) >= least**2


def test_tips_stand_apart_and_on_the_face(book):
    points, spec = book.points(), book.family
    for j, k in itertools.combinations(range(spec.tips), 2):
        assert np.linalg.norm(points[:, j] - points[:, k], axis=1).min() >= spec.spacing_mm
    room = spec.face.polygon().buffer(-spec.edge_mm + 0.02)  # polygons stand for circles
    assert contains_xy(room, points[..., 0], points[..., 1]).all()


def test_numbers_serials_and_patterns_lead_to_each_other(book):
    rng = np.random.default_rng(1)
    for number in {0, len(book) - 1, *rng.integers(len(book), size=20).tolist()}:
        pattern = book.points([number])[0]
        turn = np.exp(1j * rng.uniform(0, 7))
        z = (pattern[:, 0] + 1j * pattern[:, 1]) * turn + complex(*rng.uniform(-90, 90, 2))
        moved = rng.permutation(np.column_stack([z.real, z.imag]))
        assert book.number_of(moved) == number
        assert book.number_of(moved * [-1, 1]) is None
        assert book.number_of(moved * 1.02) is None
        assert book.number_of_serial(book.serial(number)) == number
        assert book.number_of_serial(book.serial(number).lower().replace("-", " ")) == number


def test_whatever_is_no_pattern_has_no_number(tiny):
    assert tiny.number_of(np.zeros((5, 2))) is None
    assert tiny.number_of(np.full((5, 2), np.nan)) is None
    assert tiny.number_of(np.zeros((4, 2))) is None
    rng = np.random.default_rng(0)
    assert all(tiny.number_of(rng.uniform(-15, 15, (5, 2))) is None for _ in range(50))


def test_a_wrong_symbol_in_a_serial_is_noticed(tiny):
    serial = tiny.serial(17)
    wrong = 0
    for place, old in enumerate(serial):
        for new in "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U":
            if new not in (old, "-") and old != "-":
                with pytest.raises(CodebookError):
                    tiny.number_of_serial(serial[:place] + new + serial[place + 1 :])
                wrong += 1
    assert wrong > 300
    for place in range(len(serial) - 1):
        left, right = serial[place], serial[place + 1]
        if left != right and "-" not in (left, right):
            with pytest.raises(CodebookError):
                tiny.number_of_serial(serial[:place] + right + left + serial[place + 2 :])


def test_any_number_of_threads_gives_the_same_bits(tiny, monkeypatch):
    monkeypatch.setattr(module, "cores", lambda: 1)
    assert generate(family()).digest() == tiny.digest()


def test_another_process_gives_the_same_bits(tiny):
    program = (
        "from tests.codebook.families import family\n"
        "from stampsdk.codebook import generate\n"
        "print(generate(family()).digest())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == tiny.digest()


def test_a_run_that_was_stopped_goes_on(tiny, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(what, share):
        if what == "finding conflicts":
            raise StoppedError

    with pytest.raises(StoppedError):
        generate(family(), stop, tmp_path / "work")
    pieces = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "work").glob("*.npy")}
    assert len(pieces) > 10
    assert generate(family(), work=tmp_path / "work").digest() == tiny.digest()
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "work").glob("*.npy")}
    assert pieces.items() <= after.items(), "nothing was made twice"
    other = generate(family(distance_mm=4.5, count=50), work=tmp_path / "work")
    assert other.digest() == generate(family(distance_mm=4.5, count=50)).digest(), (
        "pieces of another family are not taken"
    )


def test_a_count_that_cannot_be_is_refused_with_the_largest_that_can(tiny):
    with pytest.raises(FamilyError, match=f"more than the {len(tiny):,} patterns") as caught:
        generate(family(count=len(tiny) + 1))
    assert caught.value.code == "family_impossible"


def test_a_codebook_is_kept_and_a_damaged_or_foreign_one_refused(tiny, tmp_path):
    path = tmp_path / "tiny.npz"
    tiny.save(path)
    again = Codebook.load(path, family())
    assert again.digest() == tiny.digest()
    assert again.serial(5) == tiny.serial(5)
    with pytest.raises(CodebookError, match="generated for another family") as caught:
        Codebook.load(path, family(distance_mm=4.1))
    assert caught.value.code == "codebook_foreign"
    good = path.read_bytes()
    for bad in (b"", good[:-100], b"PK\x03\x04" + bytes(200), good[:300] + bytes(40) + good[340:]):
        path.write_bytes(bad)
        with pytest.raises(CodebookError, match="generate it again") as caught:
            Codebook.load(path, family())
        assert caught.value.code == "codebook_invalid"


def test_verifying_finds_what_is_there_and_what_is_not(tiny):
    found = verify(tiny, lambda _what, _share: None)
    assert found.faults == ()
    assert found.count == len(tiny)
    assert 4.0 <= found.least_distance_mm < 4.1
    assert (found.thrown, len(found.digest)) == (0, 64)
    doubled = Codebook(family(), np.concatenate([tiny.addresses[:40], tiny.addresses[30:60]]))
    faults = verify(doubled, lambda _what, _share: None).faults
    assert any("only 70 patterns" in fault for fault in faults)
    assert any("0.000000 mm apart" in fault for fault in faults)


def test_random_throwing_keeps_its_distance_and_stops():
    shares = []
    loose = family(distance_mm=3.5, count=1)
    kept = throw(loose, np.random.default_rng(3), report=lambda _kept, share: shares.append(share))
    assert 50 < kept < len(generate(loose)), "a lattice holds more"
    assert shares[-1] < 0.01 <= min(shares[:-1], default=1.0)
    assert kept == throw(loose, np.random.default_rng(3))
