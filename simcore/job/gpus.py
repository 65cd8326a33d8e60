"""Which GPUs of the node are the job's own, as the environment names them.

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
"""The narrower first; numbers on the node."""


@dataclass(frozen=True)
class GpuChoice:
    """The GPUs of the job.

    Parameters
    ----------
    names
        Numbers, ``GPU-...`` (UUID, or the beginning of one) or ``MIG-...``; empty if the job has none.
    source
        The variable that says so.
    """

    names: tuple[str, ...]
    source: str


def gpus_of_job(environment: Mapping[str, str] = os.environ) -> GpuChoice | None:
    """The GPUs that the job may use; None if the environment does not restrict them.

    ``CUDA_VISIBLE_DEVICES`` goes before Slurm's variables: Slurm sets it too, and the user may have made it narrower.
    Where Slurm hides the job's GPUs from others, it counts from 0, while Slurm's variables keep the node's numbers.
    """
    if CUDA in environment:
        return GpuChoice(_until_invalid(environment[CUDA]), CUDA)
    return gpus_of_slurm(environment)


def gpus_of_slurm(environment: Mapping[str, str] = os.environ) -> GpuChoice | None:
    """The GPUs of this node that Slurm gives the job or its step; None outside a job, or if it has none."""
    for name in SLURM:
        if environment.get(name):
            return GpuChoice(_numbers(environment[name]), name)
    return None


def cuda_numbers(bus_ids: Sequence[str], environment: Mapping[str, str] = os.environ) -> list[int]:
    """CUDA's numbers of the job's GPUs, among those that CUDA shows.

    CUDA itself heeds `CUDA_VISIBLE_DEVICES`. Where only Slurm's variables are set and other jobs' GPUs can be opened,
    these count as the PCI bus does.

    Parameters
    ----------
    bus_ids
        Names (of the PCI bus) of the GPUs that CUDA shows, in its order.
    """
    choice = gpus_of_job(environment)
    if choice is None or choice.source == CUDA or len(bus_ids) <= len(choice.names):
        return list(range(len(bus_ids)))
    along_the_bus = sorted(range(len(bus_ids)), key=bus_ids.__getitem__)
    return [along_the_bus[int(name)] for name in choice.names if int(name) < len(bus_ids)]


def _until_invalid(text: str) -> tuple[str, ...]:
    """Entries before the first that names no device: what comes after it is invisible, as in CUDA."""
    found: list[str] = []
    for entry in (word.strip() for word in text.split(",")):
        if not re.fullmatch(r"[0-9]{1,9}|(GPU|MIG)-[0-9A-Za-z/-]+", entry):
            break
        name = str(int(entry)) if entry.isdigit() else entry
        if name not in found:
            found.append(name)
    return tuple(found)


def _numbers(text: str) -> tuple[str, ...]:
    """Numbers of Slurm's list, such as ``0,2-3``; words that are no numbers are left out."""
    found: list[str] = []
    for word in text.split(","):
        span = re.fullmatch(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", word.strip())
        if span is not None:
            found += [str(number) for number in range(int(span[1]), int(span[2] or span[1]) + 1)]
    return tuple(dict.fromkeys(found))
