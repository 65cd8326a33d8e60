"""Measuring on a machine with a GPU: dry runs on its emulation, and what is written when something fails or is late."""

import contextlib
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import emulation
import pytest
from on_a_gpu import check, measure, ncu, nvidia_smi, simulate
from on_a_gpu.__main__ import main
from on_a_gpu.bundle import ROOT
from on_a_gpu.errors import NotMeasuredError
from on_a_gpu.results import NOT_REACHED, Results
from on_a_gpu.session import Session

from simcore.backends import backends

SCRIPT = ROOT / "benchmarks" / "on_a_gpu.sh"
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="gpu: there is no g++ to emulate one")


def record(spikes=7, digest="a", rtf=0.5, energy=None):
    """What is read of the record of a run of 1000 steps."""
    wall = 0.1 * rtf
    phases = {"update": 0.2, "deliver": 0.1, "communicate": 0.4, "record": 0.0}
    return {
        "spikes": spikes,
        "spike_digest": digest,
        "network_digest": "network",
        "synaptic_events": 100 * spikes,
        "synaptic_events_per_s": 1e6,
        "real_time_factor": rtf,
        "model": {"resolution_ms": 0.1},
        "time": {"timed_ms": 100.0},
        "wall_s": {"propagation": {"max": wall}, "construction": {"max": 2.0}},
        "phases_s": {phase: {"mean": share * wall} for phase, share in phases.items()},
        "memory_bytes": {part: {"sum": 10} for part in ("synapses", "index", "state")},
        "energy": energy,
        "energy_per_synaptic_event_uj": None if energy is None else 2.0,
        "reasons": {"energy": "no meter"},
    }


class StandIn(Session):
    """A session whose programs only answer: a text, or why there is none, by the beginning of a name (`answers`)."""

    def start(self, name, command, limit_s):
        return SimpleNamespace(name=name, command=command, process=SimpleNamespace(returncode=0))

    def finish(self, started, codes=(0,)):
        answer = next(value for begin, value in self.answers.items() if started.name.startswith(begin))
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, str) else json.dumps(answer)

    def stop(self, started):
        pass


class InProcess(Session):
    """A session that simulates in this process, which saves the start of an interpreter; other programs are started."""

    def start(self, name, command, limit_s):
        if command[:3] != [sys.executable, "-m", "on_a_gpu.simulate"]:
            return super().start(name, command, limit_s)
        # All programs of a call share compiled code.
        emulation.FOLDER = self.work
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            code = simulate.main(command[3:])
        assert code == 0, err.getvalue()
        return SimpleNamespace(name=name, printed=out.getvalue())

    def finish(self, started, codes=(0,)):
        return started.printed if isinstance(started, SimpleNamespace) else super().finish(started, codes)


@pytest.fixture
def in_process(tmp_path, monkeypatch):
    """Let calls simulate in this process, on the emulation that they choose."""
    monkeypatch.setattr("on_a_gpu.__main__.Session", InProcess)
    monkeypatch.setitem(backends._entries, "gpu", backends._entries["gpu"])
    monkeypatch.setattr(emulation, "FOLDER", emulation.FOLDER)
    monkeypatch.setenv("ON_A_GPU_WORK", str(tmp_path))  # read while `on_a_gpu.emulated` is imported
    importlib.import_module("on_a_gpu.emulated")


def session_of(kind, folder, mode, limit_s=60.0, emulated=False):
    agreements = check.agreements(emulated) if mode == "check" else measure.agreements()
    figures = measure.figures() if mode == "measure" else []
    results = Results(folder / f"{mode}.json", {"mode": mode, "emulated": emulated}, figures, agreements)
    return kind(folder, folder, time.monotonic() + limit_s, emulated, results, None)


def written(folder, mode):
    return json.loads((folder / f"{mode}.json").read_text())


def called(*words, **environment):
    command = ["bash", str(SCRIPT), *map(str, words)]
    added = {"PYTHON": sys.executable, **environment}
    return subprocess.run(command, env={**os.environ, **added}, capture_output=True, text=True, check=False)


