"""Python files that do not come with the program: how they are imported, and which sources decide what they do."""

import ast
import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from simcore.errors import BenchnnError, InputError

SUFFIXES = (".cu", ".cuh", ".py", ".toml")
"""Of sources; other files of a package do not count."""
BUILT_IN = ("simcore", "benchnn")
"""Packages of the program, whose faults are its own."""
GPU_KERNEL = "gpu.cu"
"""In the folder of the file that defines a neuron model or a drive: its kernel for GPUs."""


def import_file(path: Path, what: str, name: str) -> ModuleType:
    """Import a Python file, whose folder may hold modules that it imports.

    Parameters
    ----------
    path
        The file.
    what
        What it is, for messages.
    name
        Name under which the module is known.

    Raises
    ------
    InputError
        If there is no such file, or it fails; names file and line.
    """
    if not path.is_file():
        raise InputError(f"{what} {str(path)!r} is not there: give the path of a Python file", what, str(path))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{what} {str(path)!r} is no Python file", what, str(path))
    module = importlib.util.module_from_spec(spec)
    # Decorators such as dataclass look the module up.
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        # Last, so that a file there cannot hide a module of the library.
        sys.path.append(folder)
    with failures_named(path):
        spec.loader.exec_module(module)
    return module


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
    """Turn whatever the user's file raises into one sentence that names file and line; nothing without a file."""
    try:
        yield
    except BenchnnError:
        raise
    except (Exception, SystemExit) as error:
        if path is None:
            raise
        if isinstance(error, SyntaxError) and error.lineno is not None:
            raise InputError(f"{error.filename}, line {error.lineno}: {error.msg}") from error
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename) in (path, path.resolve())]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        raise InputError(f"{where}: {type(error).__name__}: {error}") from error


def failures_of(implementation: Any) -> AbstractContextManager[None]:
    """`failures_named` of the file of a plug-in: a function, a class or an instance; nothing for what is built in."""
    itself = inspect.isroutine(implementation) or inspect.isclass(implementation)
    module = (implementation if itself else type(implementation)).__module__ or ""
    if module.partition(".")[0] in BUILT_IN:
        return failures_named(None)
    # What Python itself defines, such as a partial function, may have no file.
    return failures_named(Path(getattr(sys.modules.get(module), "__file__", None) or module))


def sources_of(file: Path) -> dict[str, Path]:
    """The sources that decide what the module in a file does.

    Of a module in a package these are the sources of the whole package; of any other one the file itself, the modules
    and packages in its folder that it imports, in turn, and the kernel for GPUs.

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
    found: dict[str, Path] = {}
    ahead = [file, file.with_name(GPU_KERNEL)]
    # Where distributions are installed, packages belong to others.
    shared = any(folder.glob("*.dist-info"))
    while ahead:
        path = ahead.pop()
        if path.name in found or not path.is_file():
            continue
        found[path.name] = path
        for name in _imported_names(path) if path.suffix == ".py" else ():
            ahead.append(folder / f"{name}.py")
            if not shared and (folder / name).is_dir():
                found |= _sources_below(folder / name)
    return found


def sources_sha256(files: Mapping[str, Path]) -> str:
    """SHA-256 over names and contents of source files, in the order of their names."""
    sha = hashlib.sha256()
    for name in sorted(files):
        content = files[name].read_bytes()
        sha.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
        sha.update(content)
    return sha.hexdigest()


def _sources_below(package: Path) -> dict[str, Path]:
    paths = (path for path in package.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return {path.relative_to(package.parent).as_posix(): path for path in paths}


def _imported_names(path: Path) -> set[str]:
    """Top-level names that a file imports, wherever in it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names
