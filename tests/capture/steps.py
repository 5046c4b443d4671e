"""Steps by hand: five tips of a stamp that stand where they are."""

from stampsdk.capture import PressDetector, TouchEvent
from tests.capture.simulate import play, script

TIPS = [(100.0, 100.0), (190.0, 110.0), (150.0, 210.0), (250.0, 190.0), (180.0, 290.0)]


def down(uid, at, place=None):
    return TouchEvent("down", uid, *(place or TIPS[uid]), at)


def move(uid, at, place):
    return TouchEvent("move", uid, *place, at)


def up(uid, at):
    return TouchEvent("up", uid, 0.0, 0.0, at)


def landed(at=1.0, tips=TIPS, first_uid=0):
    return [down(first_uid + n, at, tip) for n, tip in enumerate(tips)]


def lifted(at, count=5, first_uid=0):
    return [up(first_uid + n, at) for n in range(count)]


def outcomes(*parts, until=4.0, settings=None):
    return [outcome for _, outcome in play(script(*parts, until=until), PressDetector(settings))]


def reasons(*parts, **kwargs):
    return [getattr(outcome, "reason", "press") for outcome in outcomes(*parts, **kwargs)]
