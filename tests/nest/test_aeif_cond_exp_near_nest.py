"""aeif_cond_exp comes near NEST with a tight gsl_error_tol: the same spike times, V_m within 2e-4 mV, w within 2e-3 pA.

Each spike may be early or late by a little, which is seen in V_m where V is fast: there the tolerance grows with the
speed of V and the number of spikes before.
"""

from typing import Any

import numpy as np
import pytest
from equality import neurons, recorded
from run_nest import NestResult, run_on_nest

from simcore.network import Explicit, Network, Population, Projection, SpikeTrain
from simcore.simulator import Simulator

TOLERANCE = {"V_m": 2e-4, "g_ex": 1e-9, "g_in": 1e-9, "w": 2e-3}
"""With the weights of these tests, of up to 100 nS."""
LATE_MS = 5e-5
"""By which a spike may be early or late. Ours are by less than 1e-6, but neurons near rest pass errors on enlarged."""

PATTERNS = {
    "V_reset": [-60.0, -60.0, -46.0, -47.2, -55.0, -58.0],
    "b": [80.5, 0.0, 100.0, 60.0, 200.0, 60.0],
    "tau_w": [144.0, 144.0, 120.0, 20.0, 30.0, 30.0],
    "a": [4.0, 0.0, 2.0, 2.0, -10.0, -10.0],
    "I_e": [800.0, 900.0, 800.0, 800.0, 700.0, 700.0],
}
"""Adapting, tonic, bursting, fast, with negative a. Irregular patterns are chaotic: there NEST with its default
tolerance agrees with itself for half a second."""


def one(params: dict[str, Any] | None = None, drives: Any = (), initial: Any = None, **parts: Any) -> Network:
    """Unconnected neurons: one for each value of the longest array among the parameters."""
    return neurons("aeif_cond_exp", params, drives, initial, **parts)


def run_on_simcore(network: Network, n_steps: int, backend: str) -> tuple[NestResult, dict[str, int]]:
    with Simulator(network, threads=1, backend=backend, precision="float64") as simulator:
        simulator.run(n_steps * network.resolution_ms)
        spikes = simulator.spikes()
        return NestResult(spikes.stamps, spikes.ids, simulator.traces()), simulator.suppressed_spikes


def assert_near_nest(network: Network, backend: str, n_steps: int = 600) -> NestResult:
    """What NEST sends more than once in a step is what is suppressed."""
    nests = run_on_nest(network, n_steps, gsl_error_tol=1e-11)
    ours, suppressed = run_on_simcore(network, n_steps, backend)
    sent = list(zip(nests.stamps.tolist(), nests.ids.tolist(), strict=True))
    assert list(zip(ours.stamps.tolist(), ours.ids.tolist(), strict=True)) == sorted(set(sent))
    assert sum(suppressed.values()) == len(sent) - len(set(sent))
    assert ours.traces.keys() == nests.traces.keys()
    for (population, neuron, variable), values in nests.traces.items():
        difference = np.abs(ours.traces[population, neuron, variable] - values)
        allowed = np.full(len(values), TOLERANCE[variable])
        if variable == "V_m":
            spikes = np.cumsum(np.bincount(nests.stamps[nests.ids == neuron], minlength=n_steps + 1))[1:]
            allowed += LATE_MS * (1 + spikes) * speed(network.population(population), neuron, nests)
        worst = int(np.argmax(difference - allowed))
        assert difference[worst] <= allowed[worst], (population, neuron, variable, worst, difference[worst])
    return nests


def speed(population: Population, neuron: int, nests: NestResult) -> Any:
    """mV/ms of each sample."""
    p = {q.name: np.resize(population.value(q.name), neuron + 1)[neuron] for q in population.neuron_model.parameters}
    v, g_ex, g_in, w = (nests.traces[population.name, neuron, name] for name in ("V_m", "g_ex", "g_in", "w"))
    exponential = p["Delta_T"] * np.exp((v - p["V_th"]) / p["Delta_T"])
    current = p["g_L"] * (p["E_L"] - v + exponential) + g_ex * (p["E_ex"] - v) + g_in * (p["E_in"] - v) - w + p["I_e"]
    return np.abs(current) / p["C_m"]


@pytest.mark.parametrize("t_ref", [0.0, 2.0])
def test_firing_patterns_of_constant_currents(backend: str, t_ref: float) -> None:
    """Two seconds on the fast backend."""
    n_steps = 20_000 if backend == "cpu" else 600
    nests = assert_near_nest(one({**PATTERNS, "t_ref": t_ref}), backend, n_steps)
    assert len(nests.stamps) > n_steps / 100
    assert set(nests.ids) == set(range(6))


def test_several_arrivals_of_both_signs_in_one_step(backend: str) -> None:
    trains = [
        SpikeTrain("A", [1.0, 3.0, 3.0, 3.0, 8.0, 12.0], 41.1, 0.1),
        SpikeTrain("A", [0.1, 0.8, 2.8, 8.0], 97.3, 0.3),
        SpikeTrain("A", [2.8, 7.8, 7.8], -36.03, 0.3),
    ]
    params = {
        "I_e": 700.0,
        "tau_syn_ex": [0.2, 0.5, 5.0],
        "tau_syn_in": [2.0, 10.0, 0.3],
        "E_in": [-85.0, -70.0, -60.0],
    }
    assert len(assert_near_nest(one(params, trains), backend, 300).stamps) > 3


