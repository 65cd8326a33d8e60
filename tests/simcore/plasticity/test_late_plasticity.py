"""Networks with plasticity that are days of model time old: steps around 2**30, 2**31 and beyond."""

from dataclasses import replace

import numpy as np
import pytest
from plastic_networks import NETWORKS

from simcore.backends.cpu.plastic_arrays import Mark
from simcore.network import AllToAll, Network, Population, Projection, SpikeRecorder, SpikeTrain, Stdp
from simcore.simulator import Simulator
from simcore.synapses.plastic import NEVER, History, SourceTraces

LATE = (2**30 - 100, 2**31 - 100, 2**31 + 2**30 - 3, 10**10 - 300)


def moved(snapshot, step):
    """The same state at another step."""
    by = step - snapshot.step

    def later(last):
        return np.where(last == NEVER, NEVER, last + by)

    state = snapshot.plastic
    plastic = replace(
        state,
        sources={k: SourceTraces(later(one.last), one.values) for k, one in state.sources.items()},
        histories={k: History(later(one.last), one.trace) for k, one in state.histories.items()},
    )
    return replace(snapshot, step=step, stamps=snapshot.stamps + by, plastic=plastic)


def continued(simulator):
    result = simulator.run(30.0)
    return sum(result.spikes.values()), result.synaptic_events, simulator.weight_digest, simulator.plastic_counts(0)


@pytest.fixture(scope="module")
def driven():
    """What the oracle yields late of the network with a Poisson drive, whose counts are others at each step."""
    found = {}
    with Simulator(NETWORKS["uniform_delay"](), seed=9, backend="oracle") as simulator:
        simulator.run(40.0)
        kept = simulator.snapshot()
        for step in LATE:
            simulator.restore(moved(kept, step))
            found[step] = continued(simulator)
    return found


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", ["uniform_delay", "axonal", "bursting"])
def test_plastic_synapses_go_on_late_as_they_do_early(driven, name, threads):
    with Simulator(NETWORKS[name](), seed=9, threads=threads) as simulator:
        simulator.run(40.0)
        kept = simulator.snapshot()
        expected = continued(simulator)
        assert expected[0] > 10
        drives = bool(simulator.network.drives)
        for step in LATE:
            simulator.restore(moved(kept, step))
            found = continued(simulator)
            assert found == (driven[step] if drives else expected)
            simulator.run(0.1)
            for thread in simulator._engine._plasticity.threads:
                assert thread.plastic.marks[Mark.ORIGIN] == step + 300 >> 30 << 30
            late = simulator.snapshot().plastic
            assert all((one.last[one.last != NEVER] > step - 2**20).all() for one in late.histories.values())


def test_spikes_that_wait_for_the_next_presynaptic_one_survive_moves_of_the_origin():
    stamps = {"A": [50], "B": [61, 83, 110]}
    neurons = {"model": "iaf_psc_delta", "params": {"t_ref": 0.1}}
    # A spike of the drive that arrives in a step makes the neuron fire at the end of it.
    drives = [SpikeTrain(name, [0.1 * (stamp - 1) for stamp in own], 100.0, 0.1) for name, own in stamps.items()]
    projection = Projection("A", "B", AllToAll(), 1.0, 1.5, None, Stdp(lambda_=0.1, Wmax=10.0))
    network = Network([Population(name, 1, **neurons) for name in stamps], [projection], drives, [SpikeRecorder()])
    units = []
    for later in (None, 2**31):
        with Simulator(network, seed=9, threads=1) as simulator:
            simulator.run(20.0)
            spikes = simulator.spikes()
            assert sorted(spikes.stamps.tolist()) == [50, 61, 83, 110]
            if later is not None:
                (thread,) = simulator._engine._plasticity.threads
                thread.prepare(later)
                thread.settle(later)
            units += simulator.weights(0).units.tolist()
    assert units[0] == units[1] > 1 << 15


def test_the_oracle_agrees_across_a_move_of_the_origin():
    results = []
    for backend in ("oracle", "cpu"):
        with Simulator(NETWORKS["uniform_delay"](), seed=9, backend=backend) as simulator:
            simulator.run(40.0)
            simulator.restore(moved(simulator.snapshot(), 2**30 - 100))
            digests = [(simulator.run(time_ms).spike_digest, simulator.weight_digest) for time_ms in (5.0, 5.0, 20.0)]
            results.append((digests, simulator.plastic_counts(0)))
    assert results[0] == results[1]
