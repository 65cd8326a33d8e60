"""Time: several runs, callbacks, reset, and what a script changes between runs."""

import numpy as np
import pytest


def chain(sim, last=200.0):
    """A source, a neuron that it drives, and one that this drives."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(2.0, last, 1.5)))
    cells = sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0))
    first = sim.Projection(
        source, cells[:1], sim.AllToAllConnector(), sim.StaticSynapse(weight=0.8, delay=0.5), label="first"
    )
    sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), sim.StaticSynapse(weight=3.0, delay=1.7))
    cells.record(["spikes", "v"])
    return source, cells, first


def recorded(cells, segment=0):
    data = cells.get_data().segments[segment]
    return [np.asarray(train).tolist() for train in data.spiketrains], np.asarray(data.filter(name="v")[0])


def whole(sim, **options):
    """Spikes and potentials of one run of 60 ms."""
    sim.setup(timestep=0.1, threads=1, **options)
    _, cells, _ = chain(sim)
    sim.run(60.0)
    return recorded(cells)


def test_several_runs_equal_one(sim):
    spikes, potentials = whole(sim)
    sim.setup(timestep=0.1, threads=1)
    _, cells, _ = chain(sim)
    for time in (0.1, 20.0, 3.3, 36.6):
        sim.run(time)
    assert sim.get_current_time() == 60.0
    parts = recorded(cells)
    assert parts[0] == spikes
    assert len(spikes[1]) >= 3
    np.testing.assert_array_equal(parts[1], potentials)


def test_the_oracle_gives_the_same_spikes(sim):
    assert whole(sim)[0] == whole(sim, backend="oracle")[0]


def test_callbacks_see_the_times_that_they_ask_for(sim):
    chain(sim)
    seen = []

    def callback(time):
        seen.append(time)
        return time + 2.5

    sim.run(10.0, callbacks=[callback])
    assert seen == [0.0, 2.5, 5.0, 7.5, 10.0]


def test_time_does_not_go_back(sim):
    chain(sim)
    assert sim.run_until(12.7) == 12.7
    assert sim.run_until(12.7) == 12.7
    with pytest.raises(ValueError, match="in the past"):
        sim.run_until(3.0)


def test_reset_begins_a_segment_of_the_same_activity(sim):
    _, cells, _ = chain(sim)
    sim.run(30.0)
    sim.reset()
    assert sim.get_current_time() == 0.0
    sim.run(30.0)
    one, two = recorded(cells), recorded(cells, 1)
    assert one[0] == two[0]
    np.testing.assert_array_equal(one[1], two[1])


def test_poisson_spikes_depend_on_nothing_but_the_seed(sim):
    def trains(seed):
        sim.setup(timestep=0.1, threads=1, seed=seed)
        source = sim.Population(2, sim.SpikeSourcePoisson(rate=200.0))
        source.record("spikes")
        sim.run(100.0)
        return [np.asarray(train).tolist() for train in source.get_data().segments[0].spiketrains]

    assert trains(3) == trains(3)
    assert trains(3) != trains(4)


def test_a_parameter_that_is_set_acts_from_the_next_step_on(sim):
    _, cells, _ = chain(sim)
    sim.run(10.0)
    before = recorded(cells)[1][-1, 1]
    cells[1:].set(i_offset=1.0)
    sim.run(0.1)
    # One step of the exact integration: I tau_m / C_m (1 - exp(-h / tau_m)) towards rest, 1 nA, 20 ms, 1 nF.
    decay = np.exp(-0.1 / 20.0)
    expected = -65.0 + (before + 65.0) * decay + 20.0 * (1.0 - decay)
    assert recorded(cells)[1][-1, 1] == pytest.approx(expected, abs=1e-9)


def test_a_weight_that_is_set_acts_on_spikes_that_arrive_later(sim):
    _, cells, first = chain(sim)
    # The spike of 20 ms arrives at 20.5 ms, with the new weight.
    sim.run(20.1)
    first.set(weight=0.0)
    sim.run(39.9)
    changed = recorded(cells)
    sim.setup(timestep=0.1, threads=1)
    _, cells, _ = chain(sim, last=19.9)
    sim.run(60.0)
    fewer = recorded(cells)
    assert changed[0] == fewer[0]
    assert len(fewer[0][0]) > 0
    # The weights are in other units.
    np.testing.assert_allclose(changed[1], fewer[1], rtol=0.0, atol=1e-6)


def test_a_network_that_is_built_anew_continues_where_it_was(sim):
    spikes, potentials = whole(sim)
    sim.setup(timestep=0.1, threads=1)
    _, cells, _ = chain(sim)
    sim.run(21.3)
    # Spikes of the first neuron are on their way when the network changes.
    added = sim.Population(1, sim.IF_curr_exp(i_offset=1.0))
    sim.Projection(cells, added, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    added.record("v")
    sim.run(38.7)
    again = recorded(cells)
    assert again[0] == spikes
    np.testing.assert_array_equal(again[1], potentials)
    late = np.asarray(added.get_data().segments[0].analogsignals[0])[:, 0]
    assert len(late) == 388
    assert late[-1] > -60.0


def test_potentials_that_are_initialised_after_time_zero_are_set_then(sim):
    _, cells, _ = chain(sim)
    sim.run(10.0)
    before = recorded(cells)[1]
    cells[1:].initialize(v=-52.0)
    sim.run(0.1)
    after = recorded(cells)[1]
    np.testing.assert_array_equal(after[:101], before)
    assert after[-1, 1] == pytest.approx(-65.0 + 13.0 * np.exp(-0.1 / 20.0), abs=1e-9)


def test_a_resting_potential_that_is_set_moves_no_potential(sim):
    for rebuilt in (False, True):
        sim.setup(timestep=0.1, threads=1)
        _, cells, _ = chain(sim)
        sim.run(10.0)
        before = recorded(cells)[1][-1, 1]
        cells[1:].set(v_rest=-70.0)
        if rebuilt:
            cells.record("isyn_exc")
        sim.run(0.1)
        after = recorded(cells)[1][-1, 1]
        assert after == pytest.approx(-70.0 + (before + 70.0) * np.exp(-0.1 / 20.0), abs=1e-9)


def test_spike_times_that_are_set_replace_those_to_come(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 2.0, 15.0]))
    source.record("spikes")
    sim.run(10.0)
    source[:1].set(spike_times=[3.0, 12.0, 12.0, 13.0])
    sim.run(10.0)
    trains = [np.asarray(train).tolist() for train in source.get_data().segments[0].spiketrains]
    assert trains == [[1.0, 2.0, 12.0, 12.0, 13.0], [1.0, 2.0, 15.0]]


def test_rates_that_are_set_hold_from_then_on(sim):
    source = sim.Population(1, sim.SpikeSourcePoisson(rate=0.0))
    source.record("spikes")
    sim.run(100.0)
    source.set(rate=1000.0)
    sim.run(100.0)
    train = np.asarray(source.get_data().segments[0].spiketrains[0])
    assert 50 < len(train) < 150
    assert train.min() > 100.0


def test_delays_give_the_smallest_and_the_largest_one(sim):
    assert sim.get_min_delay() == 0.1
    chain(sim)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 1.7)
    sim.setup(timestep=0.1, min_delay=0.3, max_delay=5.0)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.3, 5.0)


def test_setup_refuses_what_it_cannot_do(sim):
    for options, message in (
        ({"timestep": 0.00005}, "multiple of 0.001 ms"),
        ({"weight_bits": 12}, "use 8, 16 or 32"),
        ({"precision": "double"}, "float32 or float64"),
        ({"seed": -1}, "seed = -1"),
        ({"threads": 0}, "threads = 0"),
        ({"backend": "fpga"}, "backend"),
    ):
        with pytest.raises(ValueError, match=message):
            sim.setup(**options)
    with pytest.raises(Exception, match="not a valid argument"):
        sim.setup(dt=0.1)


def test_setup_notes_options_of_other_simulators(sim, caplog):
    sim.setup(spike_precision="off_grid")
    assert "spike_precision is ignored" in caplog.text
