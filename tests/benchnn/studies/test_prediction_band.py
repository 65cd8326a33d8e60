"""The band of a prediction: its arithmetic, and how often it contains what it should."""

import math

import numpy as np
import pytest

from benchnn.studies.prediction_band import Contained, Pair, band_factor, contained

T_90 = {1: 6.3138, 2: 2.9200, 5: 2.0150}
"""Two-sided 90 % quantiles of Student's t, from tables."""


def pairs(*ratios):
    return [Pair(layout, 10.0, 10.0 * ratio) for layout, ratio in enumerate(ratios)]


@pytest.mark.parametrize("number", T_90)
def test_the_factor_follows_from_the_root_mean_square_of_the_logarithms(number):
    assert band_factor(pairs(*[1.1] * number)) == pytest.approx(1.1 ** T_90[number], rel=1e-4)


def test_errors_up_and_down_do_not_cancel():
    assert band_factor(pairs(1.1, 1 / 1.1)) == pytest.approx(band_factor(pairs(1.1, 1.1)))
    deviation = math.sqrt((math.log(1.2) ** 2 + math.log(0.9) ** 2) / 2)
    assert band_factor(pairs(1.2, 0.9)) == pytest.approx(math.exp(T_90[2] * deviation), rel=1e-4)


def test_without_a_run_there_is_no_band_and_without_an_error_no_width():
    assert band_factor([]) is None
    assert band_factor(pairs(1.0, 1.0)) == 1.0


def test_the_band_contains_nine_of_ten_new_values():
    random = np.random.default_rng(3)
    inside = 0
    for _ in range(2000):
        errors = np.exp(random.normal(0.0, 0.2, 4))
        inside += abs(math.log(errors[3])) <= math.log(band_factor(pairs(*errors[:3])))
    # Standard deviation 0.7 %.
    assert inside / 2000 == pytest.approx(0.9, abs=0.025)


def test_each_value_is_tried_against_the_other_layouts():
    measures = {
        # A band of 1.05 ** 6.3 = 1.36 from one layout holds the other, and the reverse.
        "a": pairs(1.05, 1.05),
        # 1.01 ** 6.3 = 1.07 does not hold 1.3, whose own band holds 1.01.
        "b": pairs(1.01, 1.3),
        # Exact counts lie in a band without width.
        "c": pairs(1.0, 1.0),
        "one": pairs(1.5),
        "none": [],
    }
    assert contained(measures) == Contained(6, 5)
