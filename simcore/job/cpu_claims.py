"""Reservation of CPUs by a run, so that other runs do not pin their threads to them.

A claim is a name in the kernel's table of local sockets, which only one process can hold: ``benchnn-cpu-3``, in the
abstract namespace. Runs of all users see it, regardless of their home, ``/tmp`` and run-time folders. No file can be
left behind, because the kernel frees the name whenever the process ends.
"""

import errno
import socket
import weakref
from collections.abc import Iterable
from pathlib import Path

FIRST_PID_NAMESPACE = "pid:[4026531836]"
"""PID namespace of the host, whose number is fixed in the kernel (PROC_PID_INIT_INO in include/linux/proc_ns.h)."""
SETTING_OF_HOST = Path("proc/sys/net/core/dev_weight")
"""Setting that the kernel shows only in the host's network namespace."""


def hidden_runs(root: Path = Path("/")) -> str | None:
    """Return why other runs on this node may hold CPUs without being visible; None if all runs are visible.

    Names of local sockets belong to a network namespace. In a separate network namespace, as in most containers, this
    process does not see claims of runs outside; in a separate PID namespace it may see them.
    """
    try:
        namespace = (root / "proc/self/ns/pid").readlink()
    except OSError:
        return "the system does not show whether all processes of the node are visible to this one"
    if str(namespace) != FIRST_PID_NAMESPACE:
        return "this process has its own PID namespace, as in a container, and cannot see all runs of the node"
    if not (root / SETTING_OF_HOST).exists():
        return "this process has its own network namespace and cannot see all runs of the node"
    return None


class CpuClaims:
    """CPUs that this object holds until it is released or dropped, or the process ends.

    Parameters
    ----------
    prefix
        Prefix of the names with which CPUs are claimed.
    """

    def __init__(self, prefix: str = "benchnn-cpu-") -> None:
        self._prefix = prefix
        self._held: dict[int, socket.socket] = {}
        self._finalizer = weakref.finalize(self, _close, self._held)

    @property
    def cpus(self) -> tuple[int, ...]:
        """Claimed CPUs, in the order in which they were claimed."""
        return tuple(self._held)

    def take(self, cpus: Iterable[int], n: int) -> None:
        """Claim the free CPUs among `cpus` in order, until `n` are held."""
        for cpu in cpus:
            if len(self._held) >= n:
                return
            if cpu not in self._held:
                claim = _claimed(f"\0{self._prefix}{cpu}")
                if claim is not None:
                    self._held[cpu] = claim

    def release(self) -> None:
        """Release all CPUs."""
        _close(self._held)


def _claimed(name: str) -> socket.socket | None:
    """Return a socket with this name, None if another process has it."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(name)
    except OSError as error:
        claim.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise
    return claim


def _close(held: dict[int, socket.socket]) -> None:
    for claim in held.values():
        claim.close()
    held.clear()
