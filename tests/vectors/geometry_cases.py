"""The cases of ``patterns/vectors/geometry.json``: residuals, labels, searches, and what is refused."""

import random

import numpy as np

from stampsdk import PatternIndex
from stampsdk.geometry import residual
from tests.vectors import heads
from tests.vectors.shapes import mirrored, pattern, polygon, press
from tests.vectors.writing import rounded

KNOWN = [1.0, 1.0]
UNIT = 0.16
PIXELS = [0.1568, 0.1632]
ANY_MM = 1e4


def document():
    """Return the whole file."""
    return {
        "about": heads.GEOMETRY,
        "cases": [*map(answered, cases())],
        "searches": [*map(found, searches())],
        "refused": list(refused()),
    }


def answered(case):
    """Return a case with its answer, of `residual` or, for partial presses, of an index."""
    scale = case["scale"] and tuple(case["scale"])
    if case["missing"] or case["ghosts"]:
        index = PatternIndex.build([case["pattern"]])
        hits = index.search(case["touches"], ANY_MM, scale, missing=case["missing"], ghosts=case["ghosts"])
        value, labels = hits.residual[0], hits.labels[0]
    else:
        alignment = residual(case["touches"], case["pattern"], scale)
        value, labels = alignment.residual, alignment.labels
    return case | {"residual": round(float(value), 7), "labels": [int(label) for label in labels]}


def found(case):
    """Return a search with its hits."""
    index = PatternIndex.build(np.array(case["patterns"]), case["ids"])
    hits = index.search(case["touches"], case["tolerance"], case["scale"] and tuple(case["scale"]))
    rows = zip(hits.ids, hits.residual, hits.labels, strict=True)
    told = [{"id": int(i), "residual": round(float(r), 7), "labels": [*map(int, k)]} for i, r, k in rows]
    return case | {"hits": told}


def _case(name, points, touches, scale, *, missing=0, ghosts=0):
    return {
        "name": name,
        "pattern": points,
        "touches": touches,
        "scale": scale,
        "missing": missing,
        "ghosts": ghosts,
    }


def cases():
    """Yield the cases, without answers; the same ones at each call."""
    for tips in range(3, 11):
        rng = random.Random(tips)
        points = pattern(rng, tips)
        yield _case(f"{tips} tips, known scale", points, press(rng, points, 0.4), KNOWN)
        yield _case(f"{tips} tips, scale to 2 %", points, press(rng, points, 0.4, UNIT * 1.01), PIXELS)
        yield _case(f"{tips} tips, free scale", points, press(rng, points, 0.4, 0.2645), None)
    yield from _scales()
    yield from _symmetric()
    yield from _mirrors_and_lines()
    yield from _coincident()
    yield from _partial()


def _scales():
    rng = random.Random(20)
    points = pattern(rng, 5)
    yield _case("no noise", points, press(rng, points, 0.0), KNOWN)
    yield _case("larger than the range allows", points, press(rng, points, 0.2, UNIT / 1.06), PIXELS)
    yield _case("smaller than the range allows", points, press(rng, points, 0.2, UNIT * 1.06), PIXELS)
    yield _case("another stamp", points, press(rng, pattern(rng, 5), 0.4), KNOWN)
    yield _case("another stamp, free scale", points, press(rng, pattern(rng, 5), 0.4), None)


def _symmetric():
    rng = random.Random(30)
    square = [[-10.0, -10.0], [10.0, -10.0], [10.0, 10.0], [-10.0, 10.0]]
    yield _case("square: four labellings tie", square, press(rng, square, 0.4), KNOWN)
    yield _case("square, free scale", square, press(rng, square, 0.4, 0.2645), None)
    yield _case("square, no noise, turned by nothing", square, square[::-1], KNOWN)
    oblong = [[-12.0, -7.0], [12.0, -7.0], [12.0, 7.0], [-12.0, 7.0]]
    yield _case("oblong: two labellings tie", oblong, press(rng, oblong, 0.4, UNIT), PIXELS)
    yield _case("equilateral triangle", polygon(3), press(rng, polygon(3), 0.4), KNOWN)
    yield _case("regular hexagon", polygon(6), press(rng, polygon(6), 0.4), KNOWN)
    star = [*polygon(5), [0.0, 0.0]]
    yield _case("regular pentagon and its centre", star, press(rng, star, 0.4, 0.2645), None)
    nearly = rounded(polygon(5), 2)
    yield _case("pentagon in whole 10 µm: nearly ties", nearly, press(rng, nearly, 0.4), KNOWN)
    half = pattern(rng, 3)
    both = [*half, *([-x, -y] for x, y in half)]
    yield _case("point-symmetric, six tips", both, press(rng, both, 0.4), KNOWN)


