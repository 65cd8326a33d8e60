"""Snapshots whose spikes the network's neurons cannot have sent are refused; buffers rely on them."""

from dataclasses import replace

import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import AllToAll, Network, Population, Projection, SpikeRecorder, SpikeTrain
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.simulator import Simulator

STEP = 20
RELAYED, INTEGRATED = 1, 5
"""Ids of a parrot and of a neuron that sends at most one spike in a step."""


@pytest.fixture(scope="module", params=["cpu", "oracle"])
def simulator(request):
    network = Network(
        [Population("A", 3, "parrot_neuron"), Population("E", 4)],
        [Projection("A", "E", AllToAll(), 1e-3, 2.0), Projection("E", "E", AllToAll(), 1e-3, 2.0)],
        [SpikeTrain("A", [1.0] * 5, 1.0, 0.1)],
        [SpikeRecorder()],
    )
    with Simulator(network, backend=request.param, threads=1) as built:
        yield built


@pytest.fixture(scope="module")
def kept(simulator):
    simulator.run(STEP * 0.1)
    return simulator.snapshot()


def with_spikes(kept, stamps, ids):
    return replace(kept, stamps=np.array(stamps), ids=np.array(ids))


@pytest.mark.parametrize(
    ("stamps", "ids", "message"),
    [
        ([15] * (MAX_MULTIPLICITY + 1), [RELAYED] * (MAX_MULTIPLICITY + 1), r"neuron 1, 65536 times.* at most 65535"),
        ([15, 16, 15], [INTEGRATED] * 3, r"neuron 5, 2 times with stamp 15.* at most 1 spike "),
        ([15], [7], r"snapshot\.ids = \[7\].*\[0, 6\]"),
        ([15], [-1], r"snapshot\.ids = \[-1\]"),
        ([STEP + 1], [0], r"snapshot\.stamps = \[21\].*\[1, 20\]"),
        ([0], [0], r"snapshot\.stamps = \[0\]"),
        ([15, 16], [0], r"len\(snapshot\.ids\) = 1 .*number of stamps, 2"),
        ([15.5], [0], r"snapshot\.stamps .*integers"),
        ([[15]], [[0]], r"snapshot\.stamps .*one-dimensional"),
    ],
)
def test_spikes_that_cannot_be_are_refused(simulator, kept, stamps, ids, message):
    with pytest.raises(InputError, match=message):
        simulator.restore(with_spikes(kept, stamps, ids))


@pytest.mark.parametrize("step", [-1, 2.5, None])
def test_a_step_that_cannot_be_is_refused(simulator, kept, step):
    with pytest.raises(InputError, match=r"snapshot\.step"):
        simulator.restore(replace(kept, step=step))


def test_spikes_are_taken_in_any_order(simulator, kept):
    for order in ([0, 1, 2, 3], [3, 0, 2, 1]):
        spikes = np.array([[15, 15, 18, 19], [RELAYED, RELAYED, 0, INTEGRATED]])[:, order]
        simulator.restore(with_spikes(kept, *spikes))
        # What arrives is that of A and E, 4 edges each.
        assert simulator.run(3.0).synaptic_events == 4 * 4
