"""Import of users' Python files, and the sources that determine their behaviour."""

import ast
import hashlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from simcore.errors import BenchnnError, InputError

SUFFIXES = (".cu", ".cuh", ".py", ".toml")
"""File name endings of sources; other files of a package do not count."""
MODULE_SUFFIXES = (".py", *importlib.machinery.EXTENSION_SUFFIXES)
GPU_KERNEL = "gpu.cu"
"""Name of the kernel for GPUs, in the folder of the file that defines a neuron model or a drive."""
OURS = ("benchnn", "simcore")
"""Packages of the program, which are never part of a user's file and do not count as its faults."""


class _FolderOfAFile(str):
    """Entry of ``sys.path`` that was added because a file in that folder was imported."""


def import_file(path: Path, what: str, name: str) -> ModuleType:
    """Import a Python file, and import again the modules that it imports from its folder.

    Parameters
    ----------
    path
        The file.
    what
        Kind of the object, for messages.
    name
        Name under which the module is known.

    Raises
    ------
    InputError
        If the file does not exist or fails; names file and line. If a module that it imports from its folder has the
        name of a standard or an installed module, which would be imported instead.
    """
    if not path.is_file():
        raise InputError(f"{what} {str(path)!r} does not exist; give the path of a Python file", what, str(path))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{what} {str(path)!r} is not a Python file", what, str(path))
    module = importlib.util.module_from_spec(spec)
    # Decorators such as dataclass look the module up.
    sys.modules[name] = module
    _search_beside(path.resolve())
    with failures_named(path):
        spec.loader.exec_module(module)
    return module


def _search_beside(file: Path) -> None:
    """Let a file import the modules in its folder, as they are now; refuse those whose name means another module."""
    folder = file.parent
    kept = [entry for entry in sys.path if not isinstance(entry, _FolderOfAFile)]
    if str(folder) not in kept:
        # After the library's, so that a file there cannot hide one of its modules; before those of other files.
        others = [entry for entry in sys.path if isinstance(entry, _FolderOfAFile) and entry != str(folder)]
        sys.path[:] = [*kept, _FolderOfAFile(folder), *others]
    importlib.invalidate_caches()
    if _holds_distributions(folder):
        return
    elsewhere = [entry for entry in kept if Path(entry or ".").resolve() != folder]
    for name, sources in _modules_beside(file).items():
        if sources[0].parent != folder and not (folder / name / "__init__.py").is_file():
            # A plain folder gives way to any module.
            continue
        other = None
        if name not in sys.stdlib_module_names:
            other = _found_elsewhere(name, elsewhere)
            if other is None:
                for loaded in [key for key in sys.modules if key.partition(".")[0] == name]:
                    del sys.modules[loaded]
                continue
        if other is None or other.resolve() not in [source.resolve() for source in sources]:
            raise InputError(
                f"cannot import {sources[0]} as {name} for {file.name}: "
                f"{other or 'a module of Python'} has the same name; rename the file"
            )


def _holds_distributions(folder: Path) -> bool:
    """Whether distributions are installed in a folder, so that its packages do not belong to the user."""
    return any(folder.glob("*.dist-info"))


def _found_elsewhere(name: str, folders: list[str]) -> Path | None:
    """Return the file of a module that is found outside the folder of the user's file; None if there is none."""
    for finder in sys.meta_path:
        spec = finder.find_spec(name, folders if finder is importlib.machinery.PathFinder else None)
        if spec is not None and spec.origin is not None:
            return Path(spec.origin)
    return None


def import_file_once(path: Path, what: str) -> ModuleType:
    """Import a Python file unless this process has already done so; see `import_file`."""
    resolved = path.resolve()
    name = f"simcore_file_{resolved.stem}_{hashlib.sha256(bytes(resolved)).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    try:
        return import_file(path, what, name)
    except InputError:
        sys.modules.pop(name, None)
        raise


@contextmanager
def failures_named(path: Path | None) -> Iterator[None]:
    """Run code of the user's file; its exceptions become one sentence with file and line.

    The working folder is restored afterwards. Bytecode is not written, because Python would use it for a file that was
    edited within the same second.
    """
    if path is None:
        yield
        return
    # Both paths are relative to the current folder, which the code may change.
    file, shown = path.resolve(), path
    try:
        with surroundings_kept():
            yield
    except BenchnnError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(_located_error(error, file, shown)) from error


