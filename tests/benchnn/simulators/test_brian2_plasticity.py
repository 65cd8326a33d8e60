"""Plastic networks on Brian2 as a peer."""

from dataclasses import replace

import numpy as np
import pytest

from benchnn.simulators import PeerJob, peers
from benchnn.simulators.brian2 import plasticity
from benchnn.simulators.brian2.description import describe, given_edges
from benchnn.simulators.brian2.module import apply_settings
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    Explicit,
    FixedIndegree,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    Stdp,
    StdpPowerLaw,
    Tsodyks2,
    Uniform,
)
from simcore.simulator import Simulator

WHY_NOT = peers.unusable_because("brian2")
if WHY_NOT is not None:
    pytest.skip(WHY_NOT, allow_module_level=True)

# Brian2 calls deprecated functions of pyparsing, thousands of times.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("numpy_code")]
BRIAN2 = peers.get("brian2")
STEPS = 700
EXCITATORY, INHIBITORY = Uniform(low=20.0, high=80.0), Uniform(low=-90.0, high=-30.0)


def network(*projections):
    current = {"I_e": Uniform(low=430.0, high=600.0)}
    populations = [Population("E", 80, params=current, tau_minus=14.0), Population("I", 20, params=current)]
    return Network(populations, list(projections), [], [SpikeRecorder()])


def job(described, *, connectivity="exact", steps=STEPS):
    return PeerJob(described, 5, 1, 0, steps, connectivity, mode="runtime")


def simulated(described, steps=STEPS):
    with Simulator(described, seed=5, threads=1, backend="oracle", precision="float64") as simulator:
        simulator.run(steps * described.resolution_ms)
        return simulator.spikes()


def assert_same_spikes(found, expected):
    assert len(expected) > 300
    np.testing.assert_array_equal(found.stamps, expected.stamps)
    np.testing.assert_array_equal(found.ids, expected.ids)


def projection(rule, source="E", target="E", indegree=10, weight=EXCITATORY, delay_ms=Uniform(low=0.5, high=3.0)):  # noqa: B008
    return Projection(source, target, FixedIndegree(indegree), weight, delay_ms, None, rule)


BOTH_SIGNS = np.linspace(-20.3, 31.7, 80 * 20)
STRONG = {"tau_plus": 15.0, "lambda_": 0.1, "Wmax": 99.99}


@pytest.mark.parametrize(
    "plastic",
    [
        projection(Stdp(mu_plus=0.3, mu_minus=0.8, alpha=1.1, **STRONG)),
        projection(Stdp(mu_plus=0.0, mu_minus=0.0, alpha=0.7, **STRONG), weight=40.0, delay_ms=1.5),
        projection(Stdp(Wmax=-150.0, lambda_=0.1), "I", indegree=5, weight=INHIBITORY),
        projection(Stdp(axonal_delay_ms=1.2, **STRONG), delay_ms=Uniform(low=1.4, high=3.0)),
        projection(StdpPowerLaw(lambda_=0.2, alpha=0.2, mu=0.3, ceiling=120.0)),
        projection(Tsodyks2(), "E", "I", weight=60.0),
        Projection("E", "I", AllToAll(), BOTH_SIGNS, 1.0, None, Tsodyks2(0.3, 0.4, 0.9, tau_rec=100.0, tau_fac=50.0)),
    ],
    ids=["stdp", "additive", "negative", "axonal", "power_law", "resources", "facilitating"],
)
def test_exact_networks_spike_as_in_simcore(plastic):
    described = network(plastic, projection(None, "E", "I"))
    run = BRIAN2.simulate(job(described))
    assert_same_spikes(run.spikes, simulated(described))
    static = simulated(network(replace(plastic, plasticity=None), projection(None, "E", "I")))
    assert not np.array_equal(static.stamps, run.spikes.stamps), "plasticity matters"


