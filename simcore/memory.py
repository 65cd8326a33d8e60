"""How much memory there is, and how much this process took."""

import ctypes
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import ResourceError
from simcore.job.cgroups import CGROUPS, MEMBERSHIPS, cgroup_folders

BASELINE_BYTES = 250e6
"""Interpreter, NumPy and Numba with its compiler, measured."""
CACHED_BYTES = 180e6
"""The same where all kernels come from the cache, measured."""
SMALL_BYTES = 1 << 20
"""Arrays of fewer bytes count as used."""
MORE_OR_LESS = "use more nodes or a smaller network"
UNLIMITED_BYTES = 1 << 62
GROUPS, OWN = Path("/") / CGROUPS, Path("/") / MEMBERSHIPS
"""Where control groups are mounted, and those of this process."""


def _integer(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


@dataclass(frozen=True)
class MemoryLimit:
    """Bytes that a limit still allows, and the file or setting from which it comes."""

    free_bytes: int
    source: str


def cgroup_limit(root: Path = GROUPS, memberships: Path = OWN) -> MemoryLimit | None:
    """The tightest limit among the memory cgroups of this process, None without one.

    Slurm limits a job at its own folder, so the least of the folder and its ancestors counts; cached file pages do
    not, because the system takes them back. Above ``memory.high`` the kernel slows a process down until it is useless.
    """
    found = []
    for folder, version in cgroup_folders("memory", root, memberships):
        limits = ("memory.max", "memory.high") if version == 2 else ("memory.limit_in_bytes",)
        now = _integer(folder / ("memory.current" if version == 2 else "memory.usage_in_bytes"))
        for path in (folder / limit for limit in limits):
            most = _integer(path)
            # The first version shows the largest multiple of a page for no limit.
            if most is not None and now is not None and most < UNLIMITED_BYTES:
                found.append(MemoryLimit(most - now + _inactive_file(folder), str(path)))
    return min(found, key=lambda limit: limit.free_bytes, default=None)


def cgroup_free_bytes(root: Path = GROUPS, memberships: Path = OWN) -> int | None:
    """Bytes that the memory cgroups of this process still allow, None without a limit."""
    limit = cgroup_limit(root, memberships)
    return None if limit is None else limit.free_bytes


def address_space_limit() -> MemoryLimit | None:
    """What the limit of this process's address space (``ulimit -v``) still allows, None without one."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return None
    return MemoryLimit(max(0, soft - _address_space_bytes()), "ulimit -v")


def _inactive_file(folder: Path) -> int:
    try:
        for line in (folder / "memory.stat").read_text().splitlines():
            if line.startswith(("inactive_file ", "total_inactive_file ")):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def tightest_limit() -> MemoryLimit | None:
    """Memory that this process may still take: the least of free memory, cgroup and address-space limit.

    None where the system does not say.
    """
    candidates = [cgroup_limit(), address_space_limit()]
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                candidates.append(MemoryLimit(int(line.split()[1]) * 1024, "MemAvailable in /proc/meminfo"))
    except OSError:
        pass
    found = [limit for limit in candidates if limit is not None]
    return min(found, key=lambda limit: limit.free_bytes, default=None)


def available_bytes() -> int | None:
    """The bytes of `tightest_limit`."""
    limit = tightest_limit()
    return None if limit is None else limit.free_bytes


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


def resident_bytes() -> int:
    """Resident set of this process now; its peak where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return peak_rss_bytes()


def touched_bytes(array: npt.NDArray[Any]) -> int:
    """Bytes of an array's pages that are in memory: room that was reserved and never written takes none.

    All bytes of a small array, which may lie where another one was, and where the system does not say.
    """
    page = resource.getpagesize()
    start = array.ctypes.data // page * page
    pages = np.zeros(-(-(array.ctypes.data + array.nbytes - start) // page), dtype=np.uint8)
    library = ctypes.CDLL(None)
    if array.nbytes < SMALL_BYTES or not hasattr(library, "mincore"):
        return array.nbytes
    length, found = ctypes.c_size_t(len(pages) * page), ctypes.c_void_p(pages.ctypes.data)
    if library.mincore(ctypes.c_void_p(start), length, found) != 0:
        return array.nbytes
    return min(array.nbytes, page * int(np.count_nonzero(pages & 1)))


def expected_touched(reserved: float, used: float) -> float:
    """Expected `touched_bytes` of an array of `reserved` bytes, of which `used` will be written."""
    return reserved if reserved < SMALL_BYTES else min(reserved, used)


def needed_bytes(parts: dict[str, float], processes: int = 1) -> float:
    """Bytes that processes take which each need these parts."""
    return processes * (sum(parts.values()) + BASELINE_BYTES)


def require_memory(
    parts: dict[str, float], what: str, processes: int = 1, advice: Callable[[MemoryLimit], str] | None = None
) -> None:
    """Refuse what would not fit, before anything large is allocated.

    Parameters
    ----------
    parts
        Bytes by part that each process will take.
    what
        What needs them.
    processes
        Processes that share the memory.
    advice
        Says what to do with the memory that there is; `MORE_OR_LESS` by default.

    Raises
    ------
    ResourceError
        Saying how much is needed, for what, how much there is and what limits it.
    """
    needed, limit = needed_bytes(parts, processes), tightest_limit()
    if limit is not None and needed > limit.free_bytes:
        sizes = {name: processes * size for name, size in parts.items()}
        least = 1e-3 * max(sizes.values(), default=0.0)
        listed = ", ".join(f"{name} {size / 1e9:.2f} GB" for name, size in sizes.items() if size >= least)
        raise ResourceError(
            f"too little memory: {what} needs about {needed / 1e9:.2f} GB ({listed}), but only "
            f"{limit.free_bytes / 1e9:.2f} GB are available ({limit.source}); "
            f"{MORE_OR_LESS if advice is None else advice(limit)}"
        )
