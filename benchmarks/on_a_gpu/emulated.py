"""The gpu backend on threads of the CPU, with the emulation of the tests, for a dry run."""

import os
from pathlib import Path

import emulation

from on_a_gpu.by_step import by_step
from simcore.backends.gpu.backend import GpuBackend
from simcore.backends.gpu.device import Device

# All programs of a call share compiled code.
emulation.FOLDER = Path(os.environ["ON_A_GPU_WORK"])


def emulated_device() -> Device:
    """A grid of few threads, because more threads would wait for each other too long."""
    device: Device = emulation.EmulatedDevice(blocks=2, threads=4)
    return device


BACKEND = GpuBackend(lambda comm: emulated_device(), emulation.PLATFORM)
BY_STEP = GpuBackend(lambda comm: by_step(emulated_device()), emulation.PLATFORM)
