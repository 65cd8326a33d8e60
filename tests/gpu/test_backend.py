"""What the gpu backend refuses before it draws a network, and what it says where there is no GPU."""

import os
import sys
from contextlib import suppress
from types import SimpleNamespace

import pytest
from busy import busy
from emulation import COMPILER, PLATFORM, EmulatedDevice, emulated

from simcore.backends import backends
from simcore.backends.gpu import device
from simcore.backends.gpu.backend import GpuBackend
from simcore.errors import InputError, ResourceError
from simcore.placement import Placement, RankGroup
from simcore.simulator import Simulator


class Small(EmulatedDevice):
    def free_bytes(self):
        return 10_000

    def upload(self, array):
        pytest.fail("it was built")


def test_a_network_that_the_gpu_cannot_hold_is_refused_before_it_is_drawn(monkeypatch):
    monkeypatch.setattr(backends, "get", lambda name: GpuBackend(lambda comm: Small(), PLATFORM))
    with pytest.raises(ResourceError, match=r"too little memory on the GPU: .* but only 0\.00 GB"):
        Simulator(busy(), backend="gpu")


def test_a_ring_of_all_delays_is_refused(monkeypatch):
    monkeypatch.setattr(backends, "get", lambda name: emulated())
    allowed = "the gpu backend supports just_in_time and calendar only"
    with pytest.raises(InputError, match=f"delivery = 'by_source' is not allowed: {allowed}"):
        Simulator(busy(), backend="gpu", delivery="by_source")


def test_groups_of_ranks_are_refused():
    groups = (RankGroup(1, ((0, 4),)), RankGroup(1, ((4, 9),)))
    plan = SimpleNamespace(delivery="auto", placement=Placement(9, 2, groups=groups, name="areas"))
    with pytest.raises(InputError, match="placement = 'areas' is not allowed: the gpu backend supports round_robin"):
        emulated().memory_estimate(plan)


@pytest.mark.skipif(COMPILER is None, reason="gpu: there is no g++ to emulate one")
@pytest.mark.parametrize("resident", [True, False])
def test_the_device_times_the_phases(monkeypatch, resident):
    monkeypatch.setattr(backends, "get", lambda name: emulated(resident=resident))
    with Simulator(busy(), backend="gpu") as simulator:
        first, second = simulator.run(2.0), simulator.run(2.0)
    for result in (first, second):
        seconds = {phase: value for phase, (value,) in result.phase_s.items()}
        assert list(seconds) == ["update", "deliver", "communicate", "record"]
        assert min(seconds["update"], seconds["deliver"]) > 0.0 and sum(seconds.values()) < result.wall_s
        # Between launches nothing waits inside a kernel.
        assert (seconds["communicate"] > 0.0) == resident


@pytest.mark.skipif(COMPILER is None, reason="gpu: there is no g++ to emulate one")
def test_a_forked_process_is_refused(monkeypatch):
    monkeypatch.setattr(backends, "get", lambda name: emulated())
    with Simulator(busy(), backend="gpu") as simulator:
        simulator.run(1.0)
        snapshot, (read, write) = simulator.snapshot(), os.pipe()
        child = os.fork()
        if child == 0:
            uses = (
                lambda: simulator.run(1.0),
                simulator.snapshot,
                lambda: simulator.restore(snapshot),
                lambda: simulator.set_parameters("E", {"I_e": 1.0}),
            )
            for use in uses:
                with suppress(BaseException):
                    try:
                        use()
                    except RuntimeError as error:
                        os.write(write, f"{error}\n".encode())
            simulator.close()
            os._exit(0)
        os.close(write)
        assert os.waitpid(child, 0)[1] == 0
        lines = os.read(read, 10_000).decode().splitlines()
        os.close(read)
        assert len(lines) == 4 and all("forked without its GPU; create the simulator after" in line for line in lines)
        assert simulator.run(1.0).steps == 10


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
        (None, "cannot import cupy"),
        (fake_cupy(0), "no NVIDIA GPU was found"),
        (fake_cupy(DriverError("insufficient driver")), "insufficient driver"),
        (fake_cupy(1, "61"), "compute capability 6.1; at least 7.0"),
        (fake_cupy(1, "100"), None),
    ],
)
def test_why_a_gpu_cannot_be_used(monkeypatch, cupy, reason):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    why = device.gpu_unusable_because()
    assert why is None if reason is None else reason in why
