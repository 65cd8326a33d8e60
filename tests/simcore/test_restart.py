"""Trials on the same synapses: a simulator that begins anew with another seed is a new one with this seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    BernoulliTrains,
    Column,
    Dc,
    Explicit,
    FixedIndegree,
    Network,
    Noise,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    Silenced,
    SpikeRecorder,
    Stdp,
    SurrogateConnectome,
    TraceRecorder,
    Uniform,
)
from simcore.simulator import Simulator
from simcore.simulator.restarting import not_restartable_because

LAYOUTS = [("oracle", 1), ("gpu", 1), ("cpu", 1), ("cpu", 2)]
SOURCES, TARGETS = (np.random.default_rng(3).integers(0, 60, 400) for _ in range(2))


CELLS = Population("N", 60, params={"t_ref": Uniform(low=0.5, high=3.0)}, initial={"V_m": Normal(mean=-65.0, std=4.0)})


def network(*drives, projections=()):
    """Explicit edges; initial states, parameters, drives and trains are drawn from the seed."""
    weights = np.where(SOURCES < 45, 60.0, -90.0)
    trains = Population("S", 20, source=BernoulliTrains(300.0))
    return Network(
        [CELLS, trains],
        [
            Projection("N", "N", Explicit(SOURCES, TARGETS), weights, np.linspace(0.1, 2.4, 400)),
            Projection("S", CELLS[40:60], OneToOne(), 200.0, 0.7),
            Projection(CELLS[5:9], CELLS[[1, 30, 31]], AllToAll(), 10.0),
            *projections,
        ],
        [Poisson("N", 9000.0, 60.0), Dc("N", 40.0), *drives],
        [SpikeRecorder(), TraceRecorder("N", [0, 3, 44])],
    )


def ran(simulator, ms):
    """Everything that a stretch yields, of a simulator at time 0."""
    done = simulator.run(ms)
    spikes, traces = simulator.spikes(), simulator.traces()
    return (
        simulator.network_digest,
        done.spike_digest,
        done.synaptic_events,
        done.spikes,
        simulator.suppressed_spikes,
        simulator.time_ms,
        spikes.stamps.tolist(),
        spikes.ids.tolist(),
        {key: values.tobytes() for key, values in traces.items()},
    )


def alone(described, seed, ms, **options):
    with Simulator(described, seed=seed, **options) as simulator:
        return ran(simulator, ms)


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_trial_is_the_simulation_with_its_seed(backend, threads, precision):
    described, options = network(Noise("N", 20.0, 80.0)), {"backend": backend, "threads": threads}
    options["precision"] = precision
    expected = {seed: alone(described, seed, 12.0, **options) for seed in (4, 5, 9)}
    assert len({found[1] for found in expected.values()}) == 3 and all(found[2] > 0 for found in expected.values())
    with Simulator(described, seed=4, **options) as simulator:
        simulator.run(7.3)
        for seed in (5, 9, 4, 4):
            simulator.restart(seed)
            assert simulator.step == 0 and simulator.n_buffered_spikes == 0
            assert ran(simulator, 12.0) == expected[seed]


@pytest.mark.parametrize("delivery", ["just_in_time", "by_source", "calendar"])
def test_layouts_and_a_surrogate(delivery):
    counts = {"excitatory_edges": 3000, "inhibitory_edges": 2000, "excitatory_contacts": 9000}
    rule = SurrogateConnectome(300, **counts, inhibitory_contacts=6000, largest_degree=90, largest_contacts=30)
    described = Network(
        [Population("B", 300), Population("S", 30, source=BernoulliTrains(400.0))],
        [
            Projection("B", "B", Silenced(rule, [1, 7]), Column("contacts", 20.0), 1.8),
            Projection("S", "B", Explicit(list(range(30)), list(range(30))), 900.0, 0.1),
        ],
        recorders=[SpikeRecorder(), TraceRecorder("B", [2])],
    )
    with Simulator(described, seed=1, threads=2, delivery=delivery) as simulator:
        for seed in (2, 3):
            simulator.restart(seed)
            found = ran(simulator, 40.0)
            assert found == alone(described, seed, 40.0, threads=1) and sum(found[3].values()) > 100


@settings(max_examples=10, deadline=None)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3), steps=st.integers(0, 60))
def test_after_any_trials(seeds, steps):
    described = network()
    with Simulator(described, seed=1, threads=1) as simulator:
        for seed in seeds:
            simulator.run(0.1 * steps)
            simulator.restart(seed)
        assert ran(simulator, 5.0) == alone(described, seeds[-1], 5.0, backend="oracle")


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
def test_parameters_that_were_set_hold_in_later_trials(backend, threads):
    options = {"backend": backend, "threads": threads}
    with Simulator(network(), seed=2, **options) as simulator:
        simulator.run(3.0)
        simulator.set_parameters("N", {"V_th": -57.0, "I_e": 90.0})
        simulator.set_parameters("S", {"rate_hz": 500.0})
        simulator.restart(6)
        assert ran(simulator, 20.0) == alone(simulator.network, 6, 20.0, **options)


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
def test_a_snapshot_of_a_trial_goes_on_elsewhere(backend, threads):
    described, options = network(), {"backend": backend, "threads": threads}
    with Simulator(described, seed=8, threads=1) as simulator:
        simulator.run(12.0)
        expected = simulator.run(10.0).spike_digest
    with Simulator(described, seed=1, **options) as simulator, Simulator(described, seed=8, threads=1) as other:
        simulator.restart(8)
        simulator.run(12.0)
        other.restore(simulator.snapshot())
        assert other.run(10.0).spike_digest == simulator.run(10.0).spike_digest == expected


def test_construction_is_not_repeated():
    with Simulator(network(), seed=1, threads=1) as simulator:
        drawn = [thread.words.ctypes.data for thread in simulator.engine._drawn.values()]
        simulator.restart(2)
        assert [part.words.ctypes.data for part in simulator.engine._parts] == drawn
        assert simulator.compile_s == 0.0 and simulator.routing_s == 0.0 and simulator.construction_s > 0.0


DRAWN = [
    (FixedIndegree(3), 20.0, 1.0, "depend on the seed (rule fixed_indegree)"),
    (PairwiseBernoulli(0.1), 20.0, 1.0, "depend on the seed (rule pairwise_bernoulli)"),
    (OneToOne(), Normal(mean=20.0, std=2.0), 1.0, "weight of projection N->N is drawn"),
    (Explicit([0], [1]), 20.0, Uniform(low=0.5, high=2.0), "delay_ms of projection N->N is drawn"),
]


@pytest.mark.parametrize(("rule", "weight", "delay_ms", "message"), DRAWN)
def test_synapses_that_follow_from_the_seed_are_refused(rule, weight, delay_ms, message):
    described = network(projections=[Projection("N", "N", rule, weight, delay_ms)])
    assert message in not_restartable_because(described)
    with Simulator(described, seed=1, threads=1, backend="oracle") as simulator:
        before = simulator.run(2.0).spike_digest
        with pytest.raises(InputError, match=r"restart with seed = 2 is not allowed: .* create a new simulator"):
            simulator.restart(2)
        assert simulator.time_ms == 2.0 and before != simulator.run(2.0).spike_digest


def test_a_rule_within_selected_neurons_draws_if_the_rule_does():
    scattered = CELLS[[1, 5, 9]]
    assert not_restartable_because(network(projections=[Projection(scattered, "N", AllToAll(), 1.0)])) is None
    drawn = network(projections=[Projection(scattered, "N", FixedIndegree(2), 1.0)])
    assert "rule selected" in not_restartable_because(drawn)


def test_plastic_synapses_are_refused():
    plastic = Projection("N", "N", Explicit([0, 1], [2, 3]), 20.0, 1.0, plasticity=Stdp(Wmax=100.0))
    assert "projection N->N are plastic" in not_restartable_because(network(projections=[plastic]))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, True, None])
def test_seeds_that_are_none_are_refused(seed):
    simulator = Simulator(network(), seed=1, threads=1, backend="oracle")
    with simulator, pytest.raises(InputError, match="seed"):
        simulator.restart(seed)
