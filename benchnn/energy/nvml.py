"""Energy counters of NVIDIA GPUs (Volta and newer), read through the driver's library NVML.

The counter covers the whole board, even if it is shared, and is updated every 10 to 100 ms. NVML shows all boards of a
node to every process that may open them; only the boards of the job are read.

References
----------
NVIDIA Management Library, ``nvmlDeviceGetTotalEnergyConsumption``.
"""

import os
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchnn.energy.instrument import Counter, Domain
from simcore.job.gpus import CUDA, GpuChoice, gpus_of_job, gpus_of_slurm

ORDER = "CUDA_DEVICE_ORDER"
BY_BUS = "PCI_BUS_ID"


class UnclearError(Exception):
    """The environment does not determine the boards of the job."""


@dataclass(frozen=True)
class Nvml:
    """Energy counters of NVIDIA GPUs.

    Parameters
    ----------
    choices
        The GPUs of the job that each of its ranks on this node sees; by default the GPUs that this process sees.
    """

    choices: tuple[GpuChoice | None, ...] | None = None

    def unusable_because(self, root: Path) -> str | None:
        """Reason why counters of GPUs cannot be read, or why the GPUs of the job are unknown; otherwise None."""
        if find_spec("pynvml") is None:
            return "nvidia-ml-py is not installed: pip install 'benchnn[energy]'"
        import pynvml

        try:
            pynvml.nvmlInit()
            boards = self._boards(pynvml)
            for handle in boards.values():
                pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        except pynvml.NVMLError as error:
            return f"NVML: {error}"
        except UnclearError as error:
            return str(error)
        if boards:
            return None
        choice = gpus_of_job()
        return "NVML does not show a GPU of the job" + ("" if choice is None else f", see {choice.source}")

    def instruments(self, root: Path) -> tuple[Counter, ...]:
        """Return a counter for each GPU of the job."""
        import pynvml

        pynvml.nvmlInit()
        return tuple(
            Counter(Domain("nvml", f"gpu-{index}", "gpu"), partial(_read_j, pynvml, handle))
            for index, handle in self._boards(pynvml).items()
        )

    def _boards(self, pynvml: Any) -> dict[int, Any]:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        choices = (gpus_of_job(),) if self.choices is None else self.choices
        own = {index for choice in choices for index in _numbers(pynvml, choice, handles)}
        return {index: handles[index] for index in sorted(own)}


def _numbers(pynvml: Any, choice: GpuChoice | None, handles: list[Any]) -> list[int]:
    """NVML's numbers of the boards that a rank of the job sees.

    Raises
    ------
    UnclearError
        If a name in the environment may belong to another board, or boards of the job are hidden from this process.
    """
    of_slurm = gpus_of_slurm()
    if of_slurm is not None and len(of_slurm.names) > len(handles):
        raise UnclearError(
            f"{of_slurm.source} assigns {len(of_slurm.names)} GPUs of this node to the job, but this rank sees only "
            f"{len(handles)} of them; use srun --gpu-bind=none, so that every rank sees all of them"
        )
    if choice is None:
        return list(range(len(handles)))
    if choice.source != CUDA and len(choice.names) == len(handles):
        # Slurm hides boards of other jobs, but keeps the numbers of the node.
        return list(range(len(handles)))
    found: list[int] = []
    for name in choice.names:
        index = int(name) if name.isdigit() else _index_of(pynvml, name, handles)
        if index is None or index >= len(handles):
            break
        found.append(index)
    if any(name.isdigit() for name in choice.names):
        _require_order(pynvml, choice, handles)
    return found


def _index_of(pynvml: Any, name: str, handles: list[Any]) -> int | None:
    """Number of the board with a UUID or a part of a UUID; for a MIG device, of the board that contains it."""
    uuids = [_text(pynvml.nvmlDeviceGetUUID(handle)) for handle in handles]
    if name.startswith("MIG-GPU-"):
        # Before driver 470: MIG-GPU-UUID/INSTANCE/INSTANCE.
        name = name.removeprefix("MIG-").partition("/")[0]
    elif name.startswith("MIG-"):
        try:
            board = pynvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(pynvml.nvmlDeviceGetHandleByUUID(name))
        except pynvml.NVMLError:
            return None
        name = _text(pynvml.nvmlDeviceGetUUID(board))
    matching = [index for index, uuid in enumerate(uuids) if uuid.lower().startswith(name.lower())]
    return matching[0] if len(matching) == 1 else None


def _require_order(pynvml: Any, choice: GpuChoice, handles: list[Any]) -> None:
    """Refuse numbers that differ between CUDA, which begins with the fastest board, and NVML."""
    if choice.source == CUDA and os.environ.get(ORDER) != BY_BUS:
        models = {_text(pynvml.nvmlDeviceGetName(handle)) for handle in handles}
        if len(models) > 1:
            raise UnclearError(
                f"{CUDA} numbers {' and '.join(sorted(models))} in the order of CUDA, which can differ from the order "
                f"of the driver; set {ORDER}={BY_BUS}, or name the GPUs by UUID"
            )


def _text(value: str | bytes) -> str:
    """Convert a text, which older versions of the library's package return as bytes."""
    return value.decode() if isinstance(value, bytes) else value


def _read_j(pynvml: Any, handle: Any) -> float:
    try:
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) * 1e-3
    except pynvml.NVMLError as error:
        raise OSError(f"NVML: {error}") from error


METER = Nvml()
