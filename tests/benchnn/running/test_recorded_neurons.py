"""Runs that record the spikes of some neurons: which these are, and that others are not taken for silent."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import benchnn
from benchnn.statistics.recordings import read_recording
from benchnn.statistics.statistics import RATE, means_of
from benchnn.statistics.train_distances import COINCIDENT, train_distances
from simcore import Network, Population, SpikeRecorder, spike_trains_from_sonata
from simcore.errors import InputError
from simcore.recording.sonata import read_spikes

E, I = Population("E", 30), Population("I", 10)  # noqa: E741 - the field's names
MODEL = '''
from simcore import FixedIndegree, Network, Poisson, Population, Projection, SpikeRecorder


def chosen(every: bool = False):
    """E is driven; every second neuron of it and none of I are recorded."""
    E, I = Population("E", 30), Population("I", 10)
    recorders = [SpikeRecorder()] if every else [SpikeRecorder(E[::4]), SpikeRecorder(E[2::4])]
    drives = [Poisson(E[:20], 9000.0, 90.0)]
    return Network([E, I], [Projection("E", "I", FixedIndegree(5), 900.0, 1.5)], drives, recorders)
'''
SHORT = {"time_ms": 80, "warmup_ms": 10, "meters": "none", "progress": False, "record": [], "backend": "oracle"}


@pytest.fixture
def model(tmp_path, monkeypatch):
    (tmp_path / "chosen.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return "chosen.py:chosen"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A run that records every second neuron of E, and one that records all."""
    home = tmp_path_factory.mktemp("both")
    (home / "chosen.py").write_text(MODEL)
    model = f"{home / 'chosen.py'}:chosen"
    return [benchnn.run(model, out=home / f"out-{every}", every=every, **SHORT) for every in (False, True)]


def require_part(some, every):
    """The spikes of the chosen neurons; the counts of the record are those of all."""
    for key in ("spikes", "spike_digest", "mean_rate_hz"):
        assert some[key] == every[key], key
    mine = (every.spikes.ids < 30) & (every.spikes.ids % 2 == 0)
    assert 5 < mine.sum() < len(mine) and np.any(every.spikes.ids >= 30)
    np.testing.assert_array_equal(some.spikes.ids, every.spikes.ids[mine])
    np.testing.assert_array_equal(some.spikes.stamps, every.spikes.stamps[mine])
    recorded = {name: ids.tolist() for name, ids in some.spikes.recorded.items()}
    assert recorded == {"E": list(range(0, 30, 2)), "I": []} and every.spikes.recorded is None


def test_a_run_writes_whose_spikes_it_recorded(both):
    require_part(*both)
    assert "15 of 40 neurons" in repr(both[0].spikes) and "15 of 30" in repr(both[0].spikes)


@pytest.mark.parametrize("options", [{"chip": "loihi1", "neurons_per_core": 10}, {"backend": "cpu", "threads": 2}])
def test_on_a_chip_and_on_several_threads(model, both, options):
    require_part(benchnn.run(model, out="other", **{**SHORT, **options}), both[1])


def test_nest_writes_the_same_neurons(model):
    pytest.importorskip("nest")
    peer = {**SHORT, "simulator": "nest", "threads": 1}
    del peer["backend"]
    require_part(*(benchnn.run(model, out=f"nest-{every}", every=every, **peer) for every in (False, True)))


def test_statistics_are_of_the_recorded_neurons(both):
    some, every = (run.spikes for run in both)
    assert list(means_of(some)) == ["E"]
    rate = np.mean(np.bincount(every.ids[every.ids < 30], minlength=30)[::2]) / 0.08
    assert means_of(some)["E"][RATE] == pytest.approx(rate) != pytest.approx(means_of(every)["E"][RATE])
    again = read_recording(both[0].folder, Network([E, I]), 10.0, 90.0)
    assert means_of(again) == means_of(some)
    trains = some.to_neo()
    assert [train.annotations["id"] for train in trains["E"]] == list(range(0, 30, 2)) and trains["I"] == []


def test_distances_are_between_the_same_neurons(both):
    some, every = (run.spikes for run in both)
    with pytest.raises(InputError, match=r"different neurons of E \(15 and 30\)"):
        train_distances(some, every)
    found = train_distances(some, every.only(some.recorded))
    assert list(found) == ["E"] and found["E"].estimates[COINCIDENT].mean == 1.0


def test_a_recording_of_some_neurons_is_no_source(both):
    with pytest.raises(InputError, match="15 of the 30 neurons of E; the other neurons would be silent"):
        spike_trains_from_sonata(both[0].folder / "spikes.h5", "E")


@pytest.mark.parametrize(("ids", "why"), [([0, 2], "spike of neuron"), ([4, 2], "ascending"), ([0, 31], "below 30")])
def test_a_file_that_contradicts_itself_is_refused(both, tmp_path, ids, why):
    path = Path(shutil.copy(both[0].folder / "spikes.h5", tmp_path))
    with h5py.File(path, "a") as file:
        del file["benchnn/recorded/E"]
        file["benchnn/recorded/E"] = np.array(ids)
    with pytest.raises(InputError, match=why):
        read_spikes(path)


def test_pictures_are_of_the_recorded_neurons(both):
    pytest.importorskip("matplotlib")
    axes = benchnn.plot.raster(both[0].spikes)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["E"] and axes.get_ylim()[0] == 15


def test_who_is_recorded_is_checked():
    for wrong, message in (
        (3, "name of a population"),
        ("X", "'X' is not allowed: use one of E, I"),
        (Population("E", 9)[:3], "has 30"),
    ):
        with pytest.raises(InputError, match=message):
            Network([E, I], recorders=[SpikeRecorder(wrong)])
