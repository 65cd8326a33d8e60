"""Spike files, read back with h5py, libsonata and our own reader."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import h5py
import libsonata
import numpy as np
import pytest

from simcore.errors import InputError
from simcore.recording.sonata import read_spikes, write_spikes
from simcore.recording.spikes import Spikes

SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")


def some_spikes(start_step=0):
    """E: ids 0 to 3, silent: 4 and 5, I: 6 and 7; out of order, with two spikes at the same time."""
    stamps = np.array([30, 3, 3, 7, 7], dtype=np.int64)
    ids = np.array([0, 6, 2, 3, 1], dtype=np.int64)
    sizes = {"E": 4, "silent": 2, "I": 2}
    return Spikes(stamps, ids, {"E": 0, "silent": 4, "I": 6}, sizes, 0.1, 50, start_step)


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


# --- what is written ---------------------------------------------------------------------------------------------


def test_layout(tmp_path):
    write_spikes(tmp_path / "spikes.h5", some_spikes(2))
    with h5py.File(tmp_path / "spikes.h5", "r") as file:
        assert file.attrs["magic"] == 0x0A7A
        assert file.attrs["magic"].dtype == np.uint32
        assert file.attrs["version"].tolist() == [0, 1]
        assert file.attrs["version"].dtype == np.uint32
        assert set(file["spikes"]) == {"E", "I", "silent"}
        for group in file["spikes"].values():
            times, ids = group["timestamps"], group["node_ids"]
            assert (times.dtype, ids.dtype) == (np.float64, np.uint64)
            assert times.attrs["units"] == "ms"
            assert times.compression is None
            assert ids.compression is None
            kind = group.attrs.get_id("sorting").dtype
            assert h5py.check_enum_dtype(kind) == {"none": 0, "by_id": 1, "by_time": 2}
            assert kind.itemsize == 1
            assert group.attrs["sorting"] == 2
        assert file["spikes/E/timestamps"][:].tolist() == [0.3, 0.7, 0.7, 3.0]
        assert file["spikes/E/node_ids"][:].tolist() == [2, 1, 3, 0]
        assert len(file["spikes/silent/timestamps"]) == 0
        own = file["benchnn"]
        assert dict(own.attrs) == {"resolution_ms": 0.1, "t_start_ms": 0.2, "t_stop_ms": 5.0}
        assert own["populations"].asstr()[:].tolist() == ["E", "silent", "I"]
        assert own["population_sizes"][:].tolist() == [4, 2, 2]


def test_libsonata_reads_spikes(tmp_path):
    write_spikes(tmp_path / "spikes.h5", some_spikes())
    reader = libsonata.SpikeReader(str(tmp_path / "spikes.h5"))
    assert sorted(reader.get_population_names()) == ["E", "I", "silent"]
    population = reader["E"]
    assert (population.sorting, population.time_units) == ("by_time", "ms")
    assert population.get() == [(2, 0.3), (1, 0.7), (3, 0.7), (0, 3.0)]
    assert population.get(tstart=0.5, tstop=1.0) == [(1, 0.7), (3, 0.7)]
    assert population.times == (0.3, 3.0)
    assert reader["silent"].get() == []


def test_same_bytes_for_same_spikes(tmp_path):
    write_spikes(tmp_path / "a.h5", some_spikes())
    time.sleep(2.1)  # HDF5 stores times in whole seconds
    shuffled = some_spikes()
    order = np.array([4, 2, 0, 1, 3])
    again = Spikes(
        shuffled.stamps[order], shuffled.ids[order], shuffled.first_ids, shuffled.sizes, 0.1, shuffled.stop_step
    )
    (tmp_path / "elsewhere").mkdir()
    write_spikes(tmp_path / "elsewhere/b.h5", again)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "elsewhere/b.h5").read_bytes()


def test_more_populations_than_an_attribute_holds(tmp_path):
    n = 700
    names = [f"{i:0100d}" for i in range(n)]
    spikes = Spikes(
        np.array([1]), np.array([n - 1]), dict(zip(names, range(n), strict=True)), dict.fromkeys(names, 1), 0.1, 1
    )
    write_spikes(tmp_path / "spikes.h5", spikes)
    assert read_spikes(tmp_path / "spikes.h5").sizes == dict.fromkeys(names, 1)


@pytest.mark.parametrize("name", [".", "\ud800"])
def test_names_that_hdf5_cannot_store_are_refused(tmp_path, name):
    spikes = Spikes(np.array([1]), np.array([0]), {name: 0}, {name: 1}, 0.1, 1)
    with pytest.raises(InputError, match=r"population\.name"):
        write_spikes(tmp_path / "spikes.h5", spikes)
    assert names_in(tmp_path) == []


def test_spikes_of_no_population_are_not_dropped(tmp_path):
    spikes = Spikes(np.array([1, 2]), np.array([0, 9]), {"E": 0}, {"E": 4}, 0.1, 5)
    with pytest.raises(InputError, match=r"spikes\.ids = 1 is not allowed"):
        write_spikes(tmp_path / "spikes.h5", spikes)
    assert names_in(tmp_path) == []


def test_ids_that_the_sizes_do_not_give_are_refused(tmp_path):
    spikes = Spikes(np.array([1]), np.array([4]), {"I": 4, "E": 0}, {"I": 2, "E": 4}, 0.1, 5)
    with pytest.raises(InputError, match=r"spikes\.first_ids"):
        write_spikes(tmp_path / "spikes.h5", spikes)
    assert names_in(tmp_path) == []


# --- what is read ------------------------------------------------------------------------------------------------


def test_round_trip(tmp_path):
    written = some_spikes(2)
    write_spikes(tmp_path / "spikes.h5", written)
    read = read_spikes(tmp_path / "spikes.h5")
    assert len(read) == 5
    assert read.populations == ["E", "silent", "I"]
    assert (read.resolution_ms, read.t_start_ms, read.t_stop_ms) == (0.1, 0.2, 5.0)
    times, ids = read.of("E")
    assert (times.tolist(), ids.tolist()) == ([0.3, 0.7, 0.7, 3.0], [2, 1, 3, 0])
    assert (times.dtype, ids.dtype) == (np.float64, np.int64)
    spikes = read.spikes()
    assert spikes.stamps.tolist() == [3, 3, 7, 7, 30]
    assert spikes.ids.tolist() == [2, 6, 1, 3, 0]
    assert (spikes.first_ids, spikes.sizes) == (written.first_ids, written.sizes)
    assert (spikes.resolution_ms, spikes.start_step, spikes.stop_step) == (0.1, 2, 50)


def test_round_trip_without_spikes(tmp_path):
    silent = some_spikes().since(40)
    write_spikes(tmp_path / "spikes.h5", silent)
    read = read_spikes(tmp_path / "spikes.h5")
    assert len(read) == 0
    assert read.t_start_ms == 4.0
    assert len(read.spikes()) == 0


def test_since_keeps_the_start_of_the_window():
    spikes = some_spikes().since(3)
    assert (spikes.start_step, spikes.stop_step, len(spikes)) == (3, 50, 3)
    assert spikes.since(1).start_step == 3
    assert spikes.since(7).stamps.tolist() == [30]


@pytest.mark.parametrize("sorting", [None, "none", "by_id", "text"])
@pytest.mark.parametrize("id_type", ["u4", "i8", "u8"])
@pytest.mark.parametrize("time_type", ["f4", "f8"])
def test_other_sonata_files(tmp_path, sorting, id_type, time_type):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        group = file.create_group("spikes/cortex")
        if sorting == "text":
            group.attrs["sorting"] = "by_id"
        elif sorting is not None:
            group.attrs.create("sorting", {"none": 0, "by_id": 1}[sorting], dtype=SORTING)
        group.create_dataset("timestamps", data=np.array([2.5, 0.25, 0.25], time_type), compression="gzip")
        group.create_dataset("node_ids", data=np.array([3, 9, 8], id_type))
    read = read_spikes(tmp_path / "other.h5")
    times, ids = read.of("cortex")
    assert times.tolist() == [0.25, 0.25, 2.5]
    assert times.dtype == np.float64
    assert ids.tolist() == [8, 9, 3]
    assert ids.dtype == np.int64
    assert (read.sizes, read.resolution_ms, read.t_start_ms, read.t_stop_ms) == (None, None, None, None)
    with pytest.raises(InputError, match=r"other\.h5"):
        read.spikes()


def test_times_in_seconds_become_ms(tmp_path):
    with h5py.File(tmp_path / "s.h5", "w") as file:
        file["spikes/A/timestamps"] = np.array([0.5])
        file["spikes/A/timestamps"].attrs["units"] = "s"
        file["spikes/A/node_ids"] = np.array([1])
    assert read_spikes(tmp_path / "s.h5").of("A")[0].tolist() == [500.0]


def test_old_layout(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file["spikes/gids"] = np.array([4, 2], dtype=np.uint32)
        file["spikes/timestamps"] = np.array([1.5, 0.5])
    read = read_spikes(tmp_path / "old.h5")
    assert read.populations == ["default"]
    assert [values.tolist() for values in read.of("default")] == [[0.5, 1.5], [2, 4]]


def no_hdf5(path):
    path.write_bytes(b"not at all")


def no_spikes(path):
    with h5py.File(path, "w") as file:
        file["other"] = 1


def spikes_is_a_dataset(path):
    with h5py.File(path, "w") as file:
        file["spikes"] = [1]


def no_node_ids(path):
    with h5py.File(path, "w") as file:
        file["spikes/A/timestamps"] = [1.0]


def different_lengths(path):
    with h5py.File(path, "w") as file:
        file["spikes/A/timestamps"], file["spikes/A/node_ids"] = [1.0, 2.0], [1]


def real_ids(path):
    with h5py.File(path, "w") as file:
        file["spikes/A/timestamps"], file["spikes/A/node_ids"] = [1.0], [1.0]


def huge_id(path):
    with h5py.File(path, "w") as file:
        file["spikes/A/timestamps"], file["spikes/A/node_ids"] = [1.0], np.array([2**63], dtype=np.uint64)


def infinite_time(path):
    with h5py.File(path, "w") as file:
        file["spikes/A/timestamps"], file["spikes/A/node_ids"] = [np.inf], [1]


def unknown_unit(path):
    with h5py.File(path, "w") as file:
        file["spikes/A/timestamps"], file["spikes/A/node_ids"] = [1.0], [1]
        file["spikes/A/timestamps"].attrs["units"] = "fortnight"


def truncated(path):
    write_spikes(path, some_spikes())
    path.write_bytes(path.read_bytes()[:-100])


def missing_population(path):
    write_spikes(path, some_spikes())
    with h5py.File(path, "r+") as file:
        del file["spikes/I"]


def too_large_id(path):
    write_spikes(path, some_spikes())
    with h5py.File(path, "r+") as file:
        file["spikes/E/node_ids"][0] = 4


def own(change):
    """A change to what a file of ours says of the run."""

    def damage(path):
        write_spikes(path, some_spikes())
        with h5py.File(path, "r+") as file:
            change(file["benchnn"])

    return damage


def stating(name, value):
    return own(lambda group: group.attrs.__setitem__(name, value))


def sizes_of(values):
    def change(group):
        del group["population_sizes"]
        group["population_sizes"] = values

    return own(change)


def absurd_size(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("spikes/A/timestamps", shape=(2**50,), dtype="f8", chunks=(1024,))
        file.create_dataset("spikes/A/node_ids", shape=(2**50,), dtype="u8", chunks=(1024,))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (no_hdf5, "not an HDF5 file"),
        (no_spikes, "no group /spikes"),
        (spikes_is_a_dataset, "no group /spikes"),
        (no_node_ids, "does not contain the dataset node_ids"),
        (different_lengths, "shape"),
        (real_ids, "type float64"),
        (huge_id, "above"),
        (infinite_time, "not finite"),
        (unknown_unit, "fortnight"),
        (truncated, "truncated"),
        (missing_population, "I"),
        (too_large_id, "E has 4 neurons, but a spike of neuron 4"),
        (stating("resolution_ms", 0.0), "resolution_ms = 0.0"),
        (stating("resolution_ms", np.nan), "resolution_ms = nan"),
        (stating("resolution_ms", 1e300), "resolution_ms = 1e+300"),
        (stating("t_stop_ms", np.inf), "t_stop_ms = inf"),
        (stating("t_start_ms", np.zeros(3)), "scalar"),
        (sizes_of([4, -1, 3]), "neurons of silent = -1"),
        (sizes_of([2**64 - 1, 4]), "must be 3, the number of names"),
        (sizes_of([4.0, 4.0, 4.0]), "neurons of E = 4.0"),
        (absurd_size, "of which the file contains"),
        (Path.mkdir, "directory"),
        (lambda path: None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, damage, reason):
    damage(tmp_path / "strange.h5")
    with pytest.raises(InputError, match=r"cannot read .*strange\.h5") as caught:
        read_spikes(tmp_path / "strange.h5")
    assert reason in str(caught.value)


# --- what cannot be written --------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["missing/spikes.h5", "file/spikes.h5", "folder", "pipe"])
def test_unwritable_places(tmp_path, place):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = names_in(tmp_path)
    with pytest.raises(InputError, match=f"cannot write .*{place}"):
        write_spikes(tmp_path / place, some_spikes())
    assert names_in(tmp_path) == before


FULL_DISK = """
import resource, sys
import numpy as np
from simcore.errors import ResourceError
from simcore.recording.sonata import write_spikes
from simcore.recording.spikes import Spikes

n, limit = int(sys.argv[2]), int(sys.argv[3])
spikes = Spikes(np.arange(n), np.zeros(n, dtype=np.int64), {"E": 0}, {"E": 1}, 0.1, n)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    write_spikes(sys.argv[1], spikes)
except ResourceError as error:
    print(error)
"""


@pytest.mark.parametrize(("n", "limit"), [(10, 100), (10, 4000), (100_000, 900_000), (100_000, 1_599_999)])
def test_a_full_disk_leaves_the_old_file(tmp_path, n, limit):
    """A process of its own, because the HDF5 library may crash at its exit; a limit on file size plays the disk."""
    path = tmp_path / "spikes.h5"
    path.write_text("old")
    command = [sys.executable, "-c", FULL_DISK, str(path), str(n), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(path) in done.stdout
    assert os.strerror(errno.EFBIG) in done.stdout
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["spikes.h5"]


def test_h5py_is_imported_on_use():
    code = "import sys, simcore.recording.sonata, simcore.recording.files; print('h5py' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
