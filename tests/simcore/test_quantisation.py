"""Integer weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import AllToAll, Network, Normal, Poisson, Population, Projection
from simcore.quantisation import smallest_lsb, weight_grid
from simcore.tables import make_tables


def network(weight, drive_weight=None):
    drives = [] if drive_weight is None else [Poisson("B", 10.0, drive_weight)]
    return Network([Population("A", 3), Population("B", 3)], [Projection("A", "B", AllToAll(), weight)], drives)


@given(st.floats(1e-6, 1e6), st.sampled_from([8, 16, 32]))
def test_the_lsb_is_the_smallest_power_of_two_that_fits(largest, bits):
    lsb = smallest_lsb(largest, bits)
    limit = 2 ** (bits - 1) - 1
    assert np.log2(lsb) == np.round(np.log2(lsb))
    assert np.rint(largest / lsb) <= limit < np.rint(2 * largest / lsb)


def test_the_grid_follows_from_the_description_of_target_and_receptor():
    grid = weight_grid(network(Normal(mean=-80.0, std=8.0, high=0.0), drive_weight=300.0), 16)
    assert grid.lsb[0].tolist() == [1.0, 1.0]
    assert grid.lsb[1][0] == smallest_lsb(300.0, 16)
    assert 100.0 < 32767 * grid.lsb[1][1] < 4 * 120.0


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_quantised_weights_keep_mean_and_deviation(bits):
    described = Normal(mean=87.8, std=8.78, low=0.0)
    tables = make_tables(network(described), bits)
    values = tables.grid.value(tables.weights[0].entries, 1)
    assert np.mean(values) == pytest.approx(87.8, rel=0.01)
    assert np.std(values) == pytest.approx(8.78, rel=0.01)


def test_weights_that_the_bits_would_turn_to_zero_are_refused_with_the_bits_that_do():
    with pytest.raises(InputError, match=r"A->B\.weight.*8 weight bits: weights would become 0; use 16 weight bits"):
        make_tables(network(0.5, drive_weight=200.0), 8)
    make_tables(network(0.5, drive_weight=200.0), 16)
    make_tables(network(0.5, drive_weight=200.0), 8, accept_quantisation=True)


def test_a_mean_that_moves_by_more_than_a_percent_is_refused():
    with pytest.raises(InputError, match="the mean would change by more than 1 %; use 16 weight bits"):
        make_tables(network(2.4, drive_weight=127.0), 8)


def test_a_deviation_that_moves_by_more_than_a_percent_is_refused():
    with pytest.raises(InputError, match="the standard deviation would change"):
        make_tables(network(Normal(mean=50.0, std=0.3), drive_weight=127.0), 8)


def test_unknown_widths_are_refused():
    with pytest.raises(InputError, match="weight_bits = 12"):
        make_tables(network(1.0), 12)
