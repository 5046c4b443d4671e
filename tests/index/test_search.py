import numpy as np
import pytest

from stampsdk import PatternIndex
from tests import oracle


@pytest.mark.parametrize("scale", [None, (0.98, 1.02)])
def test_it_finds_exactly_what_brute_force_finds(scale):
    rng = np.random.default_rng(5)
    points = rng.uniform(-20, 20, (60, 5, 2))
    index = PatternIndex.build(points)
    touches = points[17] + rng.normal(0, 0.4, (5, 2))
    expected = [oracle.residual(touches, pattern, scale)[0] for pattern in points]
    for tolerance in (0.9, 6.0):
        hits = index.search(touches, tolerance, scale)
        assert set(hits.ids) == {row for row, value in enumerate(expected) if value <= tolerance}
        assert hits.residual == pytest.approx(sorted(v for v in expected if v <= tolerance), abs=1e-9)
