"""A run that is stopped and resumed, in one process: the same spikes and files as if it had never been stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import pytest

from benchnn.running import lifecycle, plan, runner, slices, storage
from benchnn.running import resume as resuming
from benchnn.running.resume import options_record
from benchnn.running.storage import Storage
from simcore.errors import WriteError
from simcore.random import STREAM_VERSION
from simcore.recording.parts import SpikeParts
from simcore.recording.sonata import read_spikes

RECORD = ("--record", "spikes", "--record", "V_m:E:0,3", "--record", "I_syn_ex:I:1")
FILES = ["spikes.h5", "traces.I_syn_ex.h5", "traces.V_m.h5"]
STOPPED = sorted(["checkpoints", "result.json", "spikes.parts", *FILES])
SAME = ("spikes", "spike_digest", "network_digest", "synaptic_events", "mean_rate_hz", "model", "seed", "interrupted")
WARMUP_STEPS, STEPS = 50, 200
"""Of the run of `run_small`."""


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def record_of(folder):
    return json.loads((folder / "result.json").read_text())


@pytest.fixture
def stop_at(run_small, monkeypatch):
    """Run the small network and send itself signals after some step: ``stop_at(60, "--seed", 3)``."""

    def call(step, *arguments, signals=(signal.SIGTERM,), run=run_small, **named):
        after_slice = Storage.after_slice

        def then_signals(self, reached):
            after_slice(self, reached)
            if self._simulator.step == step:
                for number in signals:
                    signal.raise_signal(number)

        with monkeypatch.context() as patched:
            # One step a slice.
            patched.setattr(slices, "FIRST_SLICE_STEPS", 1)
            patched.setattr(slices, "SLICE_S", 0.0)
            patched.setattr(Storage, "after_slice", then_signals)
            return run(*arguments, **named)

    return call


@pytest.fixture
def resume(benchnn):
    """Resume a run and return what the command left: ``resume("--threads", 3)``."""
    return lambda *arguments, folder="out": benchnn("run", "--resume", folder, "--json", *arguments)


@pytest.fixture(scope="module")
def uninterrupted():
    """Records, and the content of files by name, of runs that were never stopped, by their options."""
    return {}


@pytest.fixture
def assert_as_uninterrupted(run_small, home, uninterrupted):
    """Compare a finished result with that of a run that was never stopped."""

    def compare(record, files=FILES, options=RECORD, folder="out"):
        made = options, tuple(files)
        if made not in uninterrupted:
            finished = run_small("--json", *options, out="whole")
            uninterrupted[made] = finished.record, {name: (home / "whole" / name).read_bytes() for name in files}
        whole, contents = uninterrupted[made]
        assert whole["spikes"] > 0
        for key in SAME:
            assert record[key] == whole[key]
        assert record["time"]["model_time_ms"] == whole["time"]["model_time_ms"]
        assert files_in(home / folder) == sorted(["result.json", *files])
        assert {name: (home / folder / name).read_bytes() for name in files} == contents

    return compare


# --- the same spikes and files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 30, WARMUP_STEPS, WARMUP_STEPS + 1, 137, WARMUP_STEPS + STEPS - 1])
def test_a_run_stopped_anywhere_resumes_to_the_same_files(stop_at, resume, home, assert_as_uninterrupted, step):
    finished = stop_at(step, *RECORD)
    assert finished.code == 1 and "resume with benchnn run --resume out" in finished.err
    stopped = record_of(home / "out")
    assert stopped["interrupted"] is True and stopped["time"]["resumed_at_ms"] is None
    assert files_in(home / "out") == [name for name in STOPPED if name != "spikes.parts" or step > WARMUP_STEPS]
    finished = resume()
    assert finished.code == 0
    assert finished.record["time"]["resumed_at_ms"] == pytest.approx(step * 0.1)
    assert_as_uninterrupted(finished.record)


CHIP = ("--chip", "loihi1", "--neurons-per-core", "10")


@pytest.mark.parametrize("options", [(), CHIP])
def test_the_spikes_of_some_neurons_go_on(stop_at, resume, run_small, home, options):
    """On a chip, what was simulated before is counted again by the spikes of all neurons."""
    some = ("--record", "spikes:E:0-9", *options)
    assert stop_at(137, *some).code == 1
    record, whole = resume().record, run_small("--json", *some, out="whole").record
    for key in SAME:
        assert record[key] == whole[key]
    assert (record["chip"] or {}).get("per_core") == (whole["chip"] or {}).get("per_core")
    assert (home / "out" / "spikes.h5").read_bytes() == (home / "whole" / "spikes.h5").read_bytes()
    ids = read_spikes(home / "whole" / "spikes.h5").of("E")[1]
    assert len(ids) and set(ids) <= set(range(10)) and whole["spikes"] > len(ids)


CPU = ("--backend", "cpu", "--threads")


def test_compiling_to_restore_a_checkpoint_is_shown(stop_at, resume, monkeypatch):
    numba, restore = pytest.importorskip("numba"), lifecycle.Simulator.restore

    def compiling(self, whole):
        numba.njit(lambda x: x + 1)(1)
        restore(self, whole)

    stop_at(137, *CPU, 1)
    monkeypatch.setattr(lifecycle.Simulator, "restore", compiling)
    recorded = [
        line for line in resume().err.splitlines() if line.startswith("benchnn: compiling the kernel of pending")
    ]
    assert len(recorded) == 1 and recorded[0].endswith(" s")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [*CPU, 3, "--delivery", "by_source"]),
        ([*CPU, 1, "--delivery", "just_in_time"], [*CPU, 3, "--delivery", "by_source"]),
        ([*CPU, 2, "--delivery", "by_source"], ["--backend", "oracle"]),
        ([*CPU, 2, "--delivery", "calendar"], [*CPU, 1, "--delivery", "by_source"]),
        ([*CPU, 2, "--precision", "float64"], ["--backend", "oracle", "--delivery", "auto"]),
    ],
)
def test_threads_delivery_and_backend_may_change(stop_at, resume, assert_as_uninterrupted, before, after):
    assert stop_at(137, *RECORD, *before).code == 1
    finished = resume(*after)
    assert finished.code == 0
    name = after[after.index("--backend") + 1]
    assert finished.record["backend"]["name"] == name
    same = [word for word in before if word in ("--precision", "float64")]
    assert_as_uninterrupted(finished.record, options=(*RECORD, *same))


def test_a_transformed_network_resumes_to_the_same_spikes(stop_at, resume, assert_as_uninterrupted):
    transform = ("--transform", "prune:0.5:random", "--transform-seed", "3")
    stop_at(120, *RECORD, *transform)
    assert "transform = 'prune:0.4' is not allowed: the run of" in resume("--transform", "prune:0.4").refusal
    assert_as_uninterrupted(resume().record, options=(*RECORD, *transform))


def test_a_run_that_is_stopped_twice(stop_at, resume, home, assert_as_uninterrupted):
    stop_at(20, *RECORD)
    assert stop_at(90, run=resume).code == 1
    assert stop_at(91, run=resume).code == 1
    stopped = record_of(home / "out")
    assert stopped["time"]["resumed_at_ms"] == 9.0
    assert (stopped["time"]["model_time_ms"], stopped["time"]["timed_ms"]) == (pytest.approx(4.1), pytest.approx(0.1))
    assert_as_uninterrupted(resume().record)


def test_an_earlier_checkpoint_in_the_warm_up_starts_the_spikes_anew(stop_at, resume, home, assert_as_uninterrupted):
    stop_at(60, *RECORD, "--checkpoint-every", 4.5)
    checkpoints = files_in(home / "out" / "checkpoints")
    assert checkpoints == ["step-000000000045.h5", "step-000000000060.h5"]
    folder = f"out/checkpoints/{checkpoints[0]}"
    assert stop_at(47, run=lambda: resume(folder=folder)).code == 1
    assert files_in(home / "out" / "checkpoints") == ["step-000000000045.h5", "step-000000000047.h5"]
    assert_as_uninterrupted(resume().record)


def test_times_are_those_of_the_last_process(stop_at, resume):
    stop_at(150)
    record = resume().record
    start, end = (record["time"].pop(f"propagation_{name}_unix_s") for name in ("start", "end"))
    assert start < end and record["time"].pop("propagation_clock_step_s") < 0.05
    assert record["time"] == {"model_time_ms": 20.0, "warmup_ms": 5.0, "resumed_at_ms": 15.0, "timed_ms": 10.0}
    propagation_s = record["wall_s"]["propagation"]["max"]
    assert record["wall_s"]["warmup"]["max"] == 0.0 < propagation_s
    assert record["real_time_factor"] == pytest.approx(propagation_s / 0.010)
    assert record["synaptic_events_per_s"] < record["synaptic_events"] / propagation_s


def test_checkpoints_and_parts_written_on_the_way_change_nothing(run_small, assert_as_uninterrupted, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(storage, "MAX_BUFFERED_SPIKES", 5)
        finished = run_small("--json", *RECORD, "--checkpoint-every", 1.3)
    assert finished.code == 0
    assert_as_uninterrupted(finished.record)


# --- faults ------------------------------------------------------------------------------------------------------


def test_spikes_are_written_before_a_part_has_too_many_steps(
    run_small, stop_at, home, assert_as_uninterrupted, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(storage, "MAX_UNWRITTEN_STEPS", 40)
        parts = []
        write = SpikeParts.append
        patched.setattr(SpikeParts, "append", lambda self, *part: parts.append(part[:2]) or write(self, *part))
        finished = stop_at(10**9, "--json", *RECORD)
    assert finished.code == 0
    assert [parts[0][0], parts[-1][1]] == [WARMUP_STEPS, WARMUP_STEPS + STEPS]
    lengths = [stop - start for start, stop in parts if stop > start]
    assert len(lengths) == STEPS / 40 and max(lengths) <= 41
    assert_as_uninterrupted(finished.record)


def test_the_room_of_a_part_is_twice_what_is_waited_for():
    assert storage.MAX_UNWRITTEN_STEPS * 2 <= 2**32 - 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_ctrl_c_as_second_signal_ends_the_run_and_leaves_the_last_checkpoint(
    stop_at, resume, home, assert_as_uninterrupted, number
):
    finished = stop_at(137, *RECORD, "--checkpoint-every", 5, signals=[number, signal.SIGINT])
    assert finished.code == 1
    assert f"interrupted by {signal.SIGINT.name}; no result was written" in finished.err
    assert files_in(home / "out") == ["checkpoints", "spikes.parts"]
    assert_as_uninterrupted(resume().record)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_another_signal_of_a_batch_system_does_not_cut_the_checkpoint_short(
    stop_at, resume, assert_as_uninterrupted, number
):
    finished = stop_at(137, *RECORD, signals=[signal.SIGUSR1, number])
    assert finished.code == 1
    assert "interrupted by SIGUSR1: the result covers" in finished.err
    assert_as_uninterrupted(resume().record)


def test_a_second_signal_without_a_checkpoint_leaves_nothing(stop_at, home, monkeypatch):
    monkeypatch.setattr(storage, "MAX_BUFFERED_SPIKES", 0)
    assert stop_at(137, *RECORD, signals=[signal.SIGINT] * 2).code == 1
    assert not (home / "out").exists()


def test_a_killed_run_resumes_from_its_last_checkpoint(home, run_small, resume):
    options = ("--time", 150, "--record", "spikes", "--backend", "oracle")
    command = ("run", "small.py:small", "--warmup", 5, *options, "--out", "out", "--checkpoint-every", 10)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    arguments = [sys.executable, "-m", "benchnn", *map(str, command)]
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and len(list(home.glob("out/checkpoints/step-*.h5"))) < 2:
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not (home / "out" / "result.json").exists()
    record = resume().record
    whole = run_small("--json", *options, out="whole").record
    for key in SAME:
        assert record[key] == whole[key]
    assert (home / "out" / "spikes.h5").read_bytes() == (home / "whole" / "spikes.h5").read_bytes()


def test_a_run_that_is_killed_while_it_tidies_up_resumes(run_small, resume, home, assert_as_uninterrupted, monkeypatch):
    def killed_after_one_file(folder, ignore_errors):
        if folder.is_dir():
            sorted(folder.iterdir())[0].unlink()
            raise SystemExit(137)

    with monkeypatch.context() as patched:
        patched.setattr(storage.shutil, "rmtree", killed_after_one_file)
        with pytest.raises(SystemExit):
            run_small(*RECORD, "--checkpoint-every", 2)
    assert_as_uninterrupted(resume().record)


def test_a_disk_that_fills_up_leaves_the_last_checkpoint(
    run_small, resume, home, file_size_limit, assert_as_uninterrupted
):
    # Traces of 160 bytes a step are in each checkpoint.
    options = ("--record", "spikes", "--record", "V_m:E:0-19")
    with file_size_limit(30_000):
        finished = run_small(*options, "--checkpoint-every", 2)
    assert finished.code == 1
    last = finished.err.splitlines()[-1]
    assert last.startswith("benchnn: error: cannot write out/checkpoints/step-") and "File too large" in last
    assert last.endswith("resume with benchnn run --resume out")
    assert files_in(home / "out") == ["checkpoints", "spikes.parts"]
    assert len(files_in(home / "out" / "checkpoints")) == 2
    assert_as_uninterrupted(resume().record, ["spikes.h5", "traces.V_m.h5"], options)


def test_a_disk_that_fills_up_without_a_checkpoint_leaves_nothing(run_small, home, file_size_limit, monkeypatch):
    monkeypatch.setattr(storage, "MAX_BUFFERED_SPIKES", 20)
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    # Room for the file that locks the folder.
    with file_size_limit(250):
        finished = run_small("--record", "spikes")
    assert finished.code == 1
    last = finished.err.splitlines()[-1]
    assert last.startswith("benchnn: error: cannot write out/spikes.parts/") and "--resume" not in last
    assert not (home / "out").exists()


def test_a_result_that_cannot_be_written_at_the_end_can_be_later(
    run_small, resume, home, assert_as_uninterrupted, monkeypatch
):
    def full(*_):
        raise WriteError("cannot write out/spikes.h5: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(runner, "write_result", full)
        finished = run_small(*RECORD)
    assert finished.code == 1 and "real-time factor" in finished.out
    assert finished.err.splitlines()[-1].endswith("No space left on device; resume with benchnn run --resume out")
    record = resume().record
    assert record["real_time_factor"] is None
    assert record["reasons"]["real_time_factor"] == "the measured window ended before the checkpoint"
    assert_as_uninterrupted(record)


def test_overwrite_starts_anew_in_the_folder_of_a_stopped_run(stop_at, run_small, home, assert_as_uninterrupted):
    stop_at(137, *RECORD, "--seed", 7)
    finished = run_small(*RECORD, "--json", "--overwrite")
    assert finished.code == 0
    assert_as_uninterrupted(finished.record)


# --- what may be asked for ---------------------------------------------------------------------------------------


def test_the_same_options_may_be_given_again(stop_at, resume, home, assert_as_uninterrupted):
    stop_at(137, *RECORD, "--param", "n=20")
    (home / "run.toml").write_text('[run]\nmodel = "small.py:small"\ntime_ms = 20\n[params]\nn = 20\nlimit = "none"\n')
    options = ("--config", "run.toml", *RECORD, "--seed", 1, "--out", home / "out", "--param", "limit=none")
    assert_as_uninterrupted(resume(*options).record)


CHANGES = [
    (["--time", "30"], ["time_ms = 30.0", "20.0"]),
    (["--warmup", "6"], ["warmup_ms = 6.0", "5.0"]),
    (["--seed", "2"], ["seed = 2", "has 1"]),
    (["--precision", "float64"], ["precision = 'float64'", "'float32'"]),
    (["--weight-bits", "32"], ["weight_bits = 32", "16"]),
    (["--accept-quantisation"], ["accept_quantisation = True"]),
    (["--record", "spikes", "--record", "V_m:E:1"], ["record", "V_m:E:1"]),
    (["--out", "elsewhere"], ["out = 'elsewhere'", "'out'"]),
    (["--param", "n=24"], ["n = 20", "24"]),
    (["--param", "limit=3"], ["limit = None", "3.0"]),
    (["--param", "size=3"], ["parameter 'size' is unknown"]),
    (["--config", "seed.toml"], ["seed = 5"]),
    (["--config", "params.toml"], ["limit = None", "2.5"]),
    (["--backend", "abacus"], ["'abacus'"]),
]
"""Options that would change a run, and words of their refusal."""


def test_options_that_would_change_the_run_are_refused(stop_at, resume, home, monkeypatch):
    stop_at(137, *RECORD)
    before = {path: path.read_bytes() for path in home.glob("out/**/*.*") if path.is_file()}
    (home / "seed.toml").write_text("[run]\nseed = 5\n")
    (home / "params.toml").write_text("[params]\nlimit = 2.5\n")
    monkeypatch.setattr(plan, "Simulator", lambda *_, **__: pytest.fail("the network was built"))
    for arguments, words in CHANGES:
        refusal = resume(*arguments).refusal
        for word in words:
            assert word in refusal, arguments
        assert {path: path.read_bytes() for path in home.glob("out/**/*.*") if path.is_file()} == before, arguments


def test_another_model_is_refused(stop_at, benchnn, home):
    stop_at(137)
    assert "model = 'pd14' is not allowed: the run of" in benchnn("run", "pd14", "--resume", "out").refusal
    assert "model = 'small.py:single' is not allowed" in benchnn("run", "small.py:single", "--resume", "out").refusal


def test_own_model_and_mapper_may_be_spelled_otherwise_from_another_folder(stop_at, benchnn, home, monkeypatch):
    (home / "deal.py").write_text("import numpy as np\n\ndef deal(drawn, limits, rates_hz, seed):\n"
                                  "    return np.arange(len(rates_hz)) % limits.cores\n")  # fmt: skip
    stop_at(137, "--chip", "loihi1", "--neurons-per-core", 10, "--mapper", "deal.py:deal")
    (home / "x.py:y").mkdir()
    monkeypatch.chdir(home / "x.py:y")
    resume = ("run", "--resume", "../out", "--mapper")
    assert "mapper = 'deal.py:deal' is not allowed: the run of" in benchnn(*resume, "deal.py:deal").refusal
    finished = benchnn("run", "../small.py:small", *resume[1:], home / "x.py:y/../deal.py:deal")
    assert finished.code == 0, finished.err


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("FixedIndegree(5)", "FixedIndegree(6)"), "network_digest"),
        (("AllToAll(), weight", "AllToAll(), 2 * weight"), "tables_digest"),
        (("limit: float", "more: int = 2, limit: float"), "more = None, but this run has 2"),
        (("inhibition: bool = True", "inhibited: bool = True"), "parameter 'inhibition' is unknown"),
    ],
)
def test_a_model_edited_in_between_is_refused(stop_at, resume, home, edit, words):
    stop_at(137)
    text = (home / "small.py").read_text()
    (home / "small.py").write_text(text.replace(*edit))
    assert words in resume().refusal
    (home / "small.py").write_text(text)
    assert resume().code == 0


def test_a_model_whose_neighbour_was_edited_in_between_is_refused(stop_at, resume, home):
    text = (
        (home / "small.py").read_text().replace("rate_hz, weight, 1.5", "rates_of_mine.FACTOR * rate_hz, weight, 1.5")
    )
    (home / "small.py").write_text("import rates_of_mine\n" + text)
    (home / "rates_of_mine.py").write_text("FACTOR = 1.0\n")
    stop_at(137)
    (home / "rates_of_mine.py").write_text("FACTOR = 1.5\n")
    assert "tables_digest" in resume().refusal
    (home / "rates_of_mine.py").write_text("FACTOR = 1.0\n")
    assert resume().code == 0


def test_parameters_of_the_stopped_run_hold_and_not_new_defaults(stop_at, resume, home):
    stop_at(137)
    text = (home / "small.py").read_text()
    (home / "small.py").write_text(text.replace("weight: float = 200.0", "weight: float = 201.0"))
    assert resume().record["model"]["parameters"]["weight"] == 200.0


def test_another_version_is_refused(stop_at, resume, monkeypatch):
    stop_at(137)
    monkeypatch.setattr("benchnn.running.resume.__version__", "9.9")
    assert "is from a run with version = '0.1.0', but this run has '9.9'" in resume().refusal


def test_other_random_streams_are_refused(stop_at, resume, monkeypatch):
    stop_at(137)
    monkeypatch.setattr("benchnn.running.resume.STREAM_VERSION", 7)
    assert f"stream_version = {STREAM_VERSION}, but this run has 7" in resume().refusal


def test_another_version_that_has_other_options_is_refused_by_its_version(stop_at, resume, monkeypatch):
    def with_another(*arguments):
        recorded = options_record(*arguments)
        return recorded | {"run": recorded["run"] | {"quantum": True}}

    with monkeypatch.context() as patched:
        patched.setattr(resuming, "__version__", "9.9")
        patched.setattr(lifecycle, "options_record", with_another)
        stop_at(137)
    assert "is from a run with version = '9.9', but this run has '0.1.0'" in resume().refusal


def test_folders_without_a_checkpoint(run_small, resume, home):
    (home / "empty").mkdir()
    (home / "file.h5").write_text("x")
    assert "cannot read the checkpoint nosuch: No such file" in resume(folder="nosuch").refusal
    assert "empty does not contain a checkpoint" in resume(folder="empty").refusal
    assert "file.h5 is not a checkpoint" in resume(folder="file.h5").refusal
    assert run_small().code == 0
    assert "out does not contain a checkpoint" in resume().refusal


def test_a_checkpoint_outside_its_folder_is_refused(stop_at, resume, home):
    stop_at(137)
    (home / "out" / "checkpoints" / "step-000000000137.h5").rename(home / "c.h5")
    assert "must be in the folder checkpoints" in resume(folder="c.h5").refusal


def test_a_damaged_checkpoint_is_refused_and_the_one_before_it_can_be_used(
    stop_at, resume, home, assert_as_uninterrupted
):
    stop_at(137, *RECORD, "--checkpoint-every", 5)
    newest = home / "out" / "checkpoints" / "step-000000000137.h5"
    newest.write_bytes(newest.read_bytes()[:-1])
    refusal = resume().refusal
    earlier = "out/checkpoints/step-000000000100.h5"
    assert "step-000000000137.h5 is damaged" in refusal and f"--resume {earlier}" in refusal
    assert stop_at(120, run=lambda: resume(folder=earlier)).code == 1
    assert files_in(home / "out" / "checkpoints") == ["step-000000000100.h5", "step-000000000120.h5"]
    assert_as_uninterrupted(resume().record)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xff")])
def test_spikes_that_are_not_all_there_are_refused(stop_at, resume, home, damage):
    stop_at(137, *RECORD)
    for path in (home / "out" / "spikes.parts").iterdir():
        damage(path)
    assert "spikes.parts" in resume().refusal


@pytest.mark.parametrize(("where", "named"), [("deep/er", "../../out"), ("out", "."), ("out/checkpoints", ".")])
def test_resume_from_another_directory(stop_at, resume, home, monkeypatch, where, named, assert_as_uninterrupted):
    stop_at(137, *RECORD)
    (home / where).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(home / where)
    record = resume(folder=named).record
    monkeypatch.chdir(home)
    record["model"]["name"] = "small.py:small"
    assert_as_uninterrupted(record)


def test_a_network_in_a_file_resumes_from_another_directory(stop_at, resume, benchnn, home, monkeypatch):
    with h5py.File("net.nir", "w") as file:
        file["node/type"], file["node/edges"] = "NIRGraph", [[b"in", b"fc"], [b"fc", b"n"]]
        values = {"in/type": "Input", "in/shape": [1], "fc/type": "Affine", "fc/weight": [[1.0]], "fc/bias": [0.4]}
        for name, value in {**values, "n/type": "IF", "n/r": [1.0], "n/v_threshold": [1.0]}.items():
            file[f"node/nodes/{name}"] = value
    run = ("run", "net.nir", "--time", 100, "--warmup", 0, "--threads", 1, "--backend", "oracle", "--json")
    whole = benchnn(*run, "--out", "whole").record
    assert stop_at(60, run=lambda: benchnn(*run, "--out", "out")).code == 1
    (home / "deep").mkdir()
    monkeypatch.chdir(home / "deep")
    record = resume(folder="../out").record
    assert record["spikes"] > 20 and record["spike_digest"] == whole["spike_digest"]
