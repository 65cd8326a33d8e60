"""Scaling series: what is started, the table, failures, digests, interruption. A launcher of our own stands for MPI."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchnn.studies import scaling
from benchnn.studies.scaling import RUN_OPTIONS

ROOT = Path(__file__).parents[3]

# Instead of ranks it writes the record of a run that took (1 + seed/100) * 8 s per s, shared perfectly among the cores,
# but with two ranks a quarter longer. Words before the number of ranks tell what goes wrong with two of them.
LAUNCHER = """
import json, os, pathlib, signal, sys, time
print("PMI_RANK:", os.environ.get("PMI_RANK"), file=sys.stderr)
fault, ranks = sys.argv[1], int(sys.argv[2])
given = dict(word.lstrip("-").partition("=")[::2] for word in sys.argv[3:] if word.startswith("--"))
out, threads, seed = pathlib.Path(given["out"]), int(given["threads"]), int(given["seed"])
fault = fault if ranks == 2 else "none"
if fault == "exit":
    sys.exit("0 %\\nbenchnn: error on rank 1 of 2 (a): lost\\nbenchnn: error on rank 0 of 2 (a): too\\nthe launcher")
if fault == "kill":
    print("the last of it\\n-----", file=sys.stderr, flush=True)
    os.kill(os.getpid(), 9)
if fault == "hang":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("it was asked to end"))
    pathlib.Path("pid").write_text(str(os.getpid()))
    time.sleep(100)
rtf = (1 + seed / 100) * 8 / ranks / threads * (1.25 if ranks == 2 else 1.0)
record = {
    "schema_version": 1,
    "run_id": out.name,
    "provenance": {"started_utc": "2026-01-01T00:00:00+00:00"},
    "model": {"name": "net", "neurons": 1000, "synapses": 50000},
    "layout": {"ranks": 1 if fault == "ranks" else ranks, "hosts": ["a", "b"] if fault == "hosts" else ["a"]},
    "time": {"model_time_ms": 2000.0},
    "real_time_factor": rtf,
    "wall_s": {"construction": {"max": 0.5}, "propagation": {"max": 2 * rtf}},
    "phases_s": {"update": {"mean": rtf}, "deliver": {"mean": 0.5 * rtf}, "communicate": None},
    "load_imbalance": {"update": 1.25, "deliver": 1.5},
    "memory_bytes": {"peak_rss": {"max": 3e6 * seed}},
    "synaptic_events_per_s": 4e6,
    "spikes": 5000,
    "spike_digest": f"d{seed}" + ("x" if fault == "digest" else ""),
    "network_digest": "n",
    "reasons": {"phases_s.communicate": "the backend does not time this phase"},
}
out.mkdir(parents=True, exist_ok=True)
if fault == "full":
    (out.parent / "scaling.json").mkdir()
if fault != "nothing":
    (out / "result.json").write_text(json.dumps(record))
"""
SHORT = ("--time", 20, "--warmup", 5, "--backend", "oracle")


@pytest.fixture
def scale(home, benchnn, monkeypatch):
    """Scale the small network, by default with the launcher above: ``scale("strong", "--ranks", "1,2")``."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (home / "launcher.py").write_text(LAUNCHER)

    def call(kind, *arguments, model="small.py:small", fault="none", launcher="launcher.py"):
        given = ("--launcher", shlex.join([sys.executable, launcher, fault, "{ranks}"])) if launcher else ()
        return benchnn("scale", kind, model, *SHORT, *given, "--out", "out", *arguments)

    return call


def record():
    return json.loads(Path("out/scaling.json").read_text())


def commands():
    """Folders and commands of the runs that succeeded."""
    runs = [run for row in record()["rows"] for run in row["runs"] if run["error"] is None]
    return {Path(run["result"]).parts[0]: run["command"] for run in runs}


def table(text):
    """Cells of the lines that begin with ranks and threads, of both tables together."""
    lines = [line.split() for line in text.splitlines()]
    return [line for line in lines if len(line) > 2 and line[0].isdigit() and line[1].isdigit()]


# --- real runs ---------------------------------------------------------------------------------------------------


