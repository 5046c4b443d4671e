"""The room's public names."""

from stampsdk import capture


def test_public_names_are_sorted_and_exist():
    assert capture.__all__ == sorted(capture.__all__)
    for name in capture.__all__:
        assert getattr(capture, name).__module__.startswith("stampsdk.capture.") or name == "TouchKind"


def test_a_still_stamp_is_one_press_while_it_is_down():
    detector = capture.PressDetector()
    tips = [(100.0, 100.0), (190.0, 110.0), (150.0, 210.0), (250.0, 190.0), (180.0, 290.0)]
    outcomes = [
        detector.feed(capture.TouchEvent("down", uid, x, y, 10.0 + uid * 0.01))
        for uid, (x, y) in enumerate(tips)
    ]
    outcomes += [detector.tick(10.05 + frame / 60) for frame in range(60)]
    (press,) = [outcome for outcome in outcomes if outcome is not None]
    assert press.touches == tuple(tips)
    assert press.quality.frames_used >= 3
