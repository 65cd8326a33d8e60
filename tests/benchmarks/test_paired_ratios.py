"""Order of paired runs, interval of the median of their ratios, verdict."""

import numpy as np
import pytest
from paired_ratios import Ratio, alternating, paired_ratio, verdict


def test_each_side_goes_first_in_every_other_pair():
    order = [name for pair in alternating("A", "B", 4) for name in pair]
    assert "".join(order) == "ABBAABBA"


def test_too_few_pairs_have_no_interval():
    with pytest.raises(ValueError, match="at least 6"):
        paired_ratio([1.0] * 5, [1.0] * 5)


def test_ratios_are_of_pairs_not_of_medians():
    base = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    candidate = [value * factor for value, factor in zip(base, [1.1, 1.2, 0.9, 1.3, 1.0, 1.15, 1.05], strict=True)]
    ratio = paired_ratio(base, candidate)
    assert ratio.values == pytest.approx((1.1, 1.2, 0.9, 1.3, 1.0, 1.15, 1.05))
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((1.1, 0.9, 1.3))
    assert ratio.confidence == 0.984375


def test_more_pairs_cut_outliers_off():
    candidate = [1.0 + 0.01 * k for k in range(8)] + [0.1, 50.0]
    ratio = paired_ratio([1.0] * 10, candidate)
    assert (ratio.low, ratio.high) == pytest.approx((1.0, 1.07))


def test_a_pair_needs_both_values():
    with pytest.raises(ValueError, match="zip"):
        paired_ratio([1.0] * 7, [1.0] * 8)


def test_the_interval_holds_the_median_as_often_as_it_says():
    # Skewed, as run times are: the median of a lognormal distribution with mu = 0 is 1.
    trials, n = 4000, 10
    ratios = [paired_ratio([1.0] * n, sample) for sample in np.random.default_rng(1).lognormal(0.0, 0.8, (trials, n))]
    held = sum(ratio.low <= 1.0 <= ratio.high for ratio in ratios)
    confidence = ratios[0].confidence
    deviation = (confidence * (1.0 - confidence) / trials) ** 0.5
    assert held / trials == pytest.approx(confidence, abs=3.0 * deviation)


@pytest.mark.parametrize(
    ("middle", "low", "high", "expected"),
    [
        (0.80, 0.75, 0.90, "faster"),
        (1.20, 1.10, 1.30, "slower"),
        (0.80, 0.60, 1.01, "same"),  # the interval contains 1
        (1.20, 0.99, 1.30, "same"),
        (0.98, 0.97, 0.99, "same"),  # certain, but within 3 %
        (1.02, 1.01, 1.03, "same"),
        (0.96, 0.95, 0.97, "faster"),
        (1.04, 1.03, 1.05, "slower"),
    ],
)
def test_verdict(middle, low, high, expected):
    assert verdict(Ratio(middle, low, high, 0.98, ())) == expected


def test_a_verdict_on_memory_has_words_of_its_own():
    assert verdict(Ratio(0.5, 0.4, 0.6, 0.98, ()), "smaller", "larger") == "smaller"
    assert verdict(Ratio(2.0, 1.9, 2.1, 0.98, ()), "smaller", "larger") == "larger"
