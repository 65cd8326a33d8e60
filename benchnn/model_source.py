"""Finds the function that describes a network: a registered model, or ``file.py:function``."""

import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from benchnn.declared_types import Declared, declared, from_text, from_toml
from simcore.errors import InputError
from simcore.network import Network


@dataclass(frozen=True)
class Model:
    """A function that describes a network.

    Parameters
    ----------
    name
        As the user gave it: ``pd14`` or ``file.py:function``.
    label
        Name of the function, fit for a folder's name.
    function
        Takes plain parameters and returns a `Network`.
    file
        The Python file that defines it.
    parameters
        What it takes.
    own
        True if the user brought the file.
    """

    name: str
    label: str
    function: Callable[..., Any]
    file: Path
    parameters: dict[str, Declared]
    own: bool

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()


def find_model(name: str) -> Model:
    """Import the function of that name.

    Raises
    ------
    InputError
        If the model, the file or the function is not there, or the file cannot be imported.
    """
    path, colon, function_name = name.rpartition(":")
    if colon and path.endswith(".py"):
        return _model_of_file(name, Path(path), function_name)
    if name.endswith(".py"):
        functions = _functions(_import_file(Path(name)))
        raise InputError(f"model = {name!r} names no function: add one of :{', :'.join(functions) or 'FUNCTION'}")
    from benchnn.models import models

    try:
        function = models.get(name)
    except InputError as error:
        raise InputError(f"{error}; or FILE.py:FUNCTION for a model of your own") from None
    return Model(name, name, function, Path(inspect.getfile(function)), declared(function), own=False)


def split_params(params: list[str]) -> dict[str, str]:
    """Split ``KEY=VALUE`` of the command line; the last of a key wins."""
    pairs = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name.strip():
            raise InputError(f"--param {param!r} is not allowed: write --param KEY=VALUE")
        pairs[name.strip()] = value.strip()
    return pairs


def parameter_values(model: Model, texts: Mapping[str, str], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Convert parameters, `texts` of the command line before `typed` values of a TOML file; defaults for the rest.

    Raises
    ------
    InputError
        If a parameter is not known, is missing or has the wrong type.
    """
    for name in (*typed, *texts):
        if name not in model.parameters:
            known = ", ".join(model.parameters) or "none"
            raise InputError(f"parameter {name!r} is not known: parameters of {model.name} are {known}")
    values = {}
    for name, parameter in model.parameters.items():
        field = f"parameter {name}"
        if name in texts:
            values[name] = from_text(texts[name], parameter.type, field)
        elif name in typed:
            values[name] = from_toml(typed[name], parameter.type, field)
        elif parameter.required:
            raise InputError(f"{field} is missing: {model.name} needs it, give --param {name}=VALUE")
        else:
            values[name] = parameter.default
    return values


def describe_network(model: Model, values: Mapping[str, Any]) -> Network:
    """Call the model.

    Raises
    ------
    InputError
        If the description is wrong, or a model of the user's own fails or returns something else.
    """
    with _own_failures_named(model.file if model.own else None):
        network = model.function(**values)
    if not isinstance(network, Network):
        raise InputError(f"model = {model.name!r} returned {type(network).__name__}, not a simcore.network.Network")
    return network


def _model_of_file(name: str, path: Path, function_name: str) -> Model:
    module = _import_file(path)
    function = getattr(module, function_name, None)
    if not inspect.isroutine(function):
        functions = ", ".join(_functions(module)) or "none"
        raise InputError(f"model = {name!r} is not known: the functions of {path} are {functions}")
    with _own_failures_named(path):
        parameters = declared(function)
    return Model(name, function_name, function, path, parameters, own=True)


def _functions(module: ModuleType) -> list[str]:
    """Public functions that the module itself defines."""
    members = inspect.getmembers(module, inspect.isfunction)
    return [name for name, member in members if member.__module__ == module.__name__ and not name.startswith("_")]


def _import_file(path: Path) -> ModuleType:
    """Import a Python file, whose folder may hold modules that it imports."""
    if not path.is_file():
        raise InputError(f"model file {str(path)!r} is not there: give the path of a Python file")
    name = f"benchnn_model_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"model file {str(path)!r} is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Decorators such as dataclass look the module up.
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        # Last, so that a file there cannot hide a module of the library.
        sys.path.append(folder)
    with _own_failures_named(path):
        spec.loader.exec_module(module)
    return module


@contextmanager
def _own_failures_named(path: Path | None) -> Iterator[None]:
    """Turn whatever the user's file raises into one sentence that names file and line."""
    try:
        yield
    except InputError:
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
