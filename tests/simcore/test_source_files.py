"""Spike trains from files: SONATA in two layouts, NEST's text, Neo; each read rightly or refused with its place."""

import h5py
import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import Network, Population, SpikeRecorder, SpikeTrains
from simcore.recording.sonata import write_spikes
from simcore.simulator import Simulator
from simcore.sources import spike_trains_from_neo, spike_trains_from_nest, spike_trains_from_sonata

STAMPS, IDS = np.array([3, 3, 17, 20, 1, 99]), np.array([4, 0, 4, 2, 7, 4])
TIMES = STAMPS / 10.0


def listed(trains):
    return sorted(zip(np.asarray(trains.times_ms).tolist(), np.asarray(trains.ids).tolist(), strict=True))


EXPECTED = listed(SpikeTrains(TIMES, IDS))


def sonata(path, times, ids, group="spikes/retina", id_name="node_ids", units=None):
    with h5py.File(path, "a") as file:
        file[f"{group}/timestamps"], file[f"{group}/{id_name}"] = times, ids
        if units is not None:
            file[f"{group}/timestamps"].attrs["units"] = units
    return path


@pytest.mark.parametrize(
    ("times", "ids", "layout"),
    [
        (TIMES, IDS.astype(np.uint64), {}),
        (TIMES, IDS.astype(np.int32), {"group": "spikes", "id_name": "gids"}),
        (TIMES, IDS, {"group": "spikes", "id_name": "node_ids"}),
        (TIMES.astype(np.float32), IDS, {}),
        (TIMES / 1000.0, IDS, {"units": "s"}),
        (TIMES.astype(">f8"), IDS.astype(">i4"), {}),
        (TIMES[::-1], IDS[::-1], {}),
    ],
    ids=["current", "older", "older with node_ids", "float32", "seconds", "big-endian", "unsorted"],
)
def test_sonata_files_of_any_layout(tmp_path, times, ids, layout):
    trains = spike_trains_from_sonata(sonata(tmp_path / "spikes.h5", times, ids, **layout))
    assert listed(trains) == EXPECTED
    trains.check(8, 0.1, "population S.source")


def test_spikes_that_were_recorded_are_a_source(tmp_path):
    described = Network([Population("A", 2), Population("S", 8, source=SpikeTrains(TIMES, IDS))],
                        recorders=[SpikeRecorder()])  # fmt: skip
    with Simulator(described, backend="oracle") as simulator:
        simulator.run(10.0)
        write_spikes(tmp_path / "spikes.h5", simulator.spikes())
    assert listed(spike_trains_from_sonata(tmp_path / "spikes.h5", "S")) == EXPECTED
    with pytest.raises(InputError, match=r"population is missing: .*spikes.h5 contains A, S"):
        spike_trains_from_sonata(tmp_path / "spikes.h5")
    with pytest.raises(InputError, match=r"population of .*spikes.h5 = 'X' .*A or S"):
        spike_trains_from_sonata(tmp_path / "spikes.h5", "X")


@pytest.mark.parametrize(
    ("times", "ids", "message"),
    [
        (TIMES[:5], IDS, r"timestamps of shape \(5,\)"),
        (TIMES, -IDS, "negative"),
        (np.where(IDS == 2, np.nan, TIMES), IDS, "not finite"),
        (TIMES, IDS.astype(np.float64), "float64"),
        (IDS.astype("S3"), IDS, "timestamps of type"),
        (TIMES * 1e12, IDS, "the largest possible time"),
        ((TIMES + 1e5).astype(np.float32), IDS, "in a type that rounds them"),
    ],
)
def test_wrong_sonata_files_are_refused_with_the_file(tmp_path, times, ids, message):
    with pytest.raises(InputError, match=rf"spikes.h5.*{message}"):
        spike_trains_from_sonata(sonata(tmp_path / "spikes.h5", times, ids))


def test_times_of_32_bits_are_taken_for_those_of_the_grid(tmp_path):
    times = 60_000.0 + TIMES
    path = sonata(tmp_path / "spikes.h5", times.astype(np.float32), IDS)
    found = spike_trains_from_sonata(path, resolution_ms=0.1)
    assert listed(found) == sorted(zip(np.round(times, 1).tolist(), IDS.tolist(), strict=True))
    with pytest.raises(InputError, match=r"resolution_ms = 0.0 .*0.001"):
        spike_trains_from_sonata(path, resolution_ms=0.0)


