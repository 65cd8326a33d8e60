"""Run a network unchanged and transformed, in turn, and compare the runs: ``benchnn transform``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from benchnn.model_source import find_model, parameter_values
from benchnn.running.merging import run_options
from benchnn.running.plan import plan_run
from benchnn.studies.child_runs import ChildRun, run_command
from benchnn.studies.study import (
    Outcome,
    PlannedRun,
    ended_runs,
    made_study,
    one_number,
    refuse_study,
    study_folder,
    write_record,
)
from benchnn.studies.transform_table import CLEAN, TRANSFORMED, make_record

RECORD = "transform.json"
MAX_REPEATS = 1000
RUN_OPTIONS = (
    *("model", "transform", "transform_seed", "time_ms", "warmup_ms", "seed", "threads", "weight_bits"),
    *("accept_quantisation", "out", "overwrite", "chip", "mapper", "neurons_per_core", "on_violation"),
)
"""Options of ``benchnn run`` that apply to all runs."""


@dataclass(frozen=True)
class TransformPlan:
    """The planned runs in order, and the part of the record that is known before the runs."""

    about: dict[str, Any]
    kinds: list[str]
    runs: list[PlannedRun]
    folder: Path
    overwrite: bool


def plan_transform(run: Mapping[str, Any], params: list[str], repeats: str, command: list[str]) -> TransformPlan:
    """Check the options before the first run.

    Parameters
    ----------
    run
        `RUN_OPTIONS` as text (switches: True); None if not given. `out` is the folder of the study.
    params
        ``key=value`` of the command line.
    repeats
        Number of runs of each network, as text.
    command
        The command line.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    """
    number = one_number("repeats", repeats, 1, MAX_REPEATS)
    checked = run_options(run, params, None)
    model = find_model(checked.model)
    folder = study_folder(checked.out, f"transform-{model.label}", RECORD, "a transform", checked.overwrite)
    plan_run(run_options({**run, "out": None, "overwrite": None}, params, None), command)
    about = {
        "command": command,
        "model": {"name": checked.model, "parameters": parameter_values(model, checked.text_params, {})},
        "transform": checked.transform,
        "transform_seed": 1 if checked.transform_seed is None else checked.transform_seed,
        "seed": checked.seed,
        "repeats": number,
        "time": {"model_time_ms": checked.time_ms, "warmup_ms": checked.warmup_ms},
    }
    kinds, runs = [], []
    for repeat in range(1, number + 1):
        for kind in (CLEAN, TRANSFORMED):
            left_out = ("model", "overwrite", *(("transform", "transform_seed") if kind == CLEAN else ()))
            own = {name: value for name, value in run.items() if name not in left_out}
            name = f"{kind}-{repeat}"
            own |= {"out": folder / name, "overwrite": True}
            kinds.append(kind)
            runs.append(PlannedRun(name, run_command(checked.model, own, params)))
    return TransformPlan(about, kinds, runs, folder, checked.overwrite)


def run_transform(plan: TransformPlan, stream: TextIO) -> Outcome:
    """Run both networks in turn; the record is rewritten after every run.

    Parameters
    ----------
    plan
        The planned study.
    stream
        Stream for a line about each run.
    """
    children: list[ChildRun] = []
    interrupted_by = None
    with made_study(plan.folder, partial(refuse_study, plan.folder, RECORD, "a transform", plan.overwrite)) as stop:
        for child in ended_runs(plan.runs, plan.folder, {}, stop, stream):
            children.append(child)
            record = _save(plan, children, None)
        if len(children) < len(plan.runs):
            interrupted_by = stop.requested
        record = _save(plan, children, interrupted_by)
    failed = [
        f"{run.name} failed: {child.error}" for run, child in zip(plan.runs, children, strict=False) if child.error
    ]
    problems = failed[:1] + ([f"interrupted by {interrupted_by}"] if interrupted_by else [])
    return Outcome(record, "; ".join(problems) or None)


def _save(plan: TransformPlan, children: Sequence[ChildRun], interrupted_by: str | None) -> dict[str, Any]:
    ended = list(zip(plan.kinds, plan.runs, children, strict=False))
    record = make_record(plan.about, ended, interrupted_by)
    write_record(plan.folder / RECORD, record)
    return record
