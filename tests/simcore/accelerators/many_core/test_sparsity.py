"""Sparse weights: published break-even, order of the curves, and bounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.many_core.sparsity import (
    SPARSE_UNITS,
    Product,
    Roofs,
    blocks_left,
    break_even,
    gain,
    knee,
    products_of_three_regimes,
    stored_share,
)
from simcore.errors import InputError

ROOFS = Roofs(92e12, 700e9)
MEMORY, RIDGE, COMPUTATION = products_of_three_regimes(ROOFS).values()
densities = st.floats(1e-6, 1.0)
blocks = st.sampled_from(sorted(SPARSE_UNITS.values())) | st.integers(1, 5000)


def test_compressed_weights_break_even_where_it_is_published():
    assert round(break_even(), 3) == 0.502
    density = 1.0 - break_even()
    assert gain(MEMORY, ROOFS, density, 64) == pytest.approx(1.0, rel=1e-12)
    assert gain(MEMORY, ROOFS, density + 1e-6, 64) < 1.0 < gain(MEMORY, ROOFS, density - 1e-6, 64)


def test_bytes_of_compressed_weights():
    assert stored_share(1.0) == pytest.approx(2.0 + 258 / 65_536)
    # beta is in [2.0, 2.5] from a density of 0.0079 on.
    for density in (0.0079, 0.1, 1.0):
        assert 2.0 < stored_share(density) / density < 2.5
    assert stored_share(0.0078) / 0.0078 > 2.5


@pytest.mark.parametrize(
    ("density", "cells", "left"),
    [(0.1, 64, 0.9988), (0.1, 1024, 1.0), (0.01, 64, 0.474), (0.01, 1024, 0.99997), (1.0, 64, 1.0)],
)
def test_blocks_that_are_left(density, cells, left):
    digits = len(str(left).partition(".")[2])
    assert round(blocks_left(density, cells), digits) == left


def test_small_blocks_gain_more():
    assert SPARSE_UNITS == {"TU8": 64, "TU32": 1024, "RT64": 64, "RT1024": 1024}
    for product in (RIDGE, COMPUTATION):
        for density in (0.05, 0.02, 0.01, 0.001):
            assert gain(product, ROOFS, density, 64) > gain(product, ROOFS, density, 1024) >= 1.0
    for density in (0.6, 0.9, 1.0):
        assert gain(RIDGE, ROOFS, density, 64) == gain(RIDGE, ROOFS, density, 1024) < 1.0


def test_the_gain_begins_at_the_knee():
    small, large = knee(64), knee(1024)
    assert 0.96 < small[0] < small[1] < 0.99 < large[0] < large[1] < 1.0
    assert blocks_left(1.0 - small[0], 64) == pytest.approx(0.9)
    assert blocks_left(1.0 - large[1], 1024) == pytest.approx(0.5)
    assert gain(RIDGE, ROOFS, 1.0 - small[0], 64) == pytest.approx(1 / 0.9)
    # The published knee, at a sparsity of 0.9, is not reached with equal powers.
    assert gain(RIDGE, ROOFS, 0.1, 64) < 1.01


def test_times_are_those_of_the_roofs():
    machine = Roofs(100.0, 10.0)
    product = Product(1000.0, 30.0, 50.0)
    # Dense: 10 s of operations, 8 s of bytes. Sparse, half of the weights, a block is a weight: 5 s and 8.02 s.
    assert gain(product, machine, 0.5, 1) == pytest.approx(10.0 / ((30.0 + 50.0 * stored_share(0.5)) / 10.0))
    assert gain(product, machine, 0.01, 1) == pytest.approx(10.0 / ((30.0 + 50.0 * stored_share(0.01)) / 10.0))
    assert gain(COMPUTATION, machine, 0.25, 1) == pytest.approx(4.0)
    assert gain(product, machine, 0.5, 1, power_ratio=2.0) == 2.0 * gain(product, machine, 0.5, 1)


@given(densities, densities, blocks, st.sampled_from((MEMORY, RIDGE, COMPUTATION)))
def test_the_gain_grows_with_the_sparsity(one, other, cells, product):
    low, high = sorted((one, other))
    assert gain(product, ROOFS, low, cells) >= gain(product, ROOFS, high, cells) * (1.0 - 1e-12)


extremes = st.sampled_from((1e-30, 1.0, 1e30))


@given(st.sampled_from((1e-70, 1e70)), st.sampled_from((0.0, 5e-324, 1e70)), extremes, extremes, extremes, blocks)
def test_allowed_numbers_give_a_gain(operations, size, fast, wide, power_ratio, cells):
    for density in (1e-30, 0.5, 1.0):
        found = gain(Product(operations, size, size), Roofs(fast, wide), density, cells, power_ratio)
        assert 0.0 < found < math.inf
    assert len(products_of_three_regimes(Roofs(fast, wide))) == 3


@given(densities, blocks, st.integers(1, 5000))
def test_more_weights_of_a_block_leave_more_blocks(density, cells, more):
    left = blocks_left(density, cells)
    # The share of all weights is a lower bound, that of the weights times their number an upper one.
    assert density * (1.0 - 1e-12) <= left <= min(1.0, cells * density * (1.0 + 1e-12))
    assert blocks_left(density, cells + more) >= left * (1.0 - 1e-12)
    assert math.isclose(left, 1.0 - (1.0 - density) ** cells, rel_tol=1e-6, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: blocks_left(0.0, 64), r"density = 0.0"),
        (lambda: blocks_left(1.5, 64), r"density = 1.5 is not allowed: must be in \[1e-30, 1\]"),
        (lambda: blocks_left(0.5, 0), r"cells = 0"),
        (lambda: Roofs(0.0, 1.0), r"operations_per_s = 0.0"),
        (lambda: Product(1.0, -1.0, 1.0), r"vector_bytes = -1.0"),
        (lambda: Roofs(1e300, 1.0), r"operations_per_s = 1e\+300 is not allowed: must be in \[1e-30, 1e\+30\]"),
        (lambda: Roofs(1.0, 1e-300), r"bytes_per_s = 1e-300"),
        (lambda: Product(1e-300, 0.0, 0.0), r"operations = 1e-300 is not allowed: must be in \[1e-70, 1e\+70\]"),
        (lambda: Product(1.0, 1.0, 1e300), r"weight_bytes = 1e\+300"),
        (lambda: gain(MEMORY, ROOFS, 5e-324, 64), r"density = 5e-324"),
        (lambda: gain(MEMORY, ROOFS, 0.5, 64, 0.0), r"power_ratio = 0.0"),
    ],
)
def test_wrong_numbers_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
