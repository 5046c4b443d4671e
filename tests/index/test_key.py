"""The key keeps distances of shapes; its projection never lengthens them."""

import numpy as np
import pytest

from stampsdk.index._key import fit_projection, project, write_key


def random_units(count, tips, rng):
    units = rng.normal(size=(count, tips)) + 1j * rng.normal(size=(count, tips))
    units -= units.mean(axis=1, keepdims=True)
    return units / np.linalg.norm(units, axis=1, keepdims=True)


@pytest.mark.parametrize("tips", range(3, 11))
def test_the_distance_of_keys_is_that_of_shapes(tips):
    rng = np.random.default_rng(tips)
    units = random_units(40, tips, rng)
    centre, basis = fit_projection(units, np.ones(40))
    assert basis.T @ basis == pytest.approx(np.eye(basis.shape[1]), abs=1e-12)
    order = rng.permutation(tips).astype(np.int8)
    full = np.empty((40, (tips - 1) ** 2))
    short = np.empty((40, basis.shape[1]))
    for unit, key, projected in zip(units, full, short, strict=True):
        write_key(unit, order, key)
        project(key, centre, basis, projected)
    for j in range(40):
        for k in range(j):
            procrustes = np.linalg.norm(units[j] - np.vdot(units[k], units[j]) * units[k])
            assert np.linalg.norm(full[j] - full[k]) == pytest.approx(procrustes, abs=1e-12)
            assert np.linalg.norm(short[j] - short[k]) <= procrustes + 1e-12


def test_turning_and_reordering_leave_the_key_and_a_mirror_does_not():
    rng = np.random.default_rng(0)
    unit = random_units(1, 5, rng)[0]
    keys = np.empty((3, 16))
    order = np.arange(5, dtype=np.int8)
    shuffle = rng.permutation(5)
    write_key(unit, order, keys[0])
    write_key((unit * np.exp(1j))[shuffle], np.argsort(shuffle).astype(np.int8), keys[1])
    write_key(np.conj(unit), order, keys[2])
    assert keys[1] == pytest.approx(keys[0], abs=1e-12)
    assert np.linalg.norm(keys[2] - keys[0]) > 0.01
