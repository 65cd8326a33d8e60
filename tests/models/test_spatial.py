"""The example of a network on a sheet has the in-degrees, distances and delays that it describes."""

import numpy as np
import pytest

from benchnn.models import models
from simcore.errors import InputError
from simcore.synapses.edges import draw_projection
from simcore.tables import make_tables

spatial = models.get("spatial")


def test_neurons_have_as_many_inputs_as_described_from_nearby():
    network = spatial(neurons=1500, in_degree=20.0, sigma_i_mm=0.05)
    tables = make_tables(network)
    for index, (expected, sigma) in enumerate([(16, 0.1), (16, 0.1), (4, 0.05), (4, 0.05)]):
        projection = network.projections[index]
        edges = draw_projection(network, tables, 1, index)
        size = network.population(projection.target).size
        assert len(edges.sources) / size == pytest.approx(expected, rel=0.05)
        places = np.concatenate([network.positions(name, 1) for name in ("E", "I")])
        moved = places[edges.sources] - places[edges.targets]
        distances = np.hypot(*(moved - np.rint(moved)).T)
        assert distances.max() <= 3.0 * sigma
        # Of a Gaussian kernel in the plane, cut at three standard deviations.
        assert np.mean(distances**2) == pytest.approx(
            sigma**2 * (2.0 - 9.0 * np.exp(-4.5) / (1.0 - np.exp(-4.5))), rel=0.05
        )
        assert np.all(np.abs(edges.delays_ms - 0.5 - distances / 0.3) < 0.0501)


def test_a_sheet_twice_as_large_has_the_same_kernels():
    first, second = spatial(), spatial(neurons=20_000, extent_mm=2.0**0.5)
    for own, other in zip(first.projections, second.projections, strict=True):
        assert own.rule.mask == other.rule.mask
        assert own.rule.p.scale == pytest.approx(other.rule.p.scale)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"neurons": 12}, "multiple of 5"),
        ({"extent_mm": 0.0}, "extent_mm = 0.0"),
        ({"sigma_e_mm": 0.2}, "at most 0.166667"),
        ({"in_degree": 1000.0}, "in_degree = 1000.0"),
        ({"g": -1.0}, "g = -1.0"),
    ],
)
def test_parameters_out_of_range_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        spatial(**given)