def _mirrors_and_lines():
    rng = random.Random(40)
    points = pattern(rng, 5)
    image = mirrored(points)
    yield _case("mirrored: no reflection is used", points, press(rng, image, 0.0), KNOWN)
    yield _case("mirrored, free scale", points, press(rng, image, 0.0, UNIT), None)
    kite = [[0.0, -14.0], [9.0, 0.0], [0.0, 12.0], [-9.0, 0.0]]
    yield _case("a kite is its own mirror image", kite, press(rng, mirrored(kite), 0.2), KNOWN)
    even = [[-15.0, 0.0], [-5.0, 0.0], [5.0, 0.0], [15.0, 0.0]]
    uneven = [[-18.0, -9.0], [-8.0, -4.0], [0.0, 0.0], [6.0, 3.0], [18.0, 9.0]]
    yield _case("on a line, evenly: two labellings tie", even, press(rng, even, 0.3), KNOWN)
    yield _case("on a line, unevenly", uneven, press(rng, uneven, 0.3, UNIT), PIXELS)
    row = [[100.0 + 12.0 * k, 200.0] for k in range(5)]
    yield _case("touches on a line, tips not", points, row, None)


def _coincident():
    rng = random.Random(50)
    points = pattern(rng, 5)
    touches = press(rng, points, 0.4)
    touches[3] = touches[1]
    yield _case("two touches coincide", points, touches, KNOWN)
    one = [[123.0, 456.0]] * 5
    yield _case("all touches coincide", points, one, KNOWN)
    yield _case("all touches coincide, free scale", points, one, None)


def _partial():
    rng = random.Random(60)
    for tips, scale, unit in ((5, KNOWN, 1.0), (6, PIXELS, UNIT), (8, None, 0.2645)):
        points = pattern(rng, tips)
        touches = press(rng, points, 0.3, unit)[1:]
        yield _case(f"one of {tips} tips did not touch", points, touches, scale, missing=1)
    cross = [*polygon(4), [0.0, 0.0]]
    yield _case(
        "square and centre, the centre did not touch", cross, press(rng, cross[:4], 0.2), KNOWN, missing=1
    )
    for tips, scale, unit in ((4, KNOWN, 1.0), (5, PIXELS, UNIT), (7, None, 0.2645)):
        points = pattern(rng, tips)
        finger = [rng.uniform(-25.0, 25.0), rng.uniform(30.0, 40.0)]
        touches = press(rng, [*points, finger], 0.3, unit)
        yield _case(f"a touch beside {tips} tips", points, touches, scale, ghosts=1)
    points = pattern(rng, 5)
    touches = press(rng, points, 0.3)
    yield _case("one tip told twice", points, [*touches, touches[2]], KNOWN, ghosts=1)


def searches():
    """Yield the searches, without hits."""
    rng = random.Random(70)
    base = pattern(rng, 5)
    near = rounded([(x + rng.uniform(-0.5, 0.5), y + rng.uniform(-0.5, 0.5)) for x, y in base], 3)
    reordered = [[base[4][0] + 0.05, base[4][1]], *base[3::-1]]
    patterns = [pattern(rng, 5), base, mirrored(base), near, base, pattern(rng, 5), reordered]
    common = {"ids": [12, 11, 10, 9, 8, 7, 60], "patterns": patterns}
    yield {"name": "copies, a near one, not the mirror image", **common, "touches": press(rng, base, 0.3),
           "scale": KNOWN, "tolerance": 0.9}  # fmt: skip
    yield {"name": "in pixels", **common, "touches": press(rng, near, 0.3, UNIT),
           "scale": PIXELS, "tolerance": 0.9}  # fmt: skip
    yield {"name": "free scale", **common, "touches": press(rng, patterns[0], 0.3, 0.2645),
           "scale": None, "tolerance": 0.9}  # fmt: skip
    yield {"name": "a wide tolerance takes all but the farthest", **common,
           "touches": press(rng, patterns[5], 0.3), "scale": KNOWN, "tolerance": 6.0}  # fmt: skip
    yield {"name": "nothing within the tolerance", **common, "touches": press(rng, pattern(rng, 5), 0.3),
           "scale": KNOWN, "tolerance": 0.5}  # fmt: skip


def refused():
    """Yield what must be refused, and by the name of which argument."""
    rng = random.Random(80)
    five, four, three = (pattern(rng, tips) for tips in (5, 4, 3))
    eleven = pattern(rng, 11)
    far = [*five[:4], [700.0, 0.0]]
    yield _case("two tips", five[:2], five[:2], KNOWN) | {"at": "pattern"}
    yield _case("eleven tips", eleven, eleven, KNOWN) | {"at": "pattern"}
    yield _case("tips that coincide", [*four, four[0]], five, KNOWN) | {"at": "pattern"}
    yield _case("a tip 500 mm from the centroid", far, far, KNOWN) | {"at": "pattern"}
    yield _case("a touch too few", five, five[:4], KNOWN) | {"at": "touches"}
    yield _case("a range from 0", five, five, [0.0, 1.0]) | {"at": "scale"}
    yield _case("a range upside down", five, five, [1.02, 0.98]) | {"at": "scale"}
    yield _case("three matched points", four, four[:3], KNOWN, missing=1) | {"at": "missing"}
    yield _case("three tips and a touch", three, [*three, [5.0, 5.0]], KNOWN, ghosts=1) | {"at": "ghosts"}
    yield _case("a tip missing and a touch too many", five, five, KNOWN, missing=1, ghosts=1) | {
        "at": "missing"
    }
