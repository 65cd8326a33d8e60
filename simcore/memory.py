"""Available memory, and memory used by this process."""

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
"""Bytes of interpreter, NumPy and Numba with its compiler, measured."""
CACHED_BYTES = 180e6
"""The same if all kernels are loaded from the cache, measured."""
SMALL_BYTES = 1 << 20
"""Arrays with fewer bytes count as completely used."""
MORE_OR_LESS = "use more nodes or a smaller network"
UNLIMITED_BYTES = 1 << 62
GROUPS, OWN = Path("/") / CGROUPS, Path("/") / MEMBERSHIPS
"""Mount point of control groups, and file with the groups of this process."""


def _integer(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


@dataclass(frozen=True)
class MemoryLimit:
    """Bytes that a limit still allows, and the file or setting of the limit."""

    free_bytes: int
    source: str


def cgroup_limit(root: Path = GROUPS, memberships: Path = OWN) -> MemoryLimit | None:
    """Return the tightest limit among the memory cgroups of this process, None without one.

    Slurm limits a job at its own folder, so that the smallest limit of the folder and its ancestors applies. Cached
    file pages do not count, because the system can reclaim them. Above ``memory.high`` the kernel slows a process down
    severely.
    """
    found = []
    for folder, version in cgroup_folders("memory", root, memberships):
        limits = ("memory.max", "memory.high") if version == 2 else ("memory.limit_in_bytes",)
        now = _integer(folder / ("memory.current" if version == 2 else "memory.usage_in_bytes"))
        for path in (folder / limit for limit in limits):
            most = _integer(path)
            # Version 1 represents no limit by the largest multiple of a page.
            if most is not None and now is not None and most < UNLIMITED_BYTES:
                found.append(MemoryLimit(most - now + _inactive_file(folder), str(path)))
    return min(found, key=lambda limit: limit.free_bytes, default=None)


def cgroup_free_bytes(root: Path = GROUPS, memberships: Path = OWN) -> int | None:
    """Return the bytes that the memory cgroups of this process still allow, None without a limit."""
    limit = cgroup_limit(root, memberships)
    return None if limit is None else limit.free_bytes


def address_space_limit() -> MemoryLimit | None:
    """Return the remaining address space of this process (``ulimit -v``), None without a limit."""
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
    """Return the memory that this process can still use: the smallest of free memory, cgroup and address-space limits.

    The result is None if the system does not report it.
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
    """Return the bytes of `tightest_limit`."""
    limit = tightest_limit()
    return None if limit is None else limit.free_bytes


def _address_space_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def peak_rss_bytes() -> int:
    """Return the peak resident set of this process so far, in bytes.

    It is read from VmHWM, because ru_maxrss starts with the parent's peak on Linux.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def resident_bytes() -> int:
    """Return the current resident set of this process in bytes, or its peak if the system does not report it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return peak_rss_bytes()


def touched_bytes(array: npt.NDArray[Any]) -> int:
    """Return the bytes of an array's pages that are in memory; reserved pages that were never written do not count.

    The result is the full size for a small array, which may reuse memory, and if the system does not report it.
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
    """Return the expected `touched_bytes` of an array of `reserved` bytes, of which `used` will be written."""
    return reserved if reserved < SMALL_BYTES else min(reserved, used)


def needed_bytes(parts: dict[str, float], processes: int = 1) -> float:
    """Return the bytes of processes, each of which needs these parts."""
    return processes * (sum(parts.values()) + BASELINE_BYTES)


def require_memory(
    parts: dict[str, float], what: str, processes: int = 1, advice: Callable[[MemoryLimit], str] | None = None
) -> None:
    """Refuse networks that do not fit into memory, before large allocations.

    Parameters
    ----------
    parts
        Bytes by part that each process will take.
    what
        Name of the object that needs the memory.
    processes
        Processes that share the memory.
    advice
        Function that returns advice for a limit; `MORE_OR_LESS` by default.

    Raises
    ------
    ResourceError
        Stating the required memory and its parts, the available memory and its limit.
    """
    needed, limit = needed_bytes(parts, processes), tightest_limit()
    if limit is not None and needed > limit.free_bytes:
        sizes = {name: processes * size for name, size in parts.items()}
        least = 1e-3 * max(sizes.values(), default=0.0)
        listed = ", ".join(f"{name} {size / 1e9:.2f} GB" for name, size in sizes.items() if size >= least)
        raise ResourceError(
            f"too little memory: {what} needs about {needed / 1e9:.2f} GB ({listed}), but only "
            f"{limit.free_bytes / 1e9:.2f} GB is available ({limit.source}); "
            f"{MORE_OR_LESS if advice is None else advice(limit)}"
        )
