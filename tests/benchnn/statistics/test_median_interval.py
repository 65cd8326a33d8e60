"""Intervals of medians by order statistics."""

import numpy as np
import pytest

from benchnn.statistics.median_interval import interval_rank, median_interval


# From tables of the sign test, such as Conover's: n, rank, probability.
@pytest.mark.parametrize(
    ("n", "rank", "confidence"),
    [(6, 1, 0.96875), (7, 1, 0.984375), (8, 1, 0.9921875), (9, 2, 0.9609375), (10, 2, 0.978515625), (20, 6, 0.9586105)],
)
def test_rank_of_the_interval(n, rank, confidence):
    assert interval_rank(n) == (rank, pytest.approx(confidence, abs=1e-7))


@pytest.mark.parametrize("n", [0, 1, 5])
def test_too_few_values_have_no_interval(n):
    with pytest.raises(ValueError, match="at least 6"):
        interval_rank(n)
    assert median_interval([1.0] * n) is None


def test_the_interval_holds_the_median_as_often_as_it_says():
    # Skewed, as run times are: the median of a lognormal distribution with mu = 0 is 1. 15 values in no order.
    trials, n = 4000, 15
    samples = np.random.default_rng(1).lognormal(0.0, 0.8, (trials, n))
    intervals = [median_interval(sample.tolist()) for sample in samples]
    confidence = intervals[0].confidence
    deviation = (confidence * (1.0 - confidence) / trials) ** 0.5
    held = sum(one.low <= 1.0 <= one.high for one in intervals)
    assert held / trials == pytest.approx(confidence, abs=3.0 * deviation)
