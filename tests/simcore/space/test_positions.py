"""Positions are where they are said to be, and random ones are a function of the seed and the neuron alone."""

import numpy as np
import pytest
from scipy import stats

from simcore.errors import InputError
from simcore.network import GivenPositions, GridPositions, Population, RandomPositions


def coordinates(positions, n, seed=1, population=0):
    return positions.coordinates(population, seed, np.arange(n))


def test_a_grid_is_counted_from_the_top_along_columns():
    found = coordinates(GridPositions((3, 2), extent=(6.0, 2.0), center=(1.0, -1.0)), 6)
    assert found[:2].T.tolist() == [[-1, -0.5], [-1, -1.5], [1, -0.5], [1, -1.5], [3, -0.5], [3, -1.5]]
    assert not found[2].any()


def test_a_grid_in_three_dimensions_is_counted_along_z_first():
    found = coordinates(GridPositions((2, 2, 2), extent=(2.0, 4.0, 6.0)), 8)
    assert found.T.tolist()[:3] == [[-0.5, 1.0, -1.5], [-0.5, 1.0, 1.5], [-0.5, -1.0, -1.5]]


@pytest.mark.parametrize("extent", [(2.0, 0.5), (2.0, 0.5, 3.0)])
def test_random_positions_are_uniform_in_their_box(extent):
    center = (1.0, -2.0, 0.5)[: len(extent)]
    found = coordinates(RandomPositions(extent, center), 5000)
    for axis, side in enumerate(extent):
        assert stats.kstest(found[axis], "uniform", (center[axis] - side / 2, side)).pvalue > 1e-4
    assert abs(np.corrcoef(found[0], found[1])[0, 1]) < 0.07


def test_a_random_position_depends_on_seed_population_and_neuron_alone():
    positions = RandomPositions((1.0, 1.0))
    whole = coordinates(positions, 100)
    assert np.array_equal(positions.coordinates(0, 1, np.array([70, 3])), whole[:, [70, 3]])
    assert not np.isin(coordinates(positions, 100, seed=2)[0], whole[0]).any()
    assert not np.isin(coordinates(positions, 100, population=1)[0], whole[0]).any()


def test_given_positions_lie_in_the_smallest_box_unless_one_is_given():
    given = np.array([[0.0, 1.0], [4.0, 3.0]])
    positions = GivenPositions(given)
    assert (positions.extent, positions.center) == ((4.0, 2.0), (2.0, 2.0))
    assert np.array_equal(coordinates(positions, 2)[:2].T, given)
    assert Population("A", 2, positions=given.tolist()).positions.extent == (4.0, 2.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GridPositions((3,)), "shape = .*two or three integers"),
        (lambda: GridPositions((3, 0)), "shape = 0"),
        (lambda: GridPositions((3, 3), extent=(1.0,)), "extent = .*2 numbers"),
        (lambda: GridPositions((3, 3), extent=(1.0, -1.0)), "extent = -1.0"),
        (lambda: RandomPositions((1.0, np.nan)), "extent = nan"),
        (lambda: RandomPositions((1.0, 1.0), edge_wrap=1), "edge_wrap = 1"),
        (lambda: RandomPositions((1.0, 1.0), center=(1.0,)), "center = "),
        (lambda: GivenPositions([[1.0, 2.0], [3.0]]), "use an array of shape"),
        (lambda: GivenPositions(np.zeros((2, 4))), r"shape = \(2, 4\)"),
        (lambda: GivenPositions([[1.0, np.inf]]), "must be finite"),
        (lambda: GivenPositions([[1.0, 2.0]], edge_wrap=True), "periodic boundaries require an extent"),
        (lambda: GivenPositions([[1.0, 2.0]], extent=(1.0, 1.0)), "must be within the extent of the layer, 1 around 0"),
        (lambda: Population("A", 5, positions=GridPositions((2, 2))), "population's size, 5"),
        (lambda: Population("A", 5, positions=np.zeros((4, 2))), "must be 5, one for each neuron"),
        (lambda: Population("A", 5, positions="grid"), "use GridPositions"),
    ],
)
def test_bad_positions_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
