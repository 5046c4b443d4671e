"""Rows are reproduced, kept and spread; reports say what rows say."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.capacity import running
from benchmarks.capacity.field import FieldError, load_noise
from benchmarks.capacity.impostors import recorded_hands
from benchmarks.capacity.jobs import Job, Noise, Place, Row, Source
from benchmarks.capacity.main import main
from benchmarks.capacity.measure import measure
from benchmarks.capacity.report import markdown, record
from benchmarks.capacity.sources import file_source, random_source
from stampsdk.codebook import random_patterns

SOURCE = random_source(4, 50.0, 500, seed=1)


def job(name, **changes):
    return replace(Job(name, "head", SOURCE, "known", 40), **changes)


def same(row):
    """All of a row but how long it took."""
    return replace(row, milliseconds=0.0)


def test_a_row_follows_from_its_name_and_seed_alone():
    alone = measure(job("one"))
    measure(job("other"))
    assert same(measure(job("one"))) == same(alone)
    hard = {"noise": Noise(sigma_mm=1.0), "presses": 200}
    named = {same(measure(job(name, seed=seed, **hard))).at["0.9"] for name in ("a", "b") for seed in (1, 2)}
    assert len(named) > 1


def test_a_stopped_run_goes_on_where_it_was(tmp_path, monkeypatch):
    jobs = [job(name) for name in ("a", "b/x", "c")]
    asked = []

    def stopping(one):
        asked.append(one.name)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return measure(one)

    monkeypatch.setattr(running, "measure", stopping)
    with pytest.raises(KeyboardInterrupt):
        running.run(jobs, tmp_path, workers=1)
    rows = running.run(jobs, tmp_path, workers=1)
    assert asked == ["a", "b/x", "c", "c"]
    assert [same(row) for row in rows] == [same(measure(one)) for one in jobs]
    changed = [replace(jobs[0], noise=Noise(sigma_mm=0.2)), *jobs[1:]]
    (tmp_path / "rows" / "c.json").write_text('{"job": ')
    running.run(changed, tmp_path, workers=1)
    assert asked[4:] == ["a", "c"]  # another row of the same name is no finished one; nor is half a file
    running.run(changed, tmp_path, workers=1, fresh=True)
    assert asked[6:] == ["a", "b/x", "c"]


def test_processes_and_a_dask_cluster_measure_what_one_process_does(tmp_path):
    distributed = pytest.importorskip("dask.distributed")
    jobs = [job(name, noise=Noise(sigma_mm=1.0)) for name in "abcd"]
    expected = [same(row) for row in running.run(jobs, None, workers=1)]
    assert [same(row) for row in running.run(jobs, tmp_path / "pool", workers=2)] == expected
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        spread = running.run(jobs, tmp_path / "dask", dask=cluster.scheduler_address)
    assert [same(row) for row in spread] == expected
    assert len(list((tmp_path / "dask" / "rows").glob("*.json"))) == 4


def given():
    """Rows that nobody measured, to see what is made of them."""
    small = Source("family", "small", 5, 137_935, 40.0, 11.0)
    base = Job("small/free", "head", small, "free", 4000)
    at = {"0.999": (1000, 0)}
    return [
        (
            base,
            Row(
                "small/free",
                4000,
                right=1000,
                ambiguous=2500,
                unknown=500,
                nearest_wrong=600,
                predicted=0.2,
                at=at,
            ),
        ),
        (
            replace(base, name="small/known", density="known"),
            Row("small/known", 4000, right=3990, wrong=0, unknown=10, predicted=0.004),
        ),
        (
            replace(base, name="small/ranged", density="ranged"),
            Row("small/ranged", 4000, right=3000, wrong=40, unknown=960),
        ),
        *(
            (
                replace(base, name=f"c{m}", table="city", place=Place(6_000_000, m)),
                Row(f"c{m}", 1000, right=right, ambiguous=1000 - right),
            )
            for m, right in ((5.0, 999), (50.0, 970))
        ),
        *(
            (
                replace(base, name=f"s{s}", table="sigma", density="known", noise=Noise(sigma_mm=s)),
                Row(f"s{s}", 1000, right=right, unknown=1000 - right),
            )
            for s, right in ((0.1, 1000), (0.2, 990), (0.3, 940), (0.4, 960))
        ),
        (replace(base, name="h", table="impostor", kind="hands"), Row("h", 0, skipped="no recorded hands")),
    ]


def test_the_first_lines_say_what_a_family_can_be_trusted_with():
    text = markdown(given())
    lines = text.splitlines()
    browser = next(n for n, line in enumerate(lines) if "On a web page" in line)
    known = next(n for n, line in enumerate(lines) if "the density exactly, by" in line)
    assert browser < known < 25
    (row,) = (line for line in lines[:12] if line.startswith("| **small**"))
    assert row.split("|")[3:] == [
        " 25 of 100; wrong at most 1 in 1,084 ",
        " 75 of 100; wrong at most 1 in 73 ",
        " 99.7 of 100; wrong at most 1 in 1,084 ",
        " 97 of 100; wrong at most 1 in 271 ",
        "",
    ]
    assert "not enough" in lines[browser]
    assert "25 % (23.7–26.4) were identified" in lines[browser]
    assert "0 taken for another stamp (fewer than one in 1,085" in lines[browser]
    assert "can be trusted." in lines[known]
    assert "**In an app that knows the density to ±2 %, by shape alone: not to be trusted.**" in text
    assert "from one in 140 to one in 74" in text
    assert "With the place known to 50 m, 6 million stamps" in text
    assert "the worst of fixes to 5 and 50 m" in text
    assert "known: 0.2 mm" in text  # what comes after a row that failed does not count
    assert "`h` | not measured: no recorded hands" in text
    told = record(*given()[0])
    assert told["right"]["count"] == 1000
    assert told["right"]["interval_95"] == pytest.approx((0.23664, 0.26374), abs=1e-4)


def test_own_patterns_and_noise_from_the_command_line(tmp_path, capsys):
    np.save(tmp_path / "mine.npy", random_patterns(300, tips=5, rng=np.random.default_rng(1)))
    (tmp_path / "field.json").write_text(json.dumps({"errors_mm": [[0.1, 0.2], [-0.2, 0.1], [0.3, -0.3]]}))
    command = [
        "--patterns", str(tmp_path / "mine.npy"), "--noise", str(tmp_path / "field.json"), "--quick",
        "--out", str(tmp_path / "out"), "--workers", "1", "--json",
    ]  # fmt: skip
    assert main([*command, "--rows", "mine/known", "mine/*/mirrored"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = {row["name"]: row for row in told["rows"]}
    assert set(rows) == {"mine/known", "mine/free/mirrored", "mine/ranged/mirrored", "mine/known/mirrored"}
    assert rows["mine/known"]["noise"] == "measured"
    assert rows["mine/known"]["right"]["share"] > 0.9
    assert main([*command, "--rows", "mine/known"]) == 0
    again = json.loads(capsys.readouterr().out)["rows"][0]
    assert {**again, "milliseconds": 0} == {**rows["mine/known"], "milliseconds": 0}
    assert main([*command[:-1], "--rows", "mine/known"]) == 0
    assert "| `mine/known` |" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"sigma": 1}', '{"sigma_mm": -1}', '{"errors_mm": [1]}', '{"sigma_mm": true}']
)
def test_bad_noise_is_refused_by_name(tmp_path, text):
    path = tmp_path / "noise.json"
    path.write_text(text)
    with pytest.raises(FieldError, match=r"noise\.json"):
        load_noise(path)


def test_bad_patterns_and_unknown_rows_end_with_a_line_not_a_traceback(tmp_path, capsys):
    (tmp_path / "bad.npy").write_bytes(b"nothing")
    for arguments in (["--patterns", str(tmp_path / "bad.npy")], ["--quick", "--rows", "no such row"]):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 2
    assert "there is no row 'no such row'" in capsys.readouterr().err


def test_patterns_of_ones_own_bring_their_face_and_spacing(tmp_path):
    patterns = random_patterns(200, tips=5, face_diameter_mm=40.0, rng=np.random.default_rng(1))
    np.save(tmp_path / "mine.npy", patterns)
    source = file_source(tmp_path / "mine.npy")
    assert 36 < source.face_mm <= 40
    assert 11 <= source.spacing_mm < 11.5


def test_recorded_hands_come_from_screens_of_known_size(tmp_path):
    assert recorded_hands(5, tmp_path).shape == (0, 5, 2)
    lines = [
        "# EVEMU 1.3",
        "N: screen",
        "A: 2f 0 9 0 0",
        "A: 35 0 1000 0 0 10",
        "A: 36 0 1000 0 0 10",
        "A: 39 0 99 0 0",
    ]
    time = "E: 1.000000"
    for slot in range(3):
        lines += [f"{time} 0003 002f {slot}", f"{time} 0003 0039 {slot}"]
        lines += [f"{time} 0003 0035 {100 * slot}", f"{time} 0003 0036 {50 * slot * slot}"]
    lines.append(f"{time} 0000 0000 0")
    (tmp_path / "screen.events").write_text("\n".join(lines) + "\n")
    recorded_hands.cache_clear()
    hands = recorded_hands(3, tmp_path)
    assert hands.shape == (1, 3, 2)
    assert sorted(hands[0, :, 0]) == [0.0, 10.0, 20.0]