def test_layouts_beyond_what_the_job_may_use_are_marked(scale, monkeypatch):
    monkeypatch.setattr(scaling, "allowed_cpus", lambda cpus: 1)
    assert scale("strong", "--ranks", "1,2").code == 0
    assert record()["usable_cpus"] == 1
    assert [row["oversubscribed"] for row in record()["rows"]] == [False, True]


def test_strong_scaling_of_real_runs(scale, in_process):
    done = scale("strong", "--ranks", 1, "--threads", "1,2", "--seeds", "3,4", launcher=None)
    assert done.code == 0, done.err
    rows = record()["rows"]
    assert [(row["ranks"], row["threads"], row["neurons"]) for row in rows] == [(1, 1, 25), (1, 2, 25)]
    for row in rows:
        for run in row["runs"]:
            result = json.loads(Path("out", run["result"]).read_text())
            assert run["real_time_factor"] == result["real_time_factor"] > 0.0
            assert (run["spike_digest"], run["seed"]) == (result["spike_digest"], result["seed"])
            assert (result["time"]["model_time_ms"], result["time"]["warmup_ms"]) == (20.0, 5.0)
    assert rows[0]["runs"][0]["spike_digest"] != rows[0]["runs"][1]["spike_digest"]
    assert done.out.count("on 2 layouts") == 2
    assert "written to out" in done.out


def test_weak_scaling_of_a_model_of_ones_own(scale, in_process):
    done = scale("weak", "--ranks", 1, "--threads", "2,4,1", "--grow", "n", "--param", "n=21", launcher=None)
    assert done.code == 0, done.err
    assert record()["scaled"] == "n x cores / 2: all other parameters are kept"
    sizes = [json.loads(Path(f"out/r0001-t00{t}-s1/result.json").read_text())["model"]["neurons"] for t in (2, 4, 1)]
    # 21, 42 and 10.5 rounded to even, with a quarter of it in the second population.
    assert sizes == [21 + 5, 42 + 10, 10 + 2] == [row["neurons"] for row in record()["rows"]]


def test_a_run_that_cannot_start_tells_why(scale):
    """It cannot even start: its log cannot be written."""
    Path("out").mkdir()
    Path("out/r0001-t001-s1.log").mkdir()
    done = scale("strong", "--ranks", 1, "--threads", "1,2", launcher=None)
    assert done.code == 1
    assert "FAILED r0001-t001, seed 1, not started: [Errno 21] Is a directory" in done.out
    assert record()["rows"][1]["runs"][0]["error"] is None


@pytest.mark.thorough
@pytest.mark.skipif(
    not Path(sys.executable).with_name("mpiexec").exists() and shutil.which("mpiexec") is None,
    reason="mpiexec was not found",
)
def test_two_ranks_of_mpi_give_the_spikes_of_one(scale):
    pytest.importorskip("mpi4py")
    done = scale("strong", "--ranks", "1,2", "--backend", "cpu", launcher=None)
    assert done.code == 0, done.out + done.err
    assert [row["ranks"] for row in record()["rows"]] == [1, 2]
    assert "on 2 layouts" in done.out


# --- what is started ---------------------------------------------------------------------------------------------


def test_runs_are_interleaved_over_the_seeds(scale):
    done = scale("strong", "--ranks", "2,4", "--threads", "1,3", "--seeds", "5,6")
    names = [line.split()[1] for line in done.err.splitlines() if "real-time factor" in line]
    layouts = ["r0002-t001", "r0002-t003", "r0004-t001", "r0004-t003"]
    assert names == [f"{layout}-s{seed}" for seed in (5, 6) for layout in layouts]


def test_options_reach_every_run(scale):
    passed = ("--precision", "float64", "--weight-bits", 32, "--accept-quantisation", "--overwrite")
    assert scale("strong", "--ranks", "1,2", "--param", "n=40", "--param", "weight=-3", *passed).code == 0
    command = commands()["r0002-t001-s1"]
    assert command[:4] == [sys.executable, "launcher.py", "none", "2"]
    assert command[4:9] == [sys.executable, "-m", "benchnn", "run", "small.py:small"]
    own = ["--threads=1", "--seed=1", "--out=out/r0002-t001-s1", "--param=n=40", "--param=weight=-3"]
    given = ["--time=20", "--warmup=5", "--backend=oracle", "--precision=float64", "--weight-bits=32"]
    assert sorted(command[9:]) == sorted([*own, *given, "--accept-quantisation", "--overwrite"])


