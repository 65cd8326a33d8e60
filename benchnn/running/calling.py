"""Run a network from Python, as ``benchnn run`` does from the command line."""

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchnn.declared_types import from_toml
from benchnn.model_source import find_model
from benchnn.record.recorded_run import Run, read
from benchnn.running.merging import merged_options
from benchnn.running.notebook import progress_stream
from benchnn.running.options import SIMPLE_OPTIONS, RunOptions
from benchnn.running.runner import Outcome
from benchnn.running.runner import run as run_network
from simcore.comm.started import communicator_of_launch
from simcore.errors import KeywordError, printable, require, suggestion, truth

FLAGS = {
    "time_ms": "--time",
    "warmup_ms": "--warmup",
    "tick_ms": "--tick",
    "checkpoint_every_ms": "--checkpoint-every",
    "idle_ms": "--idle",
    "power_estimate_w": "--power-estimate",
    "power_every_ms": "--power-every",
}
"""Options whose names differ between the command line and Python."""
RECORDED = ("spikes",)
"""Recorded by default, because the caller usually looks at the spikes."""


def run(model: str | None = None, *, progress: bool = True, **keywords: Any) -> Run:
    """Construct, simulate and measure one network, as ``benchnn run`` does; under MPI all ranks call this together.

    Parameters
    ----------
    model
        A registered name, ``FILE.py:FUNCTION`` or ``FILE.nir``; not needed with `resume`.
    progress
        Show progress: a bar in a terminal and in a notebook, otherwise a line for each tenth.
    **keywords
        Options of ``benchnn run``, by their names in the table ``[run]`` of a configuration file (`time_ms`,
        `warmup_ms`, `seed`, `threads`, `backend`, `record`, `out`, `overwrite`, ...), and parameters of the model
        (``scale=0.1``). The default of `record` is ``spikes``.

    Returns
    -------
    Run
        The record, the spikes and the traces, read from the folder of the result: `out`, or a new folder in
        ``results``.

    Raises
    ------
    KeywordError
        If a keyword is neither an option nor a parameter of the model.
    InputError
        If an option, a parameter or the description is wrong; the run does not leave any files.
    UnavailableError
        If the backend or the peer simulator cannot be used here.
    WriteError
        If the files cannot be written.
    KeyboardInterrupt
        If a signal stopped the run; the folder contains the simulated part, and `resume` continues the run.
    """
    truth(progress, "progress")
    comm = communicator_of_launch()
    options, command = comm.from_root(lambda: _options(model, keywords))
    stream = progress_stream() if progress else io.StringIO()
    outcome = run_network(options, command, stream, comm)
    folder, stopped_by = comm.from_root(lambda: _left_by(outcome))
    if stopped_by is not None:
        raise KeyboardInterrupt(f"{stopped_by}: resume with benchnn.run(resume={str(folder)!r})")
    return read(folder)


def _left_by(outcome: Outcome | None) -> tuple[Path, str | None]:
    """Return the folder of the result and the signal that ended the run early; raise the error of files not written."""
    assert outcome is not None  # noqa: S101 - it is of rank 0
    if outcome.problem is not None:
        raise outcome.problem
    return outcome.files[0].parent, outcome.stopped_by


def _options(model: object, keywords: Mapping[str, Any]) -> tuple[RunOptions, list[str]]:
    """The options of a call, and the equivalent command line."""
    require(
        model is None or isinstance(model, str),
        "model",
        model,
        "use a registered name, FILE.py:FUNCTION, FILE.nir or FILE.json",
    )
    given: dict[str, Any] = {} if model is None else {"model": model}
    params: dict[str, Any] = {}
    for name, value in keywords.items():
        if name in SIMPLE_OPTIONS:
            given |= {} if value is None else {name: _option(name, value)}
        else:
            params[name] = value
    _require_parameters(given.get("model"), params)
    if "resume" not in given:
        given.setdefault("record", RECORDED)
    texts = {name: "none" for name, value in params.items() if value is None}
    typed = {name: _plain(value) for name, value in params.items() if value is not None}
    command = _command(given, params)
    return merged_options(given, texts, typed, {}), command


def _option(name: str, value: Any) -> Any:
    if name == "record":
        requests = [value] if isinstance(value, str) else value
        texts = isinstance(requests, Sequence) and all(isinstance(request, str) for request in requests)
        require(texts, "record", value, "must be a string such as 'spikes', or a list of strings")
        return tuple(requests)
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return from_toml(_plain(value), SIMPLE_OPTIONS[name].type, name)


def _plain(value: Any) -> Any:
    """Convert a NumPy scalar to a Python number."""
    return value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value


def _require_parameters(model: str | None, params: Mapping[str, Any]) -> None:
    """Refuse a keyword that is neither an option nor a parameter of the model."""
    if model is None:
        if params:
            name = printable(next(iter(params)))
            raise KeywordError(
                f"benchnn.run has no option {name!r}; to set a parameter of a model, also give the model"
            )
        return
    known = find_model(model).parameters
    for name in params:
        if name not in known:
            near = suggestion(name, [*SIMPLE_OPTIONS, *known])
            parameters = f"the parameters of {model} are {', '.join(known)}; " if known else ""
            near = near or f": {parameters}the options are {', '.join(SIMPLE_OPTIONS)}"
            reason = f"benchnn.run has no option and {model} has no parameter {printable(name)!r}{near}"
            raise KeywordError(reason, name)


def _command(given: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """The equivalent command line."""
    command = ["benchnn", "run", *([given["model"]] if "model" in given else [])]
    for name, value in params.items():
        command += ["--param", f"{name}={'none' if value is None else _plain(value)}"]
    for name, value in given.items():
        flag = FLAGS.get(name, f"--{name.replace('_', '-')}")
        if name == "record":
            command += [word for request in value for word in (flag, request)]
        elif isinstance(value, bool):
            command += [flag] if value else []
        elif name != "model":
            command += [flag, str(value).removesuffix(".0")]
    return command
