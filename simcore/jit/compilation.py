"""Decorators for compiled kernels, and the folder in which their machine code is kept.

Numba's own cache does not notice an edit in an imported file, so the folder is named by a hash of all kernel sources,
Numba's version and the processor. It belongs to the user alone (mode 0700).
"""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba import types

KERNEL_SOURCES = (
    "backends/cpu/*.py",
    "jit/*.py",
    "comm/*.py",
    "connectivity/cpu.py",
    "drives/*/cpu.py",
    "neuromorphic/*/*kernels.py",
    "neuromorphic/*/*/*kernels.py",
    "neurons/*.py",
    "neurons/*/*.py",
    "exponential.py",
    "propagators.py",
    "random.py",
    "synapses/*.py",
)


def kernel_fingerprint() -> str:
    """Hash of everything that the machine code depends on."""
    sha = hashlib.sha256()
    package = Path(__file__).parents[1]
    for pattern in KERNEL_SOURCES:
        for path in sorted(package.glob(pattern)):
            sha.update(path.read_bytes())
    sha.update(numba.__version__.encode())
    sha.update(llvmlite.binding.get_host_cpu_name().encode())
    sha.update(str(sorted(llvmlite.binding.get_host_cpu_features().items())).encode())
    return sha.hexdigest()[:16]


def cache_folder() -> Path | None:
    """The folder for machine code, made if need be; None if it cannot be made or belongs to someone else."""
    root = os.environ.get("BENCHNN_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(root) / "benchnn" / f"kernels-{kernel_fingerprint()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owned = folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 0o022 == 0
    except OSError:
        return None
    return folder if owned and os.access(folder, os.W_OK) else None


_FOLDER = cache_folder()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile on first use, release the interpreter lock, keep the machine code."""
    return numba.njit(nogil=True, cache=_FOLDER is not None)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile as part of the calling kernel."""
    return numba.njit(nogil=True, inline="always")(function)


def inlined_late(function: Callable[..., Any]) -> Any:
    """Compile as part of the calling kernel, but inline the machine code only: much faster if there is much of it."""
    return numba.njit(nogil=True, forceinline=True)(function)


class AddressedKernel:
    """A kernel that the step loop calls through its address, one for each choice of types.

    Parameters
    ----------
    function
        Python source of the kernel; it returns an int64.
    signature
        Maps (real type, accumulator type) to the types of the arguments.
    """

    def __init__(self, function: Callable[..., Any], signature: Callable[[Any, Any], tuple[Any, ...]]) -> None:
        self._function = function
        self._signature = signature
        self._compiled: dict[tuple[Any, Any], Any] = {}
        self._lock = threading.Lock()

    def address(self, real: Any, accumulator: Any) -> int:
        """Address of the machine code for these types; compiles on first use."""
        key = (real, accumulator)
        with self._lock:
            if key not in self._compiled:
                arguments = self._signature(real, accumulator)
                compile_function = numba.cfunc(types.int64(*arguments), cache=_FOLDER is not None)
                self._compiled[key] = compile_function(self._function)
            return int(self._compiled[key].address)


def update_kernel(function: Callable[..., Any]) -> AddressedKernel:
    """A neuron model's update of one population in one partition.

    ``update(state*, counters*, inputs*, input_stride, coefficients*, n_coefficients, lsb*, n, spikes*) -> int64``:
    advances `n` neurons by a step, clears their inputs, writes the indices of spiking neurons (uint32) and returns
    their number. Row r of the state starts at ``state + r * n``, that of the inputs at ``inputs + r * input_stride``;
    each coefficient has `n_coefficients` values, 1 or n.
    """
    return AddressedKernel(
        function,
        lambda real, accumulator: (
            types.CPointer(real),
            types.CPointer(types.int32),
            types.CPointer(accumulator),
            types.int64,
            types.CPointer(real),
            types.int64,
            types.CPointer(real),
            types.int64,
            types.CPointer(types.uint32),
        ),
    )


def drive_kernel(function: Callable[..., Any]) -> AddressedKernel:
    """A drive's input to one population in one partition.

    ``deliver(step, n, first_id, id_stride, stream, inputs*, header*, thresholds*, scratch*) -> int64``: adds to the
    `n` inputs what arrives in `step`. `stream` holds the seed in its low and the drive's index in its high 32 bits;
    The thresholds are laid out by the drive's own `kernel_thresholds`; `scratch` is the kernel's, zero at the start.
    """
    return AddressedKernel(
        function,
        lambda _, accumulator: (
            types.int64,
            types.int64,
            types.int64,
            types.int64,
            types.uint64,
            types.CPointer(accumulator),
            types.CPointer(types.int64),
            types.CPointer(types.uint32),
            types.CPointer(types.uint8),
        ),
    )


def current_kernel(function: Callable[..., Any]) -> AddressedKernel:
    """A current drive's values for one segment.

    ``provide(step, n, first_id, id_stride, stream, 0, header*, values*, scratch*) -> int64``: writes `n` currents
    (float64) into the scratch if those of `step` are not there yet, see `simcore.backends.cpu.currents`.
    """
    return AddressedKernel(
        function,
        lambda _, __: (
            types.int64,
            types.int64,
            types.int64,
            types.int64,
            types.uint64,
            types.int64,
            types.CPointer(types.int64),
            types.CPointer(types.float64),
            types.CPointer(types.int64),
        ),
    )


def apply_kernel(function: Callable[..., Any]) -> AddressedKernel:
    """What writes the currents of all drives of a segment into its coefficient.

    ``apply(step, n_drives, row*, n, 0, 0, 0, constants*, scratch*) -> int64``: see `simcore.backends.cpu.currents`.
    """
    return AddressedKernel(
        function,
        lambda real, _: (
            types.int64,
            types.int64,
            types.CPointer(real),
            types.int64,
            types.uint64,
            types.int64,
            types.int64,
            types.CPointer(types.float64),
            types.CPointer(types.int64),
        ),
    )


def exchange_kernel(function: Callable[..., Any]) -> AddressedKernel:
    """Start or test of an exchange of spikes between ranks.

    ``kernel(state*, words*, ends*, 0, 0, 0, 0, 0, 0) -> int64``: `state` is the exchange's own; `words` are the spikes
    of an interval, uint32, in order of the step, and `ends` where those of each step end.
    """
    return AddressedKernel(
        function,
        lambda _, __: (
            types.CPointer(types.int64),
            types.CPointer(types.uint32),
            types.CPointer(types.int64),
            *[types.int64] * 6,
        ),
    )
