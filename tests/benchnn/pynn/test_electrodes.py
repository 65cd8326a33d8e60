"""Current sources: the current of time t acts in the step that begins at t."""

import numpy as np
import pytest

from simcore import Network, Population, Simulator, StepCurrent, TraceRecorder

TAU_M, R_M = 20.0, 20.0
DECAY = np.exp(-0.1 / TAU_M)


def integrated(currents):
    """Potential of IF_curr_exp from rest after each step with these currents (nA), exactly."""
    values = [-65.0]
    for current in currents:
        values.append(-65.0 + (values[-1] + 65.0) * DECAY + R_M * current * (1.0 - DECAY))
    return np.array(values)


def recorded(sim, source, time=6.0):
    cells = sim.Population(2, sim.IF_curr_exp(v_thresh=1000.0))
    cells[1:].inject(source)
    cells.record("v")
    source.record()
    sim.run(time / 2)
    sim.run(time / 2)
    values = np.asarray(cells.get_data().segments[0].filter(name="v")[0])
    assert (values[:, 0] == -65.0).all()
    return values[:, 1], np.asarray(source.get_data())[:, 0]


def sampled(function, steps=61):
    times = np.arange(steps) / 10.0
    return np.array([function(time) for time in times])


SOURCES = {
    "DCSource": ({"amplitude": 0.5, "start": 1.0, "stop": 4.5}, lambda t: 0.5 if 0.99 < t < 4.49 else 0.0),
    "StepCurrentSource": (
        {"times": [0.5, 2.0, 4.0], "amplitudes": [0.2, -0.3, 0.7]},
        lambda t: 0.0 if t < 0.49 else 0.2 if t < 1.99 else -0.3 if t < 3.99 else 0.7,
    ),
    "ACSource": (
        {"amplitude": 0.4, "offset": 0.1, "frequency": 300.0, "phase": 90.0, "start": 1.0, "stop": 5.0},
        lambda t: 0.1 + 0.4 * np.sin(2 * np.pi * 0.3 * (t - 1.0) + np.pi / 2) if 0.99 < t < 4.99 else 0.0,
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_current_source_does_what_its_formula_says(sim, name):
    parameters, formula = SOURCES[name]
    values, current = recorded(sim, getattr(sim, name)(**parameters))
    expected = sampled(formula)
    np.testing.assert_allclose(current, expected, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(values, integrated(expected[:-1]), rtol=0.0, atol=1e-9)


def test_a_step_current_is_that_of_the_simulator(sim):
    values, _ = recorded(sim, sim.StepCurrentSource(times=[1.0, 3.0], amplitudes=[0.5, 0.1]))
    params = {"C_m": 1000.0, "tau_m": 20.0, "E_L": -65.0, "V_th": 1000.0, "V_reset": -65.0}
    # The drive's current reaches the neuron after its delay.
    drive = StepCurrent("n", [0.9, 2.9], [500.0, 100.0], delay_ms=0.1)
    network = Network(
        [Population("n", 1, "iaf_psc_exp", params)], drives=[drive], recorders=[TraceRecorder("n", [0], ["V_m"])]
    )
    with Simulator(network, threads=1, precision="float64") as simulator:
        simulator.run(6.0)
        np.testing.assert_allclose(values[1:], simulator.traces()["n", 0, "V_m"], rtol=0.0, atol=1e-9)


def test_noise_has_its_moments_its_interval_and_repeats(sim):
    def currents(seed):
        sim.setup(timestep=0.1, threads=1, seed=seed)
        noise = sim.NoisyCurrentSource(mean=0.3, stdev=0.2, start=1.0, stop=200.0, dt=0.5)
        noise.record()
        sim.run(210.0)
        return np.asarray(noise.get_data())[:, 0]

    current = currents(1)
    assert (current[:10] == 0.0).all() and (current[2000:] == 0.0).all()
    intervals = current[10:2000].reshape(-1, 5)
    assert (intervals == intervals[:, :1]).all()
    drawn = intervals[:, 0]
    # Five standard errors of 398 draws.
    assert abs(drawn.mean() - 0.3) < 5 * 0.2 / np.sqrt(398)
    assert abs(drawn.std() - 0.2) < 5 * 0.2 / np.sqrt(2 * 398)
    assert (currents(1) == current).all()
    assert (currents(2) != current).any()


def test_several_sources_and_the_offset_add_up(sim):
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=0.1, v_thresh=1000.0))
    one, two = sim.DCSource(amplitude=0.2), sim.DCSource(amplitude=0.3, start=1.0)
    one.inject_into(cells[:2])
    two.inject_into([cells[1], cells[2]])
    cells.record("v")
    sim.run(3.0)
    values = np.asarray(cells.get_data().segments[0].filter(name="v")[0])
    late = np.arange(30) >= 10
    for k, currents in enumerate((np.full(30, 0.3), 0.3 + 0.3 * late, 0.1 + 0.3 * late)):
        np.testing.assert_allclose(values[:, k], integrated(currents), rtol=0.0, atol=1e-9)


def test_what_is_set_between_runs_acts_from_then_on_and_is_in_the_recorded_current(sim):
    source = sim.DCSource(amplitude=0.2)
    cells = sim.Population(1, sim.IF_curr_exp(v_thresh=1000.0))
    source.inject_into(cells)
    cells.record("v")
    source.record()
    sim.run(2.0)
    source.amplitude += 0.3
    cells.set(i_offset=0.1)
    sim.run(2.0)
    expected = np.where(np.arange(41) < 20, 0.2, 0.5)
    np.testing.assert_allclose(np.asarray(source.get_data())[:, 0], expected)
    values = np.asarray(cells.get_data().segments[0].filter(name="v")[0])[:, 0]
    np.testing.assert_allclose(values, integrated(expected[:-1] + 0.1 * (np.arange(40) >= 20)), rtol=0.0, atol=1e-9)


def test_currents_begin_anew_after_a_reset(sim):
    source = sim.DCSource(amplitude=0.5, start=1.0, stop=2.0)
    cells = sim.Population(1, sim.IF_curr_exp())
    source.inject_into(cells)
    cells.record("v")
    sim.run(3.0)
    sim.reset()
    sim.run(3.0)
    one, two = (np.asarray(segment.analogsignals[0]) for segment in cells.get_data().segments)
    np.testing.assert_array_equal(one, two)
    assert np.ptp(one) > 0.0


def test_times_are_put_on_the_grid_and_wrong_ones_refused(sim):
    source = sim.StepCurrentSource(times=[0.41, 0.42, 0.86], amplitudes=[0.5, -0.5, 0.5])
    assert (source.times.tolist(), source.amplitudes.tolist()) == ([0.4, 0.9], [-0.5, 0.5])
    for times, message in (([-1.0, 2.0], ">= 0 ms"), ([2.0, 1.0], "ascend"), ([1.0], "as many values as times, 1")):
        with pytest.raises(ValueError, match=message):
            sim.StepCurrentSource(times=times, amplitudes=[0.1, 0.2])
    with pytest.raises(ValueError, match=r"multiple of 0.1 ms"):
        sim.NoisyCurrentSource(mean=0.0, stdev=1.0, dt=0.15)
    with pytest.raises(sim.errors.NonExistentParameterError):
        _ = source.frequency


def test_sources_of_spikes_take_no_current(sim):
    source, current = sim.Population(1, sim.SpikeSourceArray()), sim.DCSource()
    with pytest.raises(TypeError):
        source.inject(current)
    with pytest.raises(TypeError, match="does not accept a current"):
        current.inject_into(source)
    with pytest.raises(ValueError, match="neurons are points"):
        current.inject_into(sim.Population(1, sim.IF_curr_exp()), location="soma")
    with pytest.raises(ValueError, match="was not recorded"):
        current.get_data()
