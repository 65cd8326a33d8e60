"""Decorators for compiled kernels, and the versions for which their machine code is kept.

Numba's own cache does not notice an edit in an imported file, so a folder is named by a hash of all sources, Numba's
version and the processor. It belongs to the user alone (mode 0700).
"""

import gc
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numba
from numba import types
from numba.core.ccallback import CFunc
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher
from numba.core.sigutils import normalize_signature
from numba.core.targetconfig import ConfigStack

from simcore.errors import InputError
from simcore.jit.cache import KernelCache
from simcore.jit.folders import taken_folder
from simcore.jit.registries import load_registries
from simcore.jit.sources import PACKAGE, package_hash
from simcore.jit.vectors import processor
from simcore.registry.files import sources_of, sources_sha256

load_registries()

NO_SOURCES: Mapping[str, Path] = MappingProxyType({})

YOUNG_OBJECTS = 10_000
"""New objects after which the compiler's garbage is looked for; 700 by default. It takes no more memory in all."""

BORROWS: Mapping[str, Any] = MappingProxyType({"_nrt": False})
"""Numba's option for code that does not count references."""

NUMBA_PREAMBLE = ("Failed in", "Compilation", "During:", "File ")
"""How lines begin that say where in the compiler a kernel was refused, not why."""


def kernel_fingerprint(extra: Mapping[str, Path] = NO_SOURCES) -> str:
    """Hash of everything that machine code depends on.

    Parameters
    ----------
    extra
        Name -> path of sources other than simcore's, such as those of a plug-in.
    """
    sha = hashlib.sha256(package_hash().encode())
    sha.update(sources_sha256(extra).encode())
    sha.update(numba.__version__.encode())
    for part in processor():
        sha.update(part.encode())
    return sha.hexdigest()[:16]


def cache_folder(extra: Mapping[str, Path] = NO_SOURCES) -> Path | None:
    """The folder for machine code, made if need be; None if it cannot be made or belongs to someone else.

    Parameters
    ----------
    extra
        See `kernel_fingerprint`.
    """
    return taken_folder(kernel_fingerprint(extra))


@cache
def _own_folder() -> Path | None:
    return cache_folder()


@cache
def _folder_of(file: Path) -> Path | None:
    return cache_folder(sources_of(file))


def kernel_cache(function: Callable[..., Any], caller: str = "") -> KernelCache | None:
    """Where the machine code of `function` is kept, see `KernelCache`; None if there is no folder for it.

    A kernel that is defined outside of simcore has a folder whose name covers its sources, too: a plug-in that is
    edited is compiled again, simcore's kernels are not.
    """
    file = Path(function.__code__.co_filename)
    folder = _own_folder() if file.is_relative_to(PACKAGE) else _folder_of(file)
    try:
        return None if folder is None else KernelCache(function, folder, caller)
    except OSError:
        return None


@contextmanager
def _compiling() -> Iterator[None]:
    """Look for garbage less often while this thread has Numba's lock.

    The compiler makes objects by the million, few of them in cycles: looking for those took a tenth of its time.
    """
    with global_compiler_lock:
        before = gc.get_threshold()
        if 0 < before[0] < YOUNG_OBJECTS:
            gc.set_threshold(YOUNG_OBJECTS, *before[1:])
        try:
            yield
        finally:
            gc.set_threshold(*before)


class Kernel(CPUDispatcher):  # type: ignore[misc] # Numba's types are not followed
    """A function that is compiled on first use, once for each choice of types.

    Numba would compile it once more for each integer constant that a kernel passes to it, and give each of these
    wrappers for callers in Python and in C, which are longer than many a kernel. So a constant is an integer like any
    other, and what kernels call has no wrappers: a kernel that is called from Python, too, is compiled for either.

    Parameters
    ----------
    function
        Python source of the kernel.
    variables
        Name -> type of local variables; Numba's dispatchers are made with it.
    options
        Numba's options for a compiled function.

    Attributes
    ----------
    called
        The function as kernels call it.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        variables: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        common = {"nopython": True, "nogil": True, "no_cfunc_wrapper": True, **options}
        super().__init__(function, variables, common)
        self.called = CPUDispatcher(function, variables, {**common, "no_cpython_wrapper": True})

    def compile(self, sig: Any) -> Any:
        with _compiling():
            compiled = super().compile(sig)
        if not self.targetoptions.get("_nrt", True):
            self._keep_references(self)
        return compiled

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Numba's question for the types of a call in a kernel."""
        named = {name: types.unliteral(each) for name, each in kws.items()}
        template = self.called.get_call_template([types.unliteral(each) for each in args], named)
        caller = ConfigStack.top_or_none()
        if caller is not None and not caller.nrt:
            self._keep_references(self.called)
        return template

    def _keep_references(self, dispatcher: CPUDispatcher) -> None:
        """Raise a TypeError if arrays are returned where references are not counted: they would be freed too early."""
        if any(_holds_arrays(signature.return_type) for signature in dispatcher.nopython_signatures):
            raise TypeError(f"{self.__name__} returns arrays: decorate it, and the kernels that call it, with kernel")

    def get_overload(self, sig: Any) -> Any:
        """Numba's question for the machine code of a call in a kernel."""
        return self.called.get_overload(sig)


