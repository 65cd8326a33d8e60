"""A user's model that relays spikes: the backends agree on what it returns, whatever that is."""

import pytest

from simcore.errors import InputError
from simcore.network import AllToAll, Network, Population, Projection, SpikeRecorder, SpikeTrain, TraceRecorder
from simcore.simulator import Simulator

MODEL = '''
from typing import NamedTuple

import numpy as np

from simcore.jit.compilation import kernel
from simcore.neurons import NeuronModel
from simcore.neurons.cpu import population_update
from simcore.neurons.model import stacked


class Coefficients(NamedTuple):
    """There are none."""


class Relay(NeuronModel):
    name, parameters, variables = "user_relay", (), ()
    receptors, weight_unit, relays = ("in",), "1", True
    Coefficients, cpu_kernels = Coefficients, __name__

    def coefficients(self, params, resolution_ms):
        return stacked(Coefficients())

    def initial_state(self, params, initial, n):
        return np.zeros((0, n)), np.zeros((0, n), dtype=np.int32)

    def update(self, state, counters, inputs, coefficients, lsb):
        arrived = inputs[0]
        return ARRAY


MODEL = Relay()


@kernel
def _step(in_in, fired):
    total = np.int32(0)
    for i in range(len(in_in)):
        arrived = np.int64(in_in[i])
        fired[i] = np.int32(NUMBER)
        in_in[i] = 0
        total += np.int32(fired[i] != 0)
    return total


UPDATE = population_update(MODEL, _step)
'''


@pytest.fixture
def relay(tmp_path, request):
    array, number = request.param
    path = tmp_path / "relay.py"
    path.write_text(MODEL.replace("ARRAY", array).replace("NUMBER", number))
    return f"{path}:MODEL"


def network(model, times=3):
    return Network(
        [Population("R", 3, model), Population("E", 2)],
        [Projection("R", "E", AllToAll(), 300.0, 0.5)],
        [SpikeTrain("R", [1.0] * times, -2.0, 0.1)],
        [SpikeRecorder(), TraceRecorder("E", (0,), ("I_syn_ex",))],
    )


@pytest.mark.parametrize("backend", ["oracle", "cpu"])
@pytest.mark.parametrize(
    ("relay", "sent"),
    [
        (("arrived - 5 * (arrived > 0)", "arrived - 5 * (arrived > 0)"), 0),
        (("arrived > 0", "arrived > 0"), 1),
        (("20_000 * arrived", "20_000 * arrived"), 60_000),
    ],
    indirect=["relay"],
    ids=["negative", "truth", "more than arrive"],
)
def test_numbers_of_spikes_mean_the_same_on_all_backends(relay, sent, backend):
    with Simulator(network(relay), backend=backend, threads=1, precision="float64") as simulator:
        assert simulator.run(3.0).spikes == {"R": 3 * sent, "E": simulator.spikes().ids.tolist().count(3) * 2}
        current = simulator.traces()["E", 0, "I_syn_ex"].max()
    assert current == pytest.approx(3 * sent * 300.0, rel=1e-4)


@pytest.mark.parametrize("backend", ["oracle", "cpu"])
@pytest.mark.parametrize("relay", [("70_000 * arrived", "70_000 * arrived")], indirect=True, ids=["70,000"])
def test_too_large_numbers_end_the_run(relay, backend):
    simulator = Simulator(network(relay), backend=backend, threads=1)
    with simulator, pytest.raises(InputError, match=r"neuron 0 .*too many spikes to relay"):
        simulator.run(3.0)


@pytest.mark.parametrize(
    "relay", [("np.full(3, np.nan)", "arrived"), ("0.5 * arrived", "arrived")], indirect=True, ids=["NaN", "fractions"]
)
def test_numbers_that_are_none_are_refused(relay):
    simulator = Simulator(network(relay), backend="oracle")
    with simulator, pytest.raises(InputError, match=r"update of user_relay .*integer for each of the 3 neurons"):
        simulator.run(1.0)
