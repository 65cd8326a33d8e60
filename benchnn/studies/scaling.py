"""Run a network on several layouts, each as a separate command, and compare them: ``benchnn scale``.

Strong scaling keeps the network; in weak scaling it grows with the number of cores (ranks times threads). Dry runs
predict more ranks than the machine can run (`benchnn.studies.prediction`).
"""

import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from benchnn.model_source import Model, find_model, parameter_values
from benchnn.models import WeakScaling, declarations
from benchnn.record.folder import refuse_result
from benchnn.running.dry_run import MAX_RANKS
from benchnn.running.launcher import mpi_launcher
from benchnn.running.merging import run_options
from benchnn.running.options import ENERGY_OPTIONS, RunOptions
from benchnn.running.plan import plan_run
from benchnn.running.stop import Stop
from benchnn.studies.child_runs import run_command
from benchnn.studies.prediction import (
    Described,
    PredictionPlan,
    PredictOptions,
    plan_prediction,
    predicted_layouts,
)
from benchnn.studies.prediction_table import PredictedLayout, make_prediction
from benchnn.studies.prediction_table import to_csv as prediction_csv
from benchnn.studies.scaling_table import Layout, Run, Series, make_record, to_csv
from benchnn.studies.study import (
    Outcome,
    PlannedRun,
    ended_runs,
    made_study,
    numbers,
    refuse_study,
    study_folder,
    write_record,
)
from simcore.display.words import counted
from simcore.errors import InputError, UnavailableError, require
from simcore.job.cpu_limits import allowed_cpus, usable_cpus
from simcore.random import MAX_SEED
from simcore.recording.files import replaced_file
from simcore.simulator import MAX_THREADS

SERIES = "scaling.json"
TABLE = "scaling.csv"
PREDICTION = "prediction.csv"
RUN_OPTIONS = (
    "model",
    "time_ms",
    "warmup_ms",
    "backend",
    "precision",
    "weight_bits",
    "accept_quantisation",
    "exchange",
    "placement",
    "delivery",
    *ENERGY_OPTIONS,
    "out",
    "overwrite",
)
"""Options of ``benchnn run`` that apply to all runs of a series; threads and seed vary."""


@dataclass(frozen=True)
class ScaleOptions:
    """Options of ``benchnn scale``.

    Parameters
    ----------
    kind
        ``strong`` or ``weak``.
    ranks, threads, seeds
        Integers, separated by commas.
    launcher
        Command that starts the ranks, with ``{ranks}`` and optionally ``{threads}``; None for mpiexec.
    grow
        Parameter that grows in weak scaling of a model of the user's own.
    run
        Options of every run, as text (switches: True); None if not given. `out` is the folder of the series.
    params
        ``key=value`` of the command line.
    predict
        Options of the prediction; None for no prediction.
    """

    kind: str
    ranks: str
    threads: str
    seeds: str
    launcher: str | None
    grow: str | None
    run: Mapping[str, Any]
    params: list[str]
    predict: PredictOptions | None = None


@dataclass(frozen=True)
class Turn:
    """A run and its place in the series."""

    layout: Layout
    seed: int
    run: PlannedRun


@dataclass(frozen=True)
class SeriesPlan:
    """A series with checked options and networks; `environment` contains additional variables for the launcher."""

    series: Series
    folder: Path
    turns: list[Turn]
    environment: dict[str, str]
    overwrite: bool
    prediction: PredictionPlan | None = None


