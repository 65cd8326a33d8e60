"""Moments of weights are exact sums of integers: no layout changes a digit."""

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchnn.record.weight_sums import WeightSums

UNITS = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=30)


@given(UNITS, st.integers(1, 4))
def test_sums_of_parts_are_those_of_the_whole(units, parts):
    sums = WeightSums.over(WeightSums.of(np.array(part, dtype=np.int32)) for part in np.array_split(units, parts))
    assert sums == WeightSums.of(np.array(units, dtype=np.int32))
    assert (sums.synapses, sums.total) == (len(units), sum(units))
    assert sums.squares == sum(unit**2 for unit in units)


@given(UNITS.filter(bool), st.sampled_from([1.0, 2.0**-20, 0.003]))
def test_moments_are_those_of_the_weights(units, unit):
    moments = WeightSums.of(np.array(units, dtype=np.int32)).moments(unit)
    exact = [Fraction(value) for value in units]
    assert moments["mean"] == pytest.approx(float(statistics.mean(exact)) * unit, rel=1e-12, abs=1e-300)
    assert moments["sd"] == pytest.approx(math.sqrt(statistics.pvariance(exact)) * unit, rel=1e-12, abs=1e-300)
    assert (moments["min"], moments["max"]) == (min(units) * unit, max(units) * unit)


def test_many_large_weights_do_not_overflow():
    n = 100_000
    sums = WeightSums.of(np.full(n, -(2**31), dtype=np.int32))
    assert (sums.total, sums.squares) == (-n * 2**31, n * 2**62)
    assert sums.moments(1.0)["sd"] == 0.0


def test_nothing_is_known_without_synapses():
    assert set(WeightSums.of(np.zeros(0, dtype=np.int32)).moments(1.0).values()) == {None}
