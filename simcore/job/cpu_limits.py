"""Number of CPUs that the job can use, and the limits that determine it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcore.job.cgroups import CGROUPS, MEMBERSHIPS, cgroup_folders

ROOT = Path("/")
PER_TASK, ON_NODE = "SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"


@dataclass(frozen=True)
class CpuLimit:
    """Limit of the CPUs or of their time.

    Parameters
    ----------
    cpus
        Number of CPUs, or seconds of CPU time per second.
    source
        File or variable of the limit.
    """

    cpus: float
    source: str

    def __str__(self) -> str:
        return f"{self.cpus:g} CPU{'' if self.cpus == 1 else 's'} ({self.source})"


def usable_cpus() -> tuple[int, ...]:
    """Return the CPUs that this process can use, ascending."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def by_core(cpus: Sequence[int], root: Path = ROOT) -> list[list[int]]:
    """Return the CPUs of each core, cores in order of their first CPU; a CPU without information counts as a core."""
    cores: dict[str, list[int]] = {}
    for cpu in sorted(cpus):
        path = root / f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
        try:
            core = path.read_text().strip()
        except OSError:
            core = ""
        cores.setdefault(core or f"CPU {cpu}", []).append(cpu)
    return list(cores.values())


def one_of_each_core_first(cpus: Sequence[int], root: Path = ROOT) -> tuple[int, ...]:
    """Return the CPUs in the order of use by threads: one CPU of each core first, as hyperthreads share the core."""
    cores = by_core(cpus, root)
    return tuple(core[k] for k in range(max(map(len, cores), default=0)) for core in cores if k < len(core))


def cpu_quota(root: Path = ROOT) -> CpuLimit | None:
    """Return the tightest quota of CPU time among this process's control groups and their ancestors, or None.

    A container with ``--cpus=1`` sees all CPUs of its host, but all of its threads stop when they have used up the
    quota of a period.
    """
    quotas = []
    for folder, version in cgroup_folders("cpu", root / CGROUPS, root / MEMBERSHIPS):
        names = ("cpu.max",) if version == 2 else ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        try:
            quota, period = (word for name in names for word in (folder / name).read_text().split())
            if quota != "max" and int(quota) > 0 and int(period) > 0:
                quotas.append(CpuLimit(int(quota) / int(period), str(folder / names[0])))
        except (OSError, ValueError):
            continue
    return min(quotas, key=lambda limit: limit.cpus, default=None)


def slurm_cpus_per_task(environment: Mapping[str, str] = os.environ) -> CpuLimit | None:
    """Return the CPUs that Slurm gives each task, None if the job does not define them."""
    return _counted(PER_TASK, environment)


def slurm_cpus_on_node(environment: Mapping[str, str] = os.environ) -> CpuLimit | None:
    """Return the CPUs that Slurm gives the job on this node, whether bound or not; None outside a job."""
    return _counted(ON_NODE, environment)


def _counted(name: str, environment: Mapping[str, str]) -> CpuLimit | None:
    text = environment.get(name, "")
    return CpuLimit(int(text), name) if text.isascii() and text.isdigit() and int(text) > 0 else None


def limits_of_node(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Iterator[CpuLimit]:
    """Return the limits of all ranks of this node together: the quota, and Slurm's share."""
    for limit in (cpu_quota(root), slurm_cpus_on_node(environment)):
        if limit is not None:
            yield limit


def limits_of_rank(ranks: int, root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Iterator[CpuLimit]:
    """Return the limits of each of `ranks` ranks of this node by quota and Slurm's share."""
    per_task = slurm_cpus_per_task(environment)
    if per_task is not None:
        yield per_task
    for whole in limits_of_node(root, environment):
        yield CpuLimit(whole.cpus / ranks, whole.source)


def allowed_cpus(cpus: int, root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> int:
    """Return the number of CPUs of this node that all ranks together can use, at least one.

    Parameters
    ----------
    cpus
        CPUs that the ranks can use.
    root, environment
        Root folder and environment variables in which limits are looked up.
    """
    return max(1, min([cpus, *(int(limit.cpus) for limit in limits_of_node(root, environment))]))


def allowed_threads(cpus: int, ranks: int = 1, root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> int:
    """Return the number of threads that a rank can run, at least one.

    Parameters
    ----------
    cpus
        CPUs of this rank.
    ranks
        Number of ranks of the node, which share quota and job.
    root, environment
        Root folder and environment variables in which limits are looked up.
    """
    return max(1, min([cpus, *(int(limit.cpus) for limit in limits_of_rank(ranks, root, environment))]))