def test_registered_models_grow_as_they_declare(scale):
    assert scale("weak", "--ranks", "1,4", "--param", "order=200", model="brunel").code == 0
    assert {"--param=order=200", "--param=order=800", "--param=in_degree=80"} < set(commands()["r0004-t001-s1"])
    assert record()["scaled"].startswith("order x cores / 1: order grows and in_degree is fixed")
    assert [row["neurons"] for row in record()["rows"]] == [1000, 4000]
    assert [row["grown"] for row in record()["rows"]] == [{"order": o, "in_degree": 80} for o in (200, 800)]


def test_launcher_is_no_shell_and_knows_ranks_and_threads(scale, home):
    words = [sys.executable, "launcher.py", "$(touch hacked);{threads}", "{ranks}"]
    assert scale("strong", "--ranks", 2, "--threads", 3, "--launcher", shlex.join(words)).code == 0
    assert commands()["r0002-t003-s1"][:4] == [sys.executable, "launcher.py", "$(touch hacked);3", "2"]
    assert not (home / "hacked").exists()


@pytest.fixture
def bin_folder(home, monkeypatch):
    """An interpreter in a folder of its own, and an mpiexec there whose version and behaviour are the test's."""
    folder = home / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    real = sys.executable
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", str(folder))

    def make(version):
        script = f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{version}"; exit; fi\n'
        script += 'echo "root: $OMPI_ALLOW_RUN_AS_ROOT $OMPI_ALLOW_RUN_AS_ROOT_CONFIRM" >&2\n'
        script += f'exec {real} {home / "launcher.py"} none "$2" "$@"\n'
        (folder / "mpiexec").write_text(script)
        (folder / "mpiexec").chmod(0o755)

    return make


def test_mpich_gets_the_number_of_ranks_alone(scale, bin_folder, home):
    bin_folder("HYDRA build details: Version 5.0.2")
    # One rank needs no mpiexec; here it fails, because the interpreter knows no packages.
    scale("strong", "--ranks", "2,4,1", launcher=None)
    assert record()["rows"][2]["runs"][0]["command"][:2] == [sys.executable, "-m"]
    mpiexec = str(home / "bin" / "mpiexec")
    assert commands()["r0002-t001-s1"][:4] == [mpiexec, "-n", "2", sys.executable]
    assert commands()["r0004-t001-s1"][:4] == [mpiexec, "-n", "4", sys.executable]
    assert Path("out/r0004-t001-s1.log").read_text().startswith("root:  \n")


@pytest.mark.parametrize(("uid", "root"), [(0, "root: 1 1\n"), (1000, "root:  \n")])
def test_open_mpi_may_oversubscribe_and_run_as_root(scale, bin_folder, monkeypatch, uid, root):
    bin_folder("mpiexec (Open MPI) 5.0.11")
    monkeypatch.setattr(os, "getuid", lambda: uid)
    assert scale("strong", "--ranks", 2, launcher=None).code == 0
    assert commands()["r0002-t001-s1"][1:7] == ["-n", "2", "--map-by", ":OVERSUBSCRIBE", "--bind-to", "none"]
    assert Path("out/r0002-t001-s1.log").read_text().startswith(root)


def test_without_mpiexec_several_ranks_are_unavailable(scale, bin_folder):
    done = scale("strong", "--ranks", "1,2", launcher=None)
    assert done.code == 1
    assert "mpiexec was not found" in done.err and "--launcher" in done.err
    assert not Path("out").exists()


def test_runs_are_not_taken_for_the_rank_that_started_the_series(scale, monkeypatch):
    monkeypatch.setenv("PMI_RANK", "0")
    assert scale("strong", "--ranks", 4).code == 0
    assert Path("out/r0004-t001-s1.log").read_text() == "PMI_RANK: None\n"


