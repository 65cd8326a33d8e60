"""The device: memory and kernels of an NVIDIA GPU through CuPy, behind a small interface that tests can replace."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simcore.errors import ResourceError, UnavailableError

Array = npt.NDArray[Any]

OPTIONS = ("--std=c++17", "--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true")
"""Disables fused multiply-add and flushing to zero, so that results equal those of the other backends bit for bit."""
BLOCK_THREADS = 512
BLOCKS_PER_MULTIPROCESSOR = 2
"""Equal to the kernels' launch bounds. All blocks are resident; otherwise the barrier of the grid would never end."""
MIN_CAPABILITY = (7, 0)
"""Volta: the first with independent threads and a large L2 cache."""


class Held(Protocol):
    """An array in the memory of the device."""

    @property
    def address(self) -> int:
        """Address of its start."""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""


class Program(Protocol):
    """Compiled kernels."""

    resident: bool
    """True if all blocks of a launch can run simultaneously, so that they may wait for each other."""

    def set_arguments(self, arguments: Array) -> None:
        """Set the arguments of later launches: the structure of this name, int64."""

    def launch(self, kernel: str, *numbers: int) -> None:
        """Run a kernel on the whole device, after those launched before; `numbers` are its arguments."""


class Device(Protocol):
    """Device on which kernels run."""

    blocks: int
    """Number of blocks of a launch."""

    def zeros(self, n: int, dtype: npt.DTypeLike) -> Held:
        """An array of zeros in the device's memory."""

    def upload(self, array: Array) -> Held:
        """A copy of an array in the device's memory."""

    def write(self, held: Held, array: Array) -> None:
        """Replace the first entries of an array in the device's memory."""

    def download(self, held: Held) -> Array:
        """A copy of an array of the device after all launches, with its original shape and type."""

    def download_part(self, held: Held, first: int, end: int) -> Array:
        """A copy of the entries [first, end) of an array of one dimension."""

    def compile(self, source: str) -> Program:
        """Compile kernels."""

    def free_bytes(self) -> int | None:
        """Free memory in bytes, or None if it is unknown."""


def gpu_unusable_because() -> str | None:
    """Reason why no GPU can be used here, or None."""
    try:
        import cupy
    except ImportError as error:
        return f"cannot import cupy ({error}): pip install 'benchnn[gpu]'; also requires an NVIDIA driver"
    try:
        if cupy.cuda.runtime.getDeviceCount() == 0:
            return "no NVIDIA GPU was found"
        capability = cupy.cuda.Device().compute_capability
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"the CUDA driver reports: {error}"
    found = int(capability[:-1]), int(capability[-1])
    if found < MIN_CAPABILITY:
        return f"the GPU has compute capability {found[0]}.{found[1]}; at least {MIN_CAPABILITY[0]}.0 is required"
    return None


@dataclass(frozen=True, eq=False)
class _CudaArray:
    array: Any

    @property
    def address(self) -> int:
        return int(self.array.data.ptr)

    @property
    def nbytes(self) -> int:
        return int(self.array.nbytes)


class _CudaProgram:
    def __init__(self, module: Any, blocks: int, resident: bool) -> None:
        self.resident = resident
        self._module, self._blocks = module, blocks

    def set_arguments(self, arguments: Array) -> None:
        import cupy

        memory = cupy.cuda.UnownedMemory(self._module.get_global_var("arguments"), arguments.nbytes, self._module)
        cupy.cuda.MemoryPointer(memory, 0).copy_from_host(arguments.ctypes.data, arguments.nbytes)

    def launch(self, kernel: str, *numbers: int) -> None:
        function = self._module.get_function(kernel)
        given = tuple(np.int64(number) for number in numbers)
        function((self._blocks,), (BLOCK_THREADS,), given, enable_cooperative_groups=self.resident)


def _fits(module: Any) -> bool:
    """True if the blocks of the step loop, if there is one, fit on a multiprocessor together."""
    from cupy.cuda import driver

    try:
        function = module.get_function("propagate")
    except driver.CUDADriverError:
        return False
    blocks = driver.occupancyMaxActiveBlocksPerMultiprocessor(function.ptr, BLOCK_THREADS, 0)
    return bool(blocks >= BLOCKS_PER_MULTIPROCESSOR)


def visible_gpus() -> tuple[str, ...]:
    """Names (of the PCI bus) of the GPUs that this process sees.

    Raises
    ------
    UnavailableError
        If no GPU can be used.
    """
    why = gpu_unusable_because()
    if why is not None:
        raise UnavailableError(f"the gpu backend cannot be used here: {why}")
    from cupy.cuda import runtime

    return tuple(runtime.deviceGetPCIBusId(number) for number in range(runtime.getDeviceCount()))


class CudaDevice:
    """A GPU, which becomes the current GPU of this thread.

    Parameters
    ----------
    number
        Index among the GPUs that this process sees.
    """

    def __init__(self, number: int) -> None:
        import cupy

        cupy.cuda.Device(number).use()
        self._attributes = cupy.cuda.Device().attributes
        self.blocks = self._attributes["MultiProcessorCount"] * BLOCKS_PER_MULTIPROCESSOR

    def upload(self, array: Array) -> _CudaArray:
        import cupy

        return self._held(lambda: cupy.asarray(np.ascontiguousarray(array)))

    def zeros(self, n: int, dtype: npt.DTypeLike) -> _CudaArray:
        import cupy

        return self._held(lambda: cupy.zeros(n, dtype=dtype))

    def _held(self, make: Callable[[], Any]) -> _CudaArray:
        import cupy

        try:
            return _CudaArray(make())
        except cupy.cuda.memory.OutOfMemoryError as error:
            raise ResourceError(f"too little memory on the GPU: {error}") from error

    def write(self, held: Any, array: Array) -> None:
        held.array.ravel()[: array.size].set(np.ascontiguousarray(array).ravel())

    def download(self, held: Any) -> Array:
        import cupy

        return np.asarray(cupy.asnumpy(held.array))

    def download_part(self, held: Any, first: int, end: int) -> Array:
        import cupy

        return np.asarray(cupy.asnumpy(held.array[first:end]))

    def compile(self, source: str) -> _CudaProgram:
        import cupy
        from cupy.cuda import nvrtc

        # Not with cupy.RawModule, as CuPy adds -ftz=true to its options.
        program = nvrtc.createProgram(source, "kernels.cu", (), ())
        try:
            nvrtc.compileProgram(program, (*OPTIONS, f"--gpu-architecture=sm_{cupy.cuda.Device().compute_capability}"))
            code = nvrtc.getCUBIN(program)
        except nvrtc.NVRTCError as error:
            raise UnavailableError(f"NVRTC cannot compile the kernels: {nvrtc.getProgramLog(program)}") from error
        finally:
            nvrtc.destroyProgram(program)
        module = cupy.cuda.function.Module()
        module.load(code)
        return _CudaProgram(module, self.blocks, bool(self._attributes["CooperativeLaunch"]) and _fits(module))

    def free_bytes(self) -> int | None:
        import cupy

        # The memory that an earlier network freed is in CuPy's pool.
        pool = cupy.get_default_memory_pool()
        return int(cupy.cuda.runtime.memGetInfo()[0]) + int(pool.free_bytes())
