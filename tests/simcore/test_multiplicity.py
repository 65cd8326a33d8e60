"""Neurons that relay spikes repeat each as often as it arrives, on every backend; bounds of how often that can be."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simcore.connectivity import Rule
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Network,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
    Uniform,
)
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.simulator import Simulator
from simcore.synapses.multiplicity import largest_multiplicities

LAYOUTS = [
    ("oracle", "auto", 1),
    ("gpu", "just_in_time", 1),
    ("gpu", "calendar", 1),
    ("cpu", "just_in_time", 1),
    ("cpu", "just_in_time", 2),
    ("cpu", "by_source", 1),
    ("cpu", "by_source", 3),
    ("cpu", "calendar", 1),
    ("cpu", "calendar", 3),
]
every_layout = pytest.mark.parametrize(("backend", "delivery", "threads"), LAYOUTS)


def parrots(name, size=1):
    return Population(name, size, "parrot_neuron")


def sent(network, steps, backend="cpu", delivery="auto", threads=1):
    """How often each neuron sent a spike with each stamp: {(stamp, id): times}; and the synaptic events."""
    with Simulator(network, backend=backend, delivery=delivery, threads=threads) as simulator:
        result = simulator.run(steps * network.resolution_ms)
        stamps, ids = simulator.take_spikes()
    assert sum(result.spikes.values()) == len(ids)
    assert np.array_equal(np.lexsort((ids, stamps)), np.arange(len(ids)))
    pairs, times = np.unique(np.stack([stamps, ids]), axis=1, return_counts=True)
    found = zip(pairs[0].tolist(), pairs[1].tolist(), times.tolist(), strict=True)
    return {(stamp, neuron): n for stamp, neuron, n in found}, result.synaptic_events


@every_layout
def test_each_arrival_is_repeated_whatever_its_weight(backend, delivery, threads):
    """Three spikes at once with a negative weight, over edges with weights of any sign, twice over one of them."""
    network = Network(
        [parrots("A"), parrots("B", 3), parrots("C")],
        [
            Projection("A", "B", Explicit([0, 0, 0, 0], [0, 1, 2, 2]), [-2.5, 0.0, 1e-3, 7.0], [0.1, 0.2, 0.3, 0.3]),
            Projection("B", "C", AllToAll(), Normal(mean=0.0, std=1.0), 0.5),
        ],
        [SpikeTrain("A", [1.0, 1.0, 1.0, 2.0], -4.0, 0.1)],
        [SpikeRecorder()],
    )
    found, events = sent(network, 40, backend, delivery, threads)
    expected = {}
    for step, times in ((10, 3), (20, 1)):
        expected |= {(step + 1, 0): times}
        expected |= {(step + 2, 1): times, (step + 3, 2): times, (step + 4, 3): 2 * times}
        expected |= {(step + 7, 4): times, (step + 8, 4): times, (step + 9, 4): 2 * times}
    assert found == expected
    assert events == 4 * (4 + 4)


@every_layout
def test_a_spike_that_stands_for_many_acts_as_often(backend, delivery, threads):
    """The current of a neuron jumps by the weight times the multiplicity; both signs need two rows of synapses."""
    network = Network(
        [parrots("A"), Population("E", 2)],
        [Projection("A", "E", Explicit([0, 0], [0, 1]), [30.0, -20.0], 1.0)],
        [SpikeTrain("A", [1.0] * 1000, 1.0, 0.1)],
        [TraceRecorder("E", (0,), ("I_syn_ex",)), TraceRecorder("E", (1,), ("I_syn_in",))],
    )
    with Simulator(network, backend=backend, delivery=delivery, threads=threads) as simulator:
        result = simulator.run(3.0)
        traces = simulator.traces()
    assert result.synaptic_events == 2000
    assert traces["E", 0, "I_syn_ex"].max() == pytest.approx(30_000.0, rel=1e-4)
    assert traces["E", 1, "I_syn_in"].min() == pytest.approx(-20_000.0, rel=1e-4)


@every_layout
def test_sums_that_32_bits_cannot_hold_do_not_wrap(backend, delivery, threads):
    network = Network(
        [parrots("A", 4), Population("E", 1)],
        [Projection("A", "E", AllToAll(), 300.0, 1.0)],
        [SpikeTrain("A", [1.0] * 50_000, 1.0, 0.1)],
        [TraceRecorder("E", (0,), ("I_syn_ex",))],
    )
    with Simulator(network, backend=backend, delivery=delivery, threads=threads, precision="float64") as simulator:
        simulator.run(3.0)
        assert simulator.traces()["E", 0, "I_syn_ex"].max() == pytest.approx(6e7, rel=1e-4)


@every_layout
def test_more_spikes_than_a_multiplicity_holds_end_the_run(backend, delivery, threads):
    def network(times):
        return Network([parrots("A", 2), parrots("B", 2)], [Projection("A", "B", OneToOne(), 1.0, 0.5)],
                       [SpikeTrain("B", [1.0] * times, 1.0, 0.1)], [SpikeRecorder()])  # fmt: skip

    found, _ = sent(network(MAX_MULTIPLICITY), 20, backend, delivery, threads)
    assert found == {(11, 2): MAX_MULTIPLICITY, (11, 3): MAX_MULTIPLICITY}
    message = r"neuron 2 \(population B\) .*step that ends at 1\.1 ms.* at most 65535"
    simulator = Simulator(network(MAX_MULTIPLICITY + 1), backend=backend, delivery=delivery, threads=threads)
    with simulator, pytest.raises(InputError, match=message):
        simulator.run(5.0)


@pytest.mark.parametrize(("backend", "delivery", "threads"), [layout for layout in LAYOUTS if layout[0] != "gpu"])
def test_what_waits_to_arrive_survives_a_snapshot(backend, delivery, threads):
    def network():
        return Network(
            [parrots("A", 7), parrots("B", 5), Population("E", 20)],
            [
                Projection("A", "B", FixedIndegree(3), -1.0, Uniform(low=0.1, high=4.0)),
                Projection("B", "E", FixedIndegree(2), 40.0, Uniform(low=0.1, high=4.0)),
            ],
            [Poisson("A", 15_000.0, 1.0, 0.1)],
            [SpikeRecorder()],
        )

    with Simulator(network(), threads=1) as simulator:
        simulator.run(20.0)
        expected = simulator.spikes()
    with Simulator(network(), backend=backend, delivery=delivery, threads=threads) as simulator:
        simulator.run(10.0)
        kept, first = simulator.snapshot(), simulator.spikes()
    assert len(kept.ids) > len(set(zip(kept.stamps.tolist(), kept.ids.tolist(), strict=True)))
    for restored_backend, restored_threads in ((backend, threads), ("cpu", 2), ("oracle", 1)):
        with Simulator(network(), backend=restored_backend, threads=restored_threads) as simulator:
            simulator.restore(kept)
            simulator.run(10.0)
            later = simulator.spikes()
        assert np.array_equal(np.concatenate([first.stamps, later.stamps]), expected.stamps)
        assert np.array_equal(np.concatenate([first.ids, later.ids]), expected.ids)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_relayed_spikes_are_those_of_a_plain_count(data):
    """Random graphs without cycles: counts per step follow from the sum over in-edges, one delay earlier."""
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    names = [f"P{k}" for k in range(len(sizes))]
    trains = [data.draw(st.lists(st.integers(1, 8), max_size=6)) for _ in sizes]
    firsts = np.concatenate([[0], np.cumsum(sizes)])
    counts, projections, edges = np.zeros((40, firsts[-1]), dtype=np.int64), [], []
    for target in range(1, len(sizes)):
        for source in range(target):
            pairs = data.draw(st.lists(st.tuples(st.integers(0, sizes[source] - 1), st.integers(0, sizes[target] - 1),
                                                 st.integers(1, 5)), max_size=6))  # fmt: skip
            if pairs:
                i, j, delays = (np.array(column) for column in zip(*pairs, strict=True))
                rule = Explicit(i, j)
                weights = data.draw(st.sampled_from([-1.5, 0.0, 2.0]))
                projections.append(Projection(names[source], names[target], rule, weights, delays * 0.1))
                edges += [(firsts[source] + a, firsts[target] + b, d) for a, b, d in pairs]
    for k, train in enumerate(trains):
        for step in train:
            counts[step, firsts[k] : firsts[k + 1]] += 1
    for source, target, delay in sorted(edges, key=lambda edge: edge[0]):
        counts[delay:, target] += counts[:-delay, source]
    drives = [SpikeTrain(names[k], np.array(train) * 0.1, 1.0, 0.1) for k, train in enumerate(trains) if train]
    network = Network(
        [parrots(n, s) for n, s in zip(names, sizes, strict=True)], projections, drives, [SpikeRecorder()]
    )
    expected = {(step + 1, int(neuron)): int(counts[step, neuron]) for step, neuron in np.argwhere(counts)}
    layout = data.draw(st.sampled_from([layout for layout in LAYOUTS if layout[0] != "gpu"]))
    assert sent(network, 40, *layout)[0] == expected
    most = largest_multiplicities(network)
    for k in range(len(sizes)):
        assert counts[:, firsts[k] : firsts[k + 1]].max() <= most[k]


def bounds(populations, projections=(), drives=()):
    network = Network(populations, projections, drives)
    return largest_multiplicities(network).tolist()


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        (AllToAll(), 6),
        (OneToOne(), 1),
        (FixedIndegree(4), 4),
        (FixedOutdegree(2), 12),
        (FixedOutdegree(2, allow_multapses=False), 6),
        (FixedTotalNumber(9), 9),
        (PairwiseBernoulli(0.1), 6),
        (Explicit([0, 1, 2, 0], [3, 3, 3, 1]), 3),
    ],
)
def test_the_bound_follows_from_the_rule(rule, most):
    assert bounds([Population("E", 6), parrots("P", 6)], [Projection("E", "P", rule, 1.0)]) == [1, most]
    assert Rule.largest_in_degree(rule, Network(
        [Population("E", 6), parrots("P", 6)], [Projection("E", "P", rule, 1.0)]).wiring(0, 1)) <= most  # fmt: skip


def test_bounds_add_up_along_the_graph_and_end_at_the_largest_around_a_cycle():
    populations = [parrots("C"), parrots("B", 2), parrots("A", 2), Population("E", 3), parrots("D", 2)]
    chain = [
        Projection("A", "B", AllToAll(), 1.0),
        Projection("B", "C", AllToAll(), 1.0),
        Projection("E", "C", AllToAll(), 1.0),
        Projection("C", "E", AllToAll(), 1.0),
    ]
    drives = [SpikeTrain("A", [1.0, 1.0, 1.0, 2.0], 1.0)]
    # A 3, B 2 x 3, C 2 x 6 + 3; E sends one whatever arrives; nothing arrives at D.
    assert bounds(populations, chain, drives) == [15, 6, 3, 1, 0]
    ring = [*chain, Projection("D", "D", OneToOne(), 1.0)]
    assert bounds(populations, ring, drives) == [15, 6, 3, 1, 0]
    fed = [*ring, Projection("E", "D", OneToOne(), 1.0), Projection("D", "B", OneToOne(), 1.0)]
    populations[3] = Population("E", 2)
    assert bounds(populations, fed, drives) == [MAX_MULTIPLICITY, MAX_MULTIPLICITY, 3, 1, MAX_MULTIPLICITY]


@pytest.mark.parametrize("backend", ["oracle", "cpu"])
def test_a_run_that_was_ended_goes_on_only_from_a_snapshot(backend):
    network = Network([parrots("A", 2)], [], [SpikeTrain("A", [1.0] * 70_000, 1.0, 0.1)], [SpikeRecorder()])
    with Simulator(network, backend=backend, threads=1) as simulator:
        before = simulator.snapshot()
        for _ in range(2):
            with pytest.raises(InputError, match="too many spikes to relay"):
                simulator.run(5.0)
        with pytest.raises(InputError, match="too many spikes to relay"):
            simulator.snapshot()
        simulator.restore(before)
        assert simulator.run(0.5).spikes == {"A": 0}
