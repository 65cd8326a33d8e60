"""How many CPUs the job may use, and which limit says so."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcore.job.cgroups import CGROUPS, MEMBERSHIPS, cgroup_folders

ROOT = Path("/")
PER_TASK, ON_NODE = "SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"


@dataclass(frozen=True)
class CpuLimit:
    """A limit of the CPUs or of their time.

    Parameters
    ----------
    cpus
        CPUs, or seconds of their time in a second.
    source
        The file or variable that says so.
    """

    cpus: float
    source: str

    def __str__(self) -> str:
        return f"{self.cpus:g} CPU{'' if self.cpus == 1 else 's'} ({self.source})"


def usable_cpus() -> tuple[int, ...]:
    """CPUs that this process may use, ascending."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def by_core(cpus: Sequence[int], root: Path = ROOT) -> list[list[int]]:
    """The CPUs of each core, cores in order of their first CPU; a CPU of which nothing is known is a core."""
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
    """The CPUs in the order in which threads take them: hyperthreads of one core share its units and caches."""
    cores = by_core(cpus, root)
    return tuple(core[k] for k in range(max(map(len, cores), default=0)) for core in cores if k < len(core))


def cpu_quota(root: Path = ROOT) -> CpuLimit | None:
    """The tightest quota of CPU time among this process's control groups and their ancestors, None without one.

    A container with ``--cpus=1`` sees all CPUs of its host, and its threads all stop once they have used up the quota
    of a period together.
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
    """CPUs that Slurm gives each task, None if the job does not say."""
    return _counted(PER_TASK, environment)


def slurm_cpus_on_node(environment: Mapping[str, str] = os.environ) -> CpuLimit | None:
    """CPUs that Slurm gives the job on this node, bound to them or not; None outside a job."""
    return _counted(ON_NODE, environment)


def _counted(name: str, environment: Mapping[str, str]) -> CpuLimit | None:
    text = environment.get(name, "")
    return CpuLimit(int(text), name) if text.isascii() and text.isdigit() and int(text) > 0 else None


def limits_of_node(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Iterator[CpuLimit]:
    """What all ranks of this node have together: the quota, and Slurm's share."""
    for limit in (cpu_quota(root), slurm_cpus_on_node(environment)):
        if limit is not None:
            yield limit


def limits_of_rank(ranks: int, root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Iterator[CpuLimit]:
    """What each of `ranks` ranks of this node has of quota and of Slurm's share."""
    per_task = slurm_cpus_per_task(environment)
    if per_task is not None:
        yield per_task
    for whole in limits_of_node(root, environment):
        yield CpuLimit(whole.cpus / ranks, whole.source)


def allowed_cpus(cpus: int, root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> int:
    """CPUs of this node that all ranks together may keep busy, at least one.

    Parameters
    ----------
    cpus
        CPUs that the ranks may use.
    root, environment
        Where limits are found.
    """
    return max(1, min([cpus, *(int(limit.cpus) for limit in limits_of_node(root, environment))]))


def allowed_threads(cpus: int, ranks: int = 1, root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> int:
    """Threads that a rank may run, at least one.

    Parameters
    ----------
    cpus
        CPUs of this rank.
    ranks
        Ranks of the node, which share quota and job.
    root, environment
        Where limits are found.
    """
    return max(1, min([cpus, *(int(limit.cpus) for limit in limits_of_rank(ranks, root, environment))]))
