"""Perturbed networks: how weights are spread, stuck or drift, and what stays."""

import numpy as np
import pytest

import simcore
from simcore.errors import InputError
from simcore.transforms.perturb import KINDS
from tests.simcore.transforms.test_prune import digest, edges_of, network


def wide():
    """Many synapses of one weight, and inhibitory ones of another."""
    edges = [simcore.Projection("A", "A", simcore.FixedIndegree(100), weight) for weight in (100.0, -300.0)]
    return simcore.Network([simcore.Population("A", 100)], edges)


@pytest.mark.parametrize("kind", KINDS)
def test_strength_0_is_the_same_network(kind):
    described = network()
    assert simcore.perturb(described, kind, 0.0) is described


@pytest.mark.parametrize("kind", ["lognormal", "normal"])
def test_noise_keeps_the_mean_and_has_the_strength_that_was_asked_for(kind):
    for edges, weight in zip(edges_of(simcore.perturb(wide(), kind, 0.2)), (100.0, -300.0), strict=True):
        factors = edges.weights / weight
        spread = np.log(factors) if kind == "lognormal" else factors
        assert len(factors) == 10_000 and factors.min() > 0.0
        assert factors.mean() == pytest.approx(1.0, abs=5 * 0.2 / 100) and spread.std() == pytest.approx(0.2, rel=0.03)


def test_no_weight_changes_its_sign_and_those_at_0_are_left_out():
    for edges, sign in zip(edges_of(simcore.perturb(wide(), "normal", 1.0), bits=32), (1.0, -1.0), strict=True):
        assert np.all(sign * edges.weights > 0.0)
        # P(1 + Z > 0) = 84.1 %
        assert len(edges.weights) / 10_000 == pytest.approx(0.841, abs=0.02)


def test_stuck_synapses_have_no_weight_or_the_largest():
    described = network()
    before = edges_of(described)[0]
    off = edges_of(simcore.perturb(described, "stuck_off", 0.25))[0]
    on = edges_of(simcore.perturb(described, "stuck_on", 0.25))[0]
    n = len(before.weights)
    assert len(off.weights) == n - round(0.25 * n) and set(off.weights) <= set(before.weights)
    assert len(on.weights) == n and np.array_equal(on.sources, before.sources)
    moved = on.weights != before.weights
    assert set(on.weights[moved]) == {before.weights.max()} and round(0.25 * n) - 1 <= moved.sum() <= round(0.25 * n)


def test_weights_drift_with_the_power_of_the_time():
    before, after = (edges_of(one) for one in (wide(), simcore.perturb(wide(), "drift", 0.1, elapsed=1e3)))
    for whole, left in zip(before, after, strict=True):
        assert left.weights / whole.weights == pytest.approx(1e3**-0.1, rel=1e-3)
    assert simcore.perturb(before_it := wide(), "drift", 0.1, elapsed=1.0) is before_it


def test_the_digest_is_a_function_of_network_transform_and_seed():
    one = digest(simcore.perturb(network(), "lognormal", 0.3, seed=2))
    assert one == digest(simcore.perturb(network(), "lognormal", 0.3, seed=2))
    others = {
        digest(network()),
        digest(simcore.perturb(network(), "lognormal", 0.3, seed=3)),
        digest(simcore.perturb(network(), "normal", 0.3, seed=2)),
    }
    assert len({one, *others}) == 4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "stuck"}, "kind = 'stuck'"),
        ({"strength": -0.1}, "strength = -0.1"),
        ({"kind": "stuck_on", "strength": 1.5}, r"must be in \[0, 1\] for stuck_on"),
        ({"elapsed": 0.5}, "elapsed = 0.5"),
        ({"seed": 2**32}, "seed"),
    ],
)
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        simcore.perturb(**{"network": network(), "kind": "normal", "strength": 0.5, **wrong})
