"""Rates of each neuron: the tables of many rates, the kernel's counts, and many draws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import carray, njit, types
from scipy import stats

from simcore.drives.drive import DriveStream
from simcore.drives.poisson.counts import MAX_MEAN_COUNT, count_table, count_thresholds
from simcore.drives.poisson_rates import cpu
from simcore.drives.poisson_rates.model import PoissonRates
from simcore.drives.poisson_rates.tables import bernoulli_cumulative, count_tables, joined, poisson_cumulative
from simcore.jit.intrinsics import call_kernel, int32_at

RESOLUTION_MS = 0.1
RATES_HZ = (0.01, 1.0, 10.0, 300.0, 2500.0, 8000.0, 12_800.0, 30_000.0, 1e5)
LEVEL = 1e-4

means_of_a_step = st.one_of(st.floats(0.0, MAX_MEAN_COUNT), st.floats(-7.0, 2.0).map(lambda power: 10.0**power))


@settings(max_examples=60, deadline=None)
@given(st.lists(means_of_a_step, min_size=1, max_size=30))
def test_tables_of_many_rates_are_those_of_each(means):
    tables, starts = count_tables(*poisson_cumulative(np.array(means)))
    for start, mean in zip(starts.tolist(), means, strict=True):
        expected = count_table(count_thresholds(mean))
        assert tables[start : start + len(expected)].tolist() == expected.tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=10))
def test_tables_of_bernoulli_trains_have_the_words_of_their_probability(probabilities):
    tables, starts = count_tables(*bernoulli_cumulative(np.array(probabilities)))
    for start, p in zip(starts.tolist(), probabilities, strict=True):
        none = round((1.0 - p) * 2**32)
        expected = count_table(np.array([none] if none < 2**32 else [], dtype=np.uint32))
        assert tables[start : start + len(expected)].tolist() == expected.tolist()


def test_tables_that_are_left_out_leave_the_others_as_they_are():
    tables, starts = count_tables(*poisson_cumulative(np.array([0.0, 0.3, 7.0, 100.0])))
    fewer, places = joined(tables, starts, starts[[1, 3]])
    for place, mean in zip(places.tolist(), (0.3, 100.0), strict=True):
        expected = count_table(count_thresholds(mean))
        assert fewer[place : place + len(expected)].tolist() == expected.tolist()


@njit
def _call(address, addresses, step):
    call_kernel(
        address, step, addresses[0], addresses[1], addresses[2], addresses[3], addresses[4], addresses[5],
        addresses[6], addresses[7],
    )  # fmt: skip


@njit
def _counts(address, addresses, n_steps):
    """Sum, sum of squares and histogram of each neuron's counts over many steps, and of products of neighbours."""
    n = addresses[0]
    histogram = np.zeros((n, 256), dtype=np.int64)
    inputs = carray(int32_at(addresses[4]), n)
    for step in range(n_steps):
        inputs[:] = 0
        _call(address, addresses, step)
        for i in range(n):
            histogram[i, inputs[i]] += 1
    return histogram


class Kernel:
    """The compiled drive, acting on neurons of the given rates with the ids first_id, first_id + stride, ..."""

    def __init__(self, rates_hz, at_most_one=False, weight=1, seed=2026, index=2**30):
        n, first_id, stride = len(rates_hz), 3, 2
        drive = PoissonRates("a", np.zeros(1), np.array([rates_hz]), 1.0, 0.0, at_most_one)
        self.drive, self.prepared = drive, drive.prepare(weight, RESOLUTION_MS)
        self.stream, self.ids = DriveStream(seed, index), first_id + stride * np.arange(n)
        own = drive.selected(self.prepared, range(n))
        self.inputs = np.zeros(n, dtype=np.int32)
        self._scratch = np.zeros(16 + drive.scratch_bytes_per_neuron * n, dtype=np.uint8)
        self._own = own
        arrays = (self.inputs, own.header, own.thresholds, self._scratch)
        numbers = (n, first_id, stride, seed | index << 32, *(array.ctypes.data for array in arrays))
        self._numbers = np.array(numbers, dtype=np.int64)
        self._address = cpu.DELIVER.address(types.float32, types.int32)

    def inputs_of(self, step):
        """Input of each neuron in a step."""
        self.inputs[:] = 0
        _call(self._address, self._numbers, step)
        return self.inputs.copy()

    def histogram(self, n_steps):
        """How often each count occurs for each neuron, shape (neurons, 256)."""
        return _counts(self._address, self._numbers, n_steps)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_kernel_counts_as_the_oracle(weighted):
    random = np.random.default_rng(2)
    rates = np.concatenate([[0.0, 1.28e6], random.choice(RATES_HZ, 400), random.uniform(0.0, 1e6, 300)])
    weights = random.integers(-300, 300, len(rates)) if weighted else 7
    kernel = Kernel(rates, weight=weights)
    for step in (*range(20), 17, 2, *range(2**35 - 4, 2**35 + 4)):
        expected = kernel.drive.events(kernel.prepared, kernel.stream, step, kernel.ids) * weights
        assert kernel.inputs_of(step).tolist() == expected.tolist()


