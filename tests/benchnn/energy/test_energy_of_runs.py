"""Energy in the records of real runs, on made-up nodes, and what is added to a record afterwards."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from benchnn.energy.slurm_accounting import job_energy
from simcore.errors import InputError, UnavailableError

POWER_W = 50.0


TICKING = f"""
import os, sys, time
start = time.monotonic()
while True:
    # A reader must never see half of a number, as it never does in /sys.
    with open(sys.argv[2], "w") as aside:
        aside.write(str(round((4990.0 + (time.monotonic() - start) * {POWER_W}) * 1e6) % 5_000_000_000))
    os.replace(sys.argv[2], sys.argv[1])
    time.sleep(0.001)
"""


@pytest.fixture
def ticking(here):
    """A node whose package draws `POWER_W`, and whose counter soon wraps."""
    zone = here.zone("intel-rapl:0", "package-0", 4990.0, range_j=5000.0)
    # One that is not counted.
    here.zone("intel-rapl:0:0", "core", 0.0)
    process = subprocess.Popen([sys.executable, "-c", TICKING, zone, here.root / "aside"])
    deadline = time.monotonic() + 20.0
    while float(zone.read_text()) == 4990e6 and time.monotonic() < deadline:
        time.sleep(0.01)
    yield here
    process.kill()
    process.wait()


def test_energy_of_a_run(ticking, run_small):
    run = run_small("--idle", 300, "--json", "--meters", "powercap", "--require-energy", "--time", 200)
    record = run.record
    energy, wall_s = record["energy"], record["wall_s"]
    assert energy["covers"] == ["package"] and energy["hosts"] == [record["provenance"]["host"]]
    assert energy["mean_power_w"] == pytest.approx(POWER_W, rel=0.2)
    assert energy["propagation_j"] == pytest.approx(energy["mean_power_w"] * wall_s["propagation"]["max"], rel=0.1)
    assert energy["idle_w"] == pytest.approx(POWER_W, rel=0.2)
    assert energy["construction_j"] > 0.0
    assert record["energy_per_synaptic_event_uj"] == pytest.approx(
        1e6 * energy["propagation_j"] / record["synaptic_events"]
    )
    assert [domain["counted"] for domain in energy["domains"]] == [True, False]
    assert "energy" not in record["reasons"] and "energy.propagation_j" not in record["reasons"]


def test_the_course_of_the_power_is_kept_on_request(ticking, run_small):
    options = ("--idle", 0, "--json", "--meters", "powercap", "--time", 300, "--threads", 1, "--param", "n=100")
    energy = run_small(*options, "--power-every", 20).record["energy"]
    assert energy["power_every_ms"] == 20.0 and len(energy["power_w"]) >= 3
    assert sum(energy["power_w"]) / len(energy["power_w"]) == pytest.approx(POWER_W, rel=0.2)
    assert energy["domains"][0]["power_w"] == energy["power_w"] and energy["domains"][1]["power_w"]
    # So many intervals as fit the window.
    window_s = energy["propagation_j"] / energy["mean_power_w"]
    assert len(energy["power_w"]) == pytest.approx(window_s / 0.02, rel=0.05, abs=2.0)


def test_why_there_is_no_course_of_the_power(ticking, run_small):
    options = ("--idle", 0, "--json", "--meters", "powercap", "--overwrite")
    record = run_small(*options).record
    assert record["energy"]["power_w"] is None and "--power-every" in record["reasons"]["energy.power_w"]
    record = run_small(*options, "--power-every", 600_000).record
    assert record["energy"]["power_w"] is None
    assert record["reasons"]["energy.power_w"] == "the state propagation took less than 600000 ms"


def test_the_summary_tells_energy_and_what_it_covers(ticking, run_small):
    out = run_small("--idle", 100, "--meters", "powercap").out
    (line,) = [line for line in out.splitlines() if line.startswith("energy per event")]
    assert " uJ " in line and "W of package, idle" in line


def test_without_counters_every_number_is_null_with_its_reason(here, run_small):
    record = run_small("--json", "--meters", "powercap,pm_counters").record
    assert record["energy"] is None and record["energy_per_synaptic_event_uj"] is None
    assert record["energy_estimate"] is None
    reason = record["reasons"]["energy"]
    assert "powercap: the kernel does not show zones" in reason and "pm_counters: /sys/cray/pm_counters" in reason
    assert record["reasons"]["energy_per_synaptic_event_uj"] == reason


def test_no_idle_time_is_spent_where_nothing_can_be_read(here, run_small):
    start = time.monotonic()
    run_small("--json", "--meters", "powercap", "--idle", 60_000)
    assert time.monotonic() - start < 30.0


def test_energy_can_be_required(here, run_small, home):
    run = run_small("--require-energy", "--meters", "powercap")
    assert run.code == 1
    assert "energy cannot be measured: no meter can be read (powercap: the kernel does not show zones" in run.err
    assert not (home / "out").exists()


def test_a_counter_that_goes_back_fails_a_run_that_requires_energy_but_loses_no_result(
    here, run_small, home, monkeypatch
):
    from simcore.simulator import Simulator

    zone = here.zone("intel-rapl:0", "package-0", 1000.0)
    simulate = Simulator.run

    def run(self, model_time_ms, **options):
        here.zone("intel-rapl:0", "package-0", 10.0)
        return simulate(self, model_time_ms, **options)

    monkeypatch.setattr(Simulator, "run", run)
    finished = run_small("--require-energy", "--meters", "powercap", "--idle", 0)
    assert finished.code == 1 and "its count decreased by 990 J" in finished.err
    record = json.loads((home / "out" / "result.json").read_text())
    assert record["energy"]["propagation_j"] is None and record["energy_per_synaptic_event_uj"] is None
    assert "count decreased" in record["reasons"]["energy_per_synaptic_event_uj"]
    assert record["reasons"]["energy.idle_w"] == record["reasons"]["energy.propagation_j"]
    assert zone.exists()


def test_an_estimate_has_a_field_of_its_own(here, run_small):
    record = run_small("--json", "--power-estimate", 200, "--meters", "none").record
    estimate = record["energy_estimate"]
    assert record["energy"] is None and "--meters none" in record["reasons"]["energy"]
    propagation_s = record["wall_s"]["propagation"]["max"]
    assert estimate["propagation_j"] == pytest.approx(200 * propagation_s)
    assert estimate["per_synaptic_event_uj"] == pytest.approx(2e8 * propagation_s / record["synaptic_events"])
    assert "200 W per node" in estimate["basis"] and "not measured" in estimate["basis"]


@pytest.mark.parametrize(
    ("option", "value", "refusal"),
    [
        ("--meters", "abacus", "meters = 'abacus' is not allowed: use auto, none"),
        ("--idle", "-1", "idle_ms = -1.0 is not allowed"),
        ("--power-every", "5", r"power_every_ms = 5.0 is not allowed: must be in [10, 1e6] ms"),
        ("--power-estimate", "0", "power_estimate_w = 0.0 is not allowed"),
        ("--power-log", "none.csv", "cannot read the power log none.csv"),
        ("--power-column", "power", "power_column = 'power' is not allowed: it requires --power-log"),
    ],
)
def test_wrong_options_are_refused(run_small, option, value, refusal):
    assert refusal in run_small(f"{option}={value}").refusal


# --- afterwards --------------------------------------------------------------------------------------------------


def write_log(path, record, power_w, margin_s=5.0):
    start, end = (record["time"][f"propagation_{name}_unix_s"] for name in ("start", "end"))
    times = [start - margin_s + 0.5 * k for k in range(int((end - start + 2 * margin_s) / 0.5) + 2)]
    lines = [f"{datetime.fromtimestamp(t, UTC).isoformat()},{power_w}\n" for t in times]
    path.write_text("time,power\n" + "".join(lines))


def test_a_power_log_is_added_to_a_finished_run(here, run_small, benchnn, home):
    record = run_small("--json", "--meters", "none").record
    write_log(home / "outlet.csv", record, 300.0)
    finished = benchnn("energy", "out", "--power-log", "outlet.csv")
    assert finished.code == 0 and "uJ per synaptic event (node)" in finished.out
    amended = json.loads((home / "out" / "result.json").read_text())
    start, end = (record["time"][f"propagation_{name}_unix_s"] for name in ("start", "end"))
    assert amended["energy"]["propagation_j"] == pytest.approx(300.0 * (end - start), rel=1e-3)
    assert amended["energy"]["covers"] == ["node"]
    assert amended["energy_per_synaptic_event_uj"] == pytest.approx(
        1e6 * amended["energy"]["propagation_j"] / record["synaptic_events"], rel=1e-3
    )
    changed = {key for key in record if record[key] != amended[key]}
    assert changed == {"energy", "energy_per_synaptic_event_uj", "reasons"}
    assert not any(key.startswith("energy_per") for key in amended["reasons"])
    # Again: it is replaced, not added.
    assert benchnn("energy", "out", "--power-log", "outlet.csv").code == 0
    assert json.loads((home / "out" / "result.json").read_text())["energy"] == amended["energy"]


def test_a_power_log_beside_a_meter_counts_alone(ticking, run_small, benchnn, home):
    record = run_small("--json", "--meters", "powercap", "--idle", 0).record
    write_log(home / "outlet.csv", record, 300.0)
    assert benchnn("energy", "out", "--power-log", "outlet.csv").code == 0
    energy = json.loads((home / "out" / "result.json").read_text())["energy"]
    assert [(one["meter"], one["counted"]) for one in energy["domains"]] == [
        ("power_log", True), ("powercap", False), ("powercap", False),
    ]  # fmt: skip
    assert energy["domains"][1]["propagation_j"] == record["energy"]["propagation_j"]


def write_analyser_log(path, record):
    """24 W in the last but one of several columns that have no names."""
    start, end = (record["time"][f"propagation_{name}_unix_s"] for name in ("start", "end"))
    steps = int((end - start + 4.0) * 10)
    lines = (f"{start - 2.0 + step / 10:.3f};2.0;12.0;24.0;0\n".replace(".", ",") for step in range(steps))
    path.write_text("".join(lines))


def test_the_column_of_the_power_by_option(here, run_small, benchnn, home):
    record = run_small("--json", "--meters", "none").record
    write_analyser_log(home / "outlet.csv", record)
    before = (home / "out" / "result.json").read_bytes()
    asked = ("energy", "out", "--power-log", "outlet.csv")
    assert "outlet.csv has 5 columns without names; pass the number" in benchnn(*asked).refusal
    assert "power_column = '6' is not allowed" in benchnn(*asked, "--power-column", "6").refusal
    assert "power_column = '' is not allowed" in benchnn(*asked, "--power-column=").refusal
    assert "it requires --power-log" in benchnn("energy", "out", "--slurm", "--power-column", "4").refusal
    assert (home / "out" / "result.json").read_bytes() == before
    assert benchnn(*asked, "--power-column", "4").code == 0
    energy = json.loads((home / "out" / "result.json").read_text())["energy"]
    assert energy["mean_power_w"] == pytest.approx(24.0) and energy["domains"][0]["domain"] == "outlet.csv: 4"


def test_a_run_refuses_a_log_whose_power_it_cannot_tell_before_it_begins(run_small, home):
    (home / "outlet.csv").write_text("time,gpu0_W,gpu1_W\n")
    assert "2 columns whose heading names a power" in run_small("--power-log", "outlet.csv").refusal
    assert not (home / "out").exists()


def test_a_run_takes_the_column_that_is_named(here, run_small, home):
    times = range(int(time.time()) - 60, int(time.time()) + 3600)
    (home / "outlet.csv").write_text("time,gpu0_W,gpu1_mW\n" + "".join(f"{t},7,8000\n" for t in times))
    record = run_small("--json", "--power-log", "outlet.csv", "--power-column", "gpu1_mW").record
    assert record["energy"]["mean_power_w"] == pytest.approx(8.0)
    assert record["energy"]["domains"][0]["domain"] == "outlet.csv: gpu1_mW"


def test_a_power_log_that_misses_the_window_changes_nothing(here, run_small, benchnn, home):
    run_small("--meters", "none")
    before = (home / "out" / "result.json").read_bytes()
    (home / "outlet.csv").write_text("1700000001,5\n1700000002,5\n")
    assert (
        "the power log covers 1700000001.0 to 1700000002.0"
        in benchnn("energy", "out", "--power-log", "outlet.csv").refusal
    )
    assert (home / "out" / "result.json").read_bytes() == before


def fake_sacct(folder, monkeypatch, out, code=0, err=""):
    """A program sacct that answers so."""
    program = folder / "bin" / "sacct"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{out}\nEND\necho '{err}' >&2\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_energy_of_the_whole_job_has_a_field_of_its_own(here, run_small, benchnn, home, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    run_small("--meters", "none")
    fake_sacct(home, monkeypatch, "17|60|12000|2|COMPLETED")
    finished = benchnn("energy", "out", "--slurm")
    assert finished.code == 0 and "job 17: 1.2e+04 J in 60 s on 2 nodes" in finished.out
    record = json.loads((home / "out" / "result.json").read_text())
    assert record["energy"]["slurm_job"] == {
        "job_id": "17", "consumed_j": 12000.0, "elapsed_s": 60.0, "nodes": 2, "state": "COMPLETED",
    }  # fmt: skip
    assert record["energy"]["propagation_j"] is None and record["energy_per_synaptic_event_uj"] is None
    assert "--meters none" in record["reasons"]["energy.propagation_j"]
    assert "energy.slurm_job" not in record["reasons"] and "energy" not in record["reasons"]


@pytest.mark.parametrize(
    ("out", "code", "err", "reason"),
    [
        ("", 1, "Slurm accounting storage is disabled", "sacct failed: Slurm accounting storage is disabled"),
        ("", 0, "", "sacct does not know job 17"),
        ("17|60|0|2|COMPLETED", 0, "", "did not measure the energy of job 17"),
        ("17|60|18446744073709551614|2|COMPLETED", 0, "", "did not measure the energy of job 17"),
        ("17|60||2|COMPLETED", 0, "", "did not measure the energy of job 17"),
        ("17|60|\u00b2|2|COMPLETED", 0, "", "did not measure the energy of job 17"),
        ("17|Unknown|12000|2|COMPLETED", 0, "", "does not report the time and the number of nodes of job 17"),
        ("17|60|12000|2.5K|COMPLETED", 0, "", "does not report the time and the number of nodes of job 17"),
    ],
)
def test_slurm_that_does_not_tell(tmp_path, monkeypatch, out, code, err, reason):
    fake_sacct(tmp_path, monkeypatch, out, code, err)
    with pytest.raises(UnavailableError, match=reason):
        job_energy("17")


def test_no_slurm(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="the Slurm program sacct was not found"):
        job_energy("17")
    with pytest.raises(InputError, match="slurm_job_id = '17; ls' is not allowed"):
        job_energy("17; ls")


def test_what_is_no_record_is_refused(home, benchnn, run_small):
    assert "cannot read nowhere/result.json" in benchnn("energy", "nowhere", "--slurm").refusal
    assert "power_log is missing" in benchnn("energy", "nowhere").refusal
    run_small("--meters", "none")
    assert "slurm_job_id is null" in benchnn("energy", "out", "--slurm").refusal
    path = home / "out" / "result.json"
    record = json.loads(path.read_text())
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 99'))
    assert "schema_version = 99" in benchnn("energy", "out", "--slurm").refusal
    path.write_text(json.dumps(record | {"time": []}))
    assert "time is not an object" in benchnn("energy", "out", "--slurm").refusal
    path.write_text(json.dumps({key: value for key, value in record.items() if key != "energy"}))
    assert "is not the record of a run: energy is missing" in benchnn("energy", "out", "--slurm").refusal
    path.write_text("[]")
    assert "is not a record" in benchnn("energy", "out", "--slurm").refusal
