"""The standard normal distribution over arrays gives the bits of the standard library."""

import math
from statistics import NormalDist

import numpy as np

from simcore.distributions.standard_normal import normal_cdf, normal_quantile


def test_quantiles_are_those_of_the_standard_library():
    grid = np.arange(1, 65536) / 65536
    tails = np.ldexp(1.0, -np.arange(2, 1070))
    probabilities = np.concatenate([tails[::-1], grid, 1.0 - tails[:50], np.random.default_rng(1).random(20_000)])
    expected = [NormalDist().inv_cdf(p) for p in probabilities.tolist() if p < 1.0]
    assert normal_quantile(probabilities[probabilities < 1.0]).tolist() == expected


def test_certainty_is_infinitely_far():
    assert normal_quantile(np.array([-0.1, 0.0, 0.5, 1.0, 1.1])).tolist() == [
        -math.inf,
        -math.inf,
        0.0,
        math.inf,
        math.inf,
    ]


def test_probabilities_are_those_of_the_standard_library():
    z = np.concatenate([[-math.inf, math.inf], np.linspace(-40.0, 40.0, 10_001)])
    assert normal_cdf(z).tolist() == [0.5 * math.erfc(-value / math.sqrt(2.0)) for value in z.tolist()]
