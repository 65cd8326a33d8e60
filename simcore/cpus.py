"""Which CPUs a rank may use when several ranks share a node."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from simcore.comm import Communicator


def usable_cpus() -> tuple[int, ...]:
    """CPUs that this process may use, ascending."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def _node() -> str:
    """Name of this node; two containers of one host may have one name."""
    try:
        return socket.gethostname() + Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        return socket.gethostname()


@dataclass(frozen=True)
class NodeShare:
    """What a rank has of its node.

    Parameters
    ----------
    cpus
        None if there are too few.
    place, ranks
        Its place among the ranks of the node, and their number.
    first_rank
        The one at place 0.
    """

    cpus: tuple[int, ...]
    place: int
    ranks: int
    first_rank: int


def node_share(comm: Communicator) -> NodeShare:
    """Share of this rank, if others of its node may use the same CPUs; all ranks call this together.

    A launcher that binds ranks gives each a set of its own; one that does not leaves all of a node to each of them.
    """
    node, cpus = _node(), usable_cpus()
    everyone = comm.gather((comm.rank, node, cpus))
    neighbours = [(rank, others) for rank, host, others in everyone if host == node]
    sharing = [rank for rank, others in neighbours if others == cpus]
    share, place = len(cpus) // len(sharing), sharing.index(comm.rank)
    ranks = [rank for rank, _ in neighbours]
    return NodeShare(cpus[place * share : (place + 1) * share], ranks.index(comm.rank), len(ranks), ranks[0])
