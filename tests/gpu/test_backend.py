"""What the gpu backend refuses before it draws a network, and what it says where there is no GPU."""

import sys
from types import SimpleNamespace

import pytest
from busy import busy
from emulation import PLATFORM, EmulatedDevice

from simcore.backends import backends
from simcore.backends.gpu import device
from simcore.backends.gpu.backend import GpuBackend
from simcore.errors import InputError, ResourceError
from simcore.simulator import Simulator


class Small(EmulatedDevice):
    def free_bytes(self):
        return 10_000

    def upload(self, array):
        pytest.fail("it was built")


def test_a_network_that_the_gpu_cannot_hold_is_refused_before_it_is_drawn(monkeypatch):
    monkeypatch.setattr(backends, "get", lambda name: GpuBackend(Small, PLATFORM))
    with pytest.raises(ResourceError, match=r"too little memory on the GPU: .* 0\.00 GB are free"):
        Simulator(busy(), backend="gpu")


def test_the_other_layout_of_synapses_is_refused(monkeypatch):
    monkeypatch.setattr(backends, "get", lambda name: GpuBackend(EmulatedDevice, PLATFORM))
    with pytest.raises(InputError, match="delivery = 'by_source' is not allowed: the gpu backend has just_in_time"):
        Simulator(busy(), backend="gpu", delivery="by_source")


class DriverError(RuntimeError):
    pass


def fake_cupy(count, capability="90"):
    def devices():
        if isinstance(count, Exception):
            raise count
        return count

    runtime = SimpleNamespace(getDeviceCount=devices, CUDARuntimeError=DriverError)
    return SimpleNamespace(
        cuda=SimpleNamespace(runtime=runtime, Device=lambda: SimpleNamespace(compute_capability=capability))
    )


@pytest.mark.parametrize(
    ("cupy", "reason"),
    [
        (None, "cupy cannot be imported"),
        (fake_cupy(0), "there is no NVIDIA GPU"),
        (fake_cupy(DriverError("insufficient driver")), "insufficient driver"),
        (fake_cupy(1, "61"), "compute capability 6.1, at least 7.0"),
        (fake_cupy(1, "100"), None),
    ],
)
def test_why_a_gpu_cannot_be_used(monkeypatch, cupy, reason):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    why = device.gpu_unusable_because()
    assert why is None if reason is None else reason in why
