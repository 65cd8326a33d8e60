"""A regression is more than chance, more than the spread and more than what matters."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.results.repeats import Criterion, Verdict, chance, enough, judge, sample_of

CRITERION = Criterion()
VALUES = st.lists(st.integers(0, 12), min_size=1, max_size=5)


@settings(deadline=None)
@given(small=VALUES, large=VALUES)
def test_chance_is_the_share_of_all_ways_to_divide_distinct_values(small, large):
    pairs = sum(a < b for a in small for b in large)
    everything = range(len(small) + len(large))
    counts = []
    for picked in combinations(everything, len(large)):
        rest = [value for value in everything if value not in picked]
        counts.append(sum(a < b for a in rest for b in picked))
    assert chance(small, large) == pytest.approx(np.mean(np.array(counts) >= pairs))


@pytest.mark.parametrize(
    ("earlier", "newest", "verdict"),
    [
        ([10, 11, 10.5, 10.2, 10.8], [14, 15, 14.5, 14.2, 13], Verdict.WORSE),
        ([14, 15, 14.5, 14.2, 13], [10, 11, 10.5, 10.2, 10.8], Verdict.BETTER),
        ([10, 11, 10.5, 10.2, 10.8], [10.1, 10.9, 10.6, 10.3, 10.7], Verdict.SAME),
        # Beyond chance and spread, but less than what matters.
        ([10.0, 10.01, 10.02, 10.03, 10.04], [10.3, 10.31, 10.32, 10.33, 10.34], Verdict.SAME),
        # Beyond chance, but not the usual spread.
        ([10, 12, 14, 16, 18] * 6, [13, 15, 17, 19, 21] * 6, Verdict.SAME),
        # Medians are far apart, but ranks may be so by chance.
        ([10, 10, 10, 30, 30], [15, 16, 17, 18, 19], Verdict.SAME),
        ([10] * 4, [20] * 4, Verdict.UNKNOWN),
        ([10] * 100, [20] * 2, Verdict.UNKNOWN),
        ([10] * 7, [20] * 3, Verdict.WORSE),
        ([], [20] * 9, Verdict.UNKNOWN),
        ([20] * 9, [], Verdict.UNKNOWN),
        ([0] * 9, [0] * 9, Verdict.SAME),
        ([0] * 9, [1] * 9, Verdict.WORSE),
        ([10] * 1000, [20] * 1000, Verdict.WORSE),
    ],
)
def test_verdicts(earlier, newest, verdict):
    assert judge(earlier, newest, CRITERION) is verdict


def test_one_outlier_neither_raises_nor_hides_a_regression():
    earlier = [10.0 + 0.1 * n for n in range(9)]
    assert judge(earlier, [*earlier[:-1], 99], CRITERION) is Verdict.SAME
    assert judge([*earlier[:-1], 99], [1.3 * value for value in earlier], CRITERION) is Verdict.WORSE


@pytest.mark.parametrize(
    ("sides", "level", "verdict"),
    [
        ((5, 5), 0.01, True),
        ((4, 5), 0.01, True),
        ((4, 4), 0.01, False),
        ((3, 7), 0.01, True),
        ((2, 50), 0.01, False),
        ((5, 5), 0.001, False),
        ((4000, 4000), 0.001, True),
    ],
)
def test_how_many_repeats_are_enough(sides, level, verdict):
    assert enough(*sides, level) is enough(*reversed(sides), level) is verdict


@pytest.mark.parametrize("noise", ["normal", "exponential"])
def test_false_alarms_are_as_rare_as_stated_and_a_third_is_seen(noise):
    rng = np.random.default_rng(1)

    def repeats(factor):
        return list(factor * (1.0 + 0.1 * getattr(rng, f"standard_{noise}")(7)))

    same = [judge(repeats(1.0), repeats(1.0), CRITERION) for _ in range(1000)]
    slower = [judge(repeats(1.0), repeats(1.33), CRITERION) for _ in range(200)]
    # 1000 x 0.01 = 10 are allowed, 20 is three standard deviations more.
    assert same.count(Verdict.WORSE) <= 20 and same.count(Verdict.BETTER) <= 20
    assert slower.count(Verdict.WORSE) > 150


def test_sample():
    sample = sample_of([3.0, 1.0, 2.0, 5.0, 4.0])
    assert (sample.repeats, sample.median, sample.min, sample.max, sample.spread) == (5, 3.0, 1.0, 5.0, 2.0)
    assert sample_of([7]).spread == 0.0 and sample_of([]) is None
