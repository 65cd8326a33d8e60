"""iaf_psc_delta equals NEST: the same spike times, traces of V_m within 1e-9."""

from typing import Any

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

from simcore.network import Dc, Explicit, Network, Population, Projection, SpikeTrain

WEIGHTS_MV = st.one_of(between(0.5, 12.0), between(-6.0, -0.2))


def one(params: dict[str, Any] | None = None, drives: Any = (), v_m: Any = None, **parts: Any) -> Network:
    """Unconnected neurons: one for each value of the longest array among the parameters."""
    return neurons("iaf_psc_delta", params, drives, {} if v_m is None else {"V_m": v_m}, **parts)


def test_constant_current(backend: str) -> None:
    network = one({"I_e": [300.0, 376.0, 500.0, 900.0, -200.0]}, [Dc("A", 40.0)])
    assert len(assert_equals_nest(network, backend, 1000).stamps) > 20


def test_an_arrival_can_make_a_spike_in_its_own_step(backend: str) -> None:
    network = one({"V_th": [-55.0, -54.5]}, [SpikeTrain("A", [1.0], 15.25, 0.5)])
    spikes = assert_equals_nest(network, backend)
    assert (spikes.stamps.tolist(), spikes.ids.tolist()) == ([15], [0])


@pytest.mark.parametrize("t_ref", [0.0, 0.1, 0.2, 2.0, 0.04, 0.25])
@pytest.mark.parametrize("refractory_input", [0.0, 1.0])
def test_input_around_the_refractory_period(backend: str, t_ref: float, refractory_input: float) -> None:
    """Spikes at 1.2 ms and later; arrivals in each step of the following 3 ms but the first."""
    trains = [SpikeTrain("A", [1.0], 16.0, 0.2), SpikeTrain("A", [k / 10.0 for k in range(13, 43)], 3.3, 0.1)]
    network = one({"t_ref": t_ref, "refractory_input": refractory_input, "I_e": [0.0, 700.0]}, trains)
    assert len(assert_equals_nest(network, backend).stamps) > 2


def test_only_with_the_flag_an_arrival_in_the_refractory_period_counts(backend: str) -> None:
    trains = [SpikeTrain("A", [1.0], 16.0, 0.2), SpikeTrain("A", [2.0, 2.1], 9.0, 0.2)]
    spikes = assert_equals_nest(one({"refractory_input": [0.0, 1.0, 1.0], "V_th": [-55, -55, -52]}, trains), backend)
    assert spikes.ids.tolist() == [0, 1, 2, 1]


def test_the_potential_does_not_fall_below_v_min(backend: str) -> None:
    trains = [SpikeTrain("A", [1.0, 2.0], -9.0, 0.2), SpikeTrain("A", [4.0, 4.1, 4.2], 8.0, 0.2)]
    nests = assert_equals_nest(one({"V_min": [-72.0, -75.0, -1e6]}, trains), backend)
    lowest = [nests.traces["A", neuron, "V_m"].min() for neuron in range(3)]
    assert lowest[:2] == [-72.0, -75.0]
    assert lowest[2] < -80.0


def test_initial_potential_around_the_threshold(backend: str) -> None:
    spikes = assert_equals_nest(one(v_m=[-55.5, -54.0, 20.0], drives=[Dc("A", 300.0)]), backend)
    assert spikes.ids[spikes.stamps == 1].tolist() == [1, 2]


@pytest.mark.parametrize("resolution_ms", [0.025, 0.125, 1.0])
def test_other_resolutions(backend: str, resolution_ms: float) -> None:
    h = resolution_ms
    trains = [SpikeTrain("A", [3 * h, 3 * h, 9 * h], 7.0, 2.5 * h), SpikeTrain("A", [5 * h], -3.0, h)]
    params = {"t_ref": [2.0 * h, 5.0 * h], "I_e": 700.0, "refractory_input": 1.0}
    assert len(assert_equals_nest(one(params, trains, resolution_ms=h), backend, 400).stamps) > 0


def test_loops_autapses_and_multapses_with_mixed_delays(backend: str) -> None:
    sources = [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 0]
    targets = [0, 1, 1, 2, 2, 3, 0, 2, 0, 1, 3, 1]
    weights = [3.0, 5.0, 5.0, 4.1, -2.0, 6.0, 2.0, -1.0, 3.0, -5.0, 2.0, 1.03]
    delays = [0.1, 1.5, 1.5, 0.3, 2.0, 0.7, 3.1, 0.1, 1.0, 0.2, 4.0, 1.5]
    params = {"I_e": [450.0, 300.0, 300.0, 390.0], "t_ref": [2.0, 0.0, 0.5, 1.0], "refractory_input": [0, 1, 0, 1]}
    loop = Projection("A", "A", Explicit(sources, targets), weights, delays)
    network = recorded([Population("A", 4, "iaf_psc_delta", params)], projections=[loop])
    assert set(assert_equals_nest(network, backend, 1500).ids) == {0, 1, 2, 3}


@drawn_cases
@given(population=populations("iaf_psc_delta", 1), trains=st.lists(spike_trains(WEIGHTS_MV), max_size=3))
def test_any_neuron(backend: str, population: Population, trains: list[SpikeTrain]) -> None:
    assert_drawn_case_equals_nest(recorded([population], drives=trains), backend)


@drawn_cases
@given(network=networks("iaf_psc_delta", WEIGHTS_MV))
def test_any_small_network(backend: str, network: Network) -> None:
    assert_drawn_case_equals_nest(network, backend)
