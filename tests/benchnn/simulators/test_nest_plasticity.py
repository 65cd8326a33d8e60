"""Plastic networks on NEST as a peer: its own synapse models, with the parameters of the description."""

import math

import numpy as np
import pytest

pytest.importorskip("nest", reason="NEST is not installed")

from benchnn.simulators import PeerJob, peers
from benchnn.simulators.nest import plasticity
from benchnn.simulators.nest.kernel import nest_module
from benchnn.simulators.nest.plasticity import drawn_within, name_of_copy
from benchnn.simulators.nest.weights import settled_weights
from simcore.errors import InputError
from simcore.network import (
    FixedIndegree,
    Network,
    Normal,
    Population,
    Projection,
    SpikeRecorder,
    Stdp,
    StdpPowerLaw,
    Tsodyks2,
    Uniform,
)
from simcore.simulator import Simulator

NEST = peers.get("nest")
RULES = (
    Stdp(tau_plus=15.0, lambda_=0.02, alpha=1.1, mu_plus=0.3, mu_minus=0.8, Wmax=99.99),
    Stdp(Wmax=-150.0, lambda_=0.01),
    StdpPowerLaw(tau_plus=13.0, lambda_=0.05, alpha=0.2, mu=0.3, ceiling=500.0),
    Tsodyks2(U=0.3, u=0.4, x=0.9, tau_rec=100.0, tau_fac=50.0),
)


def network(*rules, weight=None):
    """Projections with the rules, by turns from E to E, from I to E, and from E to I."""
    drawn = (Uniform(low=20.0, high=80.0), Uniform(low=-90.0, high=-30.0), Uniform(low=20.0, high=80.0))
    ends = (("E", "E", 8), ("I", "E", 4), ("E", "I", 6), ("E", "I", 6))
    projections = [
        Projection(source, target, FixedIndegree(n), weight or drawn[k % 3], Uniform(low=0.5, high=3.0), None, rule)
        for k, (rule, (source, target, n)) in enumerate(zip(rules, ends, strict=False))
    ]
    current = {"I_e": Uniform(low=400.0, high=550.0)}
    populations = [Population("E", 80, params=current, tau_minus=14.0), Population("I", 20, params=current)]
    return Network(populations, projections, [], [SpikeRecorder()])


def job(described, *, connectivity="exact", steps=1500, threads=1):
    return PeerJob(described, 5, threads, 0, steps, connectivity)


def simulated(described, steps):
    with Simulator(described, seed=5, threads=1, backend="oracle", precision="float64") as simulator:
        simulator.run(steps * described.resolution_ms)
        return simulator.spikes(), [simulator.weights(index) for index in range(3)]


@pytest.mark.parametrize("threads", [1, 2])
def test_exact_networks_spike_as_in_simcore(threads):
    described = network(*RULES)
    run = NEST.simulate(job(described, threads=threads))
    spikes, weights = simulated(described, 1500)
    assert len(spikes) > 800
    np.testing.assert_array_equal(run.spikes.stamps, spikes.stamps)
    np.testing.assert_array_equal(run.spikes.ids, spikes.ids)
    for index, ours in enumerate(weights):
        nests = settled_weights(job(described), run, index)
        np.testing.assert_array_equal(nests.targets, ours.targets)
        # Each of some hundred updates rounds to a unit of 2^-23 pA.
        np.testing.assert_allclose(nests.weights, ours.weights, rtol=0.0, atol=1e-4)
        initial = 50.0 if index != 1 else -60.0
        assert np.abs(ours.weights - initial).max() > 20.0


def test_differences_are_named():
    found = NEST.simulate(job(network(*RULES), steps=0)).differences
    assert found == (
        "weights of stdp_pl_synapse_hom do not have an upper limit in NEST",
        "NEST transmits exact plastic weights, but simcore rounds plastic weights to its weight grid",
    )
    assert NEST.simulate(job(network(None, None), steps=0)).differences == ()


@pytest.mark.parametrize("connectivity", ["exact", "statistical"])
def test_the_models_have_the_parameters_of_the_rules(connectivity):
    described = network(*RULES)
    run = NEST.simulate(job(described, connectivity=connectivity, steps=0))
    nest = nest_module()
    found = [nest.GetDefaults(name_of_copy(index)) for index in range(4)]
    assert [defaults["num_connections"] for defaults in found] == [640, 320, 120, 120]
    assert run.synapses == 1200
    wmax = 99.99 if connectivity == "statistical" else np.rint(99.99 * 2**8) / 2**8
    expected = (
        {"tau_plus": 15.0, "lambda": 0.02, "alpha": 1.1, "mu_plus": 0.3, "mu_minus": 0.8, "Wmax": wmax},
        {"tau_plus": 20.0, "lambda": 0.01, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0, "Wmax": -150.0},
        {"tau_plus": 13.0, "lambda": 0.05, "alpha": 0.2, "mu": 0.3},
        {"U": 0.3, "u": 0.4, "x": 0.9, "tau_rec": 100.0, "tau_fac": 50.0},
    )
    for defaults, params in zip(found, expected, strict=True):
        assert {name: defaults[name] for name in params} == params
    # What the copy does not tell: that its connections have these values.
    made = nest.GetConnections(synapse_model=name_of_copy(3)).get(["u", "x", "U"])
    assert {name: set(values) for name, values in made.items()} == {"u": {0.4}, "x": {0.9}, "U": {0.3}}
    neurons = nest.NodeCollection(list(range(1, 101)))
    assert neurons.tau_minus == (14.0,) * 80 + (20.0,) * 20


def test_statistical_weights_are_near_those_of_simcore():
    """Mean weights after 150 ms within five standard errors of the mean of the drawn ones."""
    described = network(*RULES[:3])
    run = NEST.simulate(job(described, connectivity="statistical"))
    _, weights = simulated(described, 1500)
    for index, ours in enumerate(weights):
        nests = settled_weights(job(described, connectivity="statistical"), run, index)
        error = np.sqrt((ours.weights.var() + nests.weights.var()) / len(ours.weights))
        assert len(nests.weights) == len(ours.weights)
        assert abs(ours.weights.mean() - nests.weights.mean()) < 5.0 * error


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [
        (Stdp(), 0.0, 100.0),
        (StdpPowerLaw(), 0.0, math.inf),
        (StdpPowerLaw(ceiling=99.0), 0.0, 99.0),
        (Tsodyks2(), -math.inf, math.inf),
        (None, -math.inf, math.inf),
    ],
)
def test_nest_draws_no_weight_that_the_rule_cannot_have(rule, low, high):
    """The table of simcore has no weight beyond 4.4 sd; NEST draws some."""
    assert drawn_within(network(rule, weight=Normal(mean=50.0, std=11.0)).projections[0]) == Normal(
        mean=50.0, std=11.0, low=low, high=high
    )


def test_an_axonal_share_of_the_delay_is_refused():
    with pytest.raises(InputError, match=r"E->E\.plasticity\.axonal_delay_ms = 0\.3 .* dendritic"):
        NEST.check(job(network(Stdp(axonal_delay_ms=0.3))))


def test_an_unknown_rule_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(plasticity, "KNOWN", (StdpPowerLaw,))
    with pytest.raises(InputError, match=r"E->E\.plasticity = 'stdp_synapse' .* NEST"):
        NEST.check(job(network(Stdp())))
