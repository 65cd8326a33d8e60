"""Find the function that describes a network: a registered model, a plug-in, ``file.py:function`` or a file."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from benchnn.declared_types import Declared, declared, from_text, from_toml
from simcore.display.words import known_names
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
        Name as the user wrote it: ``pd14``, ``file.py:function``, ``file.nir``, or the ``file.json`` of a SONATA
        network.
    label
        Name of the function, suitable as the name of a folder.
    function
        Function that takes plain parameters and returns a `Network`.
    file
        The file that defines it.
    parameters
        Parameters of the function, by name.
    own
        True if the code is not part of the program: a Python file of the user, or a plug-in.
    digest
        SHA-256 of the file; for a SONATA network, of all its files; for a user's Python file that imports modules
        from its folder, of all these files with their names.
    """

    name: str
    label: str
    function: Callable[..., Any]
    file: Path
    parameters: dict[str, Declared]
    own: bool
    digest: str


def find_model(name: str) -> Model:
    """Import the model with this name.

    Raises
    ------
    InputError
        If the model, the file or the function does not exist, or the file cannot be imported.
    """
    in_file = name_in_file(name)
    if in_file is not None:
        return _model_of_file(name, in_file.file, in_file.name)
    network = network_file(name)
    if network is not None:
        return _model_of_network_file(name, network)
    if name.endswith(".py"):
        functions = _functions(_import_file(Path(name)))
        listed = ", :".join(functions) or "FUNCTION"
        raise InputError(f"model = {name!r} does not name a function: append one of :{listed}")
    from benchnn.models import models

    try:
        function = models.get(name)
    except InputError as error:
        if name in models:
            raise
        raise InputError(f"{error}; for your own model, use FILE.py:FUNCTION, FILE.nir or FILE.json") from None
    file = Path(inspect.getfile(function))
    own = name not in models.names()
    with failures_named(file if own else None):
        parameters = declared(function)
    return Model(name, name, function, file, parameters, own, _sha256(file))


def stated_options(name: str) -> dict[str, float]:
    """Return the run options in the file of a SONATA simulation; other models do not have any."""
    path = network_file(name)
    if path is None or nir_file(name) is not None:
        return {}
    from benchnn.networks.sonata.network import stated_options as stated

    return stated(path)


def split_params(params: list[str]) -> dict[str, str]:
    """Split ``KEY=VALUE`` of the command line; the last value of a key applies."""
    pairs = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name.strip():
            raise InputError(f"--param {param!r} is not allowed: must be --param KEY=VALUE")
        pairs[name.strip()] = value.strip()
    return pairs


def parameter_values(model: Model, texts: Mapping[str, str], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Convert parameters: `texts` of the command line take precedence over `typed` values of a TOML file and defaults.

    Raises
    ------
    InputError
        If a parameter is unknown, is missing or has the wrong type.
    """
    for name in (*typed, *texts):
        if name not in model.parameters:
            raise InputError(
                f"parameter {name!r} is unknown; {known_names('parameters', model.name, model.parameters)}"
            )
    values = {}
    for name, parameter in model.parameters.items():
        field = f"parameter {name}"
        if name in texts:
            values[name] = from_text(texts[name], parameter.type, field)
        elif name in typed:
            values[name] = from_toml(typed[name], parameter.type, field)
        elif parameter.required:
            raise InputError(f"{field} is missing: {model.name} requires it; pass --param {name}=VALUE")
        else:
            values[name] = parameter.default
    return values


def describe_network(model: Model, values: Mapping[str, Any]) -> Network:
    """Call the model and return its network.

    Raises
    ------
    InputError
        If the description is wrong, or the user's own model fails or returns something else.
    """
    with failures_named(model.file if model.own else None):
        network = model.function(**values)
    if not isinstance(network, Network):
        returned = type(network).__name__
        raise InputError(f"model {model.name!r} returned {returned}; it must return a simcore.network.Network")
    return network


def _model_of_file(name: str, path: Path, function_name: str) -> Model:
    module = _import_file(path)
    # Computed now, because the file may be edited while the network is described.
    sources = sources_of(path)
    digest = sources_sha256(sources) if len(sources) > 1 else _sha256(path)
    function = getattr(module, function_name, None)
    if not inspect.isroutine(function):
        raise InputError(f"model {name!r} is unknown; {known_names('functions', path, _functions(module))}")
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
    """Names of the public functions that the module itself defines."""
    members = inspect.getmembers(module, inspect.isfunction)
    return [name for name, member in members if member.__module__ == module.__name__ and not name.startswith("_")]


def _import_file(path: Path) -> ModuleType:
    return import_file(path, "model file", f"benchnn_model_{path.stem}")
