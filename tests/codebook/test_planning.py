"""What a plan promises is held against lattices counted out, presses simulated, and codebooks generated."""

import itertools
import math

import numpy as np
import pytest
from scipy import special

from stampsdk import PatternIndex
from stampsdk.codebook import Face
from stampsdk.codebook._lattice import dimensions, is_lattice_point
from stampsdk.codebook._spectrum import kissing_number, lattice_needed, neighbours, wrong_rate
from stampsdk.codebook._volume import random_shapes
from stampsdk.codebook.planning import KEPT, expected_patterns, plan, read_noise
from tests.codebook.small_books import book, family


@pytest.mark.parametrize("dimension", [3, 5, 7])
def test_neighbours_are_counted_as_by_going_through_all_points(dimension):
    counts = {}
    for point in itertools.product(range(-2, 3), repeat=dimension):
        norm = sum(value * value for value in point)
        if 0 < norm < 9 and is_lattice_point(np.array(point)):
            counts[norm] = counts.get(norm, 0) + 1
    assert dict(pair for pair in neighbours(dimension) if pair[0] < 9) == counts


def test_the_densest_lattices_have_their_known_kissing_numbers():
    assert kissing_number(7) == 126  # E7
    assert [number for _, number in neighbours(7)[:3]] == [126, 756, 2072]  # its theta series


@pytest.mark.parametrize("rate", [1e-2, 1e-6])
def test_the_distance_needed_is_that_of_the_rate(rate):
    for dimension in (3, 7, 17):
        lattice = lattice_needed(dimension, rate, 0.4)
        assert wrong_rate(dimension, lattice, 0.4) == pytest.approx(rate, rel=1e-6)
        assert lattice_needed(dimension, rate, 0.8) == pytest.approx(2 * lattice)


def test_room_of_three_tips_is_that_of_a_plain_integral():
    """Kendall's way for triangles: the first two tips on a line, the third anywhere, counted on a grid."""
    radius, spacing = 17.5, 11.0
    step = 0.25
    axis = np.arange(-2 * radius + step / 2, 2 * radius, step)
    x, y = np.meshgrid(axis, axis)
    total = 0.0
    for side in np.arange(spacing + step / 2, 2 * radius, step):
        a, b = np.hypot(x, y), np.hypot(x - side, y)
        sides = np.sort(np.stack([np.full_like(a, side), a, b]), axis=0)
        area = np.abs(side * y) / 2
        obtuse = sides[2] ** 2 >= sides[0] ** 2 + sides[1] ** 2
        circle = np.where(obtuse, sides[2] / 2, sides.prod(axis=0) / (4 * area))
        good = (sides[0] >= spacing) & (circle <= radius)
        norm = np.sqrt((sides**2).sum(axis=0) / 3)
        # du of the second tip is side · d(side) · d(angle); over all angles that is the orbit, 2π|z| long
        total += (side * good / norm).sum() * step**3
    expected = total / 3 / math.factorial(3)
    shapes = random_shapes(
        3, Face("round", 40.0), spacing_mm=spacing, edge_mm=2.5, count=20_000, rng=np.random.default_rng(1)
    )
    room, error = shapes.volume()
    assert error < 0.01 * room
    assert room == pytest.approx(expected, abs=4 * error + 0.01 * expected)


def shapes_of(made, count=8000):
    return random_shapes(
        made.tips,
        made.face,
        spacing_mm=made.spacing_mm,
        edge_mm=made.edge_mm,
        count=count,
        rng=np.random.default_rng(2),
    )


QUICK = [(4, 40, 3.0), (5, 40, 5.0), (5, 45, 4.5)]
LONG = [(3, 40, 1.0), (3, 50, 1.5), (4, 50, 4.0), (5, 40, 3.5), (5, 50, 6.5), (6, 45, 6.0)]


def check_count(tips, width, distance):
    made = book(tips, width, distance)
    lattice, spread = expected_patterns(tips, shapes_of(made.family), distance)
    share = len(made) / lattice
    # The lattice is put down anywhere: about the root of the count falls to chance.
    chance = 3 * (spread + 1 / math.sqrt(len(made)))
    assert KEPT[tips] * (1 - chance) <= share <= 1 + chance


