"""Batch scripts and their submission, without a Slurm: what they hold, and what is refused."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchnn import doctor
from benchnn.slurm import cpu_check
from benchnn.slurm.cpu_check import RankCpus, problem, to_text
from benchnn.slurm.job_options import JobOptions, seconds_of, seeds_of
from benchnn.slurm.script import TEMPLATE, filled
from simcore.cpus import NodeShare
from simcore.errors import InputError
from simcore.job.cpu_limits import CpuLimit

RUN = ("run", "small.py:small", "--time", "20")


@pytest.fixture
def render(home, benchnn):
    def call(*options, run=RUN):
        return benchnn("slurm", "render", *options, "--", *run)

    return call


@pytest.fixture
def sbatch(tmp_path, monkeypatch):
    """Put a program in the place of sbatch that does what a line of shell says; returns the file of its arguments."""

    def make(line):
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "sbatch"
        program.write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" > {tmp_path}/arguments\n{line}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return tmp_path / "arguments"

    return make


def directives(script):
    lines = [line.removeprefix("#SBATCH --") for line in script.splitlines() if line.startswith("#SBATCH")]
    return dict(line.partition("=")[::2] for line in lines)


def test_layout_and_limits(render):
    script = render(
        "--nodes", 2, "--tasks-per-node", 4, "--threads", 16, "--time", "00:30:00", "--account", "proj", "--mem", "64G",
        "--partition", "batch", "--qos", "high", "--constraint", "(a&b)|c*2", "--exclusive", "--sbatch", "comment=r",
    ).out  # fmt: skip
    assert directives(script) == {
        "job-name": "benchnn-small",
        "account": "proj",
        "partition": "batch",
        "qos": "high",
        "constraint": "(a&b)|c*2",
        "nodes": "2",
        "ntasks-per-node": "4",
        "cpus-per-task": "16",
        "mem": "64G",
        "time": "00:30:00",
        "hint": "nomultithread",
        "exclusive": "",
        "signal": "B:USR1@60",
        "open-mode": "append",
        "comment": "r",
    }
    assert "launch=(srun --ntasks=8 --cpus-per-task=16 --kill-on-bad-exit=1)\n" in script
    assert f"benchnn=({sys.executable} -m benchnn)\n" in script
    assert "run=(run small.py:small --time=20 --threads=16)\n" in script


def test_gpus(render):
    script = render("--tasks-per-node", 4, "--gpus-per-task", "a100:1", "--gres", "gpu:a100:4").out
    assert directives(script)["gpus-per-task"] == "a100:1"
    assert directives(script)["gres"] == "gpu:a100:4"
    assert "launch=(srun --ntasks=4 --cpus-per-task=1 --kill-on-bad-exit=1 --gpus-per-task=a100:1)\n" in script


def test_an_array_and_a_requeue(render):
    script = render("--seeds", "5-7,20", "--at-once", 2, "--requeue", 4, "--stop-before", 300, "--time", 60).out
    found = directives(script)
    assert (found["array"], found["requeue"], found["signal"]) == ("0-3%2", "", "B:USR1@300")
    assert "seeds=(5 6 7 20)\n" in script and "restarts=4\n" in script


def test_mpiexec_and_setup(render):
    script = render("--launcher", "mpiexec", "--nodes", 3, "--module", "GCC/12", "--setup", "my $(id).sh").out
    assert "launch=(mpiexec -n 3)\n" in script
    assert "module load GCC/12\n" in script and "source './my $(id).sh'\n" in script


def test_what_a_run_is_given_stays_one_word(render):
    run = ("run", "small.py:small", "--param", "n=20", "--out", "a b; $(touch x) `y` 'z'")
    script = render(run=run).out
    line = next(line for line in script.splitlines() if line.startswith("out="))
    shown = subprocess.run(["bash", "-c", f'{line}; printf %s "$out"'], capture_output=True, text=True, check=True)
    assert shown.stdout == run[-1]


def test_the_power_log_of_a_job_and_its_column(render, home):
    (home / "p l.csv").write_text("time,node 1 [W],node 2 [W]\n1700000000,1,2\n")
    log = ("--power-log", "p l.csv")
    assert "2 columns whose heading names a power" in render(run=(*RUN, *log)).refusal
    script = render(run=(*RUN, *log, "--power-column", "node 1 [W]")).out
    assert " '--power-log=p l.csv' '--power-column=node 1 [W]' " in script


def test_peers_are_not_asked_to_stop(render):
    pytest.importorskip("nest", reason="NEST is not installed")
    peer = (*RUN, "--simulator", "nest")
    assert "signal" not in directives(render(run=peer).out)
    assert "nest does not write checkpoints" in render("--requeue", 1, run=peer).refusal
    assert "not allowed on 2 ranks" in render("--nodes", 2, run=peer).refusal


@pytest.mark.parametrize("field", ["account", "partition", "qos", "mem", "gres", "gpus-per-task", "job-name", "mpi"])
@pytest.mark.parametrize("value", ["x; rm -rf /", "x\n#SBATCH --uid=0", "-x", "$(id)", "`id`", "a b", "", "ä", "a'b"])
def test_injection_is_refused(field, value, render):
    assert repr(value) in render(f"--{field}={value}").refusal


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("--constraint=a\nb", "constraint = 'a\\nb' is not allowed"),
        ("--module=x;y", "module = 'x;y' is not allowed"),
        ("--setup=x\ny", "control characters"),
        ("--python=", "must not be empty"),
        ("--sbatch=wrap=x", "benchnn slurm sets wrap"),
        ("--sbatch=arr=0-3", "benchnn slurm sets array"),
        ("--sbatch=no-requeue", "benchnn slurm sets no-requeue"),
        ("--sbatch=help", "sbatch would not submit a job"),
        ("--sbatch=comment=a b", "use letters"),
        ("--sbatch=Uid", "must be NAME or NAME=VALUE"),
        ("--nodes=0", "nodes = 0 is not allowed"),
        ("--nodes=2.5", "nodes"),
        ("--time=0", "time = '0' is not allowed"),
        ("--time=1:2:3:4", "HH:MM:SS"),
        ("--stop-before=3600", "must be in [1, 3599] s"),
        ("--requeue=-1", "requeue = -1 is not allowed"),
        ("--launcher=ssh", "use srun or mpiexec"),
        ("--at-once=2", "it requires --seeds"),
        ("--seeds=3-1", "must be seeds in"),
        ("--template=nowhere.sh", "cannot read --template nowhere.sh"),
    ],
)
def test_what_a_job_cannot_be_is_refused(option, why, render):
    assert why in render(option).refusal


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ((), "must be 'run MODEL'"),
        (("scale", "strong", "brunel"), "must be 'run MODEL'"),
        (("run", "nosuch"), "model = 'nosuch' is unknown"),
        (("run", "brunel", "--param", "order=x"), "parameter order = 'x'"),
        (("run", "brunel", "--nosuch", "1"), "--nosuch"),
        (("run", "brunel", "--backend", "abacus"), "backend = 'abacus' is unknown"),
        (("run", "brunel", "--time", "0.05"), "time_ms"),
        (("run", "brunel", "--threads", "3"), "must be 1, as in the job"),
        (("run", "brunel", "--resume", "x"), "cannot read"),
        (("run", "brunel", "--overwrite"), "overwrite"),
        (("run", "brunel", "--dry-run-ranks", "4"), "dry run"),
        (("run", "brunel", "--out", "a\nb"), "control characters"),
        (("run", "brunel", "--out", "small.py"), "is not a folder"),
    ],
)
def test_a_run_that_would_fail_in_the_job_is_refused_before(run, why, render):
    assert why in render(run=run).refusal


def test_seeds_belong_to_the_array_alone(render):
    assert "use --seeds" in render("--seeds", "1,2", run=(*RUN, "--seed", "3")).refusal


def test_a_result_that_is_there_is_refused_and_a_checkpoint_of_another_run_too(render, run_small):
    run_small("--checkpoint-every", 10, out="done/seed-2")
    run = ("run", "small.py:small", "--time", 20, "--warmup", 5, "--out", "done")
    assert "already contains a result" in render("--seeds", "1-3", run=run).refusal
    assert render("--seeds", "3", run=run).code == 0
    (Path("done") / "checkpoints").mkdir()
    assert "checkpoint" in render(run=run).refusal


def test_a_template_has_exactly_our_places():
    assert filled("{{a}} ${b} {{c}}", {"a": "{{c}}", "c": "1"}) == "{{c}} ${b} 1"
    with pytest.raises(InputError, match=r"\{\{b\}\} is unknown; the placeholders are a"):
        filled("{{a}}{{b}}", {"a": "1"})
    with pytest.raises(InputError, match=r"\{\{b\}\} is missing; the placeholders are a, b"):
        filled("{{a}}", {"a": "1", "b": "2"})


def test_a_template_of_open_braces_is_read_at_once():
    started = time.process_time()
    assert filled("{{a}}" + "{{" * 30_000, {"a": "1"}) == "1" + "{{" * 30_000
    assert time.process_time() - started < 3.0


def test_a_template_of_the_users_own(render):
    Path("own.sh").write_text(
        TEMPLATE.read_text().replace("set -euo pipefail", "set -euo pipefail\nulimit -s unlimited")
    )
    assert "\nulimit -s unlimited\n" in render("--template", "own.sh").out
    Path("own.sh").write_text("{{nosuch}}")
    assert "template own.sh: {{nosuch}} is unknown" in render("--template", "own.sh").refusal


def test_a_file_that_is_there_is_kept(render):
    assert render("--out", "job.sh").code == 0
    before = Path("job.sh").read_text()
    assert before.startswith("#!/bin/bash\n")
    assert "already exists" in render("--out", "job.sh", "--nodes", 2).refusal
    assert Path("job.sh").read_text() == before


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--seeds", "1-3", "--requeue", 2, "--setup", "my env.sh", "--module", "x"),
        ("--launcher", "mpiexec", "--tasks-per-node", 4, "--no-check"),
        ("--gpus-per-task", 1, "--oversubscribe"),
    ],
)
def test_scripts_are_clean(options, render):
    script = render(*options).out
    done = subprocess.run(["shellcheck", "-"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_submission(benchnn, home, sbatch):
    arguments = sbatch("echo '42;cluster'")
    done = benchnn("slurm", "submit", "--", *RUN, "--out", "a%b")
    assert (done.code, done.out) == (0, "42\n")
    script = next((home / "a%b").glob("job-*.sh"))
    assert arguments.read_text().splitlines() == ["--parsable", f"--output={home}/a%%b/slurm-%j.out", str(script)]
    assert "out=a%b\n" in script.read_text()


def test_an_array_is_submitted_with_a_log_for_each_task(benchnn, home, sbatch):
    arguments = sbatch("echo 42")
    assert benchnn("slurm", "submit", "--seeds", "1-2", "--", *RUN, "--out", "out").code == 0
    assert f"--output={home}/out/slurm-%A_%a.out" in arguments.read_text()


def test_waiting_yields_the_exit_code_of_the_job(benchnn, home, sbatch):
    arguments = sbatch("echo 42; exit 5")
    done = benchnn("slurm", "submit", "--wait", "--", *RUN)
    assert (done.code, done.out) == (5, "42\n")
    assert "--wait" in arguments.read_text()


def test_a_refusal_is_reported_in_the_words_of_sbatch(benchnn, home, sbatch):
    sbatch("echo 'sbatch: error: Invalid account' >&2; exit 1")
    done = benchnn("slurm", "submit", "--", *RUN, "--out", "out")
    assert (done.code, done.out) == (1, "")
    assert done.err == "benchnn: error: sbatch refused the job: sbatch: error: Invalid account\n"
    assert not (home / "out").exists()


def test_without_sbatch(benchnn, home, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    done = benchnn("slurm", "submit", "--", *RUN)
    assert (done.code, done.out) == (1, "")
    assert "sbatch is not on PATH" in done.err


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("30", 1800), ("1:30", 90), ("1:00:01", 3601), ("2-1", 176_400), ("1-0:30", 88_200), ("1-00:00:05", 86_405)],
)
def test_time_limits(time, seconds):
    assert seconds_of(time) == seconds


@pytest.mark.parametrize("time", ["", "0", "0:00", "x", "1-", "1:2:3:4", "-5", "1.5", "²", "30\n"])
def test_what_is_no_time_limit(time):
    with pytest.raises(InputError, match="time = "):
        seconds_of(time)


def test_a_run_is_stopped_a_minute_or_a_quarter_before_the_limit():
    assert [JobOptions(time=time).stop_s for time in ("60", "4", "1", "0:02")] == [60, 60, 15, 1]
    assert JobOptions(time="60", stop_before_s=90).stop_s == 90


def test_seeds():
    assert seeds_of("5, 1-3,9") == (5, 1, 2, 3, 9)
    for wrong in ("", "1,1", "1-3,2", "a", "3-1", "1-99999999", "99999999999"):
        with pytest.raises(InputError, match="seeds = "):
            seeds_of(wrong)


def test_cpus_of_ranks():
    ranks = [RankCpus("n1", "0-3", 4, 2, ""), RankCpus("n2", "4", 1, 1, "")]
    assert to_text(ranks, 2).splitlines() == [
        "rank  node  CPUs  share  threads",
        "   0  n1    0-3       2        2",
        "   1  n2    4         1        2",
    ]
    assert problem(ranks, 2, 1) is None
    assert problem(ranks, 2, 2).startswith(
        "1 of 2 ranks have fewer CPUs than threads: rank 1 on n2 has 1 CPU (of 4) for 2 threads;"
    )
    assert problem(ranks, 3, 1).startswith("the job has 3 ranks, but MPI sees 2;")


def test_a_quota_of_cpu_time_is_shared_by_the_ranks_of_a_node(benchnn, monkeypatch):
    monkeypatch.setattr(cpu_check, "node_share", lambda comm: NodeShare((0, 1, 2), 0, 2, 0))
    for cpus, share in ((8.0, 3), (4.0, 2), (1.5, 0)):
        monkeypatch.setattr(cpu_check, "cpu_quota", lambda cpus=cpus: CpuLimit(cpus, "cpu.max"))
        done = benchnn("slurm", "check", "--ranks", 1, "--threads", share)
        assert done.code == (0 if share else 2) and (not share or done.out.splitlines()[1].split()[3] == str(share))
        done = benchnn("slurm", "check", "--ranks", 1, "--threads", share + 1)
        assert done.code == 1
        warning = f"share a quota of {cpus:g} CPUs (cpu.max); check the binding"
        assert (warning in done.err) == (share < 3), done.err


def test_the_check_shows_this_process(benchnn, monkeypatch):
    monkeypatch.setattr(cpu_check, "cpu_quota", lambda: None)
    cpus = len(os.sched_getaffinity(0))
    done = benchnn("slurm", "check", "--ranks", 1, "--threads", cpus)
    assert done.code == 0 and len(done.out.splitlines()) == 2
    done = benchnn("slurm", "check", "--ranks", 1, "--threads", cpus + 1)
    assert done.code == 1 and "fewer CPUs than threads" in done.err
    done = benchnn("slurm", "check", "--ranks", 1, "--threads", cpus + 1, "--oversubscribe")
    assert done.code == 0 and "warning" in done.err
    assert benchnn("slurm", "check", "--ranks", 2, "--threads", 1, "--oversubscribe").code == 1


def test_doctor_finds_the_client(sbatch):
    sbatch("echo slurm-wlm 99.1")
    (found,) = (finding for finding in doctor.examine() if finding.name == "sbatch")
    assert found.usable and found.detail.startswith("slurm-wlm 99.1, ")


def test_doctor_finds_a_client_without_a_configuration(sbatch):
    sbatch("echo first >&2; echo 'sbatch: fatal: no configuration' >&2; exit 1")
    (found,) = (finding for finding in doctor.examine() if finding.name == "sbatch")
    assert found.usable is False and found.detail.endswith("/sbatch: sbatch: fatal: no configuration")


def test_doctor_without_the_client(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert doctor._slurm().usable is False and "not on PATH" in doctor._slurm().detail
