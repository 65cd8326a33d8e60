"""How CuPy is asked to compile and launch; there is no device here, so that a stand-in notes what it is asked."""

import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from simcore.backends.gpu.backend import device_of_rank
from simcore.backends.gpu.device import BLOCK_THREADS, OPTIONS, CudaDevice, visible_gpus
from simcore.comm import LocalCommunicator
from simcore.errors import ResourceError, UnavailableError
from simcore.job.gpus import cuda_numbers

MULTIPROCESSORS = 3


class OutOfMemoryError(MemoryError):
    pass


class DriverError(RuntimeError):
    pass


class CompilerError(RuntimeError):
    pass


class Module:
    def __init__(self, kernels, launches):
        self.kernels, self.launches = kernels, launches

    def load(self, code):
        assert code == b"code"

    def get_function(self, name):
        if name not in self.kernels:
            raise DriverError("not found")
        return Function(name, self.launches)


class Function:
    ptr = 7

    def __init__(self, name, launches):
        self.name, self.launches = name, launches

    def __call__(self, grid, block, arguments, enable_cooperative_groups):
        self.launches.append((self.name, grid, block, arguments, enable_cooperative_groups))


def stand_in(kernels=("propagate",), cooperative=1, blocks=2, zeros=np.zeros, fails=False):
    """What the backend uses of CuPy; `launches` lists those it was asked for."""
    launches, used = [], []
    attributes = {"MultiProcessorCount": MULTIPROCESSORS, "CooperativeLaunch": cooperative}
    device = SimpleNamespace(attributes=attributes, compute_capability="90")

    def compile_program(program, options):
        assert options == (*OPTIONS, "--gpu-architecture=sm_90")
        if fails:
            raise CompilerError("compilation failed")

    nvrtc = SimpleNamespace(
        createProgram=lambda source, name, headers, names: source,
        compileProgram=compile_program,
        getCUBIN=lambda program: b"code",
        getProgramLog=lambda program: "line 1: error",
        destroyProgram=lambda program: None,
        NVRTCError=CompilerError,
    )
    driver = SimpleNamespace(
        occupancyMaxActiveBlocksPerMultiprocessor=lambda function, threads, shared: blocks, CUDADriverError=DriverError
    )
    runtime = SimpleNamespace(
        getDeviceCount=lambda: 2, deviceGetPCIBusId=lambda number: f"bus {number}", CUDARuntimeError=DriverError
    )
    cuda = SimpleNamespace(
        Device=lambda number=0: SimpleNamespace(**vars(device), use=lambda: used.append(number)),
        driver=driver,
        function=SimpleNamespace(Module=lambda: Module(kernels, launches)),
        memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        nvrtc=nvrtc,
        runtime=runtime,
    )
    return SimpleNamespace(cuda=cuda, zeros=zeros, asarray=np.array, asnumpy=np.array, launches=launches, used=used)


@pytest.fixture
def cupy(monkeypatch):
    def replaced(**options):
        made = stand_in(**options)
        for name, module in (("cupy", made), ("cupy.cuda", made.cuda)):
            monkeypatch.setitem(sys.modules, name, module)
        return made

    return replaced


@pytest.mark.parametrize(
    ("options", "resident"),
    [({}, True), ({"blocks": 1}, False), ({"cooperative": 0}, False), ({"kernels": ("count_synapses",)}, False)],
    ids=["all fit", "too few blocks fit", "no cooperative launch", "no step loop"],
)
def test_blocks_wait_for_each_other_only_where_all_are_resident(cupy, options, resident):
    made = cupy(**options)
    program = CudaDevice(1).compile("source")
    kernel = options.get("kernels", ["propagate"])[0]
    program.launch(kernel, 5)
    assert program.resident == resident and made.used == [1]
    (launch,) = made.launches
    assert launch == (kernel, (2 * MULTIPROCESSORS,), (BLOCK_THREADS,), (5,), resident)
    assert launch[3][0].dtype == np.int64


def test_what_the_compiler_says_is_reported(cupy):
    cupy(fails=True)
    with pytest.raises(UnavailableError, match="NVRTC cannot compile the kernels: line 1: error"):
        CudaDevice(0).compile("source")


def test_a_device_that_is_full_is_an_error_of_resources(cupy):
    def full(n, dtype):
        raise OutOfMemoryError("2 GB wanted")

    cupy(zeros=full)
    with pytest.raises(ResourceError, match="too little memory on the GPU: 2 GB wanted"):
        CudaDevice(0).zeros(10, np.int64)


def test_a_rank_computes_on_the_jobs_gpus(cupy, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for environment, used in (({}, [0]), ({"SLURM_JOB_GPUS": "1"}, [1]), ({"SLURM_JOB_GPUS": "6,7"}, [0])):
        made = cupy()
        monkeypatch.setattr("simcore.backends.gpu.backend.cuda_numbers", partial(cuda_numbers, environment=environment))
        device_of_rank(LocalCommunicator())
        assert made.used == used


def test_the_gpus_of_a_process_have_names(cupy, monkeypatch):
    cupy()
    assert visible_gpus() == ("bus 0", "bus 1")
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(UnavailableError, match="cannot import cupy"):
        visible_gpus()
