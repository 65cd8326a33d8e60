"""Examine the device: python -m on_a_gpu.probe gpu|emulated SUBJECT prints one JSON object.

The object has versions, attributes of the device, the time of its compiler, and the costs of a barrier and a launch.
"""

import json
import platform
import statistics
import sys
import time
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import numpy as np

from benchnn.models import models
from simcore.backends.gpu.device import Device
from simcore.backends.gpu.source import KERNELS, connect_source, kernel_source
from simcore.comm import LocalCommunicator

PACKAGES = ("numpy", "numba", "llvmlite", "h5py", "nvidia-ml-py")
ATTRIBUTES = {
    "multiprocessors": "MultiProcessorCount",
    "l2_bytes": "L2CacheSize",
    "threads_per_multiprocessor": "MaxThreadsPerMultiProcessor",
    "registers_per_multiprocessor": "MaxRegistersPerMultiprocessor",
    "memory_bus_bits": "GlobalMemoryBusWidth",
    "cooperative_launch": "CooperativeLaunch",
}
"""Names in CuPy by name in the record."""
BARRIERS = {"gpu": 20_000, "emulated": 200}
LAUNCHES = {"gpu": 2000, "emulated": 20}
REPEATS = 5


def packages() -> dict[str, str]:
    """Versions of relevant packages; the first one found is the one that Python imports."""
    found = {one.metadata["Name"].lower(): one.version for one in reversed([*distributions()]) if one.metadata["Name"]}
    named = {name: version for name, version in found.items() if name in PACKAGES or name.startswith("cupy")}
    return {"python": platform.python_version(), **dict(sorted(named.items()))}


def attributes() -> dict[str, Any]:
    """Properties of the device as CUDA reports them."""
    import cupy
    from cupy.cuda import nvrtc, runtime

    device = cupy.cuda.Device()
    known = device.attributes
    found = {name: known[name_of_cupy] for name, name_of_cupy in ATTRIBUTES.items() if name_of_cupy in known}
    versions = {"driver_cuda": runtime.driverGetVersion(), "runtime_cuda": runtime.runtimeGetVersion()}
    return {**found, **versions, "nvrtc": list(nvrtc.getVersion()), "compute_capability": device.compute_capability}


def compile_seconds(device: Device, platform_text: str | None) -> dict[str, float]:
    """Time that the device's compiler needs for the kernels of PD14, s."""
    network = models.get("pd14")()
    sources = {
        "construction": connect_source("int32", platform_text),
        "step_loop": kernel_source(network, "float32", "int32", "int32", platform_text),
    }
    seconds = {}
    for name, source in sources.items():
        start = time.perf_counter()
        device.compile(source)
        seconds[name] = time.perf_counter() - start
    return seconds


def grid_cost(device: Any, platform_text: str | None, times: int, launches: int) -> dict[str, Any]:
    """Nanoseconds of a barrier of all blocks and of half as many, and microseconds of a launch that does nothing."""
    parts = [(KERNELS / name).read_text() for name in ("cuda.cuh", "grid.cuh")]
    source = "\n".join([platform_text or parts[0], parts[1], Path(__file__).with_name("barriers.cu").read_text()])
    all_blocks, cost = device.blocks, {}
    for blocks in (all_blocks, all_blocks // 2):
        device.blocks = blocks
        program = device.compile(source)
        if not program.resident:
            return {"reason": "not all blocks fit on the device at the same time, or it has no cooperative launch"}
        arrivals, clocks = device.zeros(1, np.uint32), device.zeros(blocks, np.int64)
        program.set_arguments(np.array([arrivals.address, clocks.address], dtype=np.int64))
        measured = []
        for _ in range(REPEATS):
            device.write(arrivals, np.zeros(1, dtype=np.uint32))
            program.launch("propagate", times)
            measured.append(float(device.download(clocks).mean()) / times)
        cost[str(blocks)] = statistics.median(measured)
    start = time.perf_counter()
    for _ in range(launches):
        program.launch("nothing")
    device.download(clocks)
    launch_us = (time.perf_counter() - start) / launches * 1e6
    return {"barrier_ns_by_blocks": cost, "launch_us": launch_us}


def main(name: str, subject: str) -> Mapping[str, Any]:
    """Examine one subject: ``device``, ``compiler`` or ``grid``."""
    if name == "emulated":
        import emulation

        from on_a_gpu.emulated import emulated_device

        device, platform_text = emulated_device(), emulation.PLATFORM
    else:
        from simcore.backends.gpu.backend import device_of_rank

        device, platform_text = device_of_rank(LocalCommunicator()), None
    if subject == "compiler":
        return compile_seconds(device, platform_text)
    if subject == "grid":
        return grid_cost(device, platform_text, BARRIERS[name], LAUNCHES[name])
    return {
        "packages": packages(),
        "attributes": None if name == "emulated" else attributes(),
        "blocks": device.blocks,
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