@pytest.mark.parametrize(("tips", "width", "distance"), QUICK)
def test_generated_codebooks_hold_what_the_room_promises(tips, width, distance):
    check_count(tips, width, distance)


@pytest.mark.slow
@pytest.mark.parametrize(("tips", "width", "distance"), LONG)
def test_more_generated_codebooks_hold_what_the_room_promises(tips, width, distance):
    check_count(tips, width, distance)


@pytest.mark.parametrize(("tips", "width", "distance"), [(4, 40, 3.0), (5, 45, 4.5)])
def test_presses_are_mixed_up_no_more_often_than_bounded(tips, width, distance):
    made = book(tips, width, distance)
    points, rng = made.points(), np.random.default_rng(3)
    index = PatternIndex.build(points)
    sigma = made.family.unit_mm * 2 / 6.5
    pressed = rng.integers(len(points), size=8000)
    touches = points[pressed] + rng.normal(size=(len(pressed), tips, 2)) * sigma
    hits = index.search_batch(touches, 2.0, (1.0, 1.0))
    assert (np.diff(hits.offsets) > 0).all()
    wrong = (hits.ids[hits.offsets[:-1]] != pressed).mean()
    near = index.search_batch(points, 2.0 * distance / tips**0.5, (1.0, 1.0)).residual * tips**0.5
    union = special.ndtr(-near[near > 1e-6] / 2 / sigma).sum() / len(points)
    error = 4 * math.sqrt(union / len(pressed))
    assert 0 < wrong <= union + error
    assert union <= wrong_rate(dimensions(tips), made.family.unit_mm * 2, sigma)
    assert union <= 2 * wrong  # so that the bound says something


def test_plans_answer():
    little = family(4, 40, 3.5)
    options = {"face_mm": 40.0, "families": [little], "draws": 1500}
    made = plan(300, error=1e-3, rng=np.random.default_rng(0), **options)
    assert [option.tips for option in made.options] == list(range(3, 11))
    assert made.advice is None
    assert made.options[0].patterns < 300 <= made.options[2].patterns
    assert made.families[0].reasons == ("has 1 patterns only",)
    strict = plan(300, error=1e-6, rng=np.random.default_rng(0), **options)
    for loose, tight in zip(made.options, strict.options, strict=True):
        assert tight.distance_mm > loose.distance_mm
        assert tight.patterns <= loose.patterns
    assert len(strict.families[0].reasons) == 2


def test_a_plan_that_fails_says_what_would_do():
    rng = np.random.default_rng(0)
    made = plan(10**6, face_mm=40.0, error=1e-3, rng=rng, draws=1500)
    advice = made.advice
    assert advice.most == max(option.patterns for option in made.options) < 10**6
    assert advice.close > advice.most
    wider = plan(10**6, face_mm=float(advice.face_mm), error=1e-3, rng=rng, draws=1500)
    assert max(option.patterns for option in wider.options) > 0.8 * 10**6
    quiet = plan(10**6, face_mm=40.0, error=1e-3, sigma_mm=advice.sigma_mm, rng=rng, draws=1500)
    assert max(option.patterns for option in quiet.options) > 0.8 * 10**6


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stamps": 0}, "stamps"),
        ({"error": 0.5}, "error"),
        ({"error": 0.0}, "error"),
        ({"face_mm": math.nan}, "face_mm"),
        ({"sigma_mm": 0.0}, "sigma_mm"),
        ({"spacing_mm": -1.0}, "spacing_mm"),
        ({"face_mm": 4.0}, "leaves no room"),
    ],
)
def test_bad_questions_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        plan(**{"stamps": 10, "face_mm": 40.0, "error": 1e-3, "rng": np.random.default_rng(0), **options})


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"sigma_mm": "0.4"}', '{"sigma_mm": true}', '{"sigma_mm": NaN}']
)
def test_a_noise_file_that_is_none_is_named(tmp_path, text):
    (tmp_path / "noise.json").write_text(text)
    with pytest.raises(ValueError, match=r"noise\.json"):
        read_noise(tmp_path / "noise.json")
    (tmp_path / "noise.json").write_text('{"sigma_mm": 0.35, "model": "x"}')
    assert read_noise(tmp_path / "noise.json") == 0.35
