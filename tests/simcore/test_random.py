"""Counter-based streams and the binomial sampler."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simcore.connectivity.cpu import _binomial
from simcore.jit.philox import philox_block
from simcore.random import binomial, digest_sum, philox, scaled_integer, unit_interval

WORD = st.integers(0, 2**32 - 1)

# Known answers of Philox4x32-10: Random123 distribution, tests/kat_vectors.
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, expected):
    assert tuple(int(word) for word in philox(counter, key)) == expected


@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
@settings(deadline=None, max_examples=50)
def test_compiled_philox_equals_numpy(counter, key):
    compiled = philox_block(*(np.uint32(word) for word in (*counter, *key)))
    assert [int(word) for word in compiled] == [int(word) for word in philox(counter, key)]


def test_philox_takes_counters_modulo_two_to_the_32():
    assert philox((-1, 2**32 + 7, 0, 0), (1, 2)) == philox((2**32 - 1, 7, 0, 0), (1, 2))


@given(WORD, st.integers(1, 2**31))
def test_scaled_integers_lie_below_n(word, n):
    assert 0 <= scaled_integer(word, n) < n


@given(WORD, WORD)
def test_the_unit_interval_excludes_one(high, low):
    assert 0.0 <= unit_interval(high, low) < 1.0


def test_digest_sum_wraps_at_128_bits():
    full = np.array([2**32 - 1], dtype=np.uint32)
    one, zero = np.array([1], dtype=np.uint32), np.array([0], dtype=np.uint32)
    assert digest_sum((full, full, full, full)) == 2**128 - 1
    assert digest_sum(tuple(np.concatenate((full, first)) for first in (one, zero, zero, zero))) == 0


@given(st.integers(0, 3000), st.floats(1e-4, 1e4), st.floats(0.0, 1.0, exclude_max=True))
@settings(deadline=None)
def test_compiled_binomial_equals_python(n, odds, u):
    assert _binomial(n, odds, u) == binomial(n, odds, u)


@given(st.integers(0, 10**8), st.floats(1e-9, 1e9), st.floats(0.0, 1.0, exclude_max=True))
@settings(deadline=None)
def test_binomial_lies_in_its_support(n, odds, u):
    assert 0 <= _binomial(n, odds, u) <= n


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (20, 0.1), (1000, 0.003), (5000, 0.5), (400, 0.97)])
def test_binomial_has_the_binomial_distribution(n, p):
    """Chi-square against the exact probabilities, level 1e-4."""
    uniforms = (np.arange(200_000) + 0.5) / 200_000
    samples = np.array([_binomial(n, p / (1 - p), u) for u in uniforms[::10]])
    values, observed = np.unique(samples, return_counts=True)
    expected = stats.binom.pmf(values, n, p) * len(samples)
    common = expected > 5
    statistic = np.sum((observed[common] - expected[common]) ** 2 / expected[common])
    assert statistic < stats.chi2.ppf(1 - 1e-4, common.sum())
