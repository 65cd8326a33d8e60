"""How much memory there is, and how much this process took."""

import resource
from collections.abc import Iterator
from pathlib import Path

from simcore.errors import ResourceError

BASELINE_BYTES = 250e6
"""Interpreter, NumPy and Numba with its compiler, measured."""


def _integer(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _cgroup_folders(root: Path, memberships: Path) -> Iterator[tuple[Path, str, str]]:
    """Folders of this process's memory cgroup and all its ancestors, with the names of limit and usage (v2, v1)."""
    try:
        lines = memberships.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
        top = root / "memory" if controllers else root
        folder = top / path.lstrip("/")
        while True:
            yield folder, *names
            if folder == top:
                break
            folder = folder.parent


def cgroup_free_bytes(root: Path = Path("/sys/fs/cgroup"), memberships: Path = Path("/proc/self/cgroup")) -> int | None:
    """Bytes that the memory cgroups of this process still allow, None without a limit.

    Slurm limits a job at its own folder, so the least of the folder and its ancestors counts; cached file pages do
    not, because the system takes them back.
    """
    free = []
    for folder, limit, usage in _cgroup_folders(root, memberships):
        most, now = _integer(folder / limit), _integer(folder / usage)
        if most is not None and now is not None:
            free.append(most - now + _inactive_file(folder))
    return min(free, default=None)


def _inactive_file(folder: Path) -> int:
    try:
        for line in (folder / "memory.stat").read_text().splitlines():
            if line.startswith(("inactive_file ", "total_inactive_file ")):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def available_bytes() -> int | None:
    """Memory that this process may still take: the least of free memory, cgroup and address-space limit.

    None where the system does not say.
    """
    candidates = []
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                candidates.append(int(line.split()[1]) * 1024)
    except OSError:
        pass
    free = cgroup_free_bytes()
    if free is not None:
        candidates.append(free)
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        candidates.append(max(0, soft - _address_space_bytes()))
    return min(candidates, default=None)


def _address_space_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def peak_rss_bytes() -> int:
    """Largest resident set of this process so far.

    VmHWM, because ru_maxrss starts with the parent's peak on Linux.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def require_memory(parts: dict[str, float], what: str, processes: int = 1) -> None:
    """Refuse what would not fit, before anything large is allocated.

    Parameters
    ----------
    parts
        Bytes by part that each process will take.
    what
        What needs them.
    processes
        Processes that share the memory.

    Raises
    ------
    ResourceError
        Saying how much is needed, for what, and how much there is.
    """
    needed = processes * (sum(parts.values()) + BASELINE_BYTES)
    available = available_bytes()
    if available is not None and needed > available:
        listed = ", ".join(f"{name} {processes * size / 1e9:.2f} GB" for name, size in parts.items())
        raise ResourceError(
            f"too little memory: {what} needs about {needed / 1e9:.2f} GB ({listed}), there are "
            f"{available / 1e9:.2f} GB; use more nodes or a smaller network"
        )
