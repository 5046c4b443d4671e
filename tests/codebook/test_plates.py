"""Plates and sheets: what is cut makes the codes, and nothing breaks into anything else."""

import itertools

import numpy as np
import pytest
import shapely

from stampsdk.codebook import parse_family
from stampsdk.codebook.drawing import (
    DrawingError,
    Making,
    draw_plate,
    draw_sheets,
    grid_limits,
    loose_tip,
    plan_plate,
    plate_solid,
    stamp_of,
)
from tests.codebook.drawn_stamps import (
    SVG,
    book,
    circles,
    family_text,
    holes_of_solid,
    outline,
    pressed_drawing,
    pressed_solid,
    read_stl,
    root_of,
)

FACES = ["round", "square", "custom"]


def _stamps(face, *numbers):
    return [stamp_of(book(face), number) for number in numbers]


@pytest.mark.parametrize("face", FACES)
def test_tips_set_into_a_plate_are_its_code(face):
    rng = np.random.default_rng(3)
    for number in (0, len(book(face)) - 1):
        plate = plan_plate(_stamps(face, number), Making(clearance_mm=0.2))
        holes = np.array(list(circles(draw_plate(plate).svg, "cut").values()))
        assert np.allclose(2 * holes[:, 2], 3.2)
        assert book(face).number_of(pressed_drawing(holes[:, :2], rng)) == number


@pytest.mark.parametrize("face", FACES)
def test_a_plate_of_several_codes_is_each_of_them(face):
    rng = np.random.default_rng(4)
    numbers = [2, len(book(face)) - 3, 40]
    plate = plan_plate(_stamps(face, *numbers), Making())
    drawing = draw_plate(plate)
    holes = circles(drawing.svg, "cut")
    for letter, number in zip("ABC", numbers, strict=True):
        places = np.array([place[:2] for name, place in holes.items() if name.startswith(f"hole-{letter}")])
        assert book(face).number_of(pressed_drawing(places, rng)) == number
    discs = [shapely.Point(x, y).buffer(r) for x, y, r in holes.values()]
    assert len(discs) == 15
    assert min(a.distance(b) for a, b in itertools.combinations(discs, 2)) >= 0.8
    rim = shapely.Polygon(outline(drawing.svg)).exterior
    assert min(disc.distance(rim) for disc in discs) >= 0.8
    letters = root_of(drawing.svg).findall(f".//{SVG}path[@class='letter']")
    assert len(letters) == 15
    for letter, (name, _disc) in zip(letters, holes.items(), strict=True):
        corners = np.array(letter.get("d").replace("M", " ").replace("L", " ").split(), float).reshape(-1, 2)
        ink = shapely.MultiPoint(corners)
        nearest = min(holes, key=lambda other: ink.distance(shapely.Point(holes[other][:2])))
        assert nearest == name, "a letter stands nearest to its own hole"


@pytest.mark.parametrize("face", FACES)
def test_plates_as_solids_are_watertight_with_holes_in_place(face):
    rng = np.random.default_rng(5)
    number = len(book(face)) // 2
    plate = plan_plate(_stamps(face, number), Making())
    solid = plate_solid(plate)
    assert solid.serial_engraved
    mesh = read_stl(solid.to_stl())
    assert mesh.is_watertight
    assert mesh.body_count == 1
    assert mesh.euler_number == 2 - 2 * 5  # a sphere with five handles: five holes that go through
    holes, diameters = holes_of_solid(mesh)
    assert np.allclose(diameters, 3.1, atol=0.01)
    assert book(face).number_of(pressed_solid(holes, rng)) == number


def test_a_loose_tip_fits_its_hole():
    plate = plan_plate(_stamps("round", 0), Making(stem_mm=2.4, base_mm=3.0, tip_height_mm=1.5))
    mesh = read_stl(loose_tip(plate).to_stl())
    assert mesh.is_watertight
    assert np.allclose(mesh.extents, (5.0, 5.0, 4.5), atol=1e-5)
    assert mesh.volume == pytest.approx(np.pi * (2.5**2 * 1.5 + 1.2**2 * 3.0), rel=2e-3)
    _, widths = holes_of_solid(read_stl(plate_solid(plate).to_stl()))
    assert min(widths) > 2.4


