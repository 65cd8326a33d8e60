"""iaf_psc_exp equals NEST: the same spike times, traces within 1e-9; in distribution under a Poisson drive."""

from typing import Any

import numpy as np
import pytest
from equality import (
    assert_drawn_case_equals_nest,
    assert_equals_nest,
    between,
    drawn_cases,
    networks,
    neurons,
    populations,
    recorded,
    run_on_simcore,
    spike_trains,
)
from hypothesis import given
from hypothesis import strategies as st
from run_nest import FloatArray, run_on_nest

from simcore.network import (
    AllToAll,
    Dc,
    Explicit,
    Network,
    OneToOne,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
)

PD14: dict[str, Any] = {"tau_syn_ex": 0.5, "tau_syn_in": 0.5, "E_L": -65.0, "V_reset": -65.0, "V_th": -50.0}
STRONG = 5000.0
"""pA; one such arrival moves a neuron of `PD14` by 8.5 mV of the 15 mV to its threshold."""


def one(params: dict[str, Any] | None = None, drives: Any = (), v_m: Any = None, **parts: Any) -> Network:
    """Unconnected neurons: one for each value of the longest array among the parameters."""
    return neurons("iaf_psc_exp", params, drives, {} if v_m is None else {"V_m": v_m}, **parts)


# --- one neuron --------------------------------------------------------------------------------------------------


def test_constant_current(backend: str) -> None:
    network = one({"I_e": [300.0, 376.0, 500.0, 900.0, -200.0]}, [Dc("A", 40.0), Dc("A", 0.3)])
    assert len(assert_equals_nest(network, backend, 1000).stamps) > 20


@pytest.mark.parametrize("t_ref", [0.0, 0.1, 0.2, 2.0, 0.0004, 0.04, 0.05, 0.12, 0.25, 1.9604, 2.0006])
def test_refractory_period_on_and_off_the_grid(backend: str, t_ref: float) -> None:
    drives = [SpikeTrain("A", [1.0, 1.3, 4.0, 4.5], STRONG, 0.2)]
    network = one({**PD14, "t_ref": t_ref, "I_e": [800.0, 1e5]}, drives)
    assert len(assert_equals_nest(network, backend).stamps) > 10


@pytest.mark.parametrize("v_m", [-50.0001, -50.0, -49.0, 20.0])
def test_initial_potential_around_and_above_the_threshold(backend: str, v_m: float) -> None:
    spikes = assert_equals_nest(one({**PD14, "V_reset": [-65.0, -50.5]}, v_m=v_m, drives=[Dc("A", 300.0)]), backend)
    assert (1 in spikes.stamps) == (v_m > -49.5)


def test_a_potential_exactly_at_the_threshold_spikes(backend: str) -> None:
    """At rest V_m - E_L is exactly 0 in both, so that this tie has one answer."""
    params = {"E_L": -65.0, "V_th": [-65.0, np.nextafter(-65.0, 0.0)], "V_reset": -70.0}
    spikes = assert_equals_nest(one(params), backend)
    assert (spikes.stamps.tolist(), spikes.ids.tolist()) == ([1], [0])


@pytest.mark.parametrize("ratio", [1.0, 1.0 + 1e-12, 1.0 + 1e-7, 1.0 - 1e-3, 0.05, 3.0])
def test_synaptic_time_constants_near_that_of_the_membrane(backend: str, ratio: float) -> None:
    params = {"tau_m": 10.0, "tau_syn_ex": 10.0 * ratio, "tau_syn_in": [10.0, 10.0 / ratio], "I_e": 370.0}
    drives = [SpikeTrain("A", [1.0, 2.5, 9.0], 600.0, 0.3), SpikeTrain("A", [5.0, 5.1], -300.0, 1.7)]
    assert len(assert_equals_nest(one(params, drives, v_m=-56.0), backend, 600).stamps) > 0


def test_several_arrivals_at_both_receptors_in_one_step(backend: str) -> None:
    drives = [
        SpikeTrain("A", [1.0, 3.0, 3.0, 3.0, 8.0, 12.0], 0.4 * STRONG, 0.1),
        SpikeTrain("A", [0.1, 0.8, 2.8, 8.0], 0.7 * STRONG, 0.3),
        SpikeTrain("A", [2.8, 7.8, 7.8], -0.3 * STRONG, 0.3),
    ]
    network = one({**PD14, "tau_syn_in": 1.3, "t_ref": [0.0, 0.7], "I_e": 300.0}, drives)
    assert len(assert_equals_nest(network, backend).stamps) > 2


@pytest.mark.parametrize("resolution_ms", [0.025, 0.125, 0.3, 1.0])
def test_other_resolutions(backend: str, resolution_ms: float) -> None:
    h = resolution_ms
    drives = [SpikeTrain("A", [3 * h, 3 * h, 9 * h], 4000.0, 2.5 * h), SpikeTrain("A", [5 * h], -3000.0, h)]
    network = one({"t_ref": [2.0 * h, 5.0 * h], "I_e": 700.0}, drives, resolution_ms=h)
    assert len(assert_equals_nest(network, backend, 400).stamps) > 0


# --- networks ----------------------------------------------------------------------------------------------------

DELAYS_MS = [0.1, 0.05, 0.15, 0.25, 0.35, 0.2496, 0.9499, 1.05, 2.34999, 7.0]


