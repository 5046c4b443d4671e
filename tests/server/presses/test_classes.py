"""Coarse classes of distance and accuracy."""

import math

import pytest

from server.presses.classes import accuracy_class, distance_class


@pytest.mark.parametrize(
    ("metres", "name"),
    [
        (0.1, "to_10_m"),
        (10.0, "to_10_m"),
        (10.1, "to_25_m"),
        (50.0, "to_50_m"),
        (99.9, "to_100_m"),
        (1e6, "coarser"),
    ],
)
def test_accuracies(metres, name):
    assert accuracy_class(metres) == name


@pytest.mark.parametrize(
    ("metres", "name"),
    [
        (0.0, "inside"),
        (0.5, "to_50_m"),
        (51.0, "to_200_m"),
        (999.0, "to_1000_m"),
        (1e7, "farther"),
        (math.nan, "none"),
    ],
)
def test_distances(metres, name):
    assert distance_class(metres) == name
