"""Jobs of a real Slurm: what `benchnn slurm submit` sends off leaves the result of a run without Slurm."""

import os
import time

import pytest

from benchnn.running.launcher import mpi_launcher
from simcore.comm.mpi import unusable_because as mpi_unusable_because
from simcore.errors import UnavailableError

LIMITED_S, LIMITED_STEPS = 48.0, 480
"""Wall time and steps of the run that meets a time limit. Slurm tells it to stop 10 to 40 s after its start."""
SLOW = f"""
import time
from simcore.network import FixedIndegree, Network, Poisson, Population, Projection
from simcore.neurons.iaf_psc_exp.model import IafPscExp

class Slow(IafPscExp):
    name = "slow"

    def update(self, *arguments):
        # The oracle calls it in each step; the kernel of the other backend does not wait.
        time.sleep({LIMITED_S / LIMITED_STEPS})
        return super().update(*arguments)

SLOW = Slow()

def slow():
    neurons = Population("A", 50, f"{{__file__}}:SLOW", {{"I_e": 600.0}})
    return Network([neurons], [Projection("A", "A", FixedIndegree(5), 50.0, 1.5)], [Poisson("A", 5000.0, 50.0)])
"""
FAILING = """
import os
from simcore.network import Network, Population

def fails_in_a_job():
    if "SLURM_JOB_ID" in os.environ:
        os._exit(7)
    return Network([Population("A", 3)])
"""


def why_no_mpi():
    try:
        mpi_launcher()
    except UnavailableError as error:
        return str(error)
    return mpi_unusable_because()


@pytest.fixture(scope="module", autouse=True)
def limited(testbed, compiled, submitted, tmp_path_factory):
    """A run that takes longer than its job may; it goes on while the other tests run."""
    folder = tmp_path_factory.mktemp("limited")
    (folder / "slow.py").write_text(SLOW)
    run = ("slow.py:slow", "--time", LIMITED_STEPS * 0.1, "--warmup", 0, "--threads", 1, "--record", "spikes")
    job = ("--time", 1, "--stop-before", 20, "--requeue", 8, "--oversubscribe")
    return folder, submitted(folder, job, (*run, "--backend", "oracle", "--out", "out")), run


