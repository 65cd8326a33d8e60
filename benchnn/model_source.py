"""Finds the function that describes a network: a registered model, one of a plug-in, ``file.py:function``, a file."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from benchnn.declared_types import Declared, declared, from_text, from_toml
from simcore.errors import InputError
from simcore.network import Network
from simcore.registry.files import failures_named, import_file, sources_of, sources_sha256
from simcore.registry.named import name_in_file, network_file, nir_file


@dataclass(frozen=True)
class Model:
    """A function that describes a network.

    Parameters
    ----------
    name
        As the user gave it: ``pd14``, ``file.py:function``, ``file.nir`` or the ``file.json`` of a SONATA network.
    label
        Name of the function, fit for a folder's name.
    function
        Takes plain parameters and returns a `Network`.
    file
        The file that defines it.
    parameters
        What it takes.
    own
        True if its code does not come with the program: a Python file of the user, or a plug-in.
    digest
        SHA-256 of the file, or of all files of a SONATA network; of a user's Python file that imports modules in its
        folder, of all of these with their names.
    """

    name: str
    label: str
    function: Callable[..., Any]
    file: Path
    parameters: dict[str, Declared]
    own: bool
    digest: str


def find_model(name: str) -> Model:
    """Import the function of that name.

    Raises
    ------
    InputError
        If the model, the file or the function is not there, or the file cannot be imported.
    """
    in_file = name_in_file(name)
    if in_file is not None:
        return _model_of_file(name, in_file.file, in_file.name)
    network = network_file(name)
    if network is not None:
        return _model_of_network_file(name, network)
    if name.endswith(".py"):
        functions = _functions(_import_file(Path(name)))
        raise InputError(f"model = {name!r} names no function: add one of :{', :'.join(functions) or 'FUNCTION'}")
    from benchnn.models import models

    try:
        function = models.get(name)
    except InputError as error:
        if name in models:
            raise
        raise InputError(f"{error}; or FILE.py:FUNCTION, FILE.nir or FILE.json for a model of your own") from None
    file = Path(inspect.getfile(function))
    own = name not in models.names()
    with failures_named(file if own else None):
        parameters = declared(function)
    return Model(name, name, function, file, parameters, own, _sha256(file))


def stated_options(name: str) -> dict[str, float]:
    """Options of a run that the file of a network states: those of a SONATA simulation; other models have none."""
    path = network_file(name)
    if path is None or nir_file(name) is not None:
        return {}
    from benchnn.networks.sonata.network import stated_options as stated

    return stated(path)


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
    with failures_named(model.file if model.own else None):
        network = model.function(**values)
    if not isinstance(network, Network):
        raise InputError(f"model = {model.name!r} returned {type(network).__name__}, not a simcore.network.Network")
    return network


def _model_of_file(name: str, path: Path, function_name: str) -> Model:
    module = _import_file(path)
    # Now, because it may be edited while the network is described.
    sources = sources_of(path)
    digest = sources_sha256(sources) if len(sources) > 1 else _sha256(path)
    function = getattr(module, function_name, None)
    if not inspect.isroutine(function):
        functions = ", ".join(_functions(module)) or "none"
        raise InputError(f"model = {name!r} is not known: the functions of {path} are {functions}")
    with failures_named(path):
        parameters = declared(function)
    return Model(name, function_name, function, path, parameters, True, digest)


def _model_of_network_file(name: str, path: Path) -> Model:
    if nir_file(name) is None:
        from benchnn.networks.sonata.network import sonata_digest, sonata_model

        function = sonata_model(path)
        return Model(name, path.stem, function, path, declared(function), own=False, digest=sonata_digest(path))
    from benchnn.networks.nir.network import nir_model

    function = nir_model(path)
    try:
        digest = _sha256(path)
    except OSError as error:
        raise InputError(f"model {name!r} cannot be read: {error.strerror}") from error
    return Model(name, path.stem, function, path, declared(function), own=False, digest=digest)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _functions(module: ModuleType) -> list[str]:
    """Public functions that the module itself defines."""
    members = inspect.getmembers(module, inspect.isfunction)
    return [name for name, member in members if member.__module__ == module.__name__ and not name.startswith("_")]


def _import_file(path: Path) -> ModuleType:
    return import_file(path, "model file", f"benchnn_model_{path.stem}")
