"""Energy counters of NVIDIA GPUs (Volta and newer), read through the driver's library NVML.

The counter is that of the whole board, shared or not, and is brought up to date every 10 to 100 ms. All boards that
NVML shows are read: within a job those are usually the ones of the job.

References
----------
NVIDIA Management Library, ``nvmlDeviceGetTotalEnergyConsumption``.
"""

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchnn.energy.instrument import Counter, Domain


class Nvml:
    """Energy counters of NVIDIA GPUs."""

    def unusable_because(self, root: Path) -> str | None:
        """Why no GPU's counter can be read."""
        if find_spec("pynvml") is None:
            return "nvidia-ml-py is not installed: pip install 'benchnn[energy]'"
        import pynvml

        try:
            pynvml.nvmlInit()
            for handle in _handles(pynvml):
                pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        except pynvml.NVMLError as error:
            return f"NVML: {error}"
        return None if _handles(pynvml) else "NVML shows no GPU"

    def instruments(self, root: Path) -> tuple[Counter, ...]:
        """A counter for each GPU."""
        import pynvml

        pynvml.nvmlInit()
        return tuple(
            Counter(Domain("nvml", f"gpu-{index}", "gpu"), partial(_read_j, pynvml, handle))
            for index, handle in enumerate(_handles(pynvml))
        )


def _handles(pynvml: Any) -> list[Any]:
    return [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]


def _read_j(pynvml: Any, handle: Any) -> float:
    try:
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) * 1e-3
    except pynvml.NVMLError as error:
        raise OSError(f"NVML: {error}") from error


METER = Nvml()
