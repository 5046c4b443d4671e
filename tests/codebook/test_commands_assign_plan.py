"""The commands, as a shell sees them."""

import csv
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from stampsdk.codebook.commands import assign, plan
from tests.codebook.small_books import book

BOOK = book(4, 40, 3.0)
APP = typer.Typer()
assign.register(APP)
plan.register(APP)


def toml(family):
    gauge = [list(point) for point in family.gauge_um]
    return (
        f'[family]\nname = "{family.name}"\ntips = {family.tips}\nscale = "known"\nnoise_mm = 0.4\n'
        f'count = {len(BOOK)}\nseed = {family.seed}\n[face]\nshape = "round"\n'
        f"width_mm = {family.face.width_mm}\n[tip]\ndiameter_mm = 5.0\n"
        f"spacing_mm = {family.spacing_mm}\nedge_mm = {family.edge_mm}\n"
        f"[code]\ndistance_mm = {family.distance_mm}\nstretch = {family.stretch}\nwidest = {family.widest}\n"
        f"gauge_um = {gauge}\n"
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "little.toml").write_text(toml(BOOK.family))
    BOOK.save(tmp_path / "little.codebook")
    return tmp_path


def run(folder, text, *options, out="out.csv"):
    (folder / "shops.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    arguments = ["assign", folder / "families" / "little.toml", folder / "shops.csv", "--radius-km", 2]
    arguments += ["--codebook", folder / "little.codebook", "--out", folder / out, *options]
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SHOPS = "lat,name,shop,lon\n37.5,x,가게,127\n37.5,y,b,127\n38.5,z,c,127\n"


def test_patterns_are_handed_out_and_kept(folder):
    result = run(folder, SHOPS, "--courier", 1)
    assert result.exit_code == 0, result.output
    assert "3 shops share 2 patterns" in result.stderr
    first = rows(folder / "out.csv")
    assert [row["shop"] for row in first] == ["가게", "b", "c", "courier-1"]
    assert [row["kind"] for row in first] == ["fixed"] * 3 + ["courier"]
    assert all(BOOK.number_of_serial(row["serial"]) == int(row["number"]) for row in first)
    assert len({row["number"] for row in first if row["shop"] != "c"}) == 3
    text = "shop,lat,lon\nnew,37.5,127\nc,38.5,127\nb,37.5,127\n"
    result = run(folder, text, "--courier", 2, "--keep", folder / "out.csv", out="next.csv")
    assert result.exit_code == 0, result.output
    assert "1 shops that were kept are gone" in result.stderr
    second = {row["shop"]: row for row in rows(folder / "next.csv")}
    assert list(second) == ["new", "c", "b", "courier-1", "courier-2"]
    assert all(second[row["shop"]] == row for row in first if row["shop"] in second)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: a header"),
        ("shop,lat\na,1\n", "look for lon"),
        ("shop,lat,lon\na,1,2\nb,91,2\n", "line 3: lat must be a number from -90 to 90, not '91'"),
        ("shop,lat,lon\na,nan,2\n", "line 2: lat"),
        (
            "shop,lat,lon\na,1,x\na,1\n",
            "line 2: lon must be a number from -180 to 180, not 'x'; line 3: 3 values",
        ),
        ("shop,lat,lon\na,1,2\na,1,2\n", "line 3: shop 'a' stands in line 2 already"),
        ("shop,lat,lon\n,1,2\n", "line 2: shop is empty"),
        ("shop,lat,lon\n" + "a,x,1\n" * 9, "and 4 more"),
        (b"shop,lat,lon\n\xff\xfe,1,2\n", "not text in UTF-8"),
        ('shop,lat,lon\n"a,1,2\n', "no CSV file"),
    ],
)
def test_bad_rows_are_named_by_line(folder, text, words):
    result = run(folder, text)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("b,99999,x,fixed", "line 2: number must be"),
        ("b,0,x,fixed", "line 2: serial must be"),
        (f"b,0,{BOOK.serial(0)},zone", "line 2: kind must be"),
        (f"b,0,{BOOK.serial(0)},courier", "'b' is a shop now"),
        (f"b,0,{BOOK.serial(0)},fixed\n가게,0,{BOOK.serial(0)},fixed", "가게 and b, 0.000 km apart"),
    ],
)
def test_a_bad_assignment_is_not_kept(folder, text, words):
    (folder / "kept.csv").write_text(f"shop,number,serial,kind\n{text}\n", encoding="utf-8")
    result = run(folder, SHOPS, "--keep", folder / "kept.csv")
    assert result.exit_code == 2
    assert words in result.stderr


def test_other_errors_take_one_line(folder):
    assert "only" in run(folder, SHOPS, "--distance", 60).stderr
    missing = run(folder, SHOPS, "--keep", folder / "nothing.csv")
    assert missing.exit_code == 2
    assert "nothing.csv: No such file" in missing.stderr
    (folder / "little.codebook").write_bytes(b"x")
    assert "is no codebook" in run(folder, SHOPS).stderr


def test_plans_are_printed(folder):
    def ask(*options):
        options = ["plan", "--families", folder / "families", *options]
        return CliRunner().invoke(APP, [str(option) for option in options])

    result = ask("--stamps", 900, "--face", 40)
    assert result.exit_code == 0, result.output
    assert f"family little, {len(BOOK):,} patterns: " in result.stdout
    (folder / "noise.json").write_text('{"sigma_mm": 0.3}')
    result = ask("--stamps", 900, "--face", 40, "--noise", folder / "noise.json")
    assert f"family little, {len(BOOK):,} patterns: fits" in result.stdout
    result = ask("--stamps", 10**8, "--face", 30)
    assert result.exit_code == 1
    assert "Nothing holds so many" in result.stdout
    assert ask("--stamps", 900, "--error", 2).exit_code == 2
    assert ask("--stamps", 900, "--noise", folder / "none.json").exit_code == 2


def test_the_commands_themselves_load_no_numpy():
    code = (
        "import sys, types, typer; package = types.ModuleType('stampsdk.codebook'); "
        "import stampsdk; package.__path__ = [stampsdk.__path__[0] + '/codebook']; "
        "sys.modules['stampsdk.codebook'] = package; "
        "from stampsdk.codebook.commands import assign as a, plan as p; "
        "app = typer.Typer(); a.register(app); p.register(app)\n"
        "try: app(['plan', '--help'])\n"
        "finally: assert not {'numpy', 'numba'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "--stamps" in done.stdout
