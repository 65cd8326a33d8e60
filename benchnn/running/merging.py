"""Merge the options of a run: the command line precedes a TOML file, which precedes the resumed checkpoint."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchnn.declared_types import from_text, from_toml
from benchnn.model_source import split_params, stated_options
from benchnn.running.options import SIMPLE_OPTIONS, RunOptions
from benchnn.running.resume import resumed_options
from simcore.errors import InputError, require


def run_options(
    given: Mapping[str, Any], params: list[str], config: str | None, defaults: Mapping[str, Any] = MappingProxyType({})
) -> RunOptions:
    """Merge the options.

    Parameters
    ----------
    given
        Options of the command line as text (`record`: list of text; switches: True); None if not given.
    params
        ``key=value`` of the command line.
    config
        Path of a TOML file with the tables [run] and [params].
    defaults
        Options with other defaults than in `RunOptions`.

    Raises
    ------
    InputError
        If an option is unknown or has the wrong type, or the file cannot be read.
    """
    run, typed_params = _read_config(config) if config is not None else ({}, {})
    for name, value in given.items():
        if value is None or value == []:
            continue
        is_text = isinstance(value, str)
        run[name] = from_text(value, SIMPLE_OPTIONS[name].type, name) if is_text else value
    if "record" in run:
        run["record"] = tuple(run["record"])
    return merged_options(run, split_params(params), typed_params, defaults)


def merged_options(
    run: dict[str, Any], text_params: dict[str, str], typed_params: dict[str, Any], defaults: Mapping[str, Any]
) -> RunOptions:
    """Return options of the right types, merged with the options of the resumed checkpoint, if any.

    Parameters
    ----------
    run
        Options that were given.
    text_params, typed_params
        Parameters of the model, as text and with their types.
    defaults
        Options with other defaults than in `RunOptions`.

    Raises
    ------
    InputError
        If the model is missing, an option is not allowed, or the checkpoint cannot be read or belongs to another run.
    """
    # The text ``none`` selects the default.
    if run.get("resume") is not None:
        run, kept = resumed_options(run)
        # TOML does not have null, and therefore typed parameters do not either.
        nulls = [name for name, value in kept.items() if value is None and name not in typed_params]
        text_params = dict.fromkeys(nulls, "none") | text_params
        typed_params = {name: value for name, value in kept.items() if value is not None} | typed_params
    if "model" not in run:
        raise InputError("model is missing: pass a model, or a --config file that names a model; see benchnn models")
    return RunOptions(
        **{**stated_options(str(run["model"])), **defaults, **run}, text_params=text_params, typed_params=typed_params
    )


def _read_config(config: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the table [run], whose values are checked, and the table [params], whose types only the model knows."""
    path = Path(config)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read --config {config}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot read --config {config}: it is not valid TOML: {error}") from error
    for name, table in tables.items():
        if name not in ("run", "params"):
            raise InputError(f"{config}: {name!r} is unknown; the known tables are [run] and [params]")
        require(isinstance(table, dict), f"{config}: {name}", table, f"must be a table [{name}]")
    checked: dict[str, Any] = {}
    for name, value in tables.get("run", {}).items():
        if name not in SIMPLE_OPTIONS:
            raise InputError(f"{config}: option {name!r} of [run] is unknown; use {', '.join(SIMPLE_OPTIONS)}")
        if name == "record":
            requests = [value] if isinstance(value, str) else value
            texts = isinstance(requests, list) and all(isinstance(request, str) for request in requests)
            require(texts, f"{config}: run.record", value, "must be text or an array of text")
            checked[name] = requests
        else:
            checked[name] = from_toml(value, SIMPLE_OPTIONS[name].type, f"{config}: run.{name}")
    return checked, tables.get("params", {})
