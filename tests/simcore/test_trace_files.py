"""Traces are read back as they were written; damaged files are refused by name."""

import time

import h5py
import libsonata
import numpy as np
import pytest

from simcore import Traces, read_traces, write_traces
from simcore.errors import InputError


def traces(steps=7, start_step=20):
    random = np.random.default_rng(1)
    keys = [("E", 3, "V_m"), ("E", 5, "V_m"), ("I", 0, "V_m"), ("E", 3, "I_syn_ex")]
    return Traces({key: random.normal(size=steps) for key in keys}, 0.125, start_step)


def test_what_was_written_is_read(tmp_path):
    kept = traces()
    write_traces(tmp_path / "traces.h5", kept, kept.resolution_ms, kept.start_step)
    again = read_traces(tmp_path / "traces.h5")
    assert set(again) == set(kept)
    for key, values in kept.items():
        np.testing.assert_array_equal(again[key], values)
    assert (again.resolution_ms, again.start_step) == (0.125, 20)
    np.testing.assert_array_equal(again.times_ms, kept.times_ms)
    assert again.times_ms[0] == 2.625


def test_traces_without_steps_are_read(tmp_path):
    write_traces(tmp_path / "traces.h5", traces(steps=0), 0.125, 20)
    assert {len(values) for values in read_traces(tmp_path / "traces.h5").values()} == {0}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no file traces.VARIABLE.h5 exists"):
        read_traces(tmp_path / "traces.h5")


def without(name):
    def damage(file):
        del file[name]

    return damage


def reshaped(file):
    del file["benchnn/E"]
    file["benchnn/E"] = np.zeros((7, 3))


def late(file):
    file["report/E/mapping/time"][...] = [np.nan, 1.0, 0.125]


@pytest.mark.parametrize("damage", [without("report"), without("benchnn"), without("report/E/mapping"), reshaped, late])
def test_damaged_files_are_refused_by_name(tmp_path, damage):
    write_traces(tmp_path / "traces.h5", traces(), 0.125, 20)
    with h5py.File(tmp_path / "traces.V_m.h5", "r+") as file:
        damage(file)
    with pytest.raises(InputError, match=r"(traces.V_m.h5|is not allowed)"):
        read_traces(tmp_path / "traces.h5")


def test_files_of_different_intervals_are_refused(tmp_path):
    kept = traces()
    write_traces(tmp_path / "traces.h5", kept, 0.125, 20)
    other = {key: values for key, values in kept.items() if key[2] == "I_syn_ex"}
    write_traces(tmp_path / "traces.h5", other, 0.125, 21)
    with pytest.raises(InputError, match="its time steps differ from those of"):
        read_traces(tmp_path / "traces.h5")


def test_traces_become_a_table():
    pytest.importorskip("pandas")
    table = traces().to_pandas()
    assert table.shape == (7, 4) and table.index.name == "time_ms" and table.index[0] == 2.625
    np.testing.assert_array_equal(table["E", 5, "V_m"], traces()["E", 5, "V_m"])
    assert Traces({}, 0.1).to_pandas().empty


@pytest.mark.parametrize("reader", [libsonata.ElementReportReader, libsonata.SomaReportReader])
@pytest.mark.parametrize("steps", [1, 10, 10_007])
def test_libsonata_reads_traces(tmp_path, reader, steps):
    values = np.linspace(-70.0, -50.0, steps)
    traces = {("E", 7, "V_m"): values, ("I", 0, "V_m"): 2.0 * values, ("E", 3, "V_m"): values + 1.0}
    traces["E", 7, "I_syn_ex"] = 5.0 * values
    files = write_traces(tmp_path / "traces.h5", traces, 0.1)
    assert [file.name for file in files] == ["traces.V_m.h5", "traces.I_syn_ex.h5"]
    report = reader(str(files[0]))
    assert sorted(report.get_population_names()) == ["E", "I"]
    population = report["E"]
    assert (population.time_units, population.data_units, population.sorted) == ("ms", "mV", True)
    assert population.get_node_ids() == [3, 7]
    frame = population.get()
    assert np.allclose(frame.times, np.arange(1, steps + 1) * 0.1, rtol=0.0, atol=1e-9)
    assert np.array_equal(frame.data, np.stack([values + 1.0, values], axis=1).astype(np.float32))
    assert np.array_equal(report["I"].get().data[:, 0], (2.0 * values).astype(np.float32))
    current = reader(str(files[1]))["E"]
    assert (current.data_units, current.get_node_ids()) == ("pA", [7])


def test_traces_keep_double_precision(tmp_path):
    values = -65.0 + np.arange(5) * 1e-9
    (file,) = write_traces(tmp_path / "traces.h5", {("E", 0, "V_m"): values}, 0.1)
    with h5py.File(file, "r") as stored:
        assert np.array_equal(stored["benchnn/E"][:, 0], values)


def test_traces_after_a_warm_up(tmp_path):
    (file,) = write_traces(tmp_path / "traces.h5", {("E", 0, "V_m"): np.zeros(3)}, 0.5, start_step=4)
    assert libsonata.SomaReportReader(str(file))["E"].get().times.tolist() == [2.5, 3.0, 3.5]


def test_traces_of_nothing(tmp_path):
    assert write_traces(tmp_path / "traces.h5", {}, 0.1) == []
    (file,) = write_traces(tmp_path / "traces.h5", {("E", 0, "V_m"): np.zeros(0)}, 0.1)
    with h5py.File(file, "r") as stored:
        assert stored["report/E/data"].shape == (0, 1)


def test_traces_of_unequal_length_are_refused(tmp_path):
    traces = {("E", 0, "V_m"): np.zeros(3), ("E", 1, "V_m"): np.zeros(4)}
    with pytest.raises(InputError, match=r"len\(traces\) = \[3, 4\]"):
        write_traces(tmp_path / "traces.h5", traces, 0.1)


def test_traces_give_the_same_bytes(tmp_path):
    traces = {("E", 0, "V_m"): np.arange(3.0), ("E", 1, "V_m"): np.arange(3.0)}
    (first,) = write_traces(tmp_path / "a.h5", traces, 0.1)
    time.sleep(2.1)
    (second,) = write_traces(tmp_path / "b.h5", dict(reversed(traces.items())), 0.1)
    assert first.read_bytes() == second.read_bytes()