@pytest.mark.thorough
@needs_compiler
def test_a_dry_run_compares_with_the_cpu(tmp_path):
    done = called("check", "--emulated", OUT=str(tmp_path))
    assert done.returncode == 0, done.stderr
    found, runs = written(tmp_path, "check"), json.loads((tmp_path / "check_runs.json").read_text())
    assert found["finished"] and found["emulated"] and runs["emulated"]
    assert found["agreements"]["brunel"] is True and "agree         brunel" in done.stdout
    assert {name: run["backend"]["name"] for name, run in runs["runs"].items()} == {
        "brunel.cpu": "oracle",
        "brunel.gpu": "gpu",
    }
    assert runs["runs"]["brunel.gpu"]["spikes"] > 100
    assert found["figures"]["compile_s"]["step_loop"] > 0.1
    assert found["reasons"]["figures.attributes"] == "a dry run without a GPU"


@pytest.mark.thorough
@needs_compiler
@pytest.mark.filterwarnings("ignore:.*rheobase")
def test_a_dry_run_measures_everything_that_needs_no_gpu(tmp_path, in_process, capsys):
    assert main(["measure", "--emulated", "--out", str(tmp_path)]) == 0
    found = written(tmp_path, "measure")
    assert set(found["agreements"].values()) == {True}
    assert set(found["figures"]["grid"]["barrier_ns_by_blocks"]) == {"1", "2"}
    for drive in measure.DRIVES:
        figures = found["figures"][drive]
        assert len(figures["real_time_factor"]["values"]) == 2
        phases = [figures["phases_us_per_step"][phase]["values"][0] for phase in (*measure.PHASES, "outside_launches")]
        assert sum(phases) == pytest.approx(figures["step_us"]["values"][0]) and min(phases) > 0.0
    # Launch by launch nothing waits inside a kernel.
    assert found["figures"]["by_step"]["phases_s"]["communicate"] == 0.0
    nulls = {key for key, value in found["figures"]["ncu"].items() if value is None}
    assert {f"figures.ncu.{key}" for key in nulls} <= set(found["reasons"])
    assert "do not apply to a GPU" in capsys.readouterr().out


def test_without_a_gpu_the_call_says_so(tmp_path, monkeypatch):
    if backends.unusable_because("gpu") is None:
        pytest.skip("gpu: there is one")
    monkeypatch.setattr("on_a_gpu.__main__.BUNDLE", tmp_path / "absent")
    assert main(["measure", "--out", str(tmp_path)]) == 1
    found = written(tmp_path, "measure")
    assert "the gpu backend cannot be used here" in found["stopped"] and not found["finished"]
    assert found["figures"]["poisson"]["real_time_factor"] is None
    assert found["reasons"]["figures.poisson.real_time_factor"] == NOT_REACHED


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf"])
def test_a_limit_that_is_no_time_is_refused(limit, tmp_path, capsys):
    assert main(["check", "--out", str(tmp_path), f"--limit={limit}"]) == 2
    assert "--limit" in capsys.readouterr().err


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{pid}/status").read_text()


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path):
    session = session_of(Session, tmp_path, "check", limit_s=4.0)
    program = "sleep 100 & echo $!; wait"
    started = session.start("hang", ["bash", "-c", program], 100.0)
    with pytest.raises(NotMeasuredError, match=NOT_REACHED):
        session.finish(started)
    child, deadline = int(started.stdout.read_text()), time.monotonic() + 10.0
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(child)
    with pytest.raises(NotMeasuredError, match=NOT_REACHED):
        session.start("late", ["true"], 100.0)
    assert session.results.finish(None) == 1
    assert "exit code -9" in (tmp_path / "check.log").read_text()


def test_a_program_that_takes_too_long_leaves_time_for_others(tmp_path):
    session = session_of(Session, tmp_path, "check")
    with pytest.raises(NotMeasuredError, match="slow was stopped: it took too long"):
        session.call("slow", ["sleep", "100"], 3.1)
    assert session.call("quick", ["echo", "said"], 10.0) == "said\n"
    with pytest.raises(NotMeasuredError, match="bad failed with exit code 3: why"):
        session.call("bad", ["bash", "-c", "echo why >&2; exit 3"], 10.0)


