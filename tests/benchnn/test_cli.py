"""The command line as its user meets it: output, exit codes, refusals."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchnn.running import plan
from simcore.backends import backends


def record_of(folder):
    return json.loads((folder / "result.json").read_text())


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def assert_refused(finished, *words):
    """Exit code 2 and one sentence that has all words."""
    for word in words:
        assert word in finished.refusal


@pytest.fixture
def nothing_is_built(monkeypatch):
    """Fail if a simulator is made."""

    def build(*_, **__):
        pytest.fail("the network was built")

    monkeypatch.setattr(plan, "Simulator", build)


# --- run ---------------------------------------------------------------------------------------------------------


def test_run(run_small, home, backend):
    finished = run_small(backend=backend)
    assert finished.code == 0
    assert files_in(home / "out") == ["result.json"]
    assert finished.out.startswith("small.py:small: 25 neurons, 200 synapses, 2 populations\n")
    assert "real-time factor" in finished.out and "written to out: result.json" in finished.out
    assert "simulation 100 %" in finished.err


def test_json_is_the_record_and_nothing_else(run_small, home):
    finished = run_small("--json")
    assert finished.code == 0
    assert finished.out == (home / "out" / "result.json").read_text()
    assert finished.record["model"]["neurons"] == 25


def test_backends_threads_and_repetition_give_the_same_spikes(run_small):
    runs = [("oracle", 1), ("cpu", 1), ("cpu", 3), ("cpu", 3)]
    records = [run_small("--json", "--overwrite", "--threads", n, backend=name).record for name, n in runs]
    assert records[0]["spikes"] > 0
    for key in ("spikes", "spike_digest", "network_digest", "synaptic_events", "mean_rate_hz"):
        assert [record[key] for record in records] == [records[0][key]] * len(runs)
    other = run_small("--json", "--overwrite", "--seed", 2).record
    assert other["spike_digest"] != records[0]["spike_digest"]


def test_default_folder_is_new_each_time_and_named_by_the_run(home, benchnn):
    run = ("run", "small.py:small", "--time", 1, "--warmup", 0, "--backend", "oracle", "--json")
    names = {benchnn(*run).record["run_id"] for _ in range(2)}
    assert set(files_in(home / "results")) == names and len(names) == 2
    assert all(name.startswith("small-") for name in names)


# --- wrong input -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--param", "size=3"], ["'size'", "n, weight, delay_ms"]),
        (["--param", "n=many"], ["parameter n", "'many'", "a whole number"]),
        (["--param", "n=2.5"], ["parameter n", "a whole number"]),
        (["--param", "weight=nan"], ["parameter weight", "a number"]),
        (["--param", "input=ac"], ["parameter input", "'poisson' or 'dc'"]),
        (["--param", "inhibition=perhaps"], ["parameter inhibition", "true or false"]),
        (["--param", "limit=low"], ["parameter limit", "a number or none"]),
        (["--param", "n"], ["'n'", "KEY=VALUE"]),
        (["--param", "n=0"], ["population E.size", "0", "[1, 2147483647]"]),
        (["--param", "delay_ms=-1"], ["delay_ms", "-1.0", "at least one step of 0.1 ms"]),
        (["--param", "delay_ms=0.04"], ["delay_ms", "0.04", "at least one step of 0.1 ms"]),
        (["--param", "rate_hz=-5"], ["rate_hz", "-5.0"]),
        (["--backend", "abacus"], ["'abacus'", "cpu, gpu, oracle"]),
        (["--threads", "0"], ["threads", "0", ">= 1"]),
        (["--threads", "two"], ["threads", "'two'", "a whole number"]),
        (["--seed", "-1"], ["seed", "-1"]),
        (["--precision", "half"], ["precision", "'half'", "float32"]),
        (["--weight-bits", "12"], ["weight_bits", "12", "8, 16 or 32"]),
        (["--time", "soon"], ["time_ms", "'soon'", "a number"]),
        (["--time", "-1"], ["time_ms", "-1.0"]),
        (["--time", "0.05"], ["time_ms", "0.05", "resolution 0.1 ms"]),
        (["--time", "inf"], ["time_ms", "inf"]),
        (["--checkpoint-every", "0"], ["checkpoint_every_ms", "0.0", "(0, 1e9]"]),
        (["--checkpoint-every", "0.05"], ["checkpoint_every_ms", "0.05", "resolution 0.1 ms"]),
        (["--delivery", "pigeon"], ["delivery", "'pigeon'", "by_source"]),
        (["--exchange", "gift"], ["exchange", "'gift'", "directed"]),
        (["--warmup", "0.05"], ["warmup_ms", "resolution 0.1 ms"]),
        (["--record", "V_m"], ["'V_m'", "VARIABLE:POPULATION:IDS"]),
        (["--record", "V_m:E:"], ["VARIABLE:POPULATION:IDS"]),
        (["--record", "V_m:E:0,,2"], ["VARIABLE:POPULATION:IDS"]),
        (["--record", "V_m:E:-1"], ["VARIABLE:POPULATION:IDS"]),
        (["--record", "V_m:E:3-1"], ["3-1", "empty"]),
        (["--record", "V_m:E:0-999999999999"], ["[0, 19]"]),
        (["--record", "V_m:E:20"], ["[0, 19]"]),
        (["--record", "V_m:X:0"], ["'V_m:X:0'", "E, I"]),
        (["--record", "V_x:E:0"], ["'V_x'", "V_m"]),
        (["--out", "small.py"], ["'small.py'", "not a folder"]),
        (["--out", "small.py/deeper"], ["'small.py/deeper'", "Not a directory"]),
        (["--out", ""], ["out = ''", "must not be empty"]),
        (["--resume", ""], ["resume = ''", "must not be empty"]),
        (["--power-log", ""], ["power_log = ''", "must not be empty"]),
        (["--seed", ""], ["seed = ''", "must not be empty"]),
        (["--record", ""], ["record = ''", "must not be empty"]),
        (["--frobnicate"], ["--frobnicate", "--help"]),
        (["--config", "missing.toml"], ["missing.toml", "No such file"]),
    ],
)
def test_wrong_options(run_small, home, nothing_is_built, arguments, words):
    assert_refused(run_small(*arguments), *words)
    assert files_in(home) == ["small.py"] or files_in(home) == ["__pycache__", "small.py"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nmodel = 'small.py:small'\nout = ''", ["out = ''", "must not be empty"]),
        ("[run]\nmodel = ''", ["model = ''", "must not be empty"]),
        ("x = " + "[" * 100_000, ["run.toml", "not valid TOML"]),
        ("x = " + "{a=" * 5_000, ["run.toml", "not valid TOML"]),
        ("[run]\nseed = " + "9" * 5_000, ["run.toml", "not valid TOML"]),
        ("[run]\ntime_ms = " + "9" * 400, ["run.time_ms", "a number"]),
        ("[run]\noverwrite = 'yes'", ["run.overwrite", "true or false"]),
        ("[run]\nthreads = 2.0", ["run.threads", "a whole number"]),
    ],
)
def test_wrong_values_of_a_configuration_file(benchnn, home, nothing_is_built, text, words):
    (home / "run.toml").write_text(text)
    assert_refused(benchnn("run", "--config", "run.toml"), *words)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("nosuch", ["'nosuch'", "pd14", "FILE.py:FUNCTION"]),
        ("small.py", [":single", ":small"]),
        ("small.py:nosuch", ["'small.py:nosuch'", "single", "small"]),
        ("nosuch.py:small", ["'nosuch.py'"]),
        ("small.py:not_a_network", ["int", "Network"]),
        ("small.py:broken", ["small.py, line", "TypeError: no such thing"]),
    ],
)
def test_wrong_models(run_small, nothing_is_built, model, words):
    assert_refused(run_small(model=model), *words)


def test_weights_that_the_bits_cannot_hold(run_small, home):
    finished = run_small("--weight-bits", 8, model="small.py:mixed")
    assert_refused(finished, "projection A->A.weight = 1.0", "8 weight bits", "use 32 weight bits")
    assert not (home / "out").exists()
    assert run_small("--weight-bits", 8, "--accept-quantisation", model="small.py:mixed").code == 0


def test_no_command_and_unknown_command(benchnn):
    assert_refused(benchnn(), "COMMAND")
    assert_refused(benchnn("walk"), "'walk'", "'run'")


def test_a_backend_that_is_not_usable_here(run_small, nothing_is_built, monkeypatch):
    monkeypatch.setattr(backends, "unusable_because", lambda name: "it is Sunday")
    finished = run_small()
    assert finished.code == 1
    assert finished.err.splitlines()[-1].startswith("benchnn: error: backend oracle cannot be used: it is Sunday")


# --- the result's folder -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["result.json", "spikes.h5", "traces.V_m.h5"])
def test_an_existing_result_is_refused_before_anything_is_built(run_small, home, nothing_is_built, name):
    (home / "out").mkdir()
    (home / "out" / name).write_text("precious")
    assert_refused(run_small(), "out already contains", "--overwrite")
    assert (home / "out" / name).read_text() == "precious"


def test_other_files_are_no_result(run_small, home):
    (home / "out").mkdir()
    (home / "out" / "notes.txt").write_text("mine")
    assert run_small().code == 0
    assert files_in(home / "out") == ["notes.txt", "result.json"]


def test_overwrite_leaves_no_file_of_the_earlier_result(run_small, home):
    assert run_small("--record", "spikes", "--record", "V_m:E:0").code == 0
    assert files_in(home / "out") == ["result.json", "spikes.h5", "traces.V_m.h5"]
    assert run_small("--overwrite", "--record", "I_syn_ex:I:0").code == 0
    assert files_in(home / "out") == ["result.json", "traces.I_syn_ex.h5"]


def test_checkpoints_are_refused_like_a_result(run_small, home, nothing_is_built):
    (home / "out" / "checkpoints").mkdir(parents=True)
    assert_refused(run_small(), "out already contains", "--resume", "--overwrite")


def test_a_finished_run_keeps_neither_checkpoints_nor_parts(run_small, home, backend):
    assert run_small("--record", "spikes", "--checkpoint-every", 5, backend=backend).code == 0
    assert files_in(home / "out") == ["result.json", "spikes.h5"]


def test_a_failed_run_leaves_no_folder(run_small, home, monkeypatch):
    def build(*_, **__):
        raise MemoryError("no room")

    monkeypatch.setattr(plan, "Simulator", build)
    finished = run_small(out="some/where/else")
    assert finished.code == 1 and finished.err.splitlines()[-1] == "benchnn: error: out of memory: no room"
    assert not (home / "some").exists()


def test_a_failed_overwrite_leaves_the_earlier_result(run_small, home, monkeypatch):
    before = run_small("--json").out

    def build(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(plan, "Simulator", build)
    finished = run_small("--overwrite")
    assert finished.code == 1 and "interrupted; no result was written" in finished.err
    assert (home / "out" / "result.json").read_text() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission(run_small, home, nothing_is_built):
    (home / "out").mkdir(mode=0o500)
    assert_refused(run_small(), "'out'", "Permission denied")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
@pytest.mark.parametrize("out", ["/proc", "/proc/benchnn"])
def test_a_folder_in_which_nobody_may_write(run_small, nothing_is_built, out):
    assert_refused(run_small(out=out), f"'{out}'", "cannot be written to")


@pytest.mark.parametrize("record", [[], ["--record", "spikes"]])
def test_full_disk(run_small, home, file_size_limit, record):
    with file_size_limit(2000):
        finished = run_small(*record)
    assert finished.code == 1
    assert "real-time factor" in finished.out  # what was measured is not lost
    assert finished.err.splitlines()[-1].startswith("benchnn: error: cannot write out/")
    assert "File too large" in finished.err and "Traceback" not in finished.err
    assert not (home / "out").exists() or files_in(home / "out") == []


# --- signals and streams -----------------------------------------------------------------------------------------


def start(*arguments, **streams):
    """Start ``benchnn *arguments``."""
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "benchnn", *[str(argument) for argument in arguments]]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": root}, text=True, **streams)


def wait_for(process, words):
    """Read stderr until a line has the words."""
    for line in process.stderr:
        if words in line:
            return
    pytest.fail(f"ended without {words!r}")


@pytest.mark.parametrize(
    ("backend", "number"),
    [("oracle", signal.SIGINT), ("oracle", signal.SIGTERM), ("oracle", signal.SIGUSR1), ("cpu", signal.SIGTERM)],
)
def test_a_signal_leaves_whole_files_of_what_was_simulated(home, run_small, backend, number):
    options = ("--warmup", 5, "--backend", backend, "--record", "spikes", "--record", "V_m:E:0")
    run = ("run", "small.py:small", *options, "--time", 1e6)
    with start(*run, "--out", "long", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for(process, "warm-up 100 %")
        time.sleep(0.2)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"interrupted by {signal.Signals(number).name}" in err and "Traceback" not in err
    assert "real-time factor" in out
    assert "resume with benchnn run --resume long" in err
    assert files_in(home / "long") == ["checkpoints", "result.json", "spikes.h5", "spikes.parts", "traces.V_m.h5"]
    record = record_of(home / "long")
    assert record["interrupted"] is True
    simulated = record["time"]["model_time_ms"]
    assert 0 < simulated < 1e6
    again = run_small("--time", simulated, *options, "--json").record
    assert again["interrupted"] is False
    assert again["spike_digest"] == record["spike_digest"]
    for name in ("spikes.h5", "traces.V_m.h5"):
        assert (home / "long" / name).read_bytes() == (home / "out" / name).read_bytes()


def test_a_signal_during_the_warm_up(home):
    run = ("run", "small.py:small", "--warmup", 1e7, "--backend", "oracle", "--out", "out")
    with start(*run, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for(process, "constructing")
        time.sleep(1.0)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 1
    record = record_of(home / "out")
    assert record["interrupted"] is True and record["time"]["model_time_ms"] == 0
    assert record["time"]["warmup_ms"] > 0
    assert record["real_time_factor"] is None and "real_time_factor" in record["reasons"]
    assert files_in(home / "out") == ["checkpoints", "result.json"]


def test_a_closed_pipe_is_quiet(home):
    reader, writer = os.pipe()
    os.close(reader)
    with start("models", stdout=writer, stderr=subprocess.PIPE) as process:
        os.close(writer)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == ""


def test_a_closed_stderr_does_not_end_a_run(home):
    reader, writer = os.pipe()
    os.close(reader)
    run = ("run", "small.py:small", "--time", 20, "--warmup", 5, "--backend", "oracle", "--out", "out")
    with start(*run, stdout=subprocess.PIPE, stderr=writer) as process:
        os.close(writer)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "written to out: result.json" in out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_stdout(home):
    with open("/dev/full", "w") as full, start("models", stdout=full, stderr=subprocess.PIPE) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == "benchnn: error: cannot write to standard output: No space left on device\n"


# --- models ------------------------------------------------------------------------------------------------------


def test_models_lists_names_parameters_and_defaults(benchnn):
    finished = benchnn("models")
    assert finished.code == 0
    lines = finished.out.splitlines()
    assert any(line.startswith("pd14: ") for line in lines)
    scale = next(line.split(maxsplit=3) for line in lines if line.startswith("  scale "))
    assert scale[:3] == ["scale", "=", "1.0"] and "Factor" in scale[3]


def test_a_model_in_detail(home, benchnn):
    finished = benchnn("models", "small.py:small", "--param", "n=40", "--param", "input=dc")
    assert finished.code == 0
    rows = [" ".join(line.split()) for line in finished.out.splitlines()]
    assert rows[0] == "small.py:small: Two populations under external input."
    assert "n = 20 Neurons of E; a quarter of it in I." in rows
    assert "delay_ms = 1.5 See weight." in rows
    assert "input = poisson ('poisson' or 'dc')" in rows
    assert "limit = none" in rows
    assert "network with n=40, input=dc" in rows
    assert "50 neurons, 600 synapses, 2 projections, resolution 0.1 ms" in rows
    assert "E 40 iaf_psc_exp 5.0 dc 500 pA" in rows
    assert "I 10 iaf_psc_exp 40.0" in rows


def test_models_refuses_what_run_refuses(home, benchnn):
    assert_refused(benchnn("models", "nosuch"), "'nosuch'", "pd14")
    assert_refused(benchnn("models", "small.py:small", "--param", "size=3"), "'size'")
    assert_refused(benchnn("models", "small.py:small", "--param", "n=0"), "population E.size")


def test_version(capsys, benchnn):
    with pytest.raises(SystemExit) as ended:
        benchnn("--version")
    assert ended.value.code == 0
    assert capsys.readouterr().out == "benchnn 0.1.0\n"


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_picture_of_a_network_is_written_beside_its_page(benchnn, home, kind):
    finished = benchnn("models", "small.py:small", "--picture", f"net.{kind}")
    assert finished.code == 0 and "25 neurons" in finished.out
    start = {"svg": b"<?xml", "png": b"\x89PNG"}[kind]
    assert (home / f"net.{kind}").read_bytes().startswith(start)


def test_pictures_that_cannot_be_drawn_are_refused(benchnn, home):
    assert_refused(benchnn("models", "--picture", "x.svg"), "picture = 'x.svg'", "requires a MODEL")
    assert_refused(benchnn("models", "small.py:small", "--picture", "x.pdf"), "'x.pdf'", "FILE.svg or FILE.png")
    assert_refused(benchnn("models", "small.py:small", "--picture", "none/x.svg"), "none/x.svg", "No such file")
    assert not list(home.glob("*.svg"))