@pytest.mark.parametrize("model", ["iaf_psc_exp", "parrot_neuron"])
def test_delays_are_rounded_half_up_along_a_chain(backend: str, model: str) -> None:
    n = len(DELAYS_MS) + 1
    weight, params = (2.2 * STRONG, PD14) if model == "iaf_psc_exp" else (1.0, {})
    chain = Projection("A", "A", Explicit(list(range(n - 1)), list(range(1, n))), weight, DELAYS_MS)
    start = Projection("S", "A", Explicit([0], [0]), weight, 0.45)
    drives = [SpikeTrain("S", [0.5, 20.0], 1.0, 0.15)]
    sources, population = Population("S", 1, "parrot_neuron"), Population("A", n, model, params)
    network = recorded([sources, population], projections=[start, chain], drives=drives)
    assert len(assert_equals_nest(network, backend, 500).stamps) == 2 * (n + 1)


def test_loops_autapses_and_multapses_with_mixed_delays(backend: str) -> None:
    sources = [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 0]
    targets = [0, 1, 1, 2, 2, 3, 0, 2, 0, 1, 3, 1]
    weights = np.array([900, 1500, 1500, 1200, -800, 1800, 700, -400, 1000, -1500, 600, 300.5]) * 2.0
    delays = [0.1, 1.5, 1.5, 0.3, 2.0, 0.7, 3.1, 0.1, 1.0, 0.2, 4.0, 1.5]
    params = {"I_e": [450.0, 200.0, 100.0, 0.0], "tau_syn_in": [0.5, 2.0, 10.0, 1.0], "t_ref": [2.0, 0.0, 0.5, 1.0]}
    loop = Projection("A", "A", Explicit(sources, targets), weights, delays)
    network = recorded([Population("A", 4, params=params)], projections=[loop])
    assert set(assert_equals_nest(network, backend, 800).ids) == {0, 1, 2, 3}


@pytest.mark.parametrize("weight_bits", [8, 16, 32])
def test_populations_connected_by_rules(backend: str, weight_bits: int) -> None:
    params = {**PD14, "I_e": [600.0, 500.0, 460.0]}
    excitatory = Population("E", 3, params=params, initial={"V_m": [-60.0, -55.0, -70.0]})
    inhibitory = Population("I", 2, params={"tau_syn_ex": 0.5, "I_e": 200.0})
    relay = Population("P", 3, "parrot_neuron")
    projections = [
        Projection("E", "E", AllToAll(allow_autapses=False), 1920.3, 0.8),
        Projection("E", "I", AllToAll(), [1000.0, 2000.0, 3000.0, 1500.0, 2500.0, 3500.0], [1.0, 0.1, 1, 0.5, 1.25, 3]),
        Projection("I", "E", AllToAll(), -301.3, 0.5),
        Projection("P", "E", OneToOne(), [6020.0, 7040.0, 9850.0], [0.4, 0.1, 2.0]),
        Projection("E", "P", OneToOne(), 1.0, 0.3),
    ]
    network = recorded([excitatory, inhibitory, relay], projections=projections)
    assert set(assert_equals_nest(network, backend, 800, weight_bits).ids) == set(range(8))


# --- drawn cases -------------------------------------------------------------------------------------------------


WEIGHTS_PA = st.one_of(between(200.0, 4000.0), between(-2000.0, -100.0))


@drawn_cases
@given(
    population=populations("iaf_psc_exp", 1),
    trains=st.lists(spike_trains(WEIGHTS_PA), max_size=3),
    current=between(100.0, -100.0),
)
def test_any_neuron(backend: str, population: Population, trains: list[SpikeTrain], current: float) -> None:
    network = recorded([population], drives=[Dc("A", current), *trains])
    assert_drawn_case_equals_nest(network, backend)


@drawn_cases
@given(network=networks("iaf_psc_exp", WEIGHTS_PA))
def test_any_small_network(backend: str, network: Network) -> None:
    assert_drawn_case_equals_nest(network, backend)


# --- in distribution ---------------------------------------------------------------------------------------------

LEVEL_SD = 4.9  # two-sided level 1e-6 of a standard normal; with fixed seeds the outcome is always the same


def standard_errors_apart(ours: FloatArray, nests: FloatArray) -> float:
    """Welch's statistic of two samples of independent neurons: about |standard normal| for hundreds of them."""
    variance = ours.var(ddof=1) / len(ours) + nests.var(ddof=1) / len(nests)
    return float(abs(ours.mean() - nests.mean()) / np.sqrt(variance))


def test_poisson_and_dc_drive_in_distribution(backend: str) -> None:
    """Half of 1250 neurons cannot spike and tell mean and variance of V_m, the others tell the rate."""
    n, n_steps = 1250, 1320
    thresholds = np.where(np.arange(n) < n // 2, 1e3, -50.0)
    population = Population("A", n, params={**PD14, "V_th": thresholds}, initial={"V_m": -55.0})
    drives = [Poisson("A", 6000.0, 87.8085, 1.5), Poisson("A", 2000.0, -87.8085), Dc("A", 250.0)]
    network = Network([population], (), drives, [SpikeRecorder(), TraceRecorder("A", tuple(range(n // 2)))])
    results = run_on_simcore(network, n_steps, backend), run_on_nest(network, n_steps)
    v_m = [np.array(list(result.traces.values()))[:, 200:] for result in results]
    assert standard_errors_apart(*(np.bincount(result.ids, minlength=n)[n // 2 :] for result in results)) < LEVEL_SD
    assert standard_errors_apart(*(v.mean(axis=1) for v in v_m)) < LEVEL_SD
    assert standard_errors_apart(*(v.var(axis=1) for v in v_m)) < LEVEL_SD
