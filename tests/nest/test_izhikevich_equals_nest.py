"""izhikevich equals NEST: the same spike times, traces of V_m and U_m within 1e-9."""

from typing import Any

import numpy as np
import pytest
from equality import (
    arrays,
    assert_drawn_case_equals_nest,
    assert_equals_nest,
    between,
    drawn_cases,
    neurons,
    recorded,
    spike_trains,
    tics,
)
from hypothesis import given
from hypothesis import strategies as st

from simcore.network import AllToAll, Dc, Explicit, Network, Population, Projection, SpikeTrain

KINDS = {
    "a": [0.02, 0.02, 0.02, 0.1, 0.02, 0.1],
    "b": [0.2, 0.2, 0.2, 0.2, 0.25, 0.26],
    "c": [-65.0, -55.0, -50.0, -65.0, -65.0, -65.0],
    "d": [8.0, 4.0, 2.0, 2.0, 2.0, 2.0],
}
"""Regular spiking, intrinsically bursting, chattering, fast spiking, thalamo-cortical, resonator (Izhikevich 2003)."""
WEIGHTS_MV = st.one_of(between(0.5, 40.0), between(-20.0, -0.2))


def one(params: dict[str, Any] | None = None, drives: Any = (), initial: Any = None, **parts: Any) -> Network:
    """Unconnected neurons: one for each value of the longest array among the parameters."""
    return neurons("izhikevich", params, drives, initial, **parts)


def test_kinds_of_neurons_with_constant_current(backend: str) -> None:
    currents = [0.0, 4.0, 10.0, 40.0, -5.0]
    params = {name: values * len(currents) for name, values in KINDS.items()}
    network = one({**params, "I_e": np.repeat(currents, 6)}, [Dc("A", 0.3)])
    nests = assert_equals_nest(network, backend, 3000 if backend == "cpu" else 1000)
    spikes = np.bincount(nests.ids // 6, minlength=len(currents))
    assert np.all(spikes[1:4] > 5)


def test_the_recovery_variable_starts_at_minus_13_whatever_b_is(backend: str) -> None:
    nests = assert_equals_nest(one({"b": [0.2, 0.3], "a": 0.0}), backend, 1)
    assert [nests.traces["A", neuron, "U_m"][0] for neuron in (0, 1)] == [-13.0, -13.0]


def test_initial_values(backend: str) -> None:
    initial = {"V_m": [-80.0, -60.0, 29.0, 31.0, 500.0], "U_m": [-16.0, 5.0, -13.0, -20.0, 900.0]}
    nests = assert_equals_nest(one({"I_e": 5.0}, initial=initial), backend, 1000)
    assert nests.ids[nests.stamps == 1].tolist() == [2, 3, 4]


def test_an_arrival_can_make_a_spike_in_its_own_step(backend: str) -> None:
    """Also in consecutive steps: there is no refractory period."""
    spikes = assert_equals_nest(one(drives=[SpikeTrain("A", [1.0, 1.1, 1.2], 120.0, 0.5)]), backend)
    assert spikes.stamps.tolist() == [15, 16, 17]


def test_a_reset_above_the_threshold_gives_one_spike_in_each_step(backend: str) -> None:
    spikes = assert_equals_nest(one({"c": 40.0, "d": 0.0}, initial={"V_m": 35.0}), backend, 20)
    assert spikes.stamps.tolist() == list(range(1, 21))


def test_the_potential_does_not_fall_below_v_min(backend: str) -> None:
    trains = [SpikeTrain("A", [1.0, 2.0], -20.0, 0.2), SpikeTrain("A", [5.0, 5.1], 40.0, 0.2)]
    nests = assert_equals_nest(one({"V_min": [-66.0, -80.0, -1e6]}, trains), backend)
    lowest = [nests.traces["A", neuron, "V_m"].min() for neuron in range(3)]
    assert lowest[:2] == [-66.0, -80.0]
    assert lowest[2] < -81.0


def test_several_arrivals_of_both_signs_in_one_step(backend: str) -> None:
    trains = [
        SpikeTrain("A", [1.0, 3.0, 3.0, 3.0, 8.0, 12.0], 9.1, 0.1),
        SpikeTrain("A", [0.1, 0.8, 2.8, 8.0], 17.3, 0.3),
        SpikeTrain("A", [2.8, 7.8, 7.8], -6.03, 0.3),
    ]
    assert len(assert_equals_nest(one({**KINDS, "I_e": 6.0}, trains), backend, 600).stamps) > 6


@pytest.mark.parametrize("resolution_ms", [0.025, 0.125, 0.5, 1.0])
def test_other_resolutions(backend: str, resolution_ms: float) -> None:
    h = resolution_ms
    trains = [SpikeTrain("A", [3 * h, 3 * h, 9 * h], 12.0, 2.5 * h), SpikeTrain("A", [5 * h], -7.0, h)]
    network = one({**KINDS, "I_e": 10.0}, trains, resolution_ms=h)
    assert len(assert_equals_nest(network, backend, 600).stamps) > 0


def test_a_loop_with_another_model(backend: str) -> None:
    simple = Population("S", 6, "izhikevich", {**KINDS, "I_e": 8.0})
    leaky = Population("L", 2, "iaf_psc_exp", {"I_e": 300.0})
    projections = [
        Projection("S", "L", AllToAll(), 900.0, 0.8),
        Projection("L", "S", AllToAll(), -7.3, 0.5),
        Projection(
            "S", "S", Explicit([0, 1, 1, 3, 5], [1, 0, 1, 2, 4]), [9.0, 15.0, 3.0, 7.7, -2.0], [0.1, 2, 0.3, 1, 3]
        ),
    ]
    network = recorded([simple, leaky], projections=projections)
    assert set(assert_equals_nest(network, backend, 800).ids) == set(range(8))


PARAMS = {
    "a": between(0.02, 0.15),
    "b": between(0.2, 0.3),
    "c": between(-65.0, -40.0),
    "d": between(8.0, 0.05),
    "V_th": between(30.0, -20.0),
    "V_min": between(-200.0, -66.0),
    "I_e": between(10.0, -5.0),
}


@drawn_cases
@given(data=st.data())
def test_any_small_network(backend: str, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 4))
    params = {name: data.draw(arrays(values, n)) for name, values in PARAMS.items()}
    initial = {"V_m": data.draw(arrays(between(-65.0, 40.0), n)), "U_m": data.draw(arrays(between(-13.0, 10.0), n))}
    edge = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), WEIGHTS_MV, tics(50, 4000))
    edges = data.draw(st.lists(edge, min_size=1, max_size=12))
    sources, targets, weights, delays = (list(column) for column in zip(*edges, strict=True))
    loop = Projection("A", "A", Explicit(sources, targets), weights, delays)
    trains = data.draw(st.lists(spike_trains(WEIGHTS_MV), max_size=2))
    network = recorded([Population("A", n, "izhikevich", params, initial)], projections=[loop], drives=trains)
    assert_drawn_case_equals_nest(network, backend)
