"""How far weights of few bits are from those described, projection by projection."""

import numpy as np
import pytest

from simcore.network import FixedIndegree, Lognormal, Network, Normal, Poisson, Population, Projection, Uniform
from simcore.neuromorphic.mapping.precision import bits_needed, with_delays_up_to, with_weight_bits
from simcore.quantisation import weight_values
from simcore.simulator import Simulator
from simcore.values import as_value


def network(*weights, drives=()):
    projections = [Projection("A", "A", FixedIndegree(2), weight) for weight in weights]
    return Network([Population("A", 40)], projections, drives)


DISTRIBUTIONS = [
    Normal(mean=87.8, std=8.78, low=0.0),
    Normal(mean=-351.2, std=35.12, high=0.0),
    Lognormal(mean=3.0, std=0.5),
    Uniform(low=5.0, high=80.0),
    Normal(mean=0.0, std=20.0),
]


@pytest.mark.parametrize("bits", [6, 7, 8, 9])
@pytest.mark.parametrize("weight", DISTRIBUTIONS, ids=lambda weight: type(weight).__name__)
def test_rounding_keeps_mean_and_standard_deviation(weight, bits):
    adapted, changes = with_weight_bits(network(weight), bits)
    described, held = (weight_values(as_value(w, "w"), "w") for w in (weight, adapted.projections[0].weight))
    assert len(np.unique(held)) < 2**bits
    change = changes[0]
    size = max(abs(described.mean()), described.std())
    assert change.mean == pytest.approx((held.mean() - described.mean()) / size, abs=1e-12)
    assert change.sd == pytest.approx(held.std() / described.std() - 1.0, abs=1e-12)
    # A step is at most 2/63 of the largest weight with 6 bits; rounding to it adds step^2 / 12 to the variance.
    assert abs(change.mean) < 1e-3 and abs(change.sd) < 0.04 / 4 ** (bits - 6)
    assert change.synapses == pytest.approx(80.0, abs=1.0)


def test_the_grid_is_that_of_a_simulation_with_as_many_bits():
    described = network(87.8, -351.2, 175.6)
    adapted, changes = with_weight_bits(described, 8)
    with Simulator(described, seed=1, weight_bits=8, backend="oracle") as narrow:
        expected = narrow.edges().weights
    with Simulator(adapted, seed=1, weight_bits=16, backend="oracle") as wide:
        assert np.array_equal(wide.edges().weights, expected)
    assert [change.sd for change in changes] == [0.0, 0.0, 0.0]
    assert changes[0].mean == pytest.approx(88.0 / 87.8 - 1.0)


def test_drives_keep_their_weights_and_take_no_bits():
    drive = Poisson("A", rate_hz=1.0, weight=999.9, delay_ms=1.5)
    # 0.7 within 1 % needs steps of 1/64, of which 7 are 448.
    for drives in ((), (drive,)):
        described = network(7.0, 0.7, drives=drives)
        adapted, _ = with_weight_bits(described, 4)
        assert [projection.weight for projection in adapted.projections] == [7.0, 1.0]
        assert adapted.drives == drives and bits_needed(described) == 10 and bits_needed(adapted) == 4


def test_weights_on_the_grid_and_short_delays_leave_the_network_alone():
    described = network(1.0, -4.0, 0.5)
    assert with_weight_bits(described, 8) == (described, [])
    assert with_delays_up_to(described, 10) == (described, 0.0)


def test_equal_distributions_share_a_table():
    weight = Normal(mean=87.8, std=8.78)
    adapted, _ = with_weight_bits(network(weight, 3.0, weight), 8)
    assert adapted.projections[0].weight is adapted.projections[2].weight
    assert with_weight_bits(adapted, 8) == (adapted, [])


def test_fewest_bits():
    assert bits_needed(network()) == bits_needed(network(1.0)) == 2
    # 3 of a unit of 1 needs two bits and a sign; 100 beside 1 needs seven and a sign, less one for a share of 1 %.
    assert bits_needed(network(3.0)) == 3
    assert bits_needed(network(1.0, 100.0)) == 8
    assert bits_needed(network(1.0, 2.0**40)) == 33
