"""What `Tsodyks2` transmits is within 2^-14 of a weight of what NEST's `tsodyks2_synapse` transmits."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pairs import RESOLUTION_MS, Edge, transmitted_on_nest

from simcore.network import (
    Network,
    OneToOne,
    Population,
    Projection,
    SpikeTrains,
    TraceRecorder,
    Tsodyks2,
)
from simcore.simulator import Simulator

N = 125
STEPS = 1000
TAU_SYN_MS = 0.5


def trains(seed: int) -> list[npt.NDArray[np.int64]]:
    """Random trains with mean intervals of 1.1 to 200 steps, some without spikes or with one."""
    generator = np.random.default_rng(seed)
    found = []
    for mean in np.geomspace(1.1, 200.0, N):
        train = 1 + np.cumsum(1 + generator.poisson(mean - 1.0, STEPS))
        found.append(train[train < STEPS - 10])
    found[3], found[7] = found[3][:1], found[7][:0]
    return found


def transmitted(rule: Tsodyks2, of: list[npt.NDArray[np.int64]], weights: Any, backend: str) -> list[Any]:
    """Jumps of the synaptic current of each target at the arrivals of the spikes of its source."""
    ids = np.repeat(np.arange(N), [len(train) for train in of])
    source = Population("S", N, source=SpikeTrains(np.concatenate(of) * RESOLUTION_MS, ids))
    target = Population("T", N, params={"V_th": 1e6, "tau_syn_ex": TAU_SYN_MS})
    projection = Projection("S", "T", OneToOne(), weights, 0.3, None, rule)
    recorder = TraceRecorder("T", tuple(range(N)), ("I_syn_ex",))
    described = Network([source, target], [projection], [], [recorder])
    with Simulator(described, threads=1, backend=backend, precision="float64") as simulator:
        simulator.run(STEPS * RESOLUTION_MS)
        traces = simulator.traces()
    current = np.stack([traces["T", neuron, "I_syn_ex"] for neuron in range(N)])
    jumps = current - np.exp(-RESOLUTION_MS / TAU_SYN_MS) * np.pad(current, ((0, 0), (1, 0)))[:, :-1]
    # Sample k is that of stamp k + 1; a spike with the stamp s acts at s + delay.
    return [jumps[neuron, train + 3 - 1] for neuron, train in enumerate(of)]


@pytest.mark.parametrize(
    ("seed", "params"),
    [
        (1, {}),
        (2, {"U": 0.15}),
        (3, {"U": 0.2, "u": 0.2, "tau_fac": 30.0, "tau_rec": 50.0}),
        (4, {"U": 0.7, "u": 0.9, "x": 0.3, "tau_fac": 5.0, "tau_rec": 13.0}),
    ],
    ids=["defaults", "u_is_not_U", "facilitating", "depleted"],
)
def test_transmitted_weights(backend: str, seed: int, params: dict[str, float]) -> None:
    of = trains(seed)
    # At least half of the largest integer: half its unit is then at most 2^-15 of the weight.
    weights = np.linspace(65.0, 127.9, N)
    ours = transmitted(Tsodyks2(**params), of, weights, backend)
    edges = [Edge(neuron, neuron, 3, weight) for neuron, weight in enumerate(np.rint(weights * 256.0) / 256.0)]
    nests = transmitted_on_nest(of, edges, "tsodyks2_synapse", params)
    assert sum(len(train) for train in of) > 3000
    for weight, found, expected in zip(weights, ours, nests, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=2.0**-14 * weight)
    if not params:
        first = [found[0] / weight for weight, found in zip(weights, ours, strict=True) if len(found)]
        np.testing.assert_allclose(first, 0.5, atol=1e-4)
