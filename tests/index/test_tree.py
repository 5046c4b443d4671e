"""The wide tree: every row in one leaf, boxes around what is below them, points half a step off at most."""

import numpy as np
import pytest

from stampsdk.index._tree import AXES, FAN, LEAF_ROWS, SIZE, STEPS, grow


def made(count, seed, kind):
    rng = np.random.default_rng(seed)
    keys = rng.normal(0, 0.2, (count, AXES - 1)).astype(np.float32)
    sizes = rng.uniform(30, 36, count).astype(np.float32)
    if kind == "equal":
        keys[:], sizes[:] = keys[:1], sizes[:1]
    elif kind == "few":
        keys = keys[rng.integers(0, min(count, 3), count)]
    elif kind == "flat":
        keys[:, 2:] = 0.0
    return keys, sizes


@pytest.mark.parametrize("kind", ["random", "equal", "few", "flat"])
@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 64, 511, 512, 513, 8192, 8193, 8224, 20_000, 140_000])
def test_a_tree_holds_its_rows(count, kind):
    keys, sizes = made(count, count, kind)
    given = np.column_stack([keys, sizes])
    rows = np.arange(count, dtype=np.int32)
    tree = grow(keys, sizes, rows, 0, count)
    assert np.array_equal(np.sort(rows), np.arange(count))
    assert np.array_equal(np.column_stack([keys, sizes]), given[rows])
    lengths = np.diff(tree.starts)
    assert (tree.starts[0], tree.starts[-1]) == (0, count)
    assert lengths.min() >= 1
    assert lengths.max() <= LEAF_ROWS
    assert lengths.max() - lengths.min() <= 1

    values = np.column_stack([keys, sizes])
    seen = np.zeros(len(tree.points), int)
    spans = {}
    for node in range(len(tree.links) - 1, -1, -1):
        first, children, bottom = tree.links[node]
        assert 1 <= children <= FAN
        origin, step = tree.frames[node]
        for child in range(children):
            if bottom:
                leaf = first + child
                seen[leaf] += 1
                span = (tree.starts[leaf], tree.starts[leaf + 1])
            else:
                span = spans[first + child]
            low = origin + step * tree.boxes[node, :, 0, child]
            high = origin + step * tree.boxes[node, :, 1, child]
            slack = 2e-7 * np.maximum(np.abs(values[slice(*span)]), 1.0)
            assert (low - slack <= values[slice(*span)]).all()
            assert (values[slice(*span)] <= high + slack).all()
            if bottom:
                between = (high - low) / STEPS
                points = low + between * tree.points[leaf, :, : span[1] - span[0]].T
                assert (np.abs(points - values[slice(*span)]) <= 0.5 * between + slack).all()
        spans[node] = (
            (tree.starts[first], tree.starts[first + children])
            if bottom
            else (spans[first][0], spans[first + children - 1][1])
        )
    assert (seen == 1).all()
    assert spans[0] == (0, count)


def test_bottom_nodes_are_full():
    keys, sizes = made(100_000, 0, "random")
    tree = grow(keys, sizes, np.arange(100_000, dtype=np.int32), 0, 100_000)
    bottom = tree.links[tree.links[:, 2] == 1]
    assert bottom[:, 1].mean() > 0.7 * FAN


def test_splits_follow_the_widest_axis_in_millimetres():
    keys, sizes = made(4096, 3, "random")
    keys *= np.float32(1e-4)  # sizes differ by far more
    tree = grow(keys, sizes, np.arange(4096, dtype=np.int32), 0, 4096)
    widths = [np.ptp(sizes[a:b]) for a, b in zip(tree.starts, tree.starts[1:], strict=False)]
    assert np.mean(widths) < 0.01 * np.ptp(sizes)
    assert tree.frames[0, 0, SIZE] == sizes.min()
