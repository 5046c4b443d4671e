"""A drawn stamp, pressed on a screen, is the code that was drawn."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

import stampsdk.codebook.drawing
from stampsdk.codebook.drawing import (
    DrawingError,
    Making,
    draw_face,
    find_stamp,
    stamp_of,
    stamp_solid,
)
from stampsdk.index import PatternIndex
from tests.codebook.drawn_stamps import (
    SVG,
    book,
    circles,
    outline,
    pressed_drawing,
    pressed_solid,
    read_stl,
    root_of,
    tips_of_solid,
)
from tests.public_names import assert_public_names

FACES = ["round", "square", "custom"]


def _codes(face):
    last = len(book(face)) - 1
    return [0, 1, last // 3, last // 2, last]


def _found(face, touches):
    """Return the nearest code and its residual, as a screen of known density tells."""
    hits = PatternIndex.build(book(face).points()).search(touches, tolerance=8.0, scale=(1.0, 1.0))
    return hits.ids[0], hits.residual[0]


@pytest.mark.parametrize("face", FACES)
def test_the_drawing_pressed_on_a_screen_is_its_code(face):
    rng = np.random.default_rng(1)
    for number in _codes(face):
        stamp = stamp_of(book(face), number)
        drawing = draw_face(stamp)
        assert drawing.serial_engraved
        assert drawing.mark_engraved
        places = np.array(list(circles(drawing.svg, "tips").values()))
        assert (places[:, 2] == 2.5).all()
        touches = pressed_drawing(places[:, :2], rng)
        assert book(face).number_of(touches) == number
        nearest, residual = _found(face, touches)
        assert nearest == number
        assert residual < 1e-3
        # looked at from the wrong side it is not
        assert book(face).number_of(touches * (-1, 1)) is None
        discs = shapely.MultiPoint(places[:, :2]).buffer(2.499)
        assert shapely.Polygon(outline(drawing.svg)).buffer(0.01).contains(discs)


@pytest.mark.parametrize("face", FACES)
def test_the_solid_pressed_on_a_screen_is_its_code(face):
    rng = np.random.default_rng(2)
    for number in _codes(face):
        solid = stamp_solid(stamp_of(book(face), number), Making())
        mesh = read_stl(solid.to_stl())
        tips = tips_of_solid(mesh)
        assert len(tips) == 5
        touches = pressed_solid(tips, rng)
        assert book(face).number_of(touches) == number
        nearest, residual = _found(face, touches)
        assert nearest == number
        assert residual < 1e-3
        assert book(face).number_of(touches * (-1, 1)) is None


@pytest.mark.parametrize("face", FACES)
def test_solids_are_watertight_and_as_large_as_they_should_be(face):
    making = Making(base_mm=5.0, tip_height_mm=1.5)
    for number in np.linspace(0, len(book(face)) - 1, 6).astype(int).tolist():
        solid = stamp_solid(stamp_of(book(face), number), making)
        mesh = read_stl(solid.to_stl())
        assert solid.serial_engraved
        assert mesh.is_watertight
        assert mesh.is_winding_consistent
        assert mesh.body_count == 1
        assert mesh.bounds[:, 2].tolist() == [0.0, 6.5]
        whole = book(face).family.face.polygon().area * 5.0 + 5 * np.pi * 2.5**2 * 1.5
        assert 0.98 * whole < mesh.volume < whole  # less what is engraved


@pytest.mark.parametrize("face", FACES)
def test_drawing_and_solid_show_the_same_side(face):
    """With y up in one and down in the other, their places are the same, corner for corner."""
    stamp = stamp_of(book(face), 7)
    drawing = draw_face(stamp).svg
    mesh = read_stl(stamp_solid(stamp, Making()).to_stl())
    drawn = np.array(list(circles(drawing, "tips").values()))[:, :2]
    border = outline(drawing)
    middle = drawn.mean(axis=0)
    flipped = (drawn - middle) * (1, -1)
    solid = tips_of_solid(mesh)
    centred = solid - solid.mean(axis=0)
    order = cdist(flipped, centred).argmin(axis=1)
    assert sorted(order.tolist()) == [0, 1, 2, 3, 4]
    assert np.abs(flipped - centred[order]).max() < 2e-3
    bounds = (border - middle) * (1, -1) + solid.mean(axis=0)
    assert np.abs(bounds.min(axis=0) - mesh.bounds[0, :2]).max() < 2e-3
    assert np.abs(bounds.max(axis=0) - mesh.bounds[1, :2]).max() < 2e-3


@pytest.mark.parametrize("face", FACES)
def test_the_table_names_the_places_that_are_drawn(face):
    stamp = stamp_of(book(face), 3)
    root = root_of(draw_face(stamp).svg)
    columns = {
        kind: [float(text.text) for text in root.iter(f"{SVG}text") if text.get("class") == kind]
        for kind in ("x", "y")
    }
    table = np.array([columns["x"], columns["y"]]).T[:5]
    assert np.allclose(table, stamp.tips * (-1, -1), atol=1e-9)


def test_the_page_is_in_millimetres_with_groups_by_what_is_done():
    root = root_of(draw_face(stamp_of(book("round"), 0)).svg)
    box = [float(value) for value in root.get("viewBox").split()]
    assert box[:2] == [0, 0]
    assert root.get("width") == f"{box[2]:g}mm"
    assert root.get("height") == f"{box[3]:g}mm"
    groups = {group.get("id"): group for group in root.findall(f"{SVG}g")}
    assert set(groups) == {"cut", "engrave", "tips", "note"}
    assert len({group.get("stroke") for group in groups.values()}) == 4
    for name in ("cut", "engrave", "tips"):
        assert not list(groups[name].iter(f"{SVG}text")), "a workshop may not have the font"
    assert not [
        element for element in root.iter() if element.get("transform") and element.tag != f"{SVG}text"
    ]


def test_what_is_engraved_keeps_clear_of_the_tips():
    for face in FACES:
        for number in _codes(face):
            drawing = draw_face(stamp_of(book(face), number)).svg
            tips = np.array(list(circles(drawing, "tips").values()))
            group = root_of(drawing).find(f"{SVG}g[@id='engrave']")
            for path in group:
                places = path.get("d").replace("M", " ").replace("L", " ").split()
                corners = np.array(places, np.float64).reshape(-1, 2)
                gaps = np.hypot(*(corners[:, None] - tips[:, :2]).transpose(2, 0, 1)) - tips[:, 2]
                assert gaps.min() > 0.5
                assert shapely.Polygon(outline(drawing)).buffer(-0.5).contains(shapely.MultiPoint(corners))


@settings(max_examples=10)
@given(st.data())
def test_any_code_by_number_or_serial(data):
    face = data.draw(st.sampled_from(FACES))
    number = data.draw(st.integers(0, len(book(face)) - 1))
    by_number = find_stamp(book(face), str(number))
    by_serial = find_stamp(book(face), book(face).serial(number).lower())
    assert by_number.number == by_serial.number == number
    assert by_number.serial == by_serial.serial
    assert (by_number.tips == book(face).points([number])[0]).all()


@pytest.mark.parametrize("number", [-1, 10**6, 10**30])
def test_a_number_that_no_stamp_has_is_refused(number):
    with pytest.raises(
        DrawingError, match=f"{number} is no number of the family 'round': it has 0 to"
    ) as told:
        find_stamp(book("round"), str(number))
    assert told.value.code == "number_unknown"


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        ({"base_mm": 0.0}, "base_mm must be above 0 and at most 100, not 0"),
        ({"tip_height_mm": float("nan")}, "tip_height_mm must be above 0"),
        ({"clearance_mm": -0.1}, "clearance_mm must be from 0 to 100, not -0.1"),
        ({"base_mm": 0.5}, "engraving_mm=0.4 must be at most half of base_mm=0.5"),
    ],
)
def test_measures_that_cannot_be_are_refused(measures, message):
    with pytest.raises(DrawingError, match=message):
        Making(**measures)


def test_public_names():
    assert_public_names(stampsdk.codebook.drawing)
