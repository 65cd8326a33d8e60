"""Counts of the Poisson drives: the table's probabilities, the kernel's counts, and many draws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import carray, njit, types
from scipy import stats

from simcore.drives.drive import DriveStream
from simcore.drives.poisson import cpu
from simcore.drives.poisson.counts import MAX_MEAN_COUNT, count_table, count_thresholds, counts_of
from simcore.drives.poisson.model import Poisson
from simcore.drives.poisson.words import random_words
from simcore.jit.intrinsics import call_kernel, int32_at

RESOLUTION_MS = 0.1
RATES_HZ = (0.01, 1.0, 300.0, 12_800.0, 200_000.0, 1e6)
LEVEL = 1e-4


def words_of_each_count(table):
    """Number of the 2**32 words that yield each count, from the ends of the table's cells."""
    n, empty = int(table[0]), int(table[1])
    ends = np.concatenate((np.zeros(empty, dtype=np.int64), table[2:].astype(np.int64) + 1, [2**32]))
    cells = np.diff(ends, prepend=0)
    return cells[:n] + cells[n:]


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.floats(0.0, MAX_MEAN_COUNT), st.floats(-7.0, 2.0).map(lambda power: 10.0**power)))
def test_a_table_gives_each_count_its_words(mean):
    thresholds = count_thresholds(mean)
    expected = np.diff(np.concatenate(([0], thresholds.astype(np.int64), [2**32])))
    assert words_of_each_count(count_table(thresholds)).tolist() == expected.tolist()
    # Up to its rounding, a word has probability 2**-32.
    exact = stats.poisson.pmf(np.arange(len(expected)), mean) * 2.0**32
    assert np.all(np.abs(expected - exact)[:-1] < 1.0 + 1e-6 * mean)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, MAX_MEAN_COUNT))
def test_half_a_word_decides_nearly_always(mean):
    table = count_table(count_thresholds(mean))
    n = int(table[0])
    halves = np.arange(2**16, dtype=np.uint32)
    lowest, highest = counts_of(table, halves << np.uint32(16)), counts_of(table, (halves << np.uint32(16)) | 0xFFFF)
    undecided = np.count_nonzero(lowest != highest)
    assert undecided <= n
    bound = int(table[2 + n - 1 - int(table[1])]) >> 16
    assert np.all(lowest[: bound + 1] == highest[: bound + 1])


@njit
def _call(address, addresses, step):
    call_kernel(
        address, step, addresses[0], addresses[1], addresses[2], addresses[3], addresses[4], addresses[5],
        addresses[6], addresses[7],
    )  # fmt: skip


class Kernel:
    """The compiled drive, acting on `n` neurons with the ids first_id, first_id + stride, ..."""

    def __init__(self, rate_hz, n, first_id=3, stride=2, seed=11, index=1):
        self.prepared = Poisson("a", rate_hz, 1.0).prepare(1, RESOLUTION_MS)
        self.stream, self.ids = DriveStream(seed, index), first_id + stride * np.arange(n)
        self.inputs = np.zeros(n, dtype=np.int32)
        self._thresholds = cpu.kernel_thresholds(self.prepared.thresholds)
        self._scratch = np.zeros(8 + Poisson.scratch_bytes_per_neuron * n, dtype=np.uint8)
        arrays = (self.inputs, self.prepared.header, self._thresholds, self._scratch)
        numbers = (n, first_id, stride, seed | index << 32, *(array.ctypes.data for array in arrays))
        self._numbers = np.array(numbers, dtype=np.int64)
        self._address = cpu.DELIVER.address(types.float32, types.int32)

    def counts(self, step):
        """Number of events of each neuron in a step."""
        self.inputs[:] = 0
        _call(self._address, self._numbers, step)
        return self.inputs


@pytest.mark.parametrize("rate_hz", [0.0, *RATES_HZ, 1.28e6])
def test_the_kernel_counts_as_the_oracle(rate_hz):
    kernel = Kernel(rate_hz, 1500)
    drive = Poisson("a", rate_hz, 1.0)
    rests = 0
    # Steps in any order, and beyond 32 bits of blocks.
    for step in (*range(10, 90), 17, 12, *range(2**35 - 4, 2**35 + 12)):
        expected = drive.events(kernel.prepared, kernel.stream, step, kernel.ids)
        assert kernel.counts(step).tolist() == expected.tolist()
        words = random_words(kernel.stream, step - 10, kernel.ids)
        table = count_table(kernel.prepared.thresholds)
        rests += np.count_nonzero(words > table[2 + int(table[0]) - 1 - int(table[1])])
    # Lower halves were needed, where there are rests.
    assert rests > 0 or rate_hz <= 1.0


@njit
def _histogram(address, addresses, n_steps, n_counts):
    """Number of draws of each count over many steps."""
    found = np.zeros(n_counts, dtype=np.int64)
    inputs = carray(int32_at(addresses[4]), addresses[0])
    for step in range(10, 10 + n_steps):
        inputs[:] = 0
        _call(address, addresses, step)
        for value in inputs:
            found[value] += 1
    return found


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_many_draws_pass_chi_square(rate_hz):
    """10**8 draws against the Poisson distribution itself; counts that are expected less than ten times are pooled."""
    n, n_steps = 4096, 24_416
    kernel = Kernel(rate_hz, n, seed=2026)
    mean = rate_hz * RESOLUTION_MS * 1e-3
    found = _histogram(kernel._address, kernel._numbers, n_steps, 256)
    draws = n * n_steps
    assert found.sum() == draws > 10**8
    expected = stats.poisson.pmf(np.arange(256), mean) * draws
    common = expected >= 10.0
    statistic = np.sum((found - expected)[common] ** 2 / expected[common])
    rare, expected_rare = found[~common].sum(), draws - expected[common].sum()
    cells = common.sum()
    if expected_rare >= 10.0:
        statistic += (rare - expected_rare) ** 2 / expected_rare
        cells += 1
    else:
        assert rare < expected_rare + 6.0 * math.sqrt(expected_rare) + 6.0
    assert stats.chi2.ppf(LEVEL, cells - 1) <= statistic < stats.chi2.ppf(1.0 - LEVEL, cells - 1)