def plan_series(options: ScaleOptions, command: list[str]) -> SeriesPlan:
    """Check the options and describe the network of every layout before the first run.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    UnavailableError
        If the launcher does not exist, or the backend cannot be used.
    """
    ranks = numbers("ranks", options.ranks, 1, MAX_RANKS)
    threads = numbers("threads", options.threads, 1, MAX_THREADS)
    seeds = numbers("seeds", options.seeds, 0, MAX_SEED)
    checked = run_options(options.run, options.params, None)
    model = find_model(checked.model)
    parameters = parameter_values(model, checked.text_params, {})
    plan_run(replace(checked, out=None), command)
    growth = _growth(options, model)
    first_cores = ranks[0] * threads[0]

    def described(of_ranks: Sequence[int]) -> list[Described]:
        pairs = [(r, t) for r in of_ranks for t in threads]
        return [_described(checked, growth, parameters, pair, first_cores, command) for pair in pairs]

    ran = described(ranks)
    layouts = tuple(one.layout for one in ran)
    scaled = "the same network on every layout"
    if growth:
        scaled = f"{growth.parameter} x cores / {first_cores}: {growth.meaning}"
    cpus = allowed_cpus(len(usable_cpus()))
    series = Series(command, options.kind, checked.model, parameters, scaled, layouts, tuple(seeds), cpus)
    prefix, environment = _launcher(options.launcher, max(ranks))
    folder = study_folder(checked.out, f"scale-{options.kind}-{model.label}", SERIES, "a series", checked.overwrite)
    turns = [_turn(options, layout, seed, folder, prefix) for seed in seeds for layout in layouts]
    for turn in turns:
        refuse_result(folder / turn.run.name, checked.overwrite)
    prediction = None
    if options.predict is not None:
        further = described(numbers("predict", options.predict.ranks, 1, MAX_RANKS))
        same_machine = options.launcher is not None
        prediction = plan_prediction(options.predict, checked, options.run, ran, further, same_machine)
    return SeriesPlan(series, folder, turns, environment, checked.overwrite, prediction)


def _described(
    checked: RunOptions,
    growth: WeakScaling | None,
    parameters: Mapping[str, Any],
    pair: tuple[int, int],
    first_cores: int,
    command: list[str],
) -> Described:
    """Describe a layout of ranks x threads and its network."""
    ranks, threads = pair
    factor = ranks * threads / first_cores if growth else 1.0
    grown = growth.values(parameters, factor) if growth else {}
    texts = {**checked.text_params, **{name: _as_text(value) for name, value in grown.items()}}
    try:
        plan = plan_run(replace(checked, text_params=texts, out=None, threads=threads), command)
    except InputError as error:
        raise InputError(f"network for {ranks} x {threads} cores: {error}") from error
    layout = Layout(ranks, threads, factor, grown, plan.network.n_neurons)
    params = tuple(f"{name}={value}" for name, value in texts.items())
    return Described(layout, plan.network, plan.parameters, params)


def run_series(plan: SeriesPlan, stream: TextIO) -> Outcome:
    """Run the series. Its record is rewritten after every run, so that finished runs are kept in any case.

    Parameters
    ----------
    plan
        The planned study.
    stream
        Stream for a line about each run.
    """
    runs: list[Run] = []
    unsaved = None
    with made_study(plan.folder, partial(refuse_study, plan.folder, SERIES, "a series", plan.overwrite)) as stop:
        _remove_earlier(plan.folder)
        ended = ended_runs([turn.run for turn in plan.turns], plan.folder, plan.environment, stop, stream)
        for turn, child in zip(plan.turns, ended, strict=False):
            name, command = turn.run.name, turn.run.command
            runs.append(Run(turn.layout, turn.seed, name, command, child.exit_code, child.error, child.record))
            unsaved = _save(plan.folder, make_record(plan.series, runs, None))
        prediction = _predicted(plan, runs, stop, stream)
        cut = len(runs) < len(plan.turns) or (prediction is not None and not prediction["complete"])
        interrupted_by = stop.requested if cut else None
        record = make_record(plan.series, runs, interrupted_by, prediction)
        unsaved = _save(plan.folder, record)
    failed = sum(run.error is not None for run in runs)
    problems = [f"{failed} of {len(plan.turns)} runs failed"] if failed else []
    failed_dry = [] if prediction is None else [row for row in prediction["rows"] if row["real_time_factor"] is None]
    problems += [f"{counted(len(failed_dry), 'layout')} could not be predicted"] if failed_dry else []
    problems += record["errors"]
    problems += [unsaved] if unsaved else []
    if interrupted_by is not None:
        dry = "" if len(runs) < len(plan.turns) or prediction is None else ", but not all dry runs of the prediction"
        problems.append(f"interrupted by {interrupted_by}: {len(runs)} of {len(plan.turns)} runs have finished{dry}")
    return Outcome(record, "; ".join(problems) or None)


