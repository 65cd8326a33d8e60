"""What each rank of a job got, looked at before a run: CPUs, and GPUs where there are some."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from benchnn.record import machine
from benchnn.record.machine import Unknown
from simcore.comm import Communicator
from simcore.cpus import node_share
from simcore.display.text_table import aligned
from simcore.job.cpu_limits import cpu_quota, usable_cpus

GPUS = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Set by Slurm."""


@dataclass(frozen=True)
class RankCpus:
    """What a rank got.

    Parameters
    ----------
    node
        Slurm's name of its node.
    affinity
        CPUs that it may use, such as ``0-3,8``.
    cpus
        Their number.
    share
        How many of them are its own: ranks that may use the same CPUs share them out. Less where a quota of CPU time,
        which all ranks of the node share, allows less.
    gpus
        Devices that it sees; empty if none are named.
    quota
        The quota of the node and where it stands, if it is that which allows less; else empty.
    """

    node: str
    affinity: str
    cpus: int
    share: int
    gpus: str
    quota: str = ""


def rank_cpus(comm: Communicator) -> list[RankCpus]:
    """What every rank got, by rank; all ranks call this together."""
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
    """A table, one line for each rank."""
    with_gpus = any(rank.gpus for rank in ranks)
    rows = [("rank", "node", "CPUs", "share", "threads", *(["GPUs"] if with_gpus else []))]
    for number, rank in enumerate(ranks):
        gpus = [rank.gpus or "none"] if with_gpus else []
        rows.append((str(number), rank.node, rank.affinity, str(rank.share), str(threads), *gpus))
    return aligned(rows, "rllrr" + ("l" if with_gpus else ""))


def problem(ranks: Sequence[RankCpus], expected: int, threads: int) -> str | None:
    """Why the ranks cannot do what the job is for, in one sentence, or None."""
    if len(ranks) != expected:
        return f"the job has {expected} ranks, but MPI sees {len(ranks)}: do launcher and MPI library belong together?"
    short = [number for number, rank in enumerate(ranks) if rank.share < threads]
    if not short:
        return None
    first = ranks[short[0]]
    shared = f", as the ranks of the node share a quota of {first.quota}" if first.quota else ""
    return (
        f"{len(short)} of {expected} ranks have fewer CPUs than threads: rank {short[0]} on {first.node} has "
        f"{first.share} of CPUs {first.affinity} for {threads}{shared}; see how the launcher binds, or use "
        "--oversubscribe"
    )
