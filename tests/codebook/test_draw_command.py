"""The command that draws: what it writes, and what it says where it cannot."""

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from stampsdk.codebook.commands import draw
from tests.codebook.drawn_stamps import (
    book,
    circles,
    family_text,
    pressed_drawing,
    pressed_solid,
    read_stl,
    tips_of_solid,
)

app = typer.Typer()


@app.callback()
def codebook():
    """Stand for the codebook command."""


draw.register(app)


@pytest.fixture
def house(tmp_path):
    """Return a folder with a family and its codebook."""
    (tmp_path / "round.toml").write_text(family_text("round"))
    (tmp_path / "square.toml").write_text(family_text("square"))
    book("round").save(tmp_path / "round.npz")
    return tmp_path


def _draw(house, *words, known=True):
    more = ["--codebook", str(house / "round.npz")] if known else []
    return CliRunner().invoke(
        app, ["draw", str(house / "round.toml"), *words, "--out", str(house / "out"), *more]
    )


def _told(result):
    assert result.exit_code == 2, result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_drawing_and_solid_of_a_number_and_of_a_serial(house):
    rng = np.random.default_rng(8)
    result = _draw(house, "17", book("round").serial(4), "--svg", "--stl")
    assert result.exit_code == 0, result.output
    names = [f"round-{number}.{kind}" for number in (17, 4) for kind in ("svg", "stl")]
    assert result.stdout.splitlines() == [str(house / "out" / name) for name in names]
    assert sorted(path.name for path in (house / "out").iterdir()) == sorted(names)
    for number in (17, 4):
        drawing = (house / "out" / f"round-{number}.svg").read_bytes()
        places = np.array(list(circles(drawing, "tips").values()))[:, :2]
        assert book("round").number_of(pressed_drawing(places, rng)) == number
        solid = read_stl((house / "out" / f"round-{number}.stl").read_bytes())
        assert book("round").number_of(pressed_solid(tips_of_solid(solid), rng)) == number


def test_without_a_codebook_it_is_generated(house):
    assert _draw(house, "0", "--svg").exit_code == 0
    first = (house / "out" / "round-0.svg").read_bytes()
    assert _draw(house, "0", "--svg", known=False).exit_code == 0
    assert (house / "out" / "round-0.svg").read_bytes() == first


def test_a_sheet_of_one_number_is_twenty_four(house):
    result = _draw(house, "30", "--sheet")
    assert result.exit_code == 0, result.output
    page = (house / "out" / "round-sheet-30.svg").read_bytes()
    assert len(circles(page, "cut")) == 24 * 5
    last = len(book("round")) - 1
    short = _draw(house, str(last - 1), "--sheet")
    assert f"The family ends at number {last}: the sheet has 2." in short.stderr


def test_a_plate_its_solid_and_its_tip(house):
    result = _draw(house, "3", "50", "--peg", "--clearance", "0.2")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (house / "out").iterdir()) == [
        "round-plate-3-50.stl",
        "round-plate-3-50.svg",
        "round-tip.stl",
    ]
    assert "This plate makes 2 codes; others need other plates." in result.stderr
    assert "holes would stand 4.00 mm apart" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["100000"], "100000 is no number of the family 'round': it has 0 to"),
        (["nonsense"], "'nonsense' is no serial: it has 10 letters and digits and a check symbol"),
        (["8XYG3-Z085Z-8"], "its check symbol does not fit"),
        (["3", "--base", "0"], "base_mm must be above 0"),
        (["3", "--peg", "--stem", "4"], "a stem can be at most 3.30 mm"),
        (["3", "--sheet", "--stl"], "give it without --stl and --peg"),
        (["3", "3", "--peg"], "a code is given twice"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(house, words, message):
    assert message in _told(_draw(house, *words))
    assert not (house / "out").exists()


def test_a_serial_of_another_family_is_refused(house):
    strange = next(
        serial
        for serial in map(book("square").serial, range(len(book("square"))))
        if serial not in set(map(book("round").serial, range(len(book("round")))))
    )
    assert _told(_draw(house, strange)) == f"Error: {strange!r} is no serial of the family 'round'"


def test_files_that_are_not_there_or_not_what_they_should_be(house):
    run = CliRunner().invoke
    assert "none.toml: No such file" in _told(run(app, ["draw", str(house / "none.toml"), "0"]))
    foreign = ["draw", str(house / "square.toml"), "0", "--codebook", str(house / "round.npz")]
    assert "was generated for another family" in _told(run(app, foreign))


def test_a_folder_that_cannot_be_written(house):
    (house / "out").write_text("a file, not a folder")
    assert "out: File exists" in _told(_draw(house, "0", "--svg"))
    (house / "out").unlink()
    (house / "out").mkdir()
    (house / "out" / "round-0.svg").mkdir()
    assert "Is a directory" in _told(_draw(house, "0", "--svg"))
    assert [path.name for path in (house / "out").iterdir()] == ["round-0.svg"], (
        "no half-written file is left"
    )