@pytest.mark.parametrize("t_ref", [0.0, 0.1, 0.2, 2.0, 0.04, 0.25])
def test_refractory_periods(backend: str, t_ref: float) -> None:
    nests = assert_near_nest(one({"t_ref": t_ref, "I_e": [1200.0, 4000.0], "b": 20.0}), backend, 200)
    assert len(nests.stamps) > 4


def test_w_goes_on_while_v_is_clamped(backend: str) -> None:
    nests = assert_near_nest(one({"t_ref": 3.0, "I_e": 1500.0}), backend, 120)
    v_m, w = (nests.traces["A", 0, name][nests.stamps[0] - 1 :][:31] for name in ("V_m", "w"))
    assert np.all(v_m == -60.0)
    assert np.all(np.diff(w) < 0.0)


def test_a_further_spike_in_a_step_is_suppressed_and_counted(backend: str) -> None:
    network = one({"I_e": [200_000.0, 400_000.0, 500.0], "b": 10.0})
    nests = assert_near_nest(network, backend, 10)
    assert len(nests.stamps) > len(set(zip(nests.stamps.tolist(), nests.ids.tolist(), strict=True))) + 40


def test_a_sharp_exponential_and_a_low_peak(backend: str) -> None:
    params = {"Delta_T": [0.2, 0.5, 1.0, 5.0], "V_peak": [-45.0, -48.0, -40.0, 20.0], "I_e": 1000.0}
    assert len(assert_near_nest(one(params), backend, 400).stamps) > 10


def test_initial_values(backend: str) -> None:
    initial = {"V_m": [-80.0, -45.0, -30.0], "g_ex": [10.0, 0.0, 3.0], "g_in": [0.0, 2.0, 30.0], "w": -50.0}
    nests = assert_near_nest(one({"I_e": 300.0}, initial=initial), backend)
    assert nests.ids[nests.stamps == 1].tolist() == [2]


def test_an_initial_potential_above_the_peak_gives_a_spike_in_the_first_step(backend: str) -> None:
    """NEST takes a step of its solver before it looks."""
    network = one({"I_e": 300.0}, initial={"V_m": [0.0, 10.0]})
    nests, (ours, _) = run_on_nest(network, 200), run_on_simcore(network, 200, backend)
    assert ours.stamps.tolist() == nests.stamps.tolist() == [1, 1]


@pytest.mark.parametrize("resolution_ms", [0.025, 0.125, 0.5])
def test_other_resolutions(backend: str, resolution_ms: float) -> None:
    h = resolution_ms
    trains = [SpikeTrain("A", [3 * h, 3 * h, 9 * h], 30.0, 2.5 * h), SpikeTrain("A", [5 * h], -20.0, h)]
    network = one({"t_ref": [0.0, 5.0 * h], "I_e": 900.0, "tau_syn_ex": 2.0}, trains, resolution_ms=h)
    assert len(assert_near_nest(network, backend, round((40 if h < 0.1 else 60) / h)).stamps) > 4


def test_a_loop_with_another_model(backend: str) -> None:
    exponential = Population(
        "X", 4, "aeif_cond_exp", {"I_e": [900.0, 700.0, 650.0, 800.0], "t_ref": [0.0, 1.0, 2.0, 0.5]}
    )
    leaky = Population("L", 2, "iaf_psc_exp", {"I_e": 390.0})
    sources, targets = [0, 0, 1, 1, 2, 2, 3, 3], [1, 1, 2, 0, 3, 2, 0, 1]
    weights, delays = [20.0, 35.5, 31.0, -14.0, 26.0, -8.0, 33.0, -25.0], [0.1, 1.5, 0.3, 2.0, 0.7, 0.1, 1.0, 0.2]
    projections = [
        Projection("X", "X", Explicit(sources, targets), weights, delays),
        Projection("X", "L", Explicit([0, 1, 2, 3], [0, 0, 1, 1]), 300.0, 0.4),
        Projection("L", "X", Explicit([0, 1, 0, 1], [0, 1, 2, 3]), -12.3, 0.6),
    ]
    network = recorded([exponential, leaky], projections=projections)
    nests = assert_near_nest_loop(network, backend)
    assert set(nests.ids) == set(range(6))


def assert_near_nest_loop(network: Network, backend: str) -> NestResult:
    """Half a second; potentials of the other model have no exponential."""
    n_steps = 5000 if backend == "cpu" else 1000
    nests = run_on_nest(network, n_steps, gsl_error_tol=1e-11)
    ours, _ = run_on_simcore(network, n_steps, backend)
    assert list(zip(ours.stamps, ours.ids, strict=True)) == list(zip(nests.stamps, nests.ids, strict=True))
    for neuron in range(4):
        w = [result.traces["X", neuron, "w"] for result in (ours, nests)]
        np.testing.assert_allclose(*w, rtol=0.0, atol=2e-3)
    return nests
