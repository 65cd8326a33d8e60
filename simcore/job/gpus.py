"""GPUs of the job on a node, according to the environment.

References
----------
CUDA C++ Programming Guide, "CUDA Environment Variables"; Slurm, "Generic Resource (GRES) Scheduling".
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CUDA = "CUDA_VISIBLE_DEVICES"
SLURM = ("SLURM_STEP_GPUS", "SLURM_JOB_GPUS")
"""Slurm's variables with numbers on the node, the more specific one first."""


@dataclass(frozen=True)
class GpuChoice:
    """GPUs of the job.

    Parameters
    ----------
    names
        Numbers, ``GPU-...`` (UUID, or the start of one) or ``MIG-...``; empty if the job has none.
    source
        Variable that defines them.
    """

    names: tuple[str, ...]
    source: str


def gpus_of_job(environment: Mapping[str, str] = os.environ) -> GpuChoice | None:
    """Return the GPUs that the job can use; None if the environment does not restrict them.

    ``CUDA_VISIBLE_DEVICES`` has precedence over Slurm's variables, because Slurm also sets it and the user may have
    restricted it further. If Slurm hides GPUs of other jobs, it counts from 0, while Slurm's variables use the node's
    numbers.
    """
    if CUDA in environment:
        return GpuChoice(_until_invalid(environment[CUDA]), CUDA)
    return gpus_of_slurm(environment)


def gpus_of_slurm(environment: Mapping[str, str] = os.environ) -> GpuChoice | None:
    """Return the GPUs of this node that Slurm gives the job or its step; None outside a job, or if it has none."""
    for name in SLURM:
        if environment.get(name):
            return GpuChoice(_numbers(environment[name]), name)
    return None


def cuda_numbers(bus_ids: Sequence[str], environment: Mapping[str, str] = os.environ) -> list[int]:
    """Return CUDA's numbers of the job's GPUs, among those that CUDA shows.

    CUDA itself respects `CUDA_VISIBLE_DEVICES`. If only Slurm's variables are set and GPUs of other jobs can be opened,
    the numbers follow the order of the PCI bus.

    Parameters
    ----------
    bus_ids
        PCI bus ids of the GPUs that CUDA shows, in its order.
    """
    choice = gpus_of_job(environment)
    if choice is None or choice.source == CUDA or len(bus_ids) <= len(choice.names):
        return list(range(len(bus_ids)))
    along_the_bus = sorted(range(len(bus_ids)), key=bus_ids.__getitem__)
    return [along_the_bus[int(name)] for name in choice.names if int(name) < len(bus_ids)]


def _until_invalid(text: str) -> tuple[str, ...]:
    """Return the entries before the first one that is not a device; later ones are invisible, as in CUDA."""
    found: list[str] = []
    for entry in (word.strip() for word in text.split(",")):
        if not re.fullmatch(r"[0-9]{1,9}|(GPU|MIG)-[0-9A-Za-z/-]+", entry):
            break
        name = str(int(entry)) if entry.isdigit() else entry
        if name not in found:
            found.append(name)
    return tuple(found)


def _numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of Slurm's list, such as ``0,2-3``, without words that are not numbers."""
    found: list[str] = []
    for word in text.split(","):
        span = re.fullmatch(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", word.strip())
        if span is not None:
            found += [str(number) for number in range(int(span[1]), int(span[2] or span[1]) + 1)]
    return tuple(dict.fromkeys(found))
