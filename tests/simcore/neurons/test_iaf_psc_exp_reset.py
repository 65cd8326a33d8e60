"""The discrete rules of `iaf_psc_exp_reset`, on every backend: what is held, what is lost, who fires and when."""

import numpy as np
import pytest

from simcore.network import (
    Explicit,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    SpikeTrains,
    TraceRecorder,
)
from simcore.simulator import Simulator

MODEL = "iaf_psc_exp_reset"
H = 0.1
BIG = 400.0
"""A jump that makes a neuron fire in the following step, pA."""
BACKENDS = [("oracle", "float64"), ("cpu", "float64"), ("oracle", "float32"), ("cpu", "float32")]


@pytest.fixture(params=BACKENDS, ids=["-".join(pair) for pair in BACKENDS])
def where(request):
    return dict(zip(("backend", "precision"), request.param, strict=True))


def run(where, drives=(), steps=60, size=1, initial=None, **params):
    """Stamps of the spikes of neuron 0, and its traces of V_m and I_syn: entry k is the state at the end of step k."""
    network = Network(
        [Population("A", size, MODEL, params, initial or {})],
        drives=list(drives),
        recorders=[SpikeRecorder(), TraceRecorder("A", [0], ["V_m", "I_syn"])],
    )
    with Simulator(network, seed=1, **where) as simulator:
        simulator.run(steps * H)
        traces = {variable: simulator.traces()["A", 0, variable] for variable in ("V_m", "I_syn")}
        spikes = simulator.spikes()
    return spikes.stamps[spikes.ids == 0].tolist(), traces["V_m"], traces["I_syn"]


def arriving(steps, weight, receptor):
    """Spikes that arrive in these steps, counted from 0."""
    return SpikeTrain("A", [step * H for step in steps], weight, H, receptor=receptor)


def test_a_contact_is_a_picoampere_that_holds_0_275_mv(where):
    _, potential, current = run(where, [arriving([1], 1.0, "syn")], 3)
    assert current[:2] == pytest.approx([0.0, 1.0]) and potential[1] == pytest.approx(-52.0)
    g = 0.275 * np.exp(-H / 5.0)
    assert current[2] * 0.275 == pytest.approx(g)
    # The exact solution of dv/dt = (v0 - v + g) / tau_m from rest with g = 0.275 mV at the beginning.
    assert potential[2] + 52.0 == pytest.approx(0.275 * 5.0 / 15.0 * (np.exp(-H / 20.0) - np.exp(-H / 5.0)), rel=1e-2)


def test_a_jump_of_250_contacts_is_68_75_mv_after_the_threshold_test(where):
    stamps, potential, _ = run(where, [arriving([5], 250.0, "jump")], 8)
    assert potential[5] == pytest.approx(-52.0 + 68.75)
    assert stamps == [7] and potential[6] == pytest.approx(-52.0)


def test_no_spike_at_the_threshold(where):
    # Without a step of time that changes it: V rests at what I_e holds, exactly E_L + 0.
    at, above = ({"V_th": value, "V_reset": -60.0, "E_L": -52.0} for value in (-52.0, np.nextafter(-52.0, -60.0)))
    assert run(where, **at)[0] == []
    assert run({**where, "precision": "float64"}, steps=1, **above)[0] == [1]


@pytest.mark.parametrize(("t_ref", "second"), [(0.0, 8), (0.1, 8), (0.2, 9), (2.2, 29)])
def test_the_refractory_period_begins_with_the_step_of_the_spike(where, t_ref, second):
    """What arrives in every step brings the next spike as soon as the neuron integrates again."""
    stamps, _, _ = run(where, [arriving(range(5, 60), BIG, "jump")], t_ref=t_ref)
    # A jump in step 5, the spike in step 6 (stamp 7); what arrives in step 6 is lost, and so is what is held.
    assert stamps[0] == 7
    assert stamps[1] == second + 1


@pytest.mark.parametrize("receptor", ["syn", "jump"])
@pytest.mark.parametrize("lost", [6, 7, 27])
def test_what_arrives_in_the_step_of_a_spike_or_while_refractory_is_lost(where, receptor, lost):
    """The spike is that of step 6; the neuron is held in steps 7 to 27."""
    drives = [arriving([5], BIG, "jump"), arriving([lost], 20.0, receptor)]
    assert run(where, drives)[0] == [7]
    for kept, expected in zip(run(where, drives)[1:], run(where, drives[:1])[1:], strict=True):
        assert np.array_equal(kept, expected)


@pytest.mark.parametrize("receptor", ["syn", "jump"])
def test_what_arrives_in_the_first_step_after_the_period_acts(where, receptor):
    drives = [arriving([5], BIG, "jump"), arriving([28], 10.0, receptor)]
    _, potential, current = run(where, drives)
    assert (current[28] if receptor == "syn" else potential[28] + 52.0) == pytest.approx(
        10.0 if receptor == "syn" else 2.75
    )


def test_a_spike_resets_the_current_and_the_potential(where):
    _, potential, current = run(where, [arriving([1], 30.0, "syn"), arriving([5], BIG, "jump")])
    assert current[5] > 25.0
    assert np.all(current[6:] == 0.0) and np.all(potential[6:] == -52.0)


def test_the_potential_is_held_at_reset_while_refractory(where):
    stamps, potential, _ = run(where, [arriving([5], BIG, "jump")], V_reset=-60.0)
    assert stamps == [7]
    assert np.all(potential[6:28] == -60.0) and potential[28] > -60.0


def test_the_refractory_period_is_each_neurons_own(where):
    drives = [arriving(range(5, 60), BIG, "jump")]
    stamps, _, _ = run(where, drives, size=2, t_ref=[0.0, 2.2])
    assert stamps[:3] == [7, 9, 11]


def test_current_input_acts_in_its_own_step(where):
    _, potential, _ = run(where, [], 1, I_e=10.0)
    assert potential[0] + 52.0 == pytest.approx(2.75 * (1.0 - np.exp(-H / 20.0)))


def test_a_spike_arrives_after_its_delay(where):
    network = Network(
        [Population("A", 2, MODEL), Population("S", 1, source=SpikeTrains([0.5], [0]))],
        [
            Projection("S", "A", Explicit([0], [0]), BIG, H, "jump"),
            Projection("A", "A", Explicit([0], [1]), BIG, 1.8, "jump"),
        ],
        recorders=[SpikeRecorder("A")],
    )
    with Simulator(network, seed=1, **where) as simulator:
        simulator.run(6.0)
        spikes = simulator.spikes()
    # The source's spike of 0.5 ms arrives in step 5, neuron 0 fires in step 6, and its spike arrives in step 24.
    assert (spikes.stamps.tolist(), spikes.ids.tolist()) == ([7, 26], [0, 1])