def test_order_at_coincidence():
    """Spikes that meet at a synapse in one step or a step apart; the targets fire with their train."""
    trains = (SpikeTrain("S", [10.0, 20.0, 22.0, 33.3], 1.0, 0.1), SpikeTrain("T", [11.9, 21.0, 21.5, 30.0], 8e3, 0.1))
    delays = np.arange(1, 61) * 0.1
    plastic = Projection("S", "T", Explicit([0] * 60, range(60)), 50.0, delays, None, Stdp(lambda_=0.1))
    populations = [Population("S", 1, "parrot_neuron"), Population("T", 60)]
    described = Network(populations, [plastic], trains, [SpikeRecorder()])
    asked = job(described, steps=600)
    apply_settings(asked, default_flags=False)
    made = describe(asked, None, given_edges(asked, None))
    made.run(600, measured=True)
    (synapses,) = made.synapses
    with Simulator(described, threads=1, backend="oracle", precision="float64") as simulator:
        simulator.run(60.0)
        ours = simulator.weights("S->T")
    order = np.argsort(synapses.j[:])
    np.testing.assert_allclose(np.asarray(synapses.w[:])[order], ours.weights, atol=1e-4)
    assert len(np.unique(ours.weights)) > 20


def test_statistical_synapses_have_weights_delays_and_rule_of_the_description():
    rules = (Stdp(Wmax=-150.0), Stdp(axonal_delay_ms=0.2), Tsodyks2(u=0.3, x=0.8), StdpPowerLaw())
    described = network(
        projection(rules[0], "I", weight=INHIBITORY),
        projection(rules[1], weight=40.0, delay_ms=0.7),
        projection(rules[2], "E", "I"),
        projection(rules[3], "E", "I"),
        projection(None),
    )
    asked = job(described, connectivity="statistical")
    apply_settings(asked, default_flags=False)
    made = describe(asked, None, given_edges(asked, None)).synapses
    assert [len(synapses) for synapses in made] == [800, 800, 200, 200, 800]
    weights = [np.asarray(synapses.w[:]) for synapses in made]
    assert weights[0].min() > -90.0 and weights[0].max() < -30.0 and abs(weights[0].mean() + 60.0) < 5.0
    assert set(weights[1]) == {40.0}
    steps = [np.rint(np.asarray(synapses.pre.delay[:]) * 1e4) for synapses in made]
    assert steps[0].min() == 4 and steps[0].max() == 29 and set(steps[1]) == {6}
    for synapses, before, axonal in zip(made, steps, (0, 2), strict=False):
        after = [np.rint(np.asarray(getattr(synapses, name).delay[:]) * 1e4) for name in ("facilitate", "grow")]
        np.testing.assert_array_equal(after, [2 * (before + 1 - axonal) - 1] * 2)
    assert set(made[2].u[:]) == {0.3} and set(made[2].x[:]) == {0.8}
    assert [synapses.namespace["largest"] for synapses in made[:2]] == [-150.0, 100.0]
    # Eight times the last entry of the table of weights.
    assert made[3].namespace["largest"] == pytest.approx(640.0, rel=1e-4)


def test_statistical_networks_run_near_simcore():
    described = network(projection(Stdp(**STRONG)), projection(StdpPowerLaw(), "E", "I"))
    run = BRIAN2.simulate(job(described, connectivity="statistical"))
    assert len(run.spikes) == pytest.approx(len(simulated(described)), rel=0.05)


def test_differences_are_named():
    words = "brian2 transmits exact plastic weights, but simcore rounds plastic weights to its weight grid"
    assert words in BRIAN2.simulate(job(network(projection(Tsodyks2())), steps=1)).differences
    assert words not in BRIAN2.simulate(job(network(projection(None)), steps=1)).differences


def test_an_unknown_rule_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(plasticity, "KNOWN", (StdpPowerLaw,))
    with pytest.raises(InputError, match=r"E->E\.plasticity = 'stdp_synapse' .* brian2 supports stdp_pl_synapse_hom"):
        BRIAN2.check(job(network(projection(Stdp()))))
