"""How the cpu backend packs plastic synapses, what it says of them, and what it keeps of them."""

from dataclasses import replace

import numpy as np
import pytest
from plastic_networks import NETWORKS

from simcore.errors import InputError
from simcore.network import Explicit, FixedIndegree, Network, Population, Projection, SpikeRecorder, Stdp, Tsodyks2
from simcore.plasticity.tables import FRACTION_BITS
from simcore.simulator import Simulator
from simcore.synapses.edges import draw_projection
from simcore.synapses.plastic import canonical

NAMES = ("sources", "targets", "delay_steps", "units")


def changing(network):
    rules = [one.plasticity for one in network.projections]
    return [k for k, rule in enumerate(rules) if rule is not None and rule.changes_weights]


@pytest.mark.parametrize(("delivery", "threads"), [("just_in_time", 1), ("by_source", 3)])
@pytest.mark.parametrize("name", NETWORKS)
def test_weights_before_the_first_step_are_those_of_the_edges(name, delivery, threads):
    network = NETWORKS[name]()
    with Simulator(network, threads=threads, delivery=delivery) as simulator:
        for index in changing(network):
            drawn = draw_projection(network, simulator.plan.tables, simulator.plan.seed, index)
            expected = canonical(drawn.sources, drawn.targets, drawn.delay_steps, drawn.codes << FRACTION_BITS)
            found = simulator._engine.weights(index)
            for column in NAMES:
                assert np.array_equal(getattr(found, column), getattr(expected, column))


def small(n, spread):
    return Network(
        [Population("A", n), Population("B", n)],
        [
            Projection("A", "B", FixedIndegree(3), 20.0, 1.0, plasticity=Tsodyks2()),
            Projection("A", "B", FixedIndegree(3), 20.0, spread, plasticity=Stdp()),
        ],
    )


def test_resources_have_words_of_four_bytes_and_pairs_of_eight():
    with Simulator(small(40, 1.0), threads=2) as simulator:
        packed = [drawn.plastic for drawn in simulator._engine._drawn.values()]
        assert sum(len(one.narrow) for one in packed) == sum(len(one.wide) for one in packed) == 120
        assert simulator._engine.construction.memory_bytes["synapses"] == 12 * 120
        assert simulator.n_synapses == 240


def test_digests_are_those_of_the_same_static_network():
    network = NETWORKS["uniform_delay"]()
    static = replace(network, projections=[replace(one, plasticity=None) for one in network.projections])
    with Simulator(network) as one, Simulator(network, backend="oracle") as other:
        assert one.network_digest == other.network_digest
        digests = [[part % 2**128 for part in built._engine.construction.synapse_digests] for built in (one, other)]
        assert digests[0] == digests[1]
    with Simulator(static) as one:
        assert one.n_synapses == other.n_synapses


def test_the_memory_estimate_is_near_what_is_allocated():
    network = Network([Population("E", 1200)], [Projection("E", "E", FixedIndegree(600), 20.0, 1.5, plasticity=Stdp())])
    with Simulator(network, threads=2) as simulator:
        allocated = simulator._engine.construction.memory_bytes
        estimated = simulator.backend.memory_estimate(simulator.plan)
    assert estimated["synapses"] == allocated["synapses"] == 8 * 1200 * 600
    assert estimated["index"] == pytest.approx(allocated["index"], rel=0.1)
    # Words, index, rings and sources of a plastic synapse.
    assert allocated["synapses"] / (1200 * 600) == 8.0


def test_other_parameters_leave_weights_and_traces_as_they_are():
    network = NETWORKS["uniform_delay"]()
    with Simulator(network, threads=2) as simulator, Simulator(network, backend="oracle") as oracle:
        for one in (simulator, oracle):
            one.run(20.0)
            one.set_parameters("E", {"I_e": 480.0})
        assert simulator.weight_digest == oracle.weight_digest
        results = [one.run(20.0) for one in (simulator, oracle)]
        assert results[0].spike_digest == results[1].spike_digest
        assert sum(results[0].spikes.values()) > 0
        assert simulator.weight_digest == oracle.weight_digest


def test_the_work_of_phases_is_refused_where_synapses_are_plastic():
    with Simulator(NETWORKS["uniform_delay"](), delivery="just_in_time") as simulator:
        simulator.run(1.0)
        stamps, ids = simulator.take_spikes()
        with pytest.raises(InputError, match="plastic synapses"):
            simulator._engine.work(stamps, ids, 0, 10)


def test_other_synapses_than_those_of_the_network_are_refused():
    with Simulator(small(10, 1.0)) as simulator:
        weights = simulator._engine.weights(1)
        with pytest.raises(InputError, match="the synapses of this network"):
            simulator._engine.set_weights(1, replace(weights, targets=weights.targets[::-1]))


def test_spikes_without_plastic_synapses_here_are_remembered_all_the_same():
    # Neuron 1 has no synapse on the second thread; its trace is the same there.
    edges = Explicit([0, 1], [1, 0])
    network = Network(
        [Population("E", 2, params={"I_e": 600.0})],
        [Projection("E", "E", edges, 20.0, 1.0, plasticity=Stdp())],
        recorders=[SpikeRecorder()],
    )
    with Simulator(network, threads=2) as simulator:
        simulator.run(60.0)
        threads = simulator._engine._plasticity.threads
        assert (threads[0].plastic.last > 0).all()
        assert np.array_equal(threads[0].plastic.last, threads[1].plastic.last)
        assert np.array_equal(threads[0].plastic.values, threads[1].plastic.values)
