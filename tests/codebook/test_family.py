"""A family's file: read to the letter, or refused with the reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampsdk.codebook import FamilyError, load_family, parse_family
from tests.codebook.families import CUSTOM, SQUARE, TEXT, family


def test_a_family_is_read():
    tiny = family()
    assert (tiny.name, tiny.tips, tiny.count, tiny.face.width_mm) == ("tiny", 5, 300, 38.0)
    assert tiny.unit_mm == pytest.approx(2.08)
    assert len(tiny.gauge_um) == 5
    assert tiny.generated is None
    assert len(parse_family(CUSTOM).face.outline) == 6


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tips = 5", "tips = 5\ncolour = 3", "family.colour is not known"),
        ("[code]", "[codes]", r"\[codes\] is not known"),
        ("seed = 1", "", "family.seed is missing"),
        ("tips = 5", "tips = 5.0", "family.tips must be a whole number"),
        ("tips = 5", "tips = true", "family.tips must be a whole number"),
        ("tips = 5", "tips = 11", "family.tips must be from 3 to 10"),
        ('scale = "known"', 'scale = "wide"', "family.scale must be 'known', 'ranged' or 'free'"),
        ('scale = "known"', 'scale = "ranged"', "family.scale_error is missing"),
        ('scale = "known"', 'scale = "known"\nscale_error = 0.02', "family.scale_error goes with"),
        ('scale = "known"', 'scale = "free"\nscale_error = 0', "family.scale_error goes with"),
        ('scale = "known"', 'scale = "ranged"\nscale_error = 0', "family.scale_error must be above 0"),
        ('scale = "known"', 'scale = "ranged"\nscale_error = 0.6', "family.scale_error must be above 0"),
        ('scale = "known"', 'scale = "ranged"\nscale_error = nan', "family.scale_error must be above 0"),
        ('scale = "known"', 'scale = "ranged"\nscale_error = "2 %"', "family.scale_error must be a number"),
        ('name = "tiny"', 'name = "a/b"', "family.name must be a word"),
        ("noise_mm = 0.4", "noise_mm = nan", "family.noise_mm must be above 0"),
        ("count = 300", "count = 0", "family.count must be from 1"),
        ('shape = "round"', 'shape = "oval"', "face.shape must be"),
        ("width_mm = 38.0", "", "face.width_mm is missing"),
        ("width_mm = 38.0", "width_mm = 4.0", "leaves no room"),
        ("width_mm = 38.0", "width_mm = 500", "face.width_mm must be at most"),
        ("edge_mm = 2.5", "edge_mm = 2.4", "half of tip.diameter_mm"),
        ("spacing_mm = 11.0", "spacing_mm = 4.0", "tips would overlap"),
        ("stretch = 1.04", "stretch = 0.9", "code.stretch must be from 1"),
        ("[8379, -3290]", "[8379]", "code.gauge_um must be a list of pairs"),
        ("[8379, -3290], ", "", "code.gauge_um must have 5 different points"),
        ("tips = 5", "tips = = 5", "not TOML"),
    ],
)
def test_what_is_wrong_is_named(old, new, message):
    assert old in TEXT
    with pytest.raises(FamilyError, match=message) as caught:
        parse_family(TEXT.replace(old, new))
    assert caught.value.code in {"family_invalid", "family_impossible"}


def test_what_a_scale_allows_is_what_recognition_is_told():
    assert family().scale_range == (1.0, 1.0)
    ranged = parse_family(TEXT.replace('"known"', '"ranged"\nscale_error = 0.02'))
    assert ranged.scale_range == pytest.approx((1 / 1.02, 1 / 0.98))
    free = parse_family(TEXT.replace('"known"', '"free"'))
    assert free.scale_range is None
    assert free.scales() == (0.0, math.inf)


def test_outlines_must_be_convex_and_corners_leave_room():
    dented = "[[20.0, 0.0], [0.0, 5.0], [-20.0, 0.0], [0.0, 20.0]]"
    with pytest.raises(FamilyError, match=r"convex|middle"):
        family(CUSTOM, outline=dented)
    with pytest.raises(FamilyError, match="at least three corners"):
        family(CUSTOM, outline="[[20.0, 0.0], [0.0, 5.0]]")
    with pytest.raises(FamilyError, match="names a corner twice"):
        family(CUSTOM, outline="[[20.0, 0.0], [20.0, 0.0], [-20.0, 20.0], [-20.0, -20.0]]")
    with pytest.raises(FamilyError, match=r"face\.corner_mm=3 must not exceed"):
        family(SQUARE, corner_mm=3.0)


def test_the_file_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace("tips = 5", "tips = 2"))
    with pytest.raises(FamilyError, match=r"mine\.toml: family\.tips must be"):
        load_family(path)
    with pytest.raises(FileNotFoundError):
        load_family(tmp_path / "none.toml")


@given(st.integers(-(2**63), 2**63 - 1))
def test_the_seed_places_the_lattice_within_one_step(seed):
    offset = family(seed=seed).offset()
    assert offset.shape == (7,)
    assert ((offset >= 0.0) & (offset < 1.0)).all()
    assert (offset == family(seed=seed).offset()).all()
    assert all(math.ldexp(value, 20) == int(math.ldexp(value, 20)) for value in offset)
