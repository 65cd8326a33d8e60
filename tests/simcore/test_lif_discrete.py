"""lif_discrete against the equations in NumPy, and against published traces of one neuron on simulators and a chip."""

from pathlib import Path

import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import (
    Explicit,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    TraceRecorder,
)
from simcore.rounding import float32_refusal
from simcore.simulator import Simulator

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "nir"
BACKENDS = [(backend, precision) for backend in ("oracle", "cpu") for precision in ("float32", "float64")]
LIF, IF, CUBA = {"b": 0.875}, {"b": 1.0}, {"a": 0.5, "b": 0.75, "c": 0.5}
N_STEPS = 60
VARIABLES = {"lif_discrete": ("V_m", "I_syn"), "lif_fixed_point": ("v", "u")}


def driven(params, trains, weights, model="lif_discrete", delay_steps=1):
    """One neuron for each set of parameters; all get the spikes of all trains (stamps), each train with its weight."""
    n = max(np.size(value) for value in params.values())
    sources = Population("S", len(trains), source=SpikeTrains.by_neuron([[0.1 * s for s in train] for train in trains]))
    edges = [(source, target) for source in range(len(trains)) for target in range(n)]
    rule = Explicit(*np.transpose(edges).astype(int).tolist())
    projection = Projection("S", "A", rule, np.repeat(weights, n), 0.1 * delay_steps)
    neurons = Population("A", n, model, params)
    return Network(
        [sources, neurons], [projection], [], [SpikeRecorder(), TraceRecorder("A", range(n), VARIABLES[model])]
    )


def recorded(network, backend="cpu", precision="float64", n_steps=N_STEPS):
    """Stamps of the spikes of each neuron of A, and traces of potential and current, shape (neurons, steps)."""
    with Simulator(network, backend=backend, precision=precision, weight_bits=32) as simulator:
        simulator.run(n_steps / 10)
        spikes, traces = simulator.spikes(), simulator.traces()
        first, size, model = network.first_ids["A"], network.population("A").size, network.population("A").model
        stamps = [spikes.stamps[spikes.ids == first + k].tolist() for k in range(size)]
        return stamps, *(np.array([traces["A", k, name] for k in range(size)]) for name in VARIABLES[model])


def evaluated(inputs, *, a=0.0, b=0.9, c=1.0, V_th=1.0, V_reset=0.0, E_L=0.0, I_e=0.0, subtract=0):
    """The equations for one neuron: stamps of its spikes, v, u."""
    v, u, stamps, potentials, currents = 0.0, 0.0, [], [], []
    for stamp, arriving in enumerate(inputs, start=1):
        u = a * u + I_e + arriving
        v = b * v + c * u
        if v > V_th - E_L:
            stamps.append(stamp)
            v = v - (V_th - V_reset) if subtract else V_reset - E_L
        potentials.append(v + E_L)
        currents.append(u)
    return stamps, potentials, currents


@pytest.mark.parametrize(("backend", "precision"), BACKENDS)
@pytest.mark.parametrize("case", [LIF, IF, CUBA], ids=["LIF", "IF", "CubaLIF"])
@pytest.mark.parametrize("subtract", [0, 1])
def test_spikes_and_traces_are_those_of_the_equations(case, subtract, backend, precision):
    """All numbers are exact in float32 for as long as this runs, so that nothing hides in a tolerance."""
    params = {**case, "subtract": subtract, "V_reset": -0.25, "E_L": -0.125, "I_e": 0.0625}
    trains, weights = [range(2, N_STEPS, 3), [5, 5, 9, 30], [12, 31]], [0.5, -0.25, 2.0]
    inputs = np.zeros(N_STEPS)
    for train, weight in zip(trains, weights, strict=True):
        np.add.at(inputs, [stamp for stamp in train if stamp < N_STEPS], weight)
    stamps, v, u = evaluated(inputs.tolist(), **params)
    found, traces, currents = recorded(driven(params, trains, weights), backend, precision)
    assert found == [stamps] and len(stamps) > 3
    tolerance = 0.0 if precision == "float64" else 1e-6
    assert np.allclose(traces[0], v, rtol=0.0, atol=tolerance) and np.allclose(currents[0], u, rtol=0.0, atol=tolerance)


