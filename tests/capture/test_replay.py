"""Recordings in the evemu format: read right, or refused with the line that is wrong."""

import json

import pytest

from stampsdk.capture import DetectorSettings, VoidReason
from stampsdk.capture._multitouch import read_reports
from stampsdk.capture.evemu import ReplayError, read_device, read_lines
from stampsdk.capture.replay import press_to_json, replay_file, replay_outcomes
from tests.capture.steps import TIPS

HEAD = """\
# EVEMU 1.3
# Input device name: "A screen"
N: A screen
I: 0018 0000 0000 0000
A: 2f 0 9 0 0 0
A: 35 0 4095 0 0 20
A: 36 0 4095 0 0 20
A: 39 0 65535 0 0 0
"""
COUNTS = [(round(x * 20 / 6.3), round(y * 20 / 6.3)) for x, y in TIPS]


def line(time_s, kind, code, value):
    return f"E: {time_s:.6f} {kind:04x} {code:04x} {value:04d}\n"


def sync(time_s):
    return line(time_s, 0, 0, 0)


def landing(time_s=1.0, places=COUNTS, first_id=30):
    parts = [
        line(time_s, 3, 0x2F, n)
        + line(time_s, 3, 0x39, first_id + n)
        + line(time_s, 3, 0x35, x)
        + line(time_s, 3, 0x36, y)
        for n, (x, y) in enumerate(places)
    ]
    return "".join(parts) + sync(time_s)


def lifting(time_s=1.5, count=5):
    parts = [line(time_s, 3, 0x2F, n) + line(time_s, 3, 0x39, -1) for n in range(count)]
    return "".join(parts) + sync(time_s)