def test_a_damaged_or_missing_sonata_file_is_refused(tmp_path):
    path = sonata(tmp_path / "spikes.h5", TIMES, IDS)
    path.write_bytes(path.read_bytes()[:700])
    for file in (path, tmp_path / "none.h5"):
        with pytest.raises(InputError, match=file.name):
            spike_trains_from_sonata(file)
    (tmp_path / "empty.h5").unlink(missing_ok=True)
    with h5py.File(tmp_path / "empty.h5", "w") as file:
        file.create_group("spikes")
    with pytest.raises(InputError, match=r"empty.h5 does not contain a population"):
        spike_trains_from_sonata(tmp_path / "empty.h5")


def nest_text(path, times, ids, first_id, head="# NEST version: 3.10\nsender\ttime_ms\n"):
    lines = [f"{sender + first_id}\t{time:.3f}" for time, sender in zip(times, ids, strict=True)]
    path.write_text(head + "\n".join(lines) + "\n")
    return path


def test_files_of_nest_threads(tmp_path):
    files = [
        nest_text(tmp_path / "spikes-11-0.dat", TIMES[::2], IDS[::2], 11),
        nest_text(tmp_path / "spikes-11-1.dat", TIMES[1::2], IDS[1::2], 11, head=""),
    ]
    assert listed(spike_trains_from_nest(files, first_id=11)) == EXPECTED
    whole = nest_text(tmp_path / "whole.dat", TIMES, IDS, 1)
    for path in (whole, str(whole)):
        assert listed(spike_trains_from_nest(path)) == EXPECTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\t0.1\n2\tsoon\n", r"spike 2 is '2 soon'"),
        ("1\t0.1\n2\n", r"spike 2 is '2'"),
        ("1\tnan\n", r"spike at nan ms"),
        ("1\tinf\n", r"spike at inf ms"),
        ("0\t1.0\n", r"neuron -1, with first_id = 1; ids start at 0"),
        ("1.5\t1.0\n", r"columns|spike 1"),
        ("99999999999999999999\t1.0\n", r"spike 1 is"),
        ("sender\ttime_step\ttime_offset\n1\t10\t0.0\n", r"columns 'sender time_step time_offset'"),
    ],
)
def test_wrong_text_is_refused_with_file_and_line(tmp_path, text, message):
    (tmp_path / "spikes.dat").write_text(text)
    with pytest.raises(InputError, match=rf"spikes.dat.*{message}"):
        spike_trains_from_nest(tmp_path / "spikes.dat")


@pytest.mark.parametrize(("paths", "first_id"), [(b"\xff", 1), (3, 1), ([3], 1), ("none.dat", 1), ("none.dat", -1)])
def test_hostile_arguments_are_refused(paths, first_id):
    with pytest.raises(InputError):
        spike_trains_from_nest(paths, first_id)


def test_what_nest_writes_is_read(tmp_path):
    nest = pytest.importorskip("nest")
    nest.ResetKernel()
    nest.set(data_path=str(tmp_path), overwrite_files=True)
    generators = nest.Create("spike_generator", 8, params=[{"spike_times": sorted(TIMES[k == IDS])} for k in range(8)])
    recorder = nest.Create("spike_recorder", params={"record_to": "ascii", "label": "given"})
    nest.Connect(generators, recorder)
    nest.Simulate(20.0)
    files = sorted(tmp_path.glob("given*.dat"))
    assert listed(spike_trains_from_nest(files, first_id=generators[0].global_id)) == EXPECTED


def test_neo_trains_in_any_unit():
    neo, quantities = pytest.importorskip("neo"), pytest.importorskip("quantities")
    each = [TIMES[neuron == IDS] for neuron in range(8)]
    seconds = [neo.SpikeTrain(times / 1000.0, units=quantities.s, t_stop=1.0) for times in each]
    found = spike_trains_from_neo(seconds)
    np.testing.assert_allclose(sorted(found.times_ms), np.sort(TIMES), rtol=1e-12)
    found.check(8, 0.1, "population S.source")
    assert np.bincount(found.ids, minlength=8).tolist() == [len(times) for times in each]


@pytest.mark.parametrize("trains", [3, "trains", [3], [None], [np.zeros(3)]])
def test_other_things_than_neo_trains_are_refused(trains):
    with pytest.raises(InputError, match=r"trains"):
        spike_trains_from_neo(trains)
