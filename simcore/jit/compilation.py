"""Decorators for compiled kernels, and the cache folders of their versions.

Numba's own cache does not detect changes in imported files. The name of a folder is therefore a hash of all sources,
Numba's version and the processor. Only the user can access it (mode 0700).
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
from numba.core.datamodel import default_manager
from numba.core.registry import CPUDispatcher
from numba.core.sigutils import normalize_signature
from numba.core.targetconfig import ConfigStack
from numba.extending import overload

from simcore.errors import InputError
from simcore.jit.cache import KernelCache
from simcore.jit.folders import taken_folder
from simcore.jit.parts import PartCompiler, connect
from simcore.jit.registries import load_registries
from simcore.jit.sources import PACKAGE, package_hash
from simcore.jit.vectors import processor
from simcore.registry.files import sources_of, sources_sha256

load_registries()

NO_SOURCES: Mapping[str, Path] = MappingProxyType({})

YOUNG_OBJECTS = 10_000
"""Number of new objects between garbage collections in the compiler (Python's default is 700), at equal peak memory."""

COUNTS: Mapping[str, Any] = MappingProxyType({"_nrt": True})
"""Numba's option for code that counts references; without an option, Numba would take that of the calling kernel."""
BORROWS: Mapping[str, Any] = MappingProxyType({"_nrt": False})
"""Numba's option for code that does not count references."""

NUMBA_PREAMBLE = ("Failed in", "Compilation", "During:", "File ")
"""Starts of lines that state where in the compiler an error occurred, but not the reason."""


def kernel_fingerprint(extra: Mapping[str, Path] = NO_SOURCES) -> str:
    """Return the hash of everything on which machine code depends.

    Parameters
    ----------
    extra
        Name -> path of sources outside simcore, such as those of a plug-in.
    """
    sha = hashlib.sha256(package_hash().encode())
    sha.update(sources_sha256(extra).encode())
    sha.update(numba.__version__.encode())
    for part in processor():
        sha.update(part.encode())
    return sha.hexdigest()[:16]


def cache_folder(extra: Mapping[str, Path] = NO_SOURCES) -> Path | None:
    """Return the folder for machine code, creating it if necessary; None if this fails or it belongs to another user.

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
    """Return the cache of the machine code of `function`, see `KernelCache`; None without a folder for it.

    A kernel that is defined outside simcore has a folder whose name also depends on its sources: after an edit of a
    plug-in, the plug-in is compiled again, but simcore's kernels are not.
    """
    file = Path(function.__code__.co_filename)
    folder = _own_folder() if file.is_relative_to(PACKAGE) else _folder_of(file)
    try:
        return None if folder is None else KernelCache(function, folder, caller)
    except OSError:
        return None


@contextmanager
def _compiling() -> Iterator[None]:
    """Collect garbage less often while this thread has Numba's lock.

    The compiler creates millions of objects, few of them in cycles; garbage collection took a tenth of its time.
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
    """Function that is compiled on first use, once for each combination of types.

    Numba would compile it again for each integer constant that a kernel passes to it, each time with wrappers for
    callers in Python and in C, which are longer than many kernels. Here, constants are treated like other integers, and
    functions that kernels call do not have wrappers: a kernel that is also called from Python is compiled separately
    for each case.

    Parameters
    ----------
    function
        Python source of the kernel.
    variables
        Name -> type of local variables, for Numba's dispatchers.
    options
        Numba's options for a compiled function.

    Attributes
    ----------
    called
        Form of the function that kernels call.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        variables: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] = COUNTS,
    ) -> None:
        common = {"nopython": True, "nogil": True, "no_cfunc_wrapper": True, **options}
        super().__init__(function, variables, common)
        self.called = CPUDispatcher(function, variables, {**common, "no_cpython_wrapper": True}, PartCompiler)

    def compile(self, sig: Any) -> Any:
        with _compiling():
            compiled = super().compile(sig)
            for each in self.overloads.values():
                connect(each.library)
        if not self.targetoptions["_nrt"]:
            self._keep_references(self)
        return compiled

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Return the types of a call in a kernel, for Numba."""
        named = {name: types.unliteral(each) for name, each in kws.items()}
        template = self.called.get_call_template([types.unliteral(each) for each in args], named)
        caller = ConfigStack.top_or_none()
        if not self.targetoptions["_nrt"] or (caller is not None and not caller.nrt):
            self._keep_references(self.called)
        return template

    def _keep_references(self, dispatcher: CPUDispatcher) -> None:
        """Raise a TypeError if arrays are returned where references are not counted: they would be freed too early."""
        if any(_holds_references(signature.return_type) for signature in dispatcher.nopython_signatures):
            raise TypeError(f"{self.__name__} returns arrays: decorate it, and the kernels that call it, with kernel")

    def get_overload(self, sig: Any) -> Any:
        """Return the machine code of a call in a kernel, for Numba."""
        return self.called.get_overload(sig)


def _holds_references(type: Any) -> bool:
    """Whether values of a Numba type are arrays, lists or sets, or contain some."""
    return bool(default_manager[type].contains_nrt_meminfo())


def kernel(function: Callable[..., Any]) -> Any:
    """Compile on first use, release the interpreter lock, and cache the machine code."""
    return _kept(Kernel(function))


def borrowing(function: Callable[..., Any]) -> Any:
    """Compile as `kernel` does, but without counting the references to arrays.

    Counting a reference is an atomic operation that waits for all loads before it; in loops of look-ups, which call
    other kernels, this doubled their time. The decorator is for kernels that neither create nor return arrays.
    """
    return _kept(Kernel(function, options=BORROWS))


def inlined(function: Callable[..., Any]) -> Any:
    """Compile as part of the calling kernel; as with `borrowing`, arrays are neither created nor returned.

    The machine code is inlined instead of the source, because Numba would infer the types of the source again at each
    call, while LLVM generates the same code.
    """
    return Kernel(function, options={"forceinline": True, **BORROWS})


def overloaded(function: Callable[..., Any], **options: Any) -> Any:
    """Decorate a function that returns, for the types of its arguments, what kernels call as `function`.

    Parameters
    ----------
    function
        Its Python form.
    options
        Numba's options for the compiled function.
    """
    return overload(function, jit_options={"pipeline_class": PartCompiler, **options})


def _kept(compiled: Kernel) -> Kernel:
    """Return the kernel after setting the caches of its machine code."""
    for dispatcher, caller in (compiled, ""), (compiled.called, "kernel"):
        kept = kernel_cache(compiled.py_func, caller)
        if kept is not None:
            dispatcher._cache = kept
    return compiled


@contextmanager
def _refusal_named(function: Callable[..., Any]) -> Iterator[None]:
    """Convert Numba's errors for a plug-in's kernel to one sentence."""
    try:
        yield
    except numba.core.errors.NumbaError as error:
        file = Path(function.__code__.co_filename)
        if file.is_relative_to(PACKAGE):
            raise
        lines = [line.strip() for line in str(error).splitlines()]
        reasons = [line for line in lines if line and not line.startswith(NUMBA_PREAMBLE)] or [type(error).__name__]
        why = " ".join(reasons[: 2 if reasons[0].endswith(":") else 1])
        raise InputError(f"{file}: Numba cannot compile the kernel: {why}") from error


class AddressedKernel:
    """Kernel that the step loop calls through its address, one for each combination of types.

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
        """Return the address of the machine code for these types, which is compiled on first use."""
        key = (real, accumulator)
        with self._lock:
            if key not in self._compiled:
                signature = normalize_signature(types.int64(*self._signature(real, accumulator)))
                with _refusal_named(self._function), _compiling():
                    compiled, kept = CFunc(self._function, signature, {}, {}), kernel_cache(self._function)
                    if kept is not None:
                        compiled._cache = kept  # type: ignore[attr-defined]
                    compiled.compile()
                    connect(compiled._library)  # type: ignore[attr-defined]
                self._compiled[key] = compiled
            return int(self._compiled[key].address)


def update_kernel(function: Callable[..., Any]) -> AddressedKernel:
    """Kernel of a neuron model's update of one population in one partition.

    ``update(state*, counters*, stride, inputs*, input_stride, coefficients*, n_coefficients, lsb*, n, spikes*)`` ->
    int64: advances the first `n` of `stride` neurons by a step, clears their inputs, writes the indices of spiking
    neurons (uint32) and returns their number. Row r of the state starts at ``state + r * stride``, that of the inputs
    at ``inputs + r * input_stride``; each coefficient has `n_coefficients` values, 1 or `stride`.

    Its effect on a neuron must depend only on the neuron's state, counters, inputs and coefficients: neurons are
    permuted between steps, and a neuron that a step without input does not change is not updated again before input
    arrives (`simcore.backends.cpu.resting`).
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
    """Kernel of a drive's input to one population in one partition.

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
    """Kernel of a current drive's values for one segment.

    ``provide(step, n, first_id, id_stride, stream, 0, header*, values*, scratch*) -> int64``: writes `n` currents
    (float64) to the scratch unless it already contains those of `step`, see `simcore.backends.cpu.currents`.
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
    """Kernel that writes the currents of all drives of a segment to its coefficient.

    ``apply(step, n_drives, row*, n, selective, 0, 0, constants*, scratch*) -> int64``: see
    `simcore.backends.cpu.currents`; `selective` states whether shares of the neurons follow the constants.
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
    """Kernel of the start or the test of an exchange of spikes between ranks.

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
