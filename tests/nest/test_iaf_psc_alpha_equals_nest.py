"""iaf_psc_alpha equals NEST: the same spike times, traces of V_m and both currents within 1e-9."""

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
    spike_trains,
)
from hypothesis import given
from hypothesis import strategies as st

from simcore.network import AllToAll, Dc, Explicit, Network, Population, Projection, SpikeTrain

STRONG = 2500.0
"""pA; one such arrival moves a neuron at rest by about 15 mV."""
WEIGHTS_PA = st.one_of(between(200.0, 4000.0), between(-2000.0, -100.0))


def one(params: dict[str, Any] | None = None, drives: Any = (), v_m: Any = None, **parts: Any) -> Network:
    """Unconnected neurons: one for each value of the longest array among the parameters."""
    return neurons("iaf_psc_alpha", params, drives, {} if v_m is None else {"V_m": v_m}, **parts)


def test_constant_current(backend: str) -> None:
    network = one({"I_e": [300.0, 376.0, 500.0, 900.0, -200.0]}, [Dc("A", 40.0)])
    assert len(assert_equals_nest(network, backend, 1000).stamps) > 20


@pytest.mark.parametrize("t_ref", [0.0, 0.1, 2.0, 0.04, 0.25])
def test_refractory_period_on_and_off_the_grid(backend: str, t_ref: float) -> None:
    drives = [SpikeTrain("A", [1.0, 1.3, 4.0, 4.5], STRONG, 0.2)]
    assert len(assert_equals_nest(one({"t_ref": t_ref, "I_e": [800.0, 1e5]}, drives), backend).stamps) > 10


def test_initial_potential_around_the_threshold(backend: str) -> None:
    spikes = assert_equals_nest(one(v_m=[-55.5, -54.0, 20.0], drives=[Dc("A", 300.0)]), backend)
    assert spikes.ids[spikes.stamps == 1].tolist() == [1, 2]


@pytest.mark.parametrize("ratio", [1.0, 1.0 + 1e-12, 1.0 + 1e-7, 1.0 + 1e-4, 1.0 - 1e-3, 1.0 - 1e-2, 0.05, 3.0])
def test_synaptic_time_constants_near_that_of_the_membrane(backend: str, ratio: float) -> None:
    params = {"tau_m": 10.0, "tau_syn_ex": 10.0 * ratio, "tau_syn_in": [10.0, 10.0 / ratio], "I_e": 370.0}
    drives = [SpikeTrain("A", [1.0, 2.5, 9.0], 600.0, 0.3), SpikeTrain("A", [5.0, 5.1], -300.0, 1.7)]
    assert len(assert_equals_nest(one(params, drives, v_m=-56.0), backend, 600).stamps) > 0


def test_the_potential_does_not_fall_below_v_min(backend: str) -> None:
    drives = [SpikeTrain("A", [1.0, 2.0], -STRONG, 0.2), SpikeTrain("A", [15.0, 15.5], 1.6 * STRONG, 0.2)]
    nests = assert_equals_nest(one({"V_min": [-72.0, -75.0, -1e6]}, drives), backend, 400)
    lowest = [nests.traces["A", neuron, "V_m"].min() for neuron in range(3)]
    assert lowest[:2] == [-72.0, -75.0]
    assert lowest[2] < -80.0
    assert set(nests.ids) == {0, 1, 2}


def test_several_arrivals_at_both_receptors_in_one_step(backend: str) -> None:
    drives = [
        SpikeTrain("A", [1.0, 3.0, 3.0, 3.0, 8.0, 12.0], 0.4 * STRONG, 0.1),
        SpikeTrain("A", [0.1, 0.8, 2.8, 8.0], 0.7 * STRONG, 0.3),
        SpikeTrain("A", [2.8, 7.8, 7.8], -0.3 * STRONG, 0.3),
    ]
    network = one({"tau_syn_ex": 0.5, "tau_syn_in": 1.3, "t_ref": [0.0, 0.7], "I_e": 300.0}, drives)
    assert len(assert_equals_nest(network, backend).stamps) > 2


@pytest.mark.parametrize("resolution_ms", [0.025, 0.125, 1.0])
def test_other_resolutions(backend: str, resolution_ms: float) -> None:
    h = resolution_ms
    drives = [SpikeTrain("A", [3 * h, 3 * h, 9 * h], 4000.0, 2.5 * h), SpikeTrain("A", [5 * h], -3000.0, h)]
    network = one({"t_ref": [2.0 * h, 5.0 * h], "I_e": 700.0}, drives, resolution_ms=h)
    assert len(assert_equals_nest(network, backend, 400).stamps) > 0


def test_populations_with_loops_and_other_models(backend: str) -> None:
    excitatory = Population("E", 3, "iaf_psc_alpha", {"I_e": [600.0, 450.0, 380.0], "tau_syn_ex": 0.5})
    inhibitory = Population("I", 2, "iaf_psc_exp", {"I_e": 200.0})
    projections = [
        Projection("E", "E", AllToAll(), 920.3, 0.8),
        Projection("E", "I", AllToAll(), np.linspace(1000.0, 3500.0, 6), [1.0, 0.1, 1, 0.5, 1.25, 3]),
        Projection("I", "E", AllToAll(), -301.3, 0.5),
        Projection("I", "I", Explicit([0, 1, 1], [1, 0, 1]), [-200.0, 150.0, -50.0], [0.1, 2.0, 0.3]),
    ]
    network = recorded([excitatory, inhibitory], projections=projections)
    assert set(assert_equals_nest(network, backend, 800).ids) == set(range(5))


@drawn_cases
@given(population=populations("iaf_psc_alpha", 1), trains=st.lists(spike_trains(WEIGHTS_PA), max_size=3))
def test_any_neuron(backend: str, population: Population, trains: list[SpikeTrain]) -> None:
    assert_drawn_case_equals_nest(recorded([population], drives=trains), backend)


@drawn_cases
@given(network=networks("iaf_psc_alpha", WEIGHTS_PA))
def test_any_small_network(backend: str, network: Network) -> None:
    assert_drawn_case_equals_nest(network, backend)
