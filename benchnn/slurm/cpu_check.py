"""A check of the CPUs and GPUs of each rank of a job before a run."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from benchnn.record import machine
from benchnn.record.machine import Unknown
from simcore.comm import Communicator
from simcore.cpus import node_share
from simcore.display.text_table import aligned
from simcore.display.words import counted
from simcore.job.cpu_limits import cpu_quota, usable_cpus

GPUS = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Variable that Slurm sets."""


@dataclass(frozen=True)
class RankCpus:
    """The resources of a rank.

    Parameters
    ----------
    node
        Slurm's name of its node.
    affinity
        CPUs that it may use, such as ``0-3,8``.
    cpus
        Number of these CPUs.
    share
        Number of CPUs for this rank if ranks divide common CPUs among them; fewer if a quota of CPU time, which all
        ranks of the node share, allows fewer.
    gpus
        Devices that it sees; empty if none are named.
    quota
        The quota of the node and its source if it limits `share`; otherwise empty.
    """

    node: str
    affinity: str
    cpus: int
    share: int
    gpus: str
    quota: str = ""


def rank_cpus(comm: Communicator) -> list[RankCpus]:
    """Return the resources of every rank; all ranks call this together."""
    affinity, share, quota = machine.affinity(), node_share(comm), cpu_quota()
    own_cpus = len(share.cpus)
    within = own_cpus if quota is None else min(own_cpus, int(quota.cpus / share.ranks))
    own = RankCpus(
        node=os.environ.get("SLURMD_NODENAME") or socket.gethostname(),
        affinity="unknown" if isinstance(affinity, Unknown) else affinity,
        cpus=len(usable_cpus()),
        share=within,
        gpus=next((os.environ[name] for name in GPUS if os.environ.get(name)), ""),
        quota=str(quota) if within < own_cpus else "",
    )
    return comm.gather(own)


def to_text(ranks: Sequence[RankCpus], threads: int) -> str:
    """Format a table with one line for each rank."""
    with_gpus = any(rank.gpus for rank in ranks)
    rows = [("rank", "node", "CPUs", "share", "threads", *(["GPUs"] if with_gpus else []))]
    for number, rank in enumerate(ranks):
        gpus = [rank.gpus or "none"] if with_gpus else []
        rows.append((str(number), rank.node, rank.affinity, str(rank.share), str(threads), *gpus))
    return aligned(rows, "rllrr" + ("l" if with_gpus else ""))


def problem(ranks: Sequence[RankCpus], expected: int, threads: int) -> str | None:
    """Return the reason why the ranks do not fit the job, in one sentence, or None."""
    if len(ranks) != expected:
        return (
            f"the job has {expected} ranks, but MPI sees {len(ranks)}; launcher and mpi4py must belong to the same MPI "
            "library"
        )
    short = [number for number, rank in enumerate(ranks) if rank.share < threads]
    if not short:
        return None
    first = ranks[short[0]]
    shared = f", because the ranks of the node share a quota of {first.quota}" if first.quota else ""
    return (
        f"{len(short)} of {expected} ranks have fewer CPUs than threads: rank {short[0]} on {first.node} has "
        f"{counted(first.share, 'CPU')} (of {first.affinity}) for {counted(threads, 'thread')}{shared}; check the "
        "binding of the launcher, or use --oversubscribe"
    )
