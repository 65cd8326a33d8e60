"""Recorded spikes as Neo spike trains: times, window, silent neurons; the examples of docs/elephant.md run."""

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from benchnn.cli import main
from benchnn.statistics.spike_trains import neo_spike_trains
from simcore.errors import InputError, UnavailableError
from simcore.network import Network, Population, SpikeRecorder
from simcore.network import SpikeTrain as Input
from simcore.recording.sonata import write_spikes
from simcore.recording.spikes import Spikes
from simcore.simulator import Simulator

pytest.importorskip("neo", reason="Neo is not installed")

PAGE = (Path(__file__).parents[3] / "docs" / "elephant.md").read_text()


def recorded():
    """Two populations, the first neuron of A and the last two of B silent; steps (20, 100] of 0.125 ms."""
    stamps, ids = np.array([21, 40, 40, 41, 100]), np.array([1, 2, 3, 1, 1])
    return Spikes(stamps, ids, {"A": 0, "B": 3}, {"A": 3, "B": 3}, 0.125, 100, 20)


@pytest.fixture(params=["memory", "file"])
def source(request, tmp_path):
    """The same spikes in memory and in a file."""
    if request.param == "memory":
        return recorded()
    write_spikes(tmp_path / "spikes.h5", recorded())
    return tmp_path / "spikes.h5"


def test_every_neuron_has_its_times(source):
    trains = neo_spike_trains(source)
    times = {name: [train.magnitude.tolist() for train in of] for name, of in trains.items()}
    assert times == {"A": [[], [2.625, 5.125, 12.5], [5.0]], "B": [[5.0], [], []]}


def test_trains_know_window_unit_and_neuron(source):
    trains = neo_spike_trains(source)
    for population, of in trains.items():
        for neuron, train in enumerate(of):
            assert (float(train.t_start), float(train.t_stop)) == (2.5, 12.5)
            assert {str(quantity.dimensionality) for quantity in (train, train.t_start, train.t_stop)} == {"ms"}
            assert float(train.sampling_rate.rescale("kHz")) == 8.0
            assert train.annotations == {"population": population, "id": neuron}


def test_trains_of_a_simulation():
    network = Network([Population("R", 3, "parrot_neuron")], [], [Input("R", [0.2, 1.7], 1.0, 0.1)], [SpikeRecorder()])
    with Simulator(network, backend="oracle") as simulator:
        simulator.run(5.0)
        spikes = simulator.spikes()
    trains = neo_spike_trains(spikes)["R"]
    assert len(trains) == 3
    for train in trains:
        assert len(train) == 2
        assert np.diff(train.magnitude) == pytest.approx([1.5])
        assert float(train.t_stop) == 5.0


def test_no_spikes_at_all():
    none = np.array([], dtype=np.int64)
    trains = neo_spike_trains(Spikes(none, none, {"A": 0}, {"A": 2}, 0.1, 50))
    assert [(len(train), float(train.t_stop)) for train in trains["A"]] == [(0, 5.0)] * 2


def test_a_file_without_sizes_is_refused(tmp_path):
    import h5py

    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["spikes/A/timestamps"] = np.array([1.0])
        file["spikes/A/node_ids"] = np.array([0])
    with pytest.raises(InputError, match=r"other\.h5 does not state resolution, interval and population sizes"):
        neo_spike_trains(path)
    with pytest.raises(InputError, match=r"missing\.h5"):
        neo_spike_trains(tmp_path / "missing.h5")


@pytest.mark.parametrize("missing", ["neo", "quantities"])
def test_without_neo_it_says_what_to_install(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UnavailableError, match=r"require the package neo .*pip install 'benchnn\[neo\]'"):
        neo_spike_trains(recorded())


def fenced(marker):
    """The fenced block of the page after the comment with the marker."""
    return re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```", PAGE, re.DOTALL).group(1)


@pytest.mark.filterwarnings("ignore:The 'copy' argument in Quantity is deprecated")
def test_the_examples_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(fenced("command"))[1:]) == 0
    capsys.readouterr()
    names: dict = {}
    exec(compile(fenced("trains"), "elephant.md", "exec"), names)  # noqa: S102 - the page is ours
    assert len(names["trains"]["E"]) == 3200
    assert "3200 200.0 ms 1200.0 ms" in capsys.readouterr().out
    pytest.importorskip("elephant", reason="Elephant is not installed")
    exec(compile(fenced("elephant"), "elephant.md", "exec"), names)  # noqa: S102
    assert 4.5 < np.mean(names["rates"]) < 7.0
    assert 0.4 < np.mean(names["irregular"]) < 0.65
