"""How many CPUs a job may use."""

import pytest

from simcore.job.cpu_limits import (
    CpuLimit,
    allowed_cpus,
    allowed_threads,
    by_core,
    cpu_quota,
    one_of_each_core_first,
    slurm_cpus_on_node,
    slurm_cpus_per_task,
)


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")


def limited(root, quota, group="/pod/box"):
    """A tree in which the second version of control groups gives the outer group a quota."""
    write(root, "proc/self/cgroup", f"0::{group}")
    write(root, "sys/fs/cgroup/pod/cpu.max", quota)
    write(root, "sys/fs/cgroup/pod/box/cpu.max", "max 100000")
    return root


def test_the_quota_of_an_ancestor_counts(tmp_path):
    found = cpu_quota(limited(tmp_path, "150000 100000"))
    assert found == CpuLimit(1.5, str(tmp_path / "sys/fs/cgroup/pod/cpu.max"))
    write(tmp_path, "sys/fs/cgroup/pod/box/cpu.max", "50000 100000")
    assert cpu_quota(tmp_path).cpus == 0.5


def test_the_quota_of_the_first_version(tmp_path):
    write(tmp_path, "proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/docker/4f")
    assert cpu_quota(tmp_path) is None
    # A container sees its own group at the mount, under whatever path the host knows it.
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", 200_000)
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", 50_000)
    assert cpu_quota(tmp_path) == CpuLimit(4.0, str(tmp_path / "sys/fs/cgroup/cpu/cpu.cfs_quota_us"))
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", -1)
    assert cpu_quota(tmp_path) is None


@pytest.mark.parametrize("text", ["max 100000", "", "a b", "100000", "0 0", "-1 100000", "1 2 3"])
def test_no_quota(tmp_path, text):
    assert cpu_quota(limited(tmp_path, text)) is None
    assert allowed_threads(3, root=tmp_path, environment={}) == 3


def test_slurms_share():
    environment = {"SLURM_CPUS_PER_TASK": "4", "SLURM_CPUS_ON_NODE": "12"}
    assert slurm_cpus_per_task(environment) == CpuLimit(4, "SLURM_CPUS_PER_TASK")
    assert slurm_cpus_on_node(environment) == CpuLimit(12, "SLURM_CPUS_ON_NODE")
    for text in ("", "0", "-2", "2(x3)", "many", "²"):
        assert slurm_cpus_per_task({"SLURM_CPUS_PER_TASK": text}) is None


@pytest.mark.parametrize(
    ("cpus", "ranks", "quota", "environment", "threads"),
    [
        (8, 1, "max 100000", {}, 8),
        (8, 1, "100000 100000", {}, 1),
        (8, 1, "350000 100000", {}, 3),
        (8, 1, "50000 100000", {}, 1),
        (2, 1, "900000 100000", {}, 2),
        (8, 2, "600000 100000", {}, 3),
        (8, 4, "200000 100000", {}, 1),
        (8, 1, "max 100000", {"SLURM_CPUS_PER_TASK": "2"}, 2),
        (8, 2, "max 100000", {"SLURM_CPUS_PER_TASK": "2"}, 2),
        (8, 2, "max 100000", {"SLURM_CPUS_ON_NODE": "6"}, 3),
        (8, 1, "500000 100000", {"SLURM_CPUS_PER_TASK": "6", "SLURM_CPUS_ON_NODE": "12"}, 5),
        (0, 4, "max 100000", {}, 1),
    ],
)
def test_the_tightest_limit_decides(tmp_path, cpus, ranks, quota, environment, threads):
    assert allowed_threads(cpus, ranks, limited(tmp_path, quota), environment) == threads


def test_threads_take_one_hyperthread_of_each_core_first(tmp_path):
    for cpu in range(6):
        write(tmp_path, f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", f"{cpu % 3},{cpu % 3 + 3}")
    assert by_core(range(6), tmp_path) == [[0, 3], [1, 4], [2, 5]]
    assert one_of_each_core_first(range(6), tmp_path) == (0, 1, 2, 3, 4, 5)
    assert one_of_each_core_first((0, 2, 3, 4), tmp_path) == (0, 2, 4, 3)
    # Of some nothing is known.
    assert one_of_each_core_first((3, 7, 0, 9), tmp_path) == (0, 7, 9, 3)
    assert one_of_each_core_first((), tmp_path) == ()


@pytest.mark.parametrize(
    ("quota", "on_node", "cpus"), [("150000", "", 1), ("max", "3", 3), ("250000", "3", 2), ("1", "", 1)]
)
def test_ranks_of_a_node_share_quota_and_job_but_not_what_a_task_has(tmp_path, quota, on_node, cpus):
    environment = {"SLURM_CPUS_ON_NODE": on_node, "SLURM_CPUS_PER_TASK": "1"}
    assert allowed_cpus(8, limited(tmp_path, f"{quota} 100000"), environment) == cpus
    assert allowed_cpus(2, limited(tmp_path, "max 100000"), {}) == 2