def written(folder, text, name="a.events"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def replayed(folder, text, **kwargs):
    return list(replay_file(written(folder, text), **kwargs))


def refusal(folder, text, **kwargs):
    with pytest.raises(ReplayError) as refused:
        replayed(folder, text, **kwargs)
    return refused.value


def test_a_press_in_counts_and_in_mm(tmp_path):
    (found,) = replayed(tmp_path, HEAD + landing() + lifting())
    assert len(found.touches) == 5
    assert found.touches == pytest.approx([pytest.approx(place) for place in COUNTS])
    assert found.touches_mm == pytest.approx([pytest.approx((x / 20, y / 20)) for x, y in COUNTS])
    assert found.time_s == pytest.approx(1.0 + 7 / 60)  # by the clock: the screen said nothing
    assert found.press.source == "replay"


def test_the_line_printed_for_a_press(tmp_path):
    (found,) = replayed(tmp_path, HEAD + landing() + lifting())
    text = press_to_json(found)
    assert "\n" not in text
    record = json.loads(text)
    assert record.keys() == {"t", "touches", "touches_mm", "frames_used", "stagger_s", "hold_s"}
    assert record["touches"] == [[float(x), float(y)] for x, y in COUNTS]
    assert record["touches_mm"][0] == pytest.approx([COUNTS[0][0] / 20, COUNTS[0][1] / 20])


def test_values_are_decimal_and_types_and_codes_hexadecimal(tmp_path):
    # 0010 is ten, not eight or sixteen; the slot keeps its place when only the id is sent again.
    places = [(10 + x, y) for x, y in COUNTS]
    text = HEAD + landing(places=places) + lifting()
    again = "".join(line(3.0, 3, 0x2F, n) + line(3.0, 3, 0x39, 40 + n) for n in range(5)) + sync(3.0)
    first, second = replayed(tmp_path, text + again + lifting(3.5))
    assert first.touches == pytest.approx([pytest.approx(place) for place in places])
    assert second.touches == first.touches


def test_axes_of_different_resolution_are_scaled_apart(tmp_path):
    stretched = [(x, y * 3) for x, y in COUNTS]
    head = HEAD.replace("A: 36 0 4095 0 0 20", "A: 36 0 9999 0 0 60")
    (found,) = replayed(tmp_path, head + landing(places=stretched) + lifting())
    assert found.touches_mm == pytest.approx([pytest.approx((x / 20, y / 20)) for x, y in COUNTS])
    assert found.touches == pytest.approx([pytest.approx(place) for place in stretched])


COMMENTS = """\
# EVEMU 1.2
#   Event type 1 (EV_KEY)
#     Event code 53 (not an axis)
#       Resolution 99
#   Event type 3 (EV_ABS)
#     Event code 47 (ABS_MT_SLOT)
#       Value      {slot}
#     Event code 53 (ABS_MT_POSITION_X)
#       Value      0
#       Min        0
#       Max     4095
#       Resolution 20
#     Event code 54 (ABS_MT_POSITION_Y)
#       Min        0
#       Max     4095
#       Resolution 20
N: A screen
A: 35 0 4095 0 0
A: 36 0 4095 0 0
"""


def test_resolution_from_the_comments_and_the_slot_in_use(tmp_path):
    body = landing() + lifting()
    assert replayed(tmp_path, COMMENTS.format(slot=0) + body)[0].touches_mm is not None
    # The recording began while slot 4 was the current one: the first contact does not name it.
    unnamed = line(1.0, 3, 0x2F, 0)
    body = (landing()[len(unnamed) :] + lifting()).replace(line(1.0, 3, 0x2F, 4), unnamed)
    body = body.replace(line(1.5, 3, 0x2F, 4), line(1.5, 3, 0x2F, 4))
    assert len(replayed(tmp_path, COMMENTS.format(slot=4) + body)) == 1
    assert replayed(tmp_path, COMMENTS.format(slot=0) + body) == []


def test_resolution_from_a_description(tmp_path):
    bare = HEAD.replace(" 0 0 20", " 0 0")  # as before format 1.1
    desc = written(tmp_path, HEAD, "a.desc")
    assert replayed(tmp_path, bare + landing() + lifting())[0].touches_mm is None
    assert replayed(tmp_path, bare + landing() + lifting(), desc_path=desc)[0].touches_mm is not None
    other = written(tmp_path, HEAD.replace("N: A screen", "N: A pad"), "b.desc")
    assert refusal(tmp_path, HEAD + landing(), desc_path=other).code == "other_device"


def test_lost_events_void_the_press_and_what_was_down_is_not_followed(tmp_path):
    dropped = line(1.05, 0, 3, 0) + line(1.05, 3, 0x35, 5) + sync(1.05)
    still_there = line(1.3, 3, 0x2F, 0) + line(1.3, 3, 0x35, 300) + sync(1.3)
    path = written(
        tmp_path, HEAD + landing() + dropped + still_there + lifting() + landing(2.0) + lifting(2.5)
    )
    found = [outcome for _, outcome, _ in replay_outcomes(path)]
    assert found[0].reason == VoidReason.INTERRUPTED
    assert found[0].detail == "events_dropped"
    assert len(found) == 2
    assert len(found[1].touches) == 5


def anonymous(time_s, places):
    parts = [line(time_s, 3, 0x35, x) + line(time_s, 3, 0x36, y) + line(time_s, 0, 2, 0) for x, y in places]
    return "".join(parts) + sync(time_s)


def test_protocol_a_without_ids_follows_the_nearest(tmp_path):
    frames = [anonymous(1.0 + n / 100, COUNTS[n % 5 :] + COUNTS[: n % 5]) for n in range(40)]
    (found,) = replayed(tmp_path, HEAD + "".join(frames) + line(1.4, 0, 2, 0) + sync(1.4))
    assert sorted(found.touches) == pytest.approx([pytest.approx(place) for place in sorted(COUNTS)])


def test_protocol_a_takes_a_jump_for_another_contact(tmp_path):
    text = HEAD + anonymous(1.0, [(100, 100)]) + anonymous(1.1, [(120, 100)]) + anonymous(1.2, [(3000, 100)])
    path = written(tmp_path, text)
    lines = read_lines(path)
    reports = list(read_reports(lines, read_device(lines, path), path))
    assert [list(report.spots) for report in reports] == [[0], [0], [1]]


def test_protocol_a_with_ids(tmp_path):
    frames = [
        "".join(
            line(1.0 + n / 100, 3, 0x39, uid)
            + line(1.0 + n / 100, 3, 0x35, COUNTS[uid][0])
            + line(1.0 + n / 100, 3, 0x36, COUNTS[uid][1])
            + line(1.0 + n / 100, 0, 2, 0)
            for uid in range(5)
        )
        + sync(1.0 + n / 100)
        for n in range(40)
    ]
    assert len(replayed(tmp_path, HEAD + "".join(frames))) == 1


def test_a_single_touch_screen_is_read_and_gives_nothing(tmp_path):
    tap = line(1.0, 1, 0x14A, 1) + line(1.0, 3, 0, 100) + line(1.0, 3, 1, 200) + sync(1.0)
    lift = line(1.5, 1, 0x14A, 0) + sync(1.5)
    assert replayed(tmp_path, HEAD + tap + lift) == []


def test_a_hovering_contact_is_not_on_the_glass(tmp_path):
    hovering = line(1.0, 3, 0x2F, 0) + line(1.0, 3, 0x3B, 1) + sync(1.0)
    assert replayed(tmp_path, HEAD + landing()[: -len(sync(1.0))] + hovering + lifting()) == []


def test_tip_counts_and_no_time_after_the_end(tmp_path):
    text = HEAD + landing(places=COUNTS[:4]) + lifting(1.8, 4)
    assert replayed(tmp_path, text) == []
    assert len(replayed(tmp_path, text, settings=DetectorSettings(tip_counts=(4,)))) == 1
    assert replayed(tmp_path, HEAD + landing()) == []


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "not_evemu", "line 1"),
        (HEAD, "not_evemu", "without any event"),
        ("hello\nworld\n", "bad_line", "line 1: not an evemu line: 'hello'"),
        (HEAD + landing() + "E: 1.1 00zz 0000 0\n" + lifting(), "bad_line", "line 30"),
        (HEAD + landing() + "E: 1.1 0003\n" + lifting(), "bad_line", "line 30"),
        (HEAD + landing() + "garbage " * 40 + "\n" + lifting(), "bad_line", "line 30"),
        (HEAD + landing()[:-9], "truncated", "line 29"),
        (HEAD + landing() + "E: 1.2000", "truncated", "line 30"),
        (HEAD + landing() + line(1.1, 3, 0x35, 7), "truncated", "line 30"),
        (HEAD + line(1.0, 3, 0x2F, -3) + sync(1.0), "bad_line", "line 9: slot -3"),
        (HEAD + line(1.0, 1, 30, 1) + sync(1.0), "no_touchscreen", "no touch"),
        (HEAD.replace("EVEMU 1.3", "EVEMU 2.0") + landing(), "unsupported", "line 1: evemu format 2"),
        (HEAD + "A: 35 zero\n" + landing(), "bad_line", "line 9: not an axis"),
    ],
)
def test_a_damaged_recording_is_refused_by_line(tmp_path, text, code, where):
    error = refusal(tmp_path, text)
    assert error.code == code
    assert "a.events" in str(error)
    assert where in str(error)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ReplayError, match=r"nowhere\.events") as refused:
        list(replay_file(tmp_path / "nowhere.events"))
    assert refused.value.code == "unreadable"
    (tmp_path / "b.events").write_bytes(b"\xff\xfe\x00E: ")
    with pytest.raises(ReplayError, match="not a text file") as refused:
        list(replay_file(tmp_path / "b.events"))
    assert refused.value.code == "not_evemu"


def test_presses_before_the_damage_are_not_lost(tmp_path):
    found = replay_file(written(tmp_path, HEAD + landing() + lifting() + sync(3.0) + "E: 3.1"))
    assert len(next(found).touches) == 5
    with pytest.raises(ReplayError):
        next(found)


def test_a_clock_set_back_between_touches_does_not_hide_the_next_press(tmp_path):
    text = HEAD + landing(1000.0) + lifting(1000.5) + landing(2.0, first_id=50) + lifting(2.5)
    assert len(replayed(tmp_path, text)) == 2


def test_a_long_silence_costs_no_time(tmp_path):
    text = HEAD + landing(1.0) + lifting(1.5) + landing(1e9, first_id=50) + lifting(1e9 + 0.5)
    assert len(replayed(tmp_path, text)) == 2