def _predicted(plan: SeriesPlan, runs: Sequence[Run], stop: Stop, stream: TextIO) -> dict[str, Any] | None:
    """Play ranks of all layouts; the record is rewritten after each layout."""
    if plan.prediction is None:
        return None
    planned = plan.prediction
    layouts: list[PredictedLayout] = []

    def record(complete: bool) -> dict[str, Any]:
        return make_prediction(layouts, planned.costs, planned.costs_here, plan.series.usable_cpus, complete)

    for one in predicted_layouts(planned, runs, plan.series.seeds[0], plan.folder, stop, stream):
        layouts.append(one)
        _save(plan.folder, make_record(plan.series, runs, None, record(False)))
    return record(len(layouts) == len(planned.ran) + len(planned.predicted))


def _growth(options: ScaleOptions, model: Model) -> WeakScaling | None:
    """Rule of the growth of the network; None in strong scaling."""
    grow = options.grow
    if options.kind == "strong":
        require(grow is None, "grow", grow, "it requires weak scaling")
        return None
    if model.name in declarations.names():
        declared = declarations.get(model.name).weak_scaling
        allowed = f"omit it, because {model.name} itself declares that {declared.parameter} grows"
        require(grow is None, "grow", grow, allowed)
        return declared
    if grow is None:
        raise InputError(f"weak scaling of {model.name} requires --grow PARAM, the parameter that grows with the cores")
    require(grow in model.parameters, "grow", grow, f"the parameters of {model.name} are {', '.join(model.parameters)}")
    return WeakScaling(grow, "all other parameters are kept", lambda values, factor: _multiplied(values, factor, grow))


def _multiplied(values: Mapping[str, Any], factor: float, name: str) -> dict[str, Any]:
    value = values[name]
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    require(numeric, "grow", name, f"the value of this parameter must be a number, not {value!r}")
    return {name: round(value * factor) if isinstance(value, int) else value * factor}


def _as_text(value: Any) -> str:
    """Format a parameter for ``--param``."""
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _launcher(given: str | None, most_ranks: int) -> tuple[list[str], dict[str, str]]:
    """The words before the command, with places for ranks and threads, and the environment that they need."""
    if given is not None:
        try:
            words = shlex.split(given)
        except ValueError as error:
            raise InputError(f"launcher = {given!r} is not allowed: {error}") from error
        require(any("{ranks}" in word for word in words), "launcher", given, "it must contain {ranks}")
        if shutil.which(words[0]) is None:
            raise UnavailableError(f"launcher {words[0]} is not an executable program")
        return words, {}
    return ([], {}) if most_ranks == 1 else mpi_launcher()


def _turn(options: ScaleOptions, layout: Layout, seed: int, folder: Path, launcher: Sequence[str]) -> Turn:
    places = {"{ranks}": str(layout.ranks), "{threads}": str(layout.threads)}
    prefix = list(launcher) if layout.ranks > 1 or options.launcher is not None else []
    for place, number in places.items():
        prefix = [word.replace(place, number) for word in prefix]
    params = [*options.params, *(f"{name}={_as_text(value)}" for name, value in layout.grown.items())]
    name = f"{layout.name}-s{seed}"
    own = {"threads": layout.threads, "seed": seed, "out": folder / name}
    model = str(options.run["model"])
    passed = {name: value for name, value in {**options.run, **own}.items() if name != "model"}
    return Turn(layout, seed, PlannedRun(name, [*prefix, *run_command(model, passed, params)], layout.ranks))


def _remove_earlier(folder: Path) -> None:
    """Remove the files of an earlier series, which must not be taken for files of this one."""
    for path in (folder / SERIES, folder / TABLE, folder / PREDICTION):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"cannot replace {path}: {error.strerror}") from error


def _save(folder: Path, record: dict[str, Any]) -> str | None:
    """Write record and table; return the reason if they could not be written."""
    try:
        with replaced_file(folder / TABLE) as aside:
            aside.write_text(to_csv(record), encoding="utf-8")
        if record["prediction"] is not None:
            with replaced_file(folder / PREDICTION) as aside:
                aside.write_text(prediction_csv(record["prediction"]), encoding="utf-8")
        write_record(folder / SERIES, record)
    except InputError as error:
        return str(error)
    return None