@pytest.mark.parametrize(
    ("layout", "threads", "start"),
    [
        # Both nodes are this machine, so their ranks share its CPUs.
        (("--nodes", 2, "--tasks-per-node", 2, "--oversubscribe"), 1, ("--mpi", "pmi2")),
        (("--nodes", 2, "--oversubscribe"), 2, ("--launcher", "mpiexec")),
    ],
    ids=["srun, 4 ranks", "mpiexec, 2 ranks of 2 threads"],
)
def test_ranks_of_two_nodes_leave_the_spikes_of_one_process(
    layout, threads, start, compiled, succeeded, small, record, log, tmp_path
):
    if why_no_mpi() is not None:
        pytest.skip(f"MPI: {why_no_mpi()}")
    job = (*layout, "--threads", threads, *start, "--time", 3)
    number, out = succeeded(tmp_path, job, ("brunel", *small))
    found = record(out)
    assert found["spike_digest"] == compiled["spike_digest"]
    assert found["layout"]["ranks"] == 4 // threads and found["layout"]["threads_per_rank"] == threads
    assert found["provenance"]["slurm_job_id"] == number
    lines = log(out).splitlines()
    table = lines[lines.index(next(line for line in lines if line.startswith("rank  node"))) + 1 :][: 4 // threads]
    assert [line.split()[1] for line in table] == ["n1"] * (2 // threads) + ["n2"] * (2 // threads)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="the machine has one CPU")
@pytest.mark.parametrize("start", [("--mpi", "pmi2"), ("--launcher", "mpiexec")], ids=["srun", "mpiexec"])
def test_each_rank_of_a_node_has_a_cpu(start, succeeded, small, tmp_path):
    if why_no_mpi() is not None:
        pytest.skip(f"MPI: {why_no_mpi()}")
    succeeded(tmp_path, ("--tasks-per-node", 2, *start, "--time", 3), ("brunel", *small))


def test_a_rank_with_too_few_cpus_ends_the_job_before_the_run(testbed, submitted, small, log, tmp_path):
    if "task/affinity" not in (testbed.folder / "slurm.conf").read_text():
        pytest.skip("this process may not use all CPUs of the machine, so the testbed binds no ranks")
    (tmp_path / "setup.sh").write_text("export SLURM_CPU_BIND=map_cpu:0\n")
    job = ("--threads", 2, "--setup", "setup.sh", "--time", 3)
    number = submitted(tmp_path, job, ("brunel", *small, "--out", "out"))
    assert testbed.wait(number)["ExitCode"] == "1:0"
    printed = log(tmp_path / "out")
    assert "1 of 1 ranks have fewer CPUs than threads: rank 0 on n" in printed
    assert "has 1 CPU (of 0) for 2 threads;" in printed
    assert not (tmp_path / "out" / "result.json").exists()


@pytest.mark.thorough
def test_an_array_leaves_a_result_for_each_seed(testbed, submitted, small, record, log, tmp_path):
    run = ("brunel", *small, "--backend", "oracle", "--out", "out")
    number = submitted(tmp_path, ("--seeds", "7,3-4", "--time", 3, "--oversubscribe"), run)
    for task in range(3):
        assert testbed.wait(f"{number}_{task}")["ExitCode"] == "0:0", log(tmp_path / "out")
    found = {seed: record(tmp_path / "out" / f"seed-{seed}") for seed in (7, 3, 4)}
    assert [found[seed]["seed"] for seed in found] == [7, 3, 4]
    assert len({found[seed]["spike_digest"] for seed in found}) == 3
    assert len(list((tmp_path / "out").glob(f"slurm-{number}_?.out"))) == 3


def test_a_rank_sees_its_gpu(testbed, submitted, small, log, tmp_path):
    job = ("--gpus-per-task", 1, "--time", 3, "--oversubscribe")
    number = submitted(tmp_path, job, ("brunel", *small, "--backend", "oracle", "--out", "out"))
    assert testbed.wait(number)["ExitCode"] == "0:0", log(tmp_path / "out")
    assert "rank  node  CPUs  share  threads  GPUs\n" in log(tmp_path / "out")


def test_a_failing_job_is_not_requeued_and_keeps_its_exit_code(testbed, benchnn, log, tmp_path):
    (tmp_path / "failing.py").write_text(FAILING)
    job = ("--requeue", 3, "--time", 3, "--oversubscribe", "--wait")
    run = ("run", "failing.py:fails_in_a_job", "--backend", "oracle", "--out", "out")
    done = benchnn(tmp_path, "slurm", "submit", *job, "--", *run)
    assert done.returncode == 7, done.stderr
    ended = testbed.job(done.stdout.strip())
    assert (ended["JobState"], ended["ExitCode"], ended["Restarts"]) == ("FAILED", "7:0", "0")


@pytest.mark.thorough
def test_a_stop_without_a_restart_left_keeps_a_checkpoint_that_the_same_script_resumes(
    testbed, benchnn, submitted, record, log, tmp_path
):
    if why_no_mpi() is not None:
        pytest.skip(f"MPI: {why_no_mpi()}")
    run = ("brunel", "--param", "order=40", "--time", 5e6, "--warmup", 0, "--checkpoint-every", 1000, "--out", "out")
    job = ("--tasks-per-node", 2, "--launcher", "mpiexec", "--time", 10, "--oversubscribe")
    number = submitted(tmp_path, job, run)
    wait_for("checkpoints", tmp_path / "out", lambda folder: [path.name for path in folder.iterdir()])
    assert testbed.client("scancel", "--batch", "--signal=USR1", number).returncode == 0
    ended = testbed.wait(number)
    assert (ended["JobState"], ended["ExitCode"], ended["Restarts"]) == ("FAILED", "1:0", "0")
    assert "not requeued: this was restart 0 of at most 0; the run can be resumed from out" in log(tmp_path / "out")
    assert 0 < record(tmp_path / "out")["time"]["model_time_ms"] < 5e6
    script = next((tmp_path / "out").glob("job-*.sh"))
    again = testbed.client("sbatch", "--parsable", f"--chdir={tmp_path}", f"--output={tmp_path}/again", str(script))
    wait_for("resuming from out/checkpoints/step-", tmp_path / "again", lambda path: path.exists() and path.read_text())
    # A job that is cancelled is not requeued.
    testbed.client("scancel", again.stdout.strip())
    assert testbed.wait(again.stdout.strip())["JobState"] == "CANCELLED"


def test_a_run_that_meets_the_time_limit_goes_on_after_it(limited, testbed, compiled, benchnn, record, log):
    folder, number, run = limited
    ended = testbed.wait(number, seconds=240.0)
    assert (ended["JobState"], ended["ExitCode"]) == ("COMPLETED", "0:0"), log(folder / "out")
    assert 1 <= int(ended["Restarts"]) <= 8
    assert log(folder / "out").count("benchnn: requeueing with out/checkpoints/step-") == int(ended["Restarts"])
    # The fast backend, without interruption.
    done = benchnn(folder, "run", *run, "--out", "whole")
    assert done.returncode == 0, done.stderr
    assert record(folder / "out")["spike_digest"] == record(folder / "whole")["spike_digest"]
    assert record(folder / "out")["spikes"] > 50
    assert (folder / "out" / "spikes.h5").read_bytes() == (folder / "whole" / "spikes.h5").read_bytes()
    assert record(folder / "out")["provenance"]["slurm_job_id"] == number


def wait_for(text, where, read):
    deadline = time.monotonic() + 60
    while text not in (read(where) or ""):
        assert time.monotonic() < deadline, read(where)
        time.sleep(0.2)