def test_a_spike_needs_more_than_the_threshold():
    params = {"b": [0.0, 0.0], "I_e": [1.0, 1.0 + 2.0**-20]}
    stamps, _, _ = recorded(driven(params, [[]], [1.0]))
    assert stamps == [[], list(range(1, N_STEPS + 1))]


def test_a_leaky_integrator_never_spikes():
    stamps, v, _ = recorded(driven({"b": 0.5, "I_e": 1e6, "V_th": 1e30}, [[]], [1.0]))
    assert stamps == [[]] and v[0, -1] == pytest.approx(2e6)


def test_the_resolution_changes_no_step():
    """Coefficients are those of one step, whatever it lasts."""
    network = driven({**CUBA, "I_e": 0.3}, [[3]], [0.5])
    coarse = Network([Population("A", 1, "lif_discrete", {**CUBA, "I_e": 0.3})], [], [], network.recorders, 1.0)
    with Simulator(coarse) as simulator:
        simulator.run(float(N_STEPS))
        assert simulator.spikes().stamps.tolist() == evaluated([0.0] * N_STEPS, **CUBA, I_e=0.3)[0]


@pytest.mark.parametrize(("params", "accepted"), [({"b": 1.0}, True), ({"b": 0.999}, False), ({"b": 0.99}, True)])
def test_float32_is_refused_where_a_step_near_threshold_is_small(params, accepted):
    network = Network([Population("A", 1, "lif_discrete", params)])
    assert (float32_refusal(network, seed=1) is None) == accepted
    no_threshold = Network([Population("A", 1, "lif_discrete", {**params, "V_th": 1e30})])
    assert float32_refusal(no_threshold, seed=1) is None


def trace_of(name):
    """Columns input, v, spike of a published trace."""
    file = DATA / name
    if not file.exists():
        pytest.skip(f"the published trace {file} is not there")
    return np.loadtxt(file, delimiter=",").T


def steps_of_input(given):
    """Stamps of the spikes with which the first row of a trace is the step that ends at stamp 1."""
    return np.flatnonzero(given) + 1


@pytest.mark.parametrize(("b", "c"), [(1 - 0.04, 0.04), (np.exp(-0.04), -np.expm1(-0.04))], ids=["euler", "exact"])
@pytest.mark.parametrize("simulator", ["norse", "exact", "snntorch", "spinnaker2"])
def test_the_published_neuron_spikes_when_simulators_and_chips_say(simulator, b, c):
    """A step of 0.1 ms, tau 2.5 ms; a spike acts a step after it was sent, so that stamps are those of the rows."""
    given, _, fired = trace_of(f"lif_{simulator}.csv")
    network = driven({"b": b, "c": c, "V_th": 0.1}, [steps_of_input(given)], [1.0])
    stamps, _, _ = recorded(network, n_steps=1001)
    assert (np.array(stamps[0]) - 2).tolist() == np.flatnonzero(fired).tolist() == [460, 510, 710, 760]


def test_the_published_neuron_on_loihi_2_is_that_of_whole_numbers():
    given, potential, fired = trace_of("lif_lava_loihi_fixed.csv")
    params = {"decay_u": 4096, "decay_v": 163, "vth": 25}
    network = driven(params, [steps_of_input(given)], [10.0], "lif_fixed_point")
    stamps, v, _ = recorded(network, n_steps=1000)
    assert (np.array(stamps[0]) - 1).tolist() == np.flatnonzero(fired).tolist() == [461, 511, 711, 761]
    differ = np.flatnonzero(v[0] != potential)
    assert differ.tolist() == [461, 511, 711, 761]
    assert potential[differ].tolist() == [128.0] * 4 and v[0, differ].tolist() == [0.0] * 4


def test_wrong_receptors_are_named():
    neurons = Population("A", 1, "lif_discrete")
    with pytest.raises(InputError, match="receptors of lif_discrete are 'in'"):
        Network([neurons], [Projection("A", "A", Explicit([0], [0]), 1.0, receptor="ex")])
