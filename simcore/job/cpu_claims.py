"""CPUs that a run takes for itself, so that no other run pins its threads to them.

A claim is a name in the kernel's table of local sockets, which only one process can hold: ``benchnn-cpu-3``, in the
abstract namespace. Runs of all users see it, whatever their home, ``/tmp`` and run-time folders; there is no file that
could be left behind, since the kernel frees the name when the process ends, however it ends.
"""

import errno
import socket
import weakref
from collections.abc import Iterable
from pathlib import Path

FIRST_PID_NAMESPACE = "pid:[4026531836]"
"""Of the host: the kernel gives it this number when it starts (PROC_PID_INIT_INO in include/linux/proc_ns.h)."""
SETTING_OF_HOST = Path("proc/sys/net/core/dev_weight")
"""A setting that the kernel shows in the host's network namespace only."""


def hidden_runs(root: Path = Path("/")) -> str | None:
    """Why other runs on this node may hold CPUs that cannot be seen from here; None if all of them are seen.

    Names of local sockets belong to a network namespace. In one of its own, as in most containers, this process sees
    the claims of no run outside; in a PID namespace of its own it may.
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
    """The CPUs that this object holds until it is released or dropped, or the process ends.

    Parameters
    ----------
    prefix
        Of the names under which CPUs are claimed.
    """

    def __init__(self, prefix: str = "benchnn-cpu-") -> None:
        self._prefix = prefix
        self._held: dict[int, socket.socket] = {}
        self._finalizer = weakref.finalize(self, _close, self._held)

    @property
    def cpus(self) -> tuple[int, ...]:
        """CPUs that are held, in the order in which they were taken."""
        return tuple(self._held)

    def take(self, cpus: Iterable[int], n: int) -> None:
        """Take those of `cpus` that are free, in this order, until `n` are held."""
        for cpu in cpus:
            if len(self._held) >= n:
                return
            if cpu not in self._held:
                claim = _claimed(f"\0{self._prefix}{cpu}")
                if claim is not None:
                    self._held[cpu] = claim

    def release(self) -> None:
        """Leave all CPUs to others."""
        _close(self._held)


def _claimed(name: str) -> socket.socket | None:
    """A socket of this name, None if another has it."""
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