def chi_square(found, probabilities):
    """Statistic and degrees of freedom; counts that are expected less than ten times are pooled."""
    draws = found.sum()
    expected = probabilities * draws
    common = expected >= 10.0
    statistic = np.sum((found - expected)[common] ** 2 / expected[common])
    rare, expected_rare = found[~common].sum(), draws - expected[common].sum()
    cells = int(common.sum())
    if expected_rare >= 10.0:
        return statistic + (rare - expected_rare) ** 2 / expected_rare, cells
    assert rare < expected_rare + 6.0 * math.sqrt(max(expected_rare, 0.0)) + 6.0
    return statistic, cells - 1


def test_many_draws_of_each_rate_pass_chi_square_side_by_side():
    """10**7 draws of each rate, whose neurons take turns, against the Poisson distribution."""
    repeats, n_steps = 250, 40_000
    histogram = Kernel(np.tile(RATES_HZ, repeats)).histogram(n_steps)
    by_rate = histogram.reshape(repeats, len(RATES_HZ), 256).sum(axis=0)
    assert by_rate.sum(axis=1).tolist() == [10**7] * len(RATES_HZ)
    for rate_hz, found in zip(RATES_HZ, by_rate, strict=True):
        mean = rate_hz * RESOLUTION_MS * 1e-3
        statistic, freedom = chi_square(found, stats.poisson.pmf(np.arange(256), mean))
        if freedom == 0:
            continue
        assert stats.chi2.ppf(LEVEL, freedom) <= statistic < stats.chi2.ppf(1.0 - LEVEL, freedom), rate_hz


def test_many_draws_of_bernoulli_trains_have_their_probability():
    probabilities = np.array([1e-4, 0.02, 0.5, 0.999])
    repeats, n_steps = 100, 10_000
    histogram = Kernel(np.tile(probabilities * 1e4, repeats), at_most_one=True).histogram(n_steps)
    found = histogram.reshape(repeats, len(probabilities), 256).sum(axis=0)
    draws = repeats * n_steps
    assert found[:, 2:].sum() == 0
    deviation = (found[:, 1] - probabilities * draws) / np.sqrt(draws * probabilities * (1.0 - probabilities))
    assert np.all(np.abs(deviation) < 4.5)


def test_neurons_are_independent():
    """No pair among 60 neurons is correlated, at equal steps or one apart; nor are two populations."""
    n, n_steps = 60, 20_000
    kernels = [Kernel(np.full(n, 5000.0), index=index) for index in (2**30, 2**30 + 1, 0)]
    counts = np.array([np.concatenate([kernel.inputs_of(step) for kernel in kernels]) for step in range(n_steps)])
    for lagged in (counts, np.concatenate([counts[:-1, :n], counts[1:, :n]], axis=1)):
        correlations = np.corrcoef(lagged.T)[np.triu_indices(lagged.shape[1], 1)] * math.sqrt(n_steps)
        # Of some 16,000 standard normal numbers the largest exceeds 5.5 once in 1,600 times.
        assert np.abs(correlations).max() < 5.5
        assert stats.kstest(correlations, "norm").pvalue > 1e-3
