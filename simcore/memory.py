"""How much memory there is, and how much this process took."""

import resource
from pathlib import Path

from simcore.errors import ResourceError

BASELINE_BYTES = 250e6
"""Interpreter, NumPy and Numba with its compiler, measured."""


def _integer(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _cgroup_free(root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes that the memory cgroup (v2 or v1) still allows, None without a limit."""
    for limit, used in (
        (root / "memory.max", root / "memory.current"),
        (root / "memory/memory.limit_in_bytes", root / "memory/memory.usage_in_bytes"),
    ):
        most, now = _integer(limit), _integer(used)
        if most is not None and now is not None:
            return most - now
    return None


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
    free = _cgroup_free()
    if free is not None:
        candidates.append(free)
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        candidates.append(soft)
    return min(candidates, default=None)


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


def require_memory(parts: dict[str, float], what: str) -> None:
    """Refuse what would not fit, before anything large is allocated.

    Raises
    ------
    ResourceError
        Saying how much is needed, for what, and how much there is.
    """
    needed = sum(parts.values()) + BASELINE_BYTES
    available = available_bytes()
    if available is not None and needed > available:
        listed = ", ".join(f"{name} {size / 1e9:.2f} GB" for name, size in parts.items())
        raise ResourceError(
            f"too little memory: {what} needs about {needed / 1e9:.2f} GB ({listed}), there are "
            f"{available / 1e9:.2f} GB; use more nodes or a smaller network"
        )
