"""Each cell type is a neuron model of the simulator with parameters in its units: the same potentials and spikes."""

import numpy as np
import pytest

from simcore import Explicit, Network, Population, Projection, Simulator, SpikeRecorder, SpikeTrains, TraceRecorder

TIMES = [1.0, 1.1, 3.0, 3.1, 3.2, 7.0, 7.4, 12.0]
MEMBRANE = {"cm": 0.3, "tau_m": 12.0, "v_rest": -64.0, "v_reset": -66.0, "v_thresh": -52.0, "tau_refrac": 1.5}
NATIVE = {"C_m": 300.0, "tau_m": 12.0, "E_L": -64.0, "V_reset": -66.0, "V_th": -52.0, "t_ref": 1.5}
TIMINGS = {"tau_syn_E": 3.0, "tau_syn_I": 4.0}
NATIVE_TIMINGS = {"tau_syn_ex": 3.0, "tau_syn_in": 4.0}
REVERSALS = {"e_rev_E": -5.0, "e_rev_I": -75.0}
LEAKY = {name: value for name, value in NATIVE.items() if name != "tau_m"} | {"g_L": 25.0, "E_ex": -5.0, "E_in": -75.0}

CELLS = {
    "IF_curr_exp": (
        "iaf_psc_exp",
        MEMBRANE | TIMINGS | {"i_offset": 0.1},
        NATIVE | NATIVE_TIMINGS | {"I_e": 100.0},
        (0.9, -0.4),
        (900.0, -400.0),
        {"isyn_exc": ("I_syn_ex", 1e-3), "isyn_inh": ("I_syn_in", 1e-3)},
    ),
    "IF_curr_alpha": (
        "iaf_psc_alpha",
        MEMBRANE | TIMINGS | {"i_offset": 0.1},
        NATIVE | NATIVE_TIMINGS | {"I_e": 100.0},
        (0.9, -0.4),
        (900.0, -400.0),
        {"isyn_exc": ("I_syn_ex", 1e-3)},
    ),
    "IF_curr_delta": (
        "iaf_psc_delta",
        MEMBRANE | {"i_offset": 0.1},
        NATIVE | {"I_e": 100.0},
        (6.0, -2.5),
        (6.0, -2.5),
        {},
    ),
    "IF_cond_exp": (
        "iaf_cond_exp",
        MEMBRANE | TIMINGS | REVERSALS | {"i_offset": 0.1},
        LEAKY | NATIVE_TIMINGS | {"I_e": 100.0},
        (0.02, 0.01),
        (20.0, -10.0),
        {"gsyn_exc": ("g_ex", 1e-3), "gsyn_inh": ("g_in", 1e-3)},
    ),
    "EIF_cond_exp_isfa_ista": (
        "aeif_cond_exp",
        MEMBRANE
        | TIMINGS
        | REVERSALS
        | {"v_spike": -35.0, "a": 3.0, "b": 0.06, "delta_T": 1.5, "tau_w": 100.0, "i_offset": 0.2},
        LEAKY | NATIVE_TIMINGS | {"V_peak": -35.0, "a": 3.0, "b": 60.0, "Delta_T": 1.5, "tau_w": 100.0, "I_e": 200.0},
        (0.03, 0.01),
        (30.0, -10.0),
        {"w": ("w", 1e-3), "gsyn_exc": ("g_ex", 1e-3)},
    ),
    "Izhikevich": (
        "izhikevich",
        {"a": 0.03, "b": 0.25, "c": -60.0, "d": 4.0, "i_offset": 0.008},
        {"a": 0.03, "b": 0.25, "c": -60.0, "d": 4.0, "I_e": 8.0},
        (4.0, -2.0),
        (4.0, -2.0),
        {"u": ("U_m", 1.0)},
    ),
}
"""Cell type -> model, parameters and weights of both kinds in both units, and further variables with their units."""


