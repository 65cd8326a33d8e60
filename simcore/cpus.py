"""CPUs of a rank when several ranks share a node."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simcore.comm import Communicator
from simcore.job.cpu_claims import CpuClaims, hidden_runs
from simcore.job.cpu_limits import (
    allowed_threads,
    by_core,
    cpu_quota,
    one_of_each_core_first,
    slurm_cpus_on_node,
    usable_cpus,
)


def _node() -> str:
    """Return the name of this node; two containers of one host can have the same name."""
    try:
        return socket.gethostname() + Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        return socket.gethostname()


@dataclass(frozen=True)
class NodeShare:
    """A rank's share of its node.

    Parameters
    ----------
    cpus
        CPUs of the rank; empty if there are too few.
    place, ranks
        Position among the ranks of the node, and their number.
    first_rank
        Rank at position 0.
    """

    cpus: tuple[int, ...]
    place: int
    ranks: int
    first_rank: int

    @property
    def threads(self) -> int:
        """Number of threads of the rank, at least one: its CPUs, or fewer if a quota or Slurm requires it."""
        return allowed_threads(len(self.cpus), self.ranks)


def node_share(comm: Communicator) -> NodeShare:
    """Return the share of this rank if other ranks of its node can use the same CPUs; all ranks call this together.

    A launcher that binds ranks gives each rank separate CPUs; otherwise each rank can use all CPUs of the node.
    """
    node, cpus = _node(), usable_cpus()
    everyone = comm.gather((comm.rank, node, cpus))
    neighbours = [(rank, others) for rank, host, others in everyone if host == node]
    sharing = [rank for rank, others in neighbours if others == cpus]
    share, place = len(cpus) // len(sharing), sharing.index(comm.rank)
    ranks = [rank for rank, _ in neighbours]
    # Hyperthreads of one core are assigned to the same rank.
    dealt = [cpu for core in by_core(cpus) for cpu in core]
    own = tuple(sorted(dealt[place * share : (place + 1) * share]))
    return NodeShare(own, ranks.index(comm.rank), len(ranks), ranks[0])


def compiled_in_turn(comm: Communicator, share: NodeShare, compile_kernels: Callable[[], None]) -> float:
    """Compile on the first rank of each node, then load the machine code on the others; all ranks call this together.

    Parameters
    ----------
    comm, share
        Communicator, and this rank's share of its node.
    compile_kernels
        Function that compiles or loads kernels; it must not wait for other ranks.

    Returns
    -------
    float
        Duration in s, including waiting.
    """
    start = time.perf_counter()
    if share.place == 0:
        compile_kernels()
    comm.gather(None)
    if share.place > 0:
        compile_kernels()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Pinning:
    """CPUs to which the threads of this rank are pinned.

    Parameters
    ----------
    cpus
        One CPU for each thread; empty if threads are not pinned.
    reason
        Reason why threads are not pinned, or None.
    claims
        Claims that reserve these CPUs until they are released.
    """

    cpus: tuple[int, ...]
    reason: str | None = None
    claims: CpuClaims = field(default_factory=CpuClaims)


def pin_threads(comm: Communicator, share: NodeShare, threads: int) -> Pinning:
    """Reserve a free CPU for each thread of this rank; all ranks call this together.

    A rank whose share is occupied by other runs takes CPUs that the other ranks left. The kernel runs threads that are
    not pinned on idle CPUs, so that no pinning is better than wrong pinning.
    """
    claims, reason = CpuClaims(), _not_pinned_because(share, threads)
    reason = reason or _refused(claims, share.cpus, threads)
    short = reason is None and len(claims.cpus) < threads
    if any(comm.gather(short)) and short:
        reason = _refused(claims, usable_cpus(), threads)
    if reason is None and len(claims.cpus) < threads:
        reason = f"other runs occupy CPUs: {len(claims.cpus)} left for {threads} thread{'s' if threads > 1 else ''}"
    if reason is not None:
        claims.release()
    return Pinning(claims.cpus, reason, claims)


def _refused(claims: CpuClaims, cpus: tuple[int, ...], threads: int) -> str | None:
    """Claim free CPUs; return why the system does not allow this, or None."""
    try:
        claims.take(one_of_each_core_first(cpus), threads)
    except OSError as error:
        return f"cannot claim CPUs: {error.strerror}"
    return None


def _not_pinned_because(share: NodeShare, threads: int) -> str | None:
    if len(share.cpus) < threads:
        return f"only {len(share.cpus)} CPUs are available for {threads} threads"
    cores, of_job = len(by_core(usable_cpus())), slurm_cpus_on_node()
    if of_job is not None and of_job.cpus < cores:
        return f"Slurm gives the job {of_job}, without stating which of {cores} cores"
    quota = cpu_quota()
    if quota is not None and quota.cpus / share.ranks < threads:
        return f"{threads * share.ranks} threads share a quota of {quota}"
    return hidden_runs()