def test_a_launcher_that_is_not_there_is_unavailable(scale):
    done = scale("strong", "--ranks", 2, "--launcher", "no_such_srun -n {ranks}")
    assert (done.code, done.err) == (1, "benchnn: error: launcher no_such_srun is not an executable program\n")


# --- what goes wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        ("exit", "exit code 1", "benchnn: error on rank 1 of 2 (a): lost"),
        ("kill", "killed by signal 9", "the last of it"),
        ("nothing", "exit code 0", "the run did not write result.json"),
        ("ranks", "exit code 0", "the run used 1 of 2 ranks; launcher and mpi4py must belong to the same MPI library"),
    ],
)
def test_a_failed_run_is_a_row_and_the_series_goes_on(scale, fault, code, message):
    done = scale("strong", "--ranks", "1,2,4", "--seeds", "1,2", fault=fault)
    assert done.code == 1
    assert f"FAILED r0002-t001, seed 2, {code}: {message} (r0002-t001-s2.log)\n" in done.out
    assert done.err.endswith("benchnn: error: 2 of 6 runs failed\n")
    _, failed, last = record()["rows"]
    assert failed["real_time_factor"] is None and failed["efficiency"] is None
    assert failed["reasons"]["real_time_factor"] == failed["reasons"]["efficiency"]
    assert failed["reasons"]["efficiency"] == "all runs of this layout failed"
    assert failed["runs"][0]["error"] == message and failed["runs"][0]["result"] is None
    assert last["efficiency"] == pytest.approx(1.0)
    assert table(done.out)[1][-4:] == ["2", "of", "2", "FAILED"]


def test_an_earlier_result_is_not_taken_for_that_of_a_failed_run(scale):
    scale("strong", "--ranks", 2)
    scale("strong", "--ranks", 2, "--overwrite", fault="nothing")
    assert record()["rows"][0]["runs"][0]["error"] == "the run did not write result.json"


def test_spikes_that_depend_on_the_layout_are_an_error(scale):
    done = scale("strong", "--ranks", "1,2", "--seeds", "7,8", fault="digest")
    assert done.code == 1
    message = "the spike digest of seed 8 depends on the layout: r0001-t001 d8, r0002-t001 d8x"
    assert f"ERROR: {message}\n" in done.out
    assert message in done.err
    assert len(record()["errors"]) == 2


