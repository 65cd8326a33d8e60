"""The ``benchnn run`` of a job, checked before it is submitted."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchnn.model_source import find_model
from benchnn.record.folder import refuse_result
from benchnn.running.merging import run_options
from benchnn.running.options import OWN, RunOptions
from benchnn.running.plan import plan_run
from benchnn.running.simulator_options import refuse_ranks
from benchnn.studies.child_runs import run_command
from simcore.backends import backends
from simcore.checkpoint import CHECKPOINTS
from simcore.errors import InputError, require

SET_BY_THE_JOB = ("model", "threads", "out")
REFUSED = {
    "resume": "a job automatically resumes the run in --out",
    "overwrite": "a job resumes the run in --out; choose another --out for a new run",
}


@dataclass(frozen=True)
class AskedRun:
    """Arguments of ``benchnn run`` as given.

    Parameters
    ----------
    given
        Options as text (switches: True); None if not given.
    params
        ``key=value`` of the model's parameters.
    config
        Path of a TOML file of options.
    json
        Whether the record is written to standard output.
    """

    given: dict[str, Any]
    params: list[str]
    config: str | None
    json: bool


@dataclass(frozen=True)
class RunArguments:
    """The run of a job.

    Parameters
    ----------
    words
        Arguments of ``benchnn``, except threads, folder and the seed of an array, which the job sets.
    out
        Folder of the result; for an array, it contains a folder for each seed.
    label
        Name of the model, suitable for a file name.
    stoppable
        Whether a signal stops the run with a checkpoint.
    """

    words: list[str]
    out: str
    label: str
    stoppable: bool


def run_arguments(asked: AskedRun, ranks: int, threads: int, seeds: Sequence[int], restarts: int) -> RunArguments:
    """Check the arguments of ``benchnn run`` as far as possible outside of the job.

    Parameters
    ----------
    asked
        The run.
    ranks, threads
        Layout of the job.
    seeds
        Seeds of an array; empty for a single run.
    restarts
        Maximum number of times that the job is requeued.

    Raises
    ------
    InputError
        If an argument is wrong.
    UnavailableError
        If the simulator cannot be used.
    """
    given, params, config = asked.given, asked.params, asked.config
    options = run_options(given, params, config)
    for name, why in REFUSED.items():
        require(not getattr(options, name), name, getattr(options, name), why)
    require(options.threads in (None, threads), "threads", options.threads, f"must be {threads}, as in the job")
    if seeds and given["seed"] is not None:
        raise InputError(f"seed = {given['seed']} is not allowed: use --seeds for the seeds of an array")
    problem = refuse_ranks(options, ranks)
    if problem is not None:
        raise problem
    stoppable = options.simulator == OWN
    require(stoppable or not restarts, "requeue", restarts, f"{options.simulator} does not write checkpoints")
    label = find_model(options.model).label
    out = options.out or f"results/{label}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    _plan(replace(options, out=None, threads=threads))
    folders = {str(seed): Path(out, f"seed-{seed}") for seed in seeds} or {given["seed"]: Path(out)}
    for seed, folder in folders.items():
        if (folder / CHECKPOINTS).exists():
            _plan(run_options({**given, "seed": seed, "resume": str(folder), "out": str(folder)}, params, config))
        else:
            refuse_result(folder, overwrite=False)
    all_given = {**given, "config": config, "json": asked.json or None}
    passed = {name: value for name, value in all_given.items() if name not in SET_BY_THE_JOB}
    # Without the interpreter, which the job determines.
    command = run_command(options.model, passed, params)
    return RunArguments(command[command.index("run") :], out, label, stoppable)


def _plan(options: RunOptions) -> None:
    """Check the options as `plan_run` does, but only the name of a backend, because this node may not have a GPU."""
    backends.unusable_because(options.backend)
    plan_run(replace(options, backend="oracle") if options.simulator == OWN else options, [])
