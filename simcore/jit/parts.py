"""Functions that only kernels call: LLVM optimises them, and generates machine code, only as parts of their callers.

Numba would do both for each function before it links the function into a caller, where LLVM does it again. That took a
quarter of the time of a first start.
"""

from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult
from numba.core.environment import lookup_environment

PART = "part"
"""Kind of these libraries in the cache of kernels, where Numba's own kinds are "object" and "bitcode"."""
ENVIRONMENTS = "_ZN08NumbaEnv"
"""Start of the names under which machine code refers to the environment of a function."""


class _NoMachineCode:
    """Takes the place of the code generator where Numba sets the environment of a function; see `connect`."""

    def set_env(self, name: str, environment: Any) -> None:
        """Do nothing."""


class PartLibrary(JITCodeLibrary):  # type: ignore[misc] # Numba's types are not followed
    """Intermediate code of a function, to be linked into its callers."""

    @property
    def codegen(self) -> Any:
        return _NoMachineCode()

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0, the address of a function without machine code."""
        self._ensure_finalized()
        return 0

    def serialize_using_object_code(self) -> tuple[str, str, bytes]:
        """Return name, kind and content for `rebuild`."""
        return self.name, PART, self._get_module_for_linking().as_bitcode()

    def _optimize_final_module(self) -> None:
        """Do nothing: the callers are optimised."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class PartCompiler(Compiler):  # type: ignore[misc]
    """Numba's compiler, for functions that only kernels call."""

    def __init__(self, typing_context: Any, target_context: Any, library: Any, *others: Any) -> None:
        super().__init__(typing_context, target_context, PartLibrary(target_context.codegen(), PART), *others)


def connect(library: Any) -> None:
    """Set the environments to which the machine code of a kernel, with all its parts, refers."""
    for name in [each.name for each in library._final_module.global_variables if each.name.startswith(ENVIRONMENTS)]:
        environment = lookup_environment(name)
        if environment is not None:
            library.codegen.set_env(name, environment)


def rebuild(target_context: Any, data: Any) -> CompileResult:
    """Return a part from what the cache of kernels holds of it."""
    (name, _, bitcode), description, environment, signature, object_mode, lifted, annotation, begin, others = data
    for initialise in begin:
        initialise()
    library = PartLibrary(target_context.codegen(), name)
    library._final_module = library._shared_module = llvm.parse_bitcode(bitcode)
    library._finalize_final_module()
    return CompileResult(
        target_context=target_context,
        typing_context=target_context.typing_context,
        library=library,
        environment=environment,
        entry_point=target_context.get_executable(library, description, environment),
        fndesc=description,
        type_annotation=annotation,
        signature=signature,
        objectmode=object_mode,
        lifted=lifted,
        typing_error=None,
        call_helper=None,
        metadata=None,
        reload_init=begin,
        referenced_envs=others,
    )
