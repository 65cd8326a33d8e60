"""CPUs that a run keeps from other runs."""

import gc
import os
import secrets
import signal
import subprocess
import sys

import pytest

from simcore.job.cpu_claims import FIRST_PID_NAMESPACE, SETTING_OF_HOST, CpuClaims, hidden_runs

HOLDER = """
import sys, time
from simcore.job.cpu_claims import CpuClaims
claims = CpuClaims(sys.argv[1])
claims.take([0, 1, 2], 2)
print(*claims.cpus, flush=True)
time.sleep(600)
"""


@pytest.fixture
def prefix():
    """Names that no run on this machine uses."""
    return f"benchnn-test-{secrets.token_hex(8)}-"


def test_nobody_takes_what_another_holds(prefix):
    first, second = CpuClaims(prefix), CpuClaims(prefix)
    first.take([4, 5, 6], 2)
    second.take([4, 5, 6, 7], 2)
    assert (first.cpus, second.cpus) == ((4, 5), (6, 7))
    first.take([4, 5, 6, 7], 3)
    assert first.cpus == (4, 5)
    second.release()
    first.take([7, 6], 3)
    assert first.cpus == (4, 5, 7) and second.cpus == ()


def test_what_is_dropped_is_free(prefix):
    dropped = CpuClaims(prefix)
    dropped.take([1], 1)
    del dropped
    gc.collect()
    other = CpuClaims(prefix)
    other.take([1], 1)
    assert other.cpus == (1,)


def test_the_kernel_frees_what_a_killed_process_held(prefix):
    with subprocess.Popen([sys.executable, "-c", HOLDER, prefix], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline().split() == ["0", "1"]
            mine = CpuClaims(prefix)
            mine.take([0, 1, 2], 3)
            assert mine.cpus == (2,)
        finally:
            os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        mine.take([0, 1, 2], 3)
        assert mine.cpus == (2, 0, 1)


def made_up(root, namespace=FIRST_PID_NAMESPACE, setting=True):
    (root / "proc/self/ns").mkdir(parents=True)
    (root / "proc/self/ns/pid").symlink_to(namespace)
    if setting:
        (root / SETTING_OF_HOST).parent.mkdir(parents=True)
        (root / SETTING_OF_HOST).write_text("64\n")
    return root


def test_on_the_host_all_runs_are_seen(tmp_path):
    assert hidden_runs(made_up(tmp_path)) is None


def test_from_other_namespaces_they_are_not(tmp_path):
    assert "PID namespace" in hidden_runs(made_up(tmp_path / "pid", "pid:[4026532246]"))
    assert "network namespace" in hidden_runs(made_up(tmp_path / "net", setting=False))
    assert "does not show" in hidden_runs(tmp_path / "nothing")
