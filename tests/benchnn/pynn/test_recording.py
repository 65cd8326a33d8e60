"""Recorded data: samples, intervals, clearing, files, counts."""

import numpy as np
import pytest

pytest.importorskip("pyNN")

from neo.io import PickleIO


def driven(sim, n=3):
    return sim.Population(n, sim.IF_curr_exp(i_offset=[0.5 + 0.5 * k for k in range(n)]), label="driven")


def potentials(cells, segment=0):
    return np.asarray(cells.get_data().segments[segment].filter(name="v")[0])


def test_the_first_sample_is_the_initial_value_and_the_last_one_the_present(sim):
    cells = driven(sim)
    cells.initialize(v=-61.0)
    cells.record("v")
    sim.run(5.0)
    signal = cells.get_data().segments[0].filter(name="v")[0]
    assert signal.shape == (51, 3)
    assert (float(signal.t_start), float(signal.sampling_period)) == (0.0, 0.1)
    values = np.asarray(signal)
    assert values[0].tolist() == [-61.0] * 3
    # tau_m dV/dt = v_rest - V + R I; 20 MOhm.
    rest = -65.0 + 20.0 * np.array([0.5, 1.0, 1.5])
    expected = rest + (-61.0 - rest) * np.exp(-np.arange(51)[:, np.newaxis] * 0.1 / 20.0)
    np.testing.assert_allclose(values, expected, rtol=0.0, atol=1e-9)


def test_a_sampling_interval_keeps_every_kth_value(sim):
    all_values, some = driven(sim), driven(sim)
    all_values.record("v")
    some.record("v", sampling_interval=0.5)
    sim.run(5.0)
    np.testing.assert_array_equal(potentials(some), potentials(all_values)[::5])
    with pytest.raises(ValueError, match=r"multiple of 0\.1 ms"):
        driven(sim).record("v", sampling_interval=0.25)
    with pytest.raises(ValueError, match="same sampling interval"):
        some.record("v", sampling_interval=1.0)


def test_what_was_cleared_is_not_returned_again(sim):
    cells = driven(sim)
    cells.record(["v", "spikes"])
    sim.run(40.0)
    first = cells.get_data(clear=True).segments[0]
    sim.run(40.0)
    second = cells.get_data(clear=True).segments[0]
    both = [np.concatenate([first.spiketrains[k], second.spiketrains[k]]).tolist() for k in range(3)]
    one, two = (np.asarray(part.filter(name="v")[0]) for part in (first, second))
    assert len(one) == len(two) == 401
    assert (one[-1] == two[0]).all()
    sim.setup(timestep=0.1, threads=1)
    cells = driven(sim)
    cells.record(["v", "spikes"])
    sim.run(80.0)
    assert both == [np.asarray(train).tolist() for train in cells.get_data().segments[0].spiketrains]
    np.testing.assert_array_equal(np.concatenate([one, two[1:]]), potentials(cells))


def test_only_recorded_neurons_are_returned(sim):
    cells = driven(sim, 6)
    cells[1:3].record("v")
    cells[[0, 5]].record("spikes")
    sim.run(30.0)
    segment = cells.get_data().segments[0]
    assert segment.filter(name="v")[0].array_annotations["channel_index"].tolist() == [1, 2]
    assert [train.annotations["source_index"] for train in segment.spiketrains] == [0, 5]
    counts = cells.get_spike_counts()
    assert set(counts) == {int(cells[0]), int(cells[5])}
    assert counts[cells[5]] == len(segment.spiketrains[1]) > 0
    assert cells[5:].mean_spike_count() == counts[cells[5]]


def test_views_without_recorded_neurons_or_spikes_have_no_trains_or_empty_ones(sim):
    cells = driven(sim, 4)
    cells[:2].record("spikes")
    sim.run(1.0)
    assert [len(train) for train in cells.get_data().segments[0].spiketrains] == [0, 0]
    assert len(cells[2:].get_data().segments[0].spiketrains) == 0
    assert cells[2:].get_spike_counts() == {}
    assert cells[2:].mean_spike_count() == 0


def test_recording_that_begins_later_has_no_values_before(sim):
    cells = driven(sim)
    cells[:1].record("v")
    sim.run(2.0)
    cells[1:2].record("v")
    sim.run(2.0)
    values = potentials(cells)
    assert values.shape == (41, 2)
    assert not np.isnan(values[:, 0]).any()
    assert np.isnan(values[:21, 1]).all()
    assert not np.isnan(values[21:, 1]).any()


def test_recording_can_be_ended(sim):
    cells = driven(sim)
    cells.record("v")
    sim.run(2.0)
    sim.reset()
    cells.record(None)
    cells[2:].record("v")
    sim.run(2.0)
    assert potentials(cells).shape == (21, 3)
    assert potentials(cells, 1).shape == (21, 1)


def test_data_are_written_at_once_or_at_the_end_and_stay_readable(sim, tmp_path):
    cells = driven(sim)
    sim.record("v", cells, str(tmp_path / "end.pkl"), annotations={"note": "kept"})
    sim.run(3.0)
    cells.write_data(str(tmp_path / "now.pkl"))
    assert not (tmp_path / "end.pkl").exists()
    sim.end()
    now, end = (PickleIO(str(tmp_path / f"{name}.pkl")).read_block() for name in ("now", "end"))
    np.testing.assert_array_equal(now.segments[0].analogsignals[0], end.segments[0].analogsignals[0])
    assert end.annotations["note"] == "kept" and end.annotations["simulator"] == "benchnn"
    assert potentials(cells).shape == (31, 3)


def test_a_variable_that_a_cell_has_not_is_refused(sim):
    with pytest.raises(sim.errors.RecordingError, match="Available variables are spikes,v"):
        driven(sim).record("gsyn_exc")