def _located_error(error: BaseException, file: Path, shown: Path) -> str:
    """Return an error together with the innermost line of the user's code in which it occurred."""
    own = {source: shown.parent / name for name, source in sources_of(file).items()} | {file: shown}
    if isinstance(error, SyntaxError) and error.lineno is not None:
        source = Path(str(error.filename)).resolve()
        if source in own:
            return f"{own[source]}, line {error.lineno}: {error.msg}"
    places = [(Path(frame.filename).resolve(), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    where = [f"{own[source]}, line {line}" for source, line in places if source in own]
    return f"{where[-1] if where else shown}: {type(error).__name__}: {error}"


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """Run code that is not part of the program; restore the working folder, and do not write bytecode."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    folder = None
    # A process that changed its user may be in a folder that it cannot enter again.
    with suppress(OSError):
        # A removed or renamed folder is still the working folder, but its path is no longer valid.
        folder = os.open(".", os.O_RDONLY | getattr(os, "O_PATH", 0))
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
        if folder is not None:
            os.fchdir(folder)
            os.close(folder)


def failures_of(implementation: Any) -> AbstractContextManager[None]:
    """Apply `failures_named` for a plug-in's function, class or instance; do nothing for built-in ones."""
    itself = inspect.isroutine(implementation) or inspect.isclass(implementation)
    module = (implementation if itself else type(implementation)).__module__ or ""
    if module.partition(".")[0] in OURS:
        return failures_named(None)
    # Objects of Python itself, such as a partial function, do not have a file of the user.
    own = None if module.partition(".")[0] in sys.stdlib_module_names else sys.modules.get(module)
    return failures_named(Path(getattr(own, "__file__", None) or module))


def sources_of(file: Path) -> dict[str, Path]:
    """Return the sources that determine the behaviour of the module in a file.

    For a module in a package, these are the sources of the whole package; for any other module, the file itself, the
    modules and packages that it imports from its folder, directly or indirectly, and the kernel for GPUs.

    Returns
    -------
    dict
        Path relative to the folder from which the module is imported -> path.
    """
    file = file.resolve()
    package, folder = None, file.parent
    while (folder / "__init__.py").is_file():
        package, folder = folder, folder.parent
    if package is not None:
        return _sources_below(package)
    found = [file, *(source for sources in _modules_beside(file).values() for source in sources)]
    kernel = [file.with_name(GPU_KERNEL)] if file.with_name(GPU_KERNEL).is_file() else []
    return {path.relative_to(folder).as_posix(): path for path in (*found, *kernel)}


def sources_sha256(files: Mapping[str, Path]) -> str:
    """Return the SHA-256 of names and contents of source files, in the order of their names.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    sha = hashlib.sha256()
    for name in sorted(files):
        try:
            content = files[name].read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {files[name]}: {error.strerror}") from error
        sha.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
        sha.update(content)
    return sha.hexdigest()


def _sources_below(package: Path) -> dict[str, Path]:
    paths = (path for path in package.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return {path.relative_to(package.parent).as_posix(): path for path in paths}


def _modules_beside(file: Path) -> dict[str, list[Path]]:
    """Return the modules and packages that a file imports from its folder: name -> their sources, at least one."""
    folder = file.parent
    shared = _holds_distributions(folder)
    found: dict[str, list[Path]] = {}
    ahead = [file]
    while ahead:
        for name in _imported_names(ahead.pop()):
            if name in found or name in OURS:
                continue
            modules = [folder / f"{name}{suffix}" for suffix in MODULE_SUFFIXES]
            found[name] = [module for module in modules if module.is_file()]
            if not shared and (folder / name).is_dir():
                found[name] += _sources_below(folder / name).values()
            ahead += [source for source in found[name] if source.suffix == ".py"]
    return {name: sources for name, sources in found.items() if sources}


def _imported_names(path: Path) -> set[str]:
    """Return the top-level names that a file imports anywhere, including strings in calls such as ``import_module``."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            names.add(node.module)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            texts = [word.value for word in node.args[:1] if isinstance(word, ast.Constant)]
            names |= {text for text in texts if isinstance(text, str) and text.partition(".")[0].isidentifier()}
    return {name.partition(".")[0] for name in names}


def _called(call: ast.Call) -> str:
    """Return the name of a function, without the name of its module."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
