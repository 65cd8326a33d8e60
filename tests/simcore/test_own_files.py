"""Spike files of our own that were changed to what no recording is: refused with file, value and what is allowed."""

import h5py
import numpy as np
import pytest

from simcore.errors import InputError
from simcore.recording.sonata import read_spikes, write_spikes
from simcore.recording.spikes import Spikes


@pytest.fixture
def path(tmp_path):
    spikes = Spikes(np.array([11, 100]), np.array([0, 4]), {"E": 0, "I": 3}, {"E": 3, "I": 2}, 0.1, 100, 10)
    write_spikes(tmp_path / "spikes.h5", spikes)
    return tmp_path / "spikes.h5"


def set_attribute(name, value):
    return lambda file: file["benchnn"].attrs.__setitem__(name, value)


def set_sizes(*sizes):
    def change(file):
        del file["benchnn/population_sizes"]
        file["benchnn/population_sizes"] = np.array(sizes)

    return change


def set_spike(name, value):
    return lambda file: file[f"spikes/E/{name}"].__setitem__(0, value)


CHANGES = {
    "a step of 0": (set_attribute("resolution_ms", 0.0), "resolution_ms = 0.0"),
    "a negative step": (set_attribute("resolution_ms", -0.1), "resolution_ms = -0.1"),
    "a step that is no number": (set_attribute("resolution_ms", np.nan), "resolution_ms = nan"),
    "an infinite step": (set_attribute("resolution_ms", np.inf), "resolution_ms = inf"),
    "an end before the begin": (set_attribute("t_stop_ms", 0.5), "t_stop_ms = 0.5"),
    "an end that is no number": (set_attribute("t_stop_ms", np.nan), "t_stop_ms = nan"),
    "an end before a spike": (set_attribute("t_stop_ms", 1.0), "time of a spike of E = .1.1. "),
    "a begin after a spike": (set_attribute("t_start_ms", 5.0), "time of a spike of E = .1.1. "),
    "a negative begin": (set_attribute("t_start_ms", -5.0), "t_start_ms = -5.0"),
    "no neurons": (set_sizes(0, 2), "neurons of E = 0"),
    "a negative number of neurons": (set_sizes(-3, 2), "neurons of E = -3"),
    "more neurons than ids": (set_sizes(2**62, 2), "neurons of E = "),
    "more neurons than ids in all": (set_sizes(2**31 - 2, 2**31 - 2), "neurons = "),
    "half a neuron": (set_sizes(2.5, 2.0), "neurons of E = 2.5"),
    "sizes of other populations": (set_sizes(3), r"len\(population_sizes\) = 1"),
    "a negative time": (set_spike("timestamps", -7.0), "time of a spike of E"),
    "a time beyond the end": (set_spike("timestamps", 500.0), "time of a spike of E"),
    "an id out of range": (set_spike("node_ids", 3), "E has 3 neurons, but a spike of neuron 3"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_no_recording_is_is_refused(path, what):
    change, message = CHANGES[what]
    with h5py.File(path, "a") as file:
        change(file)
    with pytest.raises(InputError, match=f"cannot read {path}: {message}"):
        read_spikes(path)


def test_the_file_of_these_tests_is_read_when_nothing_is_changed(path):
    assert read_spikes(path).spikes().stamps.tolist() == [11, 100]