@needs_compiler
def test_a_signal_leaves_whole_files_and_no_program(tmp_path):
    command = ["bash", str(SCRIPT), "check", "--emulated", "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHON": sys.executable, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert "probe-device" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    found = written(tmp_path, "check")
    assert process.returncode == 1 and found["stopped"] == "interrupted"
    assert found["reasons"]["agreements.brunel"] == NOT_REACHED
    assert sorted(path.name for path in tmp_path.iterdir()) == ["check.json", "check.log"]


def checked(tmp_path, monkeypatch, **answers):
    session = session_of(StandIn, tmp_path, "check")
    session.answers = {"golden": "9 passed, 92 deselected in 40.77s", "memory": "", **answers, "": record()}
    monkeypatch.setattr(check.shutil, "which", lambda name: name)
    check.check(session)
    return session.results.finish(None), written(tmp_path, "check"), session.results.summary()


def test_equal_runs_agree(tmp_path, monkeypatch):
    code, found, _ = checked(tmp_path, monkeypatch)
    assert code == 0 and set(found["agreements"].values()) == {True}
    assert len(found["agreements"]) == len(check.NETWORKS) + 2


def test_other_spikes_differ(tmp_path, monkeypatch):
    code, found, lines = checked(tmp_path, monkeypatch, **{"pd14.gpu": record(digest="b")})
    assert code == 1 and found["agreements"]["pd14"] is False and found["agreements"]["pd14-dc"] is True
    assert "  DIFFER        pd14: spike_digest: a, b" in lines


@pytest.mark.parametrize(
    ("answers", "name", "agrees", "why"),
    [
        ({"cuba": record(spikes=0)}, "cuba", None, "no neuron fired"),
        ({"coba.gpu": NotMeasuredError("coba.gpu failed")}, "coba", None, "coba.gpu failed"),
        ({"golden": "1 failed, 8 passed in 3.1s"}, check.GOLDEN_NAME, False, "1 failed"),
        ({"golden": "9 skipped in 3.1s"}, check.GOLDEN_NAME, False, "9 skipped"),
    ],
)
def test_what_says_nothing_is_no_agreement(tmp_path, monkeypatch, answers, name, agrees, why):
    code, found, _ = checked(tmp_path, monkeypatch, **answers)
    assert code == 1 and found["agreements"][name] is agrees and why in found["reasons"][f"agreements.{name}"]


def measured(tmp_path, monkeypatch, **answers):
    session = session_of(StandIn, tmp_path, "measure")
    grid = {"barrier_ns_by_blocks": {"264": 900.0}, "launch_us": 4.0}
    session.answers = {"probe-grid": grid, **answers, "": record()}
    monkeypatch.setattr(measure.shutil, "which", lambda name: None)
    measure.measure(session)
    return session.results.finish(None), written(tmp_path, "measure")


def test_figures_are_those_of_the_records(tmp_path, monkeypatch):
    energy = {"propagation_j": 5.0, "covers": ["gpu"]}
    answers = {"poisson-1": record(rtf=0.2, energy=energy), "poisson-2": record(rtf=0.4, energy=energy)}
    code, found = measured(tmp_path, monkeypatch, **answers)
    poisson, dc = (found["figures"][drive] for drive in measure.DRIVES)
    assert code == 0
    assert poisson["real_time_factor"] == {"median": 0.4, "min": 0.2, "max": 0.5, "values": [0.2, 0.4, 0.5]}
    assert poisson["step_us"]["values"] == pytest.approx([20.0, 40.0, 50.0])
    assert poisson["phases_us_per_step"]["communicate"]["median"] == pytest.approx(16.0)
    assert poisson["phases_us_per_step"]["outside_launches"]["median"] == pytest.approx(12.0)
    assert poisson["energy_j_per_model_s"]["values"] == [50.0, 50.0] and poisson["energy_covers"] == "gpu"
    assert dc["energy_j_per_model_s"] is None
    assert found["reasons"]["figures.dc.energy_j_per_model_s"] == "no meter"
    assert found["reasons"]["figures.ncu.propagate"] == "ncu (NVIDIA Nsight Compute) is not installed"
    runs = json.loads((tmp_path / "measure_runs.json").read_text())["runs"]
    assert {"poisson-first", "poisson-by-step", "poisson-3", "dc-3"} <= set(runs)


def test_repeats_with_other_spikes_differ(tmp_path, monkeypatch):
    code, found = measured(tmp_path, monkeypatch, **{"dc-2": record(digest="b")})
    assert code == 1
    assert list(found["agreements"].values()) == [True, False, True]


def test_runs_that_fail_say_why(tmp_path, monkeypatch):
    failing = NotMeasuredError("it hangs")
    code, found = measured(tmp_path, monkeypatch, **{"poisson-by-step": record(rtf=2.0), "poisson": failing})
    assert code == 1 and found["figures"]["by_step"]["real_time_factor"] == 2.0
    assert found["figures"]["poisson"]["real_time_factor"] is None
    assert found["reasons"]["figures.poisson.real_time_factor"] == "it hangs"
    assert found["figures"]["dc"]["real_time_factor"]["median"] == 0.5


@pytest.mark.parametrize(("rtf", "time_ms"), [(0.05, 10_000), (1.5, 4000), (30.0, 1000)])
def test_repeats_are_as_long_as_the_time_allows(rtf, time_ms):
    assert measure._time_ms(measure.FULL, record(rtf=rtf)) == time_ms
    assert measure._time_ms(measure.FULL, "it failed") == 1000


def program(folder, name, text, code=0):
    """An executable that prints a text."""
    path = folder / name
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_what_the_driver_does_not_say_is_null(tmp_path, monkeypatch):
    row = "NVIDIA H200, GPU-1, 580.1, 143771, 3, 345, 1980, 3201, 3201, 76.35, [N/A], 31, P0, Enabled, Disabled"
    program(tmp_path, "nvidia-smi", row)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    state = nvidia_smi.state()
    assert (state["name"], state["memory_mib"], state["power_limit_w"]) == ("NVIDIA H200", 143771.0, None)
    results = Results(tmp_path / "check.json", {"mode": "check", "emulated": False})
    results.put("nvidia_smi", state, "the driver does not report it")
    assert written(tmp_path, "check")["reasons"] == {
        "figures.nvidia_smi.power_limit_w": "the driver does not report it"
    }
    program(tmp_path, "nvidia-smi", "No devices were found", code=6)
    with pytest.raises(NotMeasuredError, match="nvidia-smi says: No devices were found"):
        nvidia_smi.state()


def test_samples_are_those_in_which_the_gpu_works(tmp_path, monkeypatch):
    rows = "345, 3201, 76.5, 31, 3, 0\n1980, 3201, 300.0, 40, 1500, 90\n1800, 3201, [N/A], 41, 1500, 95\n1980, 32"
    program(tmp_path, "nvidia-smi", rows)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with nvidia_smi.sampled(tmp_path / "samples.csv"):
        deadline = time.monotonic() + 10.0
        while not (tmp_path / "samples.csv").stat().st_size and time.monotonic() < deadline:
            time.sleep(0.01)
    summary = nvidia_smi.summary(tmp_path / "samples.csv")
    assert summary["samples"] == 2 and summary["sm_clock_mhz"] == {"min": 1800.0, "mean": 1890.0, "max": 1980.0}
    assert summary["power_w"]["mean"] == 300.0 and summary["memory_used_mib"]["max"] == 1500.0
    (tmp_path / "samples.csv").write_text("345, 3201, 76.5, 31, 3, 0\n")
    with pytest.raises(NotMeasuredError, match="no work in 1 samples"):
        nvidia_smi.summary(tmp_path / "samples.csv")


NCU = """==PROF== Connected to process 7
==WARNING== Something
"ID","Process ID","Kernel Name","Block Size","Grid Size","Device","CC","dram__bytes.sum","gpu__time.sum","smsp__x.ratio"
"","","","","","","","Mbyte","usecond",""
"0","7","propagate","(512, 1, 1)","(264, 1, 1)","0","9.0","1,234.5","12.5","n/a"
"""


def test_counters_are_read_with_their_units():
    (launch,) = ncu.launches_of(NCU)
    assert launch["kernel"] == "propagate" and set(launch["metrics"]) == {
        "dram__bytes.sum",
        "gpu__time.sum",
        "smsp__x.ratio",
    }
    assert launch["metrics"]["dram__bytes.sum"] == {"value": 1234.5, "unit": "Mbyte"}
    assert ncu.launches_of("==PROF== Connected\n") == []


@pytest.mark.parametrize("code", [0, 1])
def test_counters_that_may_not_be_read_say_why(tmp_path, monkeypatch, code):
    said = "==ERROR== ERR_NVGPUCTRPERM - The user does not have permission"
    script = tmp_path / "ncu"
    script.write_text(
        '#!/bin/sh\nwhile [ "$1" != --log-file ]; do shift; done\n' + f"echo '{said}' > \"$2\"\nexit {code}\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    session = session_of(Session, tmp_path, "measure")
    with pytest.raises(NotMeasuredError, match="ncu says: ERR_NVGPUCTRPERM"):
        ncu.counters(session, "propagate", ["true"], "^propagate$", 1, 1, 30.0)
