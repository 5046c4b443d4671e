import numpy as np
import pytest

from stampsdk.geometry import residual
from tests import oracle


@pytest.mark.parametrize("tips", range(3, 9))
@pytest.mark.parametrize("scale", [None, (0.98, 1.02), (0.5, 0.9)])
def test_it_is_the_least_over_all_assignments(tips, scale):
    rng = np.random.default_rng(tips)
    for _ in range(10):
        pattern = rng.normal(size=(tips, 2)) * 15
        touches = rng.normal(size=(tips, 2)) * 15
        value, labels = oracle.residual(touches, pattern, scale)
        found = residual(touches, pattern, scale)
        assert found.residual == pytest.approx(value, abs=1e-9)
        assert tuple(found.labels) == labels
