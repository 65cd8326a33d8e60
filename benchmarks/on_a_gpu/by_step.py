"""The gpu backend launch by launch: blocks never wait for each other, and each half of a step is a separate launch."""

from simcore.backends.gpu.backend import GpuBackend, device_of_rank
from simcore.backends.gpu.device import Device, Program


def by_step(device: Device) -> Device:
    """A device whose programs behave as if not all blocks fit at the same time."""
    compile_resident = device.compile

    def compile_source(source: str) -> Program:
        program = compile_resident(source)
        program.resident = False
        return program

    device.compile = compile_source
    return device


BACKEND = GpuBackend(lambda comm: by_step(device_of_rank(comm)))
