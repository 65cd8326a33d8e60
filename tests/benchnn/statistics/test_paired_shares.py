"""Differences of two shares on the same samples."""

import numpy as np
import pytest

from benchnn.statistics.paired_shares import paired_difference


def test_the_interval_is_that_of_bonett_and_price():
    """10 of 100 lost, 3 won: (11 + 4) / 102 - (7 / 102)^2 is the variance of one sample."""
    first = np.array([True] * 10 + [False] * 3 + [True] * 87)
    second = np.array([False] * 10 + [True] * 3 + [True] * 87)
    found = paired_difference(first, second)
    half = 1.96 * np.sqrt((15 / 102 - (7 / 102) ** 2) / 102)
    assert found.difference == pytest.approx(-0.07)
    assert (found.low, found.high) == pytest.approx((-7 / 102 - half, -7 / 102 + half), abs=1e-5)


def test_equal_outcomes_have_an_interval_with_a_width():
    same = np.ones(1000, bool)
    found = paired_difference(same, same)
    assert found.difference == 0.0 and found.low == -found.high and 0.001 < found.high < 0.004
    alone = paired_difference(np.array([True]), np.array([False]))
    assert alone.difference == alone.low == -1.0


@pytest.mark.parametrize(("lost", "won"), [(0.01, 0.005), (0.1, 0.12)])
def test_it_covers_the_true_difference_in_19_of_20_cases(lost, won):
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(1000):
        drawn = random.uniform(size=400)
        found = paired_difference(drawn >= won, (drawn < won) | (drawn >= won + lost))
        covered += found.low <= won - lost <= found.high
    assert 930 <= covered <= 990