def native(model, params, weights, variables, initial):
    source = Population("source", 2, source=SpikeTrains.by_neuron([TIMES, [4.0, 9.0]]))
    target = Population("target", 1, model, params, initial)
    projections = [Projection("source", "target", Explicit([k], [0]), weight, 0.5) for k, weight in enumerate(weights)]
    recorders = [TraceRecorder("target", [0], variables), SpikeRecorder("target")]
    network = Network([source, target], projections, recorders=recorders)
    options = {"backend": "oracle", "precision": "float64", "weight_bits": 32, "accept_quantisation": True}
    with Simulator(network, threads=1, **options) as simulator:
        simulator.run(40.0)
        return simulator.spikes().times_ms, {name: simulator.traces()["target", 0, name] for name in variables}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_does_what_its_model_does_with_the_same_numbers(sim, name):
    model, parameters, params, weights, native_weights, variables = CELLS[name]
    # Backends agree on a model; kernels of all models for 32-bit weights would be compiled for this test only.
    sim.setup(timestep=0.1, threads=1, backend="oracle")
    assert set(parameters) == set(getattr(sim, name).default_parameters)
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[sim_times(TIMES), sim_times([4.0, 9.0])]))
    cells = sim.Population(1, getattr(sim, name)(**parameters), initial_values={"v": -63.0})
    for k, (weight, receptor) in enumerate(zip(weights, ("excitatory", "inhibitory"), strict=True)):
        synapse = sim.StaticSynapse(weight=weight, delay=0.5)
        sim.Projection(sources[k : k + 1], cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["spikes", "v", *variables])
    sim.run(40.0)
    initial = {"V_m": -63.0} | ({"U_m": -14.0} if name == "Izhikevich" else {})
    names = ["V_m", *(variable for variable, _ in variables.values())]
    spikes, traces = native(model, params, native_weights, names, initial)
    segment = cells.get_data().segments[0]
    assert np.asarray(segment.spiketrains[0]).tolist() == spikes.tolist()
    assert len(spikes) > 0
    potential = np.asarray(segment.filter(name="v")[0])[:, 0]
    assert potential[0] == -63.0
    # A float32 of a float64 sum would already differ by 1e-6.
    np.testing.assert_allclose(potential[1:], traces["V_m"], rtol=0.0, atol=1e-9)
    for variable, (own, scale) in variables.items():
        values = np.asarray(segment.filter(name=variable)[0])[1:, 0]
        np.testing.assert_allclose(values, traces[own] * scale, rtol=1e-9, atol=1e-12)
        assert np.ptp(values) > 0.0


def sim_times(times):
    from pyNN.parameters import Sequence

    return Sequence(times)


def test_times_between_steps_are_rounded_up_and_time_zero_is_refused(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.05, 1.31, 2.0]))
    source.record("spikes")
    sim.run(5.0)
    assert np.asarray(source.get_data().segments[0].spiketrains[0]).tolist() == [0.1, 1.4, 2.0]
    with pytest.raises(ValueError, match="must be > 0 ms"):
        sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 1.0]))
    with pytest.raises(sim.errors.InvalidParameterValueError, match="ascending"):
        sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 1.0]))


def test_poisson_sources_keep_to_their_rates_and_times(sim):
    source = sim.Population(
        3, sim.SpikeSourcePoisson(rate=[400.0, 0.0, 800.0], start=[0.0, 0.0, 500.0], duration=[1e10, 1e10, 150.0])
    )
    source.record("spikes")
    sim.run(1000.0)
    trains = [np.asarray(train) for train in source.get_data().segments[0].spiketrains]
    # Within five standard deviations of a Poisson count.
    assert abs(len(trains[0]) - 400) < 5 * 20
    assert len(trains[1]) == 0
    assert abs(len(trains[2]) - 120) < 5 * 11
    assert trains[2].min() > 500.0
    assert trains[2].max() <= 650.0


def test_a_wrong_parameter_is_refused_when_the_population_is_made(sim):
    with pytest.raises(ValueError, match=r"C_m = .*must be > 0"):
        sim.Population(2, sim.IF_curr_exp(cm=-1.0))
    with pytest.raises(ValueError, match=r"tau_m = 0 is not allowed"):
        sim.Population(2, sim.IF_cond_exp(tau_m=0.0))
    sim.Population(2, sim.IF_curr_delta(), initial_values={"isyn_exc": 1.0})
    with pytest.raises(ValueError, match="initial value isyn_exc"):
        sim.run(1.0)
