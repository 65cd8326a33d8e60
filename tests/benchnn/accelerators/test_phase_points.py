"""Phases of a recorded run as points: counts of the record, levels by size, and records that are refused."""

import json

import pytest

from benchnn.accelerators import phase_points
from benchnn.accelerators.machine_roofs import DRAM, L2, L3, SCATTER, Rate, Roofs
from benchnn.accelerators.phase_points import counted_run, levels_of, points_of_run
from benchnn.cli import main
from simcore.accelerators.roofline.machine import Level, Machine
from simcore.accelerators.roofline.roofs import placed
from simcore.backends.cpu.work import Traffic
from simcore.errors import InputError

SIZES = {L2: 1000, L3: 10_000}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of PD14 at a tenth of its size."""
    out = tmp_path_factory.mktemp("roofline") / "run"
    options = ("--param", "scale=0.1", "--time", "20", "--warmup", "30", "--threads", "2", "--seed", "3")
    assert main(["run", "pd14", *options, "--out", str(out)]) == 0
    return out


@pytest.fixture
def change(folder, tmp_path):
    """Write the record with another value under a dotted key; returns its folder."""

    def changed(key, value):
        record = json.loads((folder / "result.json").read_text())
        *parts, last = key.split(".")
        place = record
        for part in parts:
            place = place[part]
        place[last] = value
        (tmp_path / "result.json").write_text(json.dumps(record))
        return tmp_path

    return changed


def test_points_have_the_counts_and_times_of_the_record(folder):
    record = json.loads((folder / "result.json").read_text())
    run = counted_run(folder)
    deliver, update = run.points()
    assert deliver.name == "deliver of pd14" and deliver.ops == record["synaptic_events"] > 0
    assert (deliver.time_s, update.time_s) == tuple(
        record["phases_s"][phase]["mean"] for phase in ("deliver", "update")
    )
    neurons, steps = record["model"]["neurons"], 200
    assert run.work[1].counts["neuron_updates"] == neurons * steps
    assert deliver.traffic_bytes[SCATTER] == 8 * deliver.ops
    assert update.traffic_bytes[L2] == sum(one.moved_bytes for one in run.work[1].traffic)
    assert deliver.traffic_bytes[L2] == sum(one.moved_bytes for one in run.work[0].traffic)
    assert "input buffers" in deliver.basis and "neuron_updates" in update.basis


def test_points_lie_below_high_roofs_and_above_low_ones(folder):
    def machine(rate):
        reasons = {"energy_j_per_byte": "none", "op_energy_j": "none", "static_w": "none"}
        levels = tuple(Level(name, rate, reasons=reasons) for name in (SCATTER, L2, L3, DRAM))
        return Machine("m", "m", "operation", rate, levels, reasons=reasons)

    for point in points_of_run(folder):
        high, low = placed(machine(1e15), point), placed(machine(1.0), point)
        assert 0.0 < high.of_throughput_roof < 1.0 and not high.faults
        assert low.of_throughput_roof > 1.0 and len(low.faults) == 1


def test_the_command_sets_a_run_under_the_measured_roofs(folder, monkeypatch, capsys):
    streams = dict.fromkeys((L2, L3, DRAM), Rate((1e15,)))
    roofs = Roofs(2, streams, streams, Rate((1e15,)), Rate((1e15,)), Rate((1e15,)))
    asked = []
    monkeypatch.setattr(phase_points, "measured_machine", lambda threads: (asked.append(threads), roofs.machine())[1])
    assert main(["roofline", "--this-machine", str(folder), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["machines"]
    assert asked == [2] and entry["machine"]["name"] == "this_machine"
    assert [point["name"] for point in entry["machine"]["points"]] == ["deliver of pd14", "update of pd14"]
    assert all(0.0 < row["of_throughput_roof"] < 1.0 for row in entry["rows"])


@pytest.mark.parametrize(
    ("resident", "threads", "sizes", "levels"),
    [
        (1000, 4, SIZES, (L2,)),
        (1001, 4, SIZES, (L2, L3)),
        (2500, 4, SIZES, (L2, L3)),
        (2501, 4, SIZES, (L2, L3, DRAM)),
        (1001, 1, {L2: 1000}, (L2, DRAM)),
    ],
)
def test_a_level_is_charged_if_none_before_it_holds_the_arrays(resident, threads, sizes, levels):
    assert levels_of(Traffic("arrays", 1, resident), threads, sizes) == levels


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("simulator.name", "nest"),
        ("backend.name", "oracle"),
        ("backend.delivery", "by_source"),
        ("layout.ranks", 2),
        ("interrupted", True),
        ("time.resumed_at_ms", 10.0),
        ("phases_s.deliver.mean", 0.0),
    ],
)
def test_runs_that_cannot_be_counted_are_refused_before_they_are_run_again(change, monkeypatch, key, value):
    monkeypatch.setattr(phase_points, "Simulator", None)
    with pytest.raises(InputError, match=key):
        points_of_run(change(key, value))


@pytest.mark.parametrize("name", ["{file}:network", "{file}", "missing.nir", "pd14:f", "pd15"])
def test_a_record_runs_no_file_that_it_names(change, tmp_path, name):
    canary = tmp_path / "ran"
    file = tmp_path / "model.py"
    file.write_text(f"open({str(canary)!r}, 'w').close()\ndef network():\n    pass\n")
    named = name.format(file=file) if isinstance(name, str) else name
    with pytest.raises(InputError, match=r"result\.json: model\.name = "):
        points_of_run(change("model.name", named))
    assert not canary.exists()


@pytest.mark.parametrize(("key", "value"), [("seed", 4), ("synaptic_events", 1), ("spike_digest", "0" * 32)])
def test_another_run_than_the_recorded_one_is_refused(change, key, value):
    with pytest.raises(InputError, match="but a repeated run has"):
        points_of_run(change(key, value))


def test_a_phase_without_a_time_is_refused(change):
    with pytest.raises(InputError, match=r"phases_s\.update\.mean is null"):
        points_of_run(change("phases_s.update", None))
