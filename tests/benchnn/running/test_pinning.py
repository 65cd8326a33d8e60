"""To which CPUs runs pin their threads, and whether they say so."""

import json
import os
import secrets
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from simcore import Simulator, cpus
from simcore.backends.cpu.backend import CpuBackend
from simcore.backends.cpu.engine import CpuEngine
from simcore.job.cpu_claims import CpuClaims, hidden_runs
from simcore.network import Network, Population

RUN = ("run", "brunel", "--param", "order=20", "--time", "20", "--warmup", "0", "--threads", "1", "--meters", "none")
NAMESPACE = ("unshare", "--user", "--map-root-user", "--pid", "--fork")


@pytest.fixture
def claims(monkeypatch):
    """Claims of another run, which only the runs of this test see."""
    if hidden_runs() is not None:
        pytest.skip(f"runs pin no threads here: {hidden_runs()}")
    prefix = f"benchnn-test-{secrets.token_hex(8)}-"
    monkeypatch.setattr(cpus, "CpuClaims", partial(CpuClaims, prefix))
    for limit in ("cpu_quota", "slurm_cpus_on_node"):
        monkeypatch.setattr(cpus, limit, lambda: None)
    return CpuClaims(prefix)


def test_a_run_pins_to_a_cpu_that_is_free_and_says_which(run_small, claims):
    usable = sorted(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    claims.take(usable[:-1], len(usable) - 1)
    record = run_small("--json", "--threads", 1, backend="cpu").record
    assert record["layout"]["pinned_cpus"] == [str(usable[-1])] and "layout.pinned_cpus" not in record["reasons"]
    assert os.sched_getaffinity(0) == before
    claims.take(usable, len(usable))
    assert claims.cpus == tuple(usable)


def test_a_run_that_finds_no_cpu_has_the_same_spikes_and_says_why(run_small, claims):
    pinned = run_small("--json", "--threads", 1, backend="cpu", out="a").record
    usable = sorted(os.sched_getaffinity(0))
    claims.take(usable, len(usable))
    record = run_small("--json", "--threads", 1, backend="cpu", out="b").record
    assert record["layout"]["pinned_cpus"] is None
    assert record["reasons"]["layout.pinned_cpus"] == "other runs occupy CPUs: 0 left for 1 thread"
    assert (record["spike_digest"], record["spikes"]) == (pinned["spike_digest"], pinned["spikes"])


def test_a_network_that_cannot_be_built_leaves_its_cpus(claims, monkeypatch):
    def fails(self, plan):
        assert len(plan.cpus) == 1
        raise MemoryError

    monkeypatch.setattr(CpuEngine, "__init__", fails)
    monkeypatch.setattr(CpuBackend, "prepare", lambda self, plan: None)
    usable = sorted(os.sched_getaffinity(0))
    with pytest.raises(MemoryError) as raised:
        Simulator(Network([Population("A", 3)]), threads=1)
    claims.take(usable, len(usable))
    assert claims.cpus == tuple(usable) and raised.traceback


def test_backends_without_threads_take_no_cpus(run_small, claims):
    record = run_small("--json", backend="oracle").record
    assert record["layout"]["pinned_cpus"] is None and "oracle" in record["reasons"]["layout.pinned_cpus"]


def test_a_run_in_a_pid_namespace_pins_nothing_and_says_so(tmp_path):
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip("this system lets nobody make PID namespaces")
    command = [*NAMESPACE, sys.executable, "-m", "benchnn", *RUN, "--out", str(tmp_path / "out")]
    root = Path(__file__).parents[3]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert finished.returncode == 0, finished.stderr
    record = json.loads((tmp_path / "out/result.json").read_text())
    assert record["layout"]["pinned_cpus"] is None
    assert "PID namespace" in record["reasons"]["layout.pinned_cpus"]
    assert "threads are not pinned: this process has its own PID namespace" in finished.stdout
