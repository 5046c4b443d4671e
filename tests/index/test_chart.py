"""The chart keeps near shapes near, never farther apart than the stretch says; complete up to five tips."""

import numpy as np
import pytest

from stampsdk.index._chart import (
    COORDINATES,
    MOST_COMPLETE,
    chart_of,
    fit_chart,
    place_in_chart,
    stretch,
    twist_of,
)


def random_units(count, tips, rng):
    units = rng.normal(size=(count, tips)) + 1j * rng.normal(size=(count, tips))
    units -= units.mean(axis=1, keepdims=True)
    return units / np.linalg.norm(units, axis=1, keepdims=True)


def placed(units, chart):
    places = np.zeros((len(units), COORDINATES), np.float32)
    order = np.arange(units.shape[1], dtype=np.int8)
    along = [
        place_in_chart(unit, order, *chart, np.empty_like(unit), place)
        for unit, place in zip(units, places, strict=True)
    ]
    return places.astype(float), np.array(along)


def procrustes(left, right):
    return np.linalg.norm(left - np.vdot(right, left) * right)


@pytest.mark.parametrize("tips", range(3, 11))
def test_the_basis_is_orthonormal_and_across_gauge_and_shifts(tips):
    units = random_units(300, tips, np.random.default_rng(tips))
    gauge, basis = fit_chart(units, np.ones(300))
    kept = min(COORDINATES, 2 * tips - 4)
    assert basis.T @ basis == pytest.approx(np.diag([1.0] * kept + [0.0] * (COORDINATES - kept)), abs=1e-12)
    assert gauge.sum() == pytest.approx(0, abs=1e-12)
    for across in (gauge, 1j * gauge, np.ones(tips), 1j * np.ones(tips)):
        assert np.concatenate([across.real, across.imag]) @ basis == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("spread", [1e-6, 1e-3, 0.05, 0.3])
@pytest.mark.parametrize("tips", range(3, 11))
def test_shapes_are_never_farther_apart_than_the_stretch_says(tips, spread):
    """Against the plain Procrustes distance; the worst directions are found by climbing."""
    rng = np.random.default_rng(tips)
    chart = fit_chart(random_units(50, tips, rng), np.ones(50))
    greatest = 0.0
    for unit in random_units(60, tips, rng):
        step = random_units(1, tips, rng)[0] * spread
        for _ in range(60):
            trial = step + random_units(1, tips, rng)[0] * spread * 0.3
            trial *= spread / np.linalg.norm(trial)
            step = max(step, trial, key=lambda s: _ratio(unit, s, chart))
        other = (unit + step) / np.linalg.norm(unit + step)
        (here, there), (along, _) = placed(np.stack([unit, other]), chart)
        reach = procrustes(unit, other)
        bound = stretch(along, reach)
        if np.isfinite(bound):
            greatest = max(greatest, np.linalg.norm(here - there) / (bound * reach + 1e-6))
    assert greatest <= 1.0
    if tips <= MOST_COMPLETE and spread == 1e-3:
        assert greatest > 0.95, "the bound is nearly attained, so that a mistake in it would show"


def _ratio(unit, step, chart):
    other = (unit + step) / np.linalg.norm(unit + step)
    (here, there), _ = placed(np.stack([unit, other]), chart)
    return np.linalg.norm(here - there) / procrustes(unit, other)


@pytest.mark.parametrize("tips", range(3, MOST_COMPLETE + 1))
def test_up_to_five_tips_the_distance_follows_from_two_places(tips):
    rng = np.random.default_rng(tips)
    units = random_units(40, tips, rng)
    chart = fit_chart(units, np.ones(40))
    places, along = placed(units, chart)
    turned = places @ twist_of(chart[1]).T
    for j in range(40):
        for k in range(j):
            real = along[j] * along[k] + places[j] @ places[k]
            found = 1.0 - real**2 - (turned[j] @ places[k]) ** 2
            assert found == pytest.approx(procrustes(units[j], units[k]) ** 2, abs=2e-6)


def test_turning_and_reordering_leave_the_place_and_a_mirror_does_not():
    rng = np.random.default_rng(0)
    unit = random_units(1, 5, rng)[0]
    chart = fit_chart(random_units(40, 5, rng), np.ones(40))
    places = np.empty((3, COORDINATES), np.float32)
    order = np.arange(5, dtype=np.int8)
    shuffle = rng.permutation(5)
    place_in_chart(unit, order, *chart, np.empty_like(unit), places[0])
    turned, back = (unit * np.exp(1j))[shuffle], np.argsort(shuffle).astype(np.int8)
    place_in_chart(turned, back, *chart, np.empty_like(unit), places[1])
    place_in_chart(np.conj(unit), order, *chart, np.empty_like(unit), places[2])
    assert places[1] == pytest.approx(places[0], abs=1e-6)
    assert np.linalg.norm(places[2] - places[0]) > 0.01


def test_patterns_lie_where_their_shapes_do_whatever_their_size():
    rng = np.random.default_rng(1)
    units = random_units(30, 6, rng)
    chart = fit_chart(units, np.ones(30))
    sizes = 10.0 ** rng.uniform(-3, 3, 30)
    places = np.empty((30, COORDINATES), np.float32)
    chart_of(units * sizes[:, np.newaxis], sizes, *chart, places)
    assert places == pytest.approx(placed(units, chart)[0], abs=1e-6)


def test_nothing_is_said_of_what_lies_across_the_gauge():
    assert stretch(0.0, 1e-9) == np.inf
    assert stretch(0.3, 0.29) == np.inf
    assert stretch(1.0, 0.99) == np.inf
    assert stretch(1.0, 0.0) == 1.0