def _holds_arrays(type: Any) -> bool:
    """Whether values of a Numba type are arrays or tuples that hold some."""
    if isinstance(type, types.BaseTuple):
        return any(map(_holds_arrays, type.types))
    return isinstance(type, types.Array)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile on first use, release the interpreter lock, keep the machine code."""
    return _kept(Kernel(function))


def borrowing(function: Callable[..., Any]) -> Any:
    """Compile as `kernel` does, without counting the references to arrays.

    A reference is counted by an atomic operation that waits for all loads before it. In loops of look-ups, which call
    other kernels, this doubled their time. For kernels that neither create nor return arrays.
    """
    return _kept(Kernel(function, options=BORROWS))


def inlined(function: Callable[..., Any]) -> Any:
    """Compile as part of the calling kernel; as with `borrowing`, arrays are neither created nor returned.

    Its machine code is inlined, not its source: Numba would infer the types of the source again at each call, and
    LLVM makes the same code of both.
    """
    return Kernel(function, options={"forceinline": True, **BORROWS})


def _kept(compiled: Kernel) -> Kernel:
    """The same kernel, whose machine code is kept."""
    for dispatcher, caller in (compiled, ""), (compiled.called, "kernel"):
        kept = kernel_cache(compiled.py_func, caller)
        if kept is not None:
            dispatcher._cache = kept
    return compiled


@contextmanager
def _refusal_named(function: Callable[..., Any]) -> Iterator[None]:
    """Tell in one sentence why Numba refuses a plug-in's kernel."""
    try:
        yield
    except numba.core.errors.NumbaError as error:
        file = Path(function.__code__.co_filename)
        if file.is_relative_to(PACKAGE):
            raise
        lines = [line.strip() for line in str(error).splitlines()]
        told = [line for line in lines if line and not line.startswith(NUMBA_PREAMBLE)] or [type(error).__name__]
        why = " ".join(told[: 2 if told[0].endswith(":") else 1])
        raise InputError(f"{file}: Numba cannot compile the kernel: {why}") from error


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
                signature = normalize_signature(types.int64(*self._signature(real, accumulator)))
                with _refusal_named(self._function), _compiling():
                    compiled, kept = CFunc(self._function, signature, {}, {}), kernel_cache(self._function)
                    if kept is not None:
                        compiled._cache = kept  # type: ignore[attr-defined]
                    compiled.compile()
                self._compiled[key] = compiled
            return int(self._compiled[key].address)


def update_kernel(function: Callable[..., Any]) -> AddressedKernel:
    """A neuron model's update of one population in one partition.

    ``update(state*, counters*, stride, inputs*, input_stride, coefficients*, n_coefficients, lsb*, n, spikes*)`` ->
    int64: advances the first `n` of `stride` neurons by a step, clears their inputs, writes the indices of spiking
    neurons (uint32) and returns their number. Row r of the state starts at ``state + r * stride``, that of the inputs
    at ``inputs + r * input_stride``; each coefficient has `n_coefficients` values, 1 or `stride`.

    What it does to a neuron must follow from this neuron's state, counters, inputs and coefficients alone: neurons
    change places between steps, and one that a step without inputs leaves as it was is not updated again before
    something arrives (`simcore.backends.cpu.resting`).
    """
    return AddressedKernel(
        function,
        lambda real, accumulator: (
            types.CPointer(real),
            types.CPointer(types.int32),
            types.int64,
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

    ``apply(step, n_drives, row*, n, selective, 0, 0, constants*, scratch*) -> int64``: see
    `simcore.backends.cpu.currents`; `selective` tells whether shares of the neurons follow the constants.
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