def test_sigterm_ends_the_run_and_keeps_what_is_over(scale, home):
    launcher = shlex.join([sys.executable, "launcher.py", "hang", "{ranks}"])
    arguments = ("scale", "strong", "small.py:small", *SHORT, "--ranks", "1,2,4", "--launcher", launcher)
    command = [sys.executable, "-m", "benchnn", *map(str, arguments), "--out", "out"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 60.0
            while not (home / "pid").exists() or not (home / "pid").read_text():
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.05)
            assert [len(row["runs"]) for row in record()["rows"]] == [1, 0, 0]
            assert not record()["complete"]
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60.0)
        finally:
            process.kill()
    assert process.returncode == 1
    assert Path("out/r0002-t001-s1.log").read_text().endswith("\nit was asked to end\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int((home / "pid").read_text()), 0)
    assert "INTERRUPTED by SIGTERM: the series is incomplete" in out
    assert table(out)[1][-5:] == ["1", "of", "1", "not", "run"]
    assert err.endswith("benchnn: error: interrupted by SIGTERM: 1 of 3 runs have finished\n")
    assert (record()["interrupted_by"], record()["complete"]) == ("SIGTERM", False)
    assert [len(row["runs"]) for row in record()["rows"]] == [1, 0, 0]


# --- input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["strong", "--ranks", "0"], "ranks = '0' is not allowed: must be integers in [1, 1000000]"),
        (["strong", "--ranks", "1,1000001"], "ranks = '1,1000001' is not allowed"),
        (["strong", "--ranks", "1,2,1"], "ranks = '1,2,1' is not allowed: 1 appears twice"),
        (["strong", "--ranks", "1,,2"], "ranks = '1,,2' is not allowed"),
        (["strong", "--ranks", "two"], "ranks = 'two' is not allowed"),
        (["strong", "--ranks=-1"], "ranks = '-1' is not allowed"),
        (["strong"], "the following arguments are required: --ranks"),
        (["sideways", "--ranks", "1"], "invalid choice: 'sideways'"),
        (["strong", "--ranks", "1", "--threads", "1025"], "threads = '1025' is not allowed"),
        (["strong", "--ranks", "1", "--seeds", "1,4294967296"], "seeds = '1,4294967296' is not allowed"),
        (["strong", "--ranks", "1", "--param", "m=3"], "parameter 'm' is unknown"),
        (["strong", "--ranks", "1", "--precision", "half"], "precision = 'half' is not allowed"),
        (["strong", "--ranks", "1", "--time", "0.05"], "time_ms = 0.05 is not allowed"),
        (["strong", "--ranks", "1", "--grow", "n"], "grow = 'n' is not allowed: it requires weak scaling"),
        (["weak", "--ranks", "1"], "weak scaling of small.py:small requires --grow PARAM"),
        (["weak", "--ranks", "1", "--grow", "m"], "grow = 'm' is not allowed: the parameters of small.py:small are n,"),
        (
            ["weak", "--ranks", "1", "--grow", "input"],
            "grow = 'input' is not allowed: the value of this parameter must be a number, not 'poisson'",
        ),
        (
            ["weak", "--ranks", "1", "--grow", "inhibition"],
            "grow = 'inhibition' is not allowed: the value of this parameter must be a number, not True",
        ),
        (["weak", "--ranks", "2,1", "--grow", "n", "--param", "n=4"], "network for 1 x 1 cores: "),
        (["strong", "--ranks", "1", "--launcher", "srun -n 2"], "it must contain {ranks}"),
        (["strong", "--ranks", "1", "--launcher", "srun '{ranks}"], "No closing quotation"),
        (["strong", "--ranks", "1", "--launcher", ""], "launcher = '' is not allowed"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(scale, home, arguments, message):
    before = sorted(home.iterdir())
    done = scale(*arguments)
    assert done.code == 2
    assert message in done.err and done.err.count("\n") == 1
    assert [path for path in sorted(home.iterdir()) if path.name != "__pycache__"] == before


@pytest.mark.parametrize(
    ("arguments", "model", "message"),
    [
        (
            ["--grow", "scale"],
            "pd14",
            "grow = 'scale' is not allowed: omit it, because pd14 itself declares that n_scaling",
        ),
        (["--param", "order=14"], "brunel", "in_degree = 6 is not allowed: must be a multiple of 4"),
        ([], "pd15", "model = 'pd15' is unknown"),
    ],
)
def test_wrong_growth_of_a_registered_model(scale, arguments, model, message):
    done = scale("weak", "--ranks", 1, *arguments, model=model)
    assert (done.code, message in done.err) == (2, True)
    assert not Path("out").exists()


def test_a_series_is_overwritten_on_request_alone(scale):
    assert scale("strong", "--ranks", 1).code == 0
    before = Path("out/scaling.json").read_bytes()
    done = scale("strong", "--ranks", 4)
    assert done.code == 2 and "out already contains a series" in done.err
    assert Path("out/scaling.json").read_bytes() == before
    Path("out/scaling.json").unlink()
    assert "already contains a result" in scale("strong", "--ranks", 1).err
    assert scale("strong", "--ranks", "1,4", "--overwrite").code == 0
    assert len(record()["rows"]) == 2


def test_a_series_that_cannot_be_written_is_still_shown(scale):
    done = scale("strong", "--ranks", "2,4", fault="full")
    assert done.code == 1
    assert "cannot write out/scaling.json: it is not a regular file" in done.err
    assert len(table(done.out)) == 4
    again = scale("strong", "--ranks", "2,4", "--overwrite")
    assert (again.code, "out/scaling.json: Is a directory" in again.err) == (2, True)


def test_what_scale_hands_on_is_known_to_run():
    from benchnn.running.options import SIMPLE_OPTIONS

    assert set(RUN_OPTIONS) <= set(SIMPLE_OPTIONS)
