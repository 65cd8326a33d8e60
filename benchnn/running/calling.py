"""Runs a network from Python as ``benchnn run`` does from the command line."""

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
"""Options of the command line that are not called as those in Python."""
RECORDED = ("spikes",)
"""Recorded by default, because the caller looks at the result."""


def run(model: str | None = None, *, progress: bool = True, **keywords: Any) -> Run:
    """Build, simulate and measure one network, as ``benchnn run`` does; under MPI all ranks call this together.

    Parameters
    ----------
    model
        A registered name, ``FILE.py:FUNCTION`` or ``FILE.nir``; it may be left out with `resume`.
    progress
        Show progress: a bar in a terminal and in a notebook, a line for each tenth elsewhere.
    **keywords
        Options of ``benchnn run`` by the names that ``[run]`` in a configuration file has (`time_ms`, `warmup_ms`,
        `seed`, `threads`, `backend`, `record`, `out`, `overwrite` ...) and parameters of the model (``scale=0.1``).
        Spikes are recorded unless `record` says otherwise.

    Returns
    -------
    Run
        The record, the spikes and the traces, from the folder that the run left: `out`, or a new one below
        ``results``.

    Raises
    ------
    KeywordError
        If a keyword is neither an option nor a parameter of the model.
    InputError
        If something is wrong with the user's input; nothing is left behind.
    UnavailableError
        If the backend or the peer simulator cannot be used here.
    WriteError
        If the files cannot be written.
    KeyboardInterrupt
        If the run was stopped by a signal; what was simulated is in the folder, and `resume` continues it.
    """
    truth(progress, "progress")
    comm = communicator_of_launch()
    options, command = comm.from_root(lambda: _options(model, keywords))
    stream = progress_stream() if progress else io.StringIO()
    outcome = run_network(options, command, stream, comm)
    folder, stopped_by = comm.from_root(lambda: _left_by(outcome))
    if stopped_by is not None:
        raise KeyboardInterrupt(f"{stopped_by}: continue with benchnn.run(resume={str(folder)!r})")
    return read(folder)


def _left_by(outcome: Outcome | None) -> tuple[Path, str | None]:
    """Folder of the result, and the signal that ended the run early; the error of files that could not be written."""
    assert outcome is not None  # noqa: S101 - it is of rank 0
    if outcome.problem is not None:
        raise outcome.problem
    return outcome.files[0].parent, outcome.stopped_by


def _options(model: object, keywords: Mapping[str, Any]) -> tuple[RunOptions, list[str]]:
    """The options of a call, and the command line that means the same."""
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
        require(texts, "record", value, "use a text such as 'spikes', or several")
        return tuple(requests)
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return from_toml(_plain(value), SIMPLE_OPTIONS[name].type, name)


def _plain(value: Any) -> Any:
    """A number of NumPy as one of Python."""
    return value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value


def _require_parameters(model: str | None, params: Mapping[str, Any]) -> None:
    """Refuse a keyword that is neither an option nor a parameter of the model."""
    if model is None:
        if params:
            raise KeywordError(f"benchnn.run has no option {printable(next(iter(params)))!r}, and there is no model")
        return
    known = find_model(model).parameters
    for name in params:
        if name not in known:
            near = suggestion(name, [*SIMPLE_OPTIONS, *known])
            listed = ", ".join(known) or "none"
            near = near or f": parameters of {model} are {listed}; options are {', '.join(SIMPLE_OPTIONS)}"
            told = f"benchnn.run has no option and {model} no parameter {printable(name)!r}{near}"
            raise KeywordError(told, name)


def _command(given: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """The command line that does the same."""
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
