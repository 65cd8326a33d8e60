"""Recordings from files: what this program, SONATA and NEST write, the window, and what is refused."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.statistics.recordings import read_recording, window
from simcore.errors import InputError
from simcore.network import Network, Population
from simcore.recording.sonata import write_spikes
from simcore.recording.spikes import Spikes

NETWORK = Network([Population("E", 4), Population("I", 2)])
FIRST_IDS = {"E": 0, "I": 4}
SIZES = {"E": 4, "I": 2}
# In steps of 0.1 ms; those up to 5 ms are the warm-up's.
STAMPS = np.array([10, 20, 50, 51, 60, 60, 99, 100])
IDS = np.array([0, 5, 1, 3, 0, 4, 5, 2])
IN_WINDOW = (51, 3), (60, 0), (60, 4), (99, 5), (100, 2)


def pairs(spikes):
    return list(zip(spikes.stamps.tolist(), spikes.ids.tolist(), strict=True))


def read(path, start_ms=5.0, stop_ms=10.0, network=NETWORK):
    return read_recording(path, network, start_ms, stop_ms)


def write_sonata(path, populations):
    with h5py.File(path, "w") as file:
        for name, times, ids in populations:
            group = file.create_group(f"spikes/{name}")
            group["timestamps"], group["node_ids"] = times, np.asarray(ids, dtype=np.uint64)
            group["timestamps"].attrs["units"] = "ms"


def write_nest(
    path, senders, stamps, header="# NEST version: 3.10\n# RecordingBackendASCII version: 2\nsender\ttime_ms\n"
):
    lines = (f"{sender}\t{stamp / 10:.3f}\n" for sender, stamp in zip(senders, stamps, strict=True))
    path.write_text(header + "".join(lines))


def check(spikes):
    assert pairs(spikes) == list(IN_WINDOW)
    assert spikes.sizes == SIZES and spikes.first_ids == FIRST_IDS
    assert (spikes.start_step, spikes.stop_step, spikes.resolution_ms) == (50, 100, 0.1)


def test_own_results_by_folder_or_file(tmp_path):
    write_spikes(tmp_path / "spikes.h5", Spikes(STAMPS, IDS, FIRST_IDS, SIZES, 0.1, 100, 0))
    check(read(tmp_path))
    check(read(tmp_path / "spikes.h5"))


def test_sonata_of_others_with_a_population_that_never_fired(tmp_path):
    mine = IDS < 4
    write_sonata(tmp_path / "other.h5", [("E", STAMPS[mine][::-1] / 10.0, IDS[mine][::-1])])
    spikes = read(tmp_path / "other.h5")
    assert pairs(spikes) == [pair for pair in IN_WINDOW if pair[1] < 4]
    assert spikes.sizes == SIZES


def test_old_sonata_layout_has_global_ids(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file["spikes/timestamps"], file["spikes/gids"] = STAMPS / 10.0, IDS
    check(read(tmp_path / "old.h5"))


def test_nest_files_of_several_threads(tmp_path):
    for thread in range(3):
        write_nest(tmp_path / f"spikes-7-{thread}.dat", IDS[thread::3] + 1, STAMPS[thread::3])
    # A thread without spikes, and one without a line of titles, as an older NEST wrote.
    write_nest(tmp_path / "spikes-7-3.dat", [], [])
    check(read(tmp_path))
    check(read(tmp_path / "spikes-7-*.dat"))
    write_nest(tmp_path / "one.gdf", IDS + 1, STAMPS, header="")
    check(read(tmp_path / "one.gdf"))


def test_nest_ids_by_the_given_ranges(tmp_path):
    (tmp_path / "population_nodeids.dat").write_text("11 14\n3 4\n")
    write_nest(tmp_path / "spikes.dat", np.where(IDS < 4, IDS + 11, IDS - 4 + 3), STAMPS)
    check(read(tmp_path))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 5)), max_size=40), st.integers(0, 100), st.integers(0, 100)
)
def test_the_window_keeps_the_spikes_in_it_and_their_ids(drawn, start, stop):
    # An index into what was already cut would keep the first spikes of the file, warm-up and all.
    stamps, ids = (np.array([pair[place] for pair in drawn], dtype=np.int64) for place in (0, 1))
    assert pairs(window(stamps, ids, NETWORK, start, stop)) == sorted(p for p in drawn if start < p[0] <= stop)


def test_times_that_are_rounded_lie_on_the_grid(tmp_path):
    write_sonata(tmp_path / "single.h5", [("E", (STAMPS[:1] / 10.0).astype(np.float32) + np.float32(9.0), [0])])
    assert pairs(read(tmp_path / "single.h5")) == [(100, 0)]


def test_single_precision_may_be_off_the_grid_by_its_rounding(tmp_path):
    # Neighbours at 10 s are 0.98e-3 ms apart: more than what is rounding in double precision.
    steps = np.array([99_901, 99_933, 99_999])
    write_sonata(tmp_path / "ms.h5", [("E", (steps / 10.0).astype(np.float32), [0, 1, 2])])
    assert read(tmp_path / "ms.h5", 9990.0, 10_000.0).stamps.tolist() == steps.tolist()
    write_sonata(tmp_path / "double.h5", [("E", (steps / 10.0).astype(np.float32).astype(np.float64), [0, 1, 2])])
    with pytest.raises(InputError, match="not a multiple"):
        read(tmp_path / "double.h5", 9990.0, 10_000.0)


def test_a_type_that_cannot_tell_steps_apart_is_refused(tmp_path):
    write_sonata(tmp_path / "ms.h5", [("E", np.array([1e6], dtype=np.float32), [0])])
    with pytest.raises(InputError, match=r"an error of 0\.031 ms"):
        read(tmp_path / "ms.h5", 0.0, 1e6)


def test_a_recording_that_ends_early_is_refused(tmp_path):
    write_spikes(tmp_path / "spikes.h5", Spikes(STAMPS, IDS, FIRST_IDS, SIZES, 0.1, 100, 0))
    with pytest.raises(InputError, match=r"contains the spikes of \(0, 10\] ms, not all of \(5, 20\] ms"):
        read(tmp_path, stop_ms=20.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sender time_step time_offset\n1 10 0.0\n", "columns 'sender time_step time_offset'"),
        ("1 6.0\n2\n", "spike 2 is '2'"),
        ("1 6.0\nx 6.0\n", "spike 2 is 'x 6.0'"),
        ("1 six\n", "spike 1 is '1 six'"),
        ("123456789012345678901 6.0\n", "spike 1 is '123456789012345678901 6.0'"),
        ("0 6.0\n", "spike of neuron 0; NEST's ids of the network are 1 to 6"),
        ("7 6.0\n", "spike of neuron 7"),
        ("1 6.05\n", "6.05 ms, which is not a multiple of 0.1 ms"),
        ("1 nan\n", "time is not a number"),
        ("1 1e300\n", "time is not a number"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_malformed_text_is_refused_by_name(tmp_path, text, words):
    path = tmp_path / "spikes.dat"
    path.write_text(text)
    with pytest.raises(InputError) as refusal:
        read(path)
    assert words in str(refusal.value) and str(path) in str(refusal.value)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "ranges", ["1 4\n", "1 4\n5 9\n", "1 4\nx 6\n", "", "1 4\n5 6 7\n", f"1 4\n5 {10**30}\n", "\0"]
)
def test_ranges_that_are_not_the_networks_are_refused(tmp_path, ranges):
    (tmp_path / "population_nodeids.dat").write_text(ranges)
    write_nest(tmp_path / "spikes.dat", [1], [60])
    with pytest.raises(InputError, match=r"population_nodeids\.dat"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("populations", "words"),
    [
        ([("E", [6.0], [4])], "spike of neuron 4; the neurons of E are 0 to 3"),
        ([("L4E", [6.0], [0])], "population 'L4E'; the network has E, I"),
        ([("E", [6.03], [0])], "6.03 ms, which is not a multiple"),
    ],
)
def test_sonata_of_another_network_is_refused(tmp_path, populations, words):
    write_sonata(tmp_path / "other.h5", populations)
    with pytest.raises(InputError, match=words):
        read(tmp_path / "other.h5")


def test_own_file_of_other_sizes_is_refused(tmp_path):
    write_spikes(tmp_path / "spikes.h5", Spikes(STAMPS, IDS, {"E": 0, "I": 5}, {"E": 5, "I": 2}, 0.1, 100, 0))
    with pytest.raises(InputError, match="has 5 neurons in E, but the network has 4"):
        read(tmp_path)


def test_a_folder_without_spikes_and_a_file_that_is_none_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not contain spikes"):
        read(tmp_path)
    with pytest.raises(InputError, match="cannot read"):
        read(tmp_path / "missing.dat")
    (tmp_path / "bytes.dat").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="it is not a text file"):
        read(tmp_path / "bytes.dat")


# --- late times and large ids --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [2**31, 2**32, 10**10])
def test_late_times_are_read_to_the_step(tmp_path, step):
    stamps, ids = np.array([step - 3, step - 2, step]), np.array([0, 5, 3])
    write_spikes(tmp_path / "own.h5", Spikes(stamps, ids, FIRST_IDS, SIZES, 0.1, step, step - 10))
    write_nest(tmp_path / "nest.dat", ids + 1, stamps)
    times = stamps / 10
    write_sonata(tmp_path / "sonata.h5", [("E", times[[0, 2]], [0, 3]), ("I", times[[1]], [1])])
    for name in ("own.h5", "nest.dat", "sonata.h5"):
        found = read(tmp_path / name, (step - 10) / 10, step / 10)
        assert pairs(found) == list(zip(stamps.tolist(), ids.tolist(), strict=True))
        assert (found.start_step, found.stop_step) == (step - 10, step)


@pytest.mark.parametrize("neuron", [2**31, 2**32 + 1, 2**53 + 1, 2**63 - 1])
def test_ids_beyond_the_network_are_named_as_they_are(tmp_path, neuron):
    write_nest(tmp_path / "nest.dat", [neuron], [60])
    with pytest.raises(InputError, match=f"has a spike of neuron {neuron}; NEST's ids of the network are 1 to 6"):
        read(tmp_path / "nest.dat")
    write_sonata(tmp_path / "sonata.h5", [("E", [6.0], [neuron])])
    with pytest.raises(InputError, match=f"has a spike of neuron {neuron}; the neurons of E are 0 to 3"):
        read(tmp_path / "sonata.h5")


def test_an_id_beyond_int64_is_refused(tmp_path):
    with h5py.File(tmp_path / "sonata.h5", "w") as file:
        group = file.create_group("spikes/E")
        group["timestamps"], group["node_ids"] = [6.0], np.array([2**63 + 5], dtype=np.uint64)
    with pytest.raises(InputError, match=r"an id that is negative or above 2\*\*63"):
        read(tmp_path / "sonata.h5")
    write_nest(tmp_path / "nest.dat", [2**63 + 5], [60])
    with pytest.raises(InputError, match="write an id and a time"):
        read(tmp_path / "nest.dat")


@pytest.mark.parametrize("time_ms", [1.1e9, 1e300, -1.1e9])
def test_times_beyond_the_longest_run_are_refused(tmp_path, time_ms):
    write_sonata(tmp_path / "sonata.h5", [("E", [time_ms], [0])])
    with pytest.raises(InputError, match="whose time is not a number in"):
        read(tmp_path / "sonata.h5")