@pytest.mark.parametrize("face", FACES)
def test_a_sheet_is_twenty_four_codes(face):
    rng = np.random.default_rng(6)
    numbers = list(range(24))
    sheets = draw_sheets(_stamps(face, *numbers), Making())
    assert sheets.without_serial == ()
    assert (sheets.columns >= 4) == (face != "custom")  # 51 mm wide: three in a row
    found = []
    for page in sheets.pages:
        root = root_of(page)
        assert (root.get("width"), root.get("height")) == ("210mm", "297mm")
        names = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(names) == len(set(names))
        holes = circles(page, "cut")
        plates = sorted({name.split("-hole-")[0] for name in holes}, key=lambda name: int(name[6:]))
        for plate in plates:
            places = np.array([place[:2] for name, place in holes.items() if name.startswith(f"{plate}-")])
            found.append(book(face).number_of(pressed_drawing(places, rng)))
        rims = [
            shapely.Polygon(
                np.array(
                    path.get("d").replace("M", " ").replace("L", " ").strip(" Z").split(), float
                ).reshape(-1, 2)
            )
            for path in root.iter(f"{SVG}path")
            if path.get("class") == "outline"
        ]
        assert len(rims) == len(plates)
        assert min(a.distance(b) for a, b in itertools.combinations(rims, 2)) >= 2.0 - 1e-3
        assert shapely.box(8, 8, 202, 289).buffer(1e-3).contains(shapely.union_all(rims))
    assert found == numbers


def test_holes_that_cannot_be_are_refused_with_what_can():
    with pytest.raises(
        DrawingError, match=r"stems of 4 mm need holes of 4\.1 mm; .* a stem can be at most 3\.30 mm"
    ):
        Making(stem_mm=4.0).hole_of(book("round").family)
    assert Making(stem_mm=3.3).hole_of(book("round").family) == pytest.approx(3.4)
    with pytest.raises(DrawingError, match="none at all"):
        Making(wall_mm=2.45).hole_of(book("round").family)


def test_codes_that_do_not_fit_on_one_plate_are_refused_with_how_many_do():
    stamps = _stamps("square", *range(0, 330, 30))
    with pytest.raises(DrawingError, match=r"(\d) of these 11 codes fit on one plate") as told:
        plan_plate(stamps, Making())
    fit = int(str(told.value).split()[0])
    assert fit >= 2
    assert len(plan_plate(stamps[:fit], Making()).codes) == fit


def test_wrong_lists_of_codes_are_refused():
    with pytest.raises(DrawingError, match="at least one"):
        plan_plate([], Making())
    with pytest.raises(DrawingError, match="at least one"):
        draw_sheets([], Making())
    with pytest.raises(DrawingError, match="given twice"):
        plan_plate(_stamps("round", 3, 3), Making())


def test_a_face_larger_than_the_page_is_refused():
    wide = parse_family(family_text("round").replace("width_mm = 45.0", "width_mm = 199.0"))
    stamp = stamp_of(book("round"), 0)
    with pytest.raises(DrawingError, match="199 mm by 199 mm does not fit on A4"):
        draw_sheets([type(stamp)(wide, 0, stamp.serial, stamp.tips)], Making())


def test_the_limits_of_a_grid_are_what_rounding_to_it_does():
    limits = grid_limits(book("round").family, Making())
    rng = np.random.default_rng(7)
    places = rng.uniform(-10, 10, (200_000, 2)) * limits.pitch_mm
    off = np.hypot(*(places - limits.pitch_mm * np.rint(places / limits.pitch_mm)).T)
    assert np.sqrt((off**2).mean()) == pytest.approx(limits.off_mm, rel=5e-3)
    assert off.max() == pytest.approx(limits.farthest_mm, rel=1e-2)
    needed = limits.needed_mm * np.rint(places / limits.needed_mm) - places
    assert needed.std() == pytest.approx(book("round").family.noise_mm / 4, rel=5e-3)
    assert limits.needed_mm < limits.pitch_mm
