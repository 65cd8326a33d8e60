"""Simulate or read a candidate and a reference, and judge whether they differ: ``benchnn validate``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from benchnn.model_source import describe_network, find_model, parameter_values, split_params
from benchnn.models import declarations
from benchnn.record.folder import SPIKES
from benchnn.running.merging import run_options
from benchnn.running.options import OWN, RunOptions
from benchnn.running.peer_result import spike_digest
from benchnn.running.peer_runner import peer_job
from benchnn.running.plan import plan_run
from benchnn.running.progress import show
from benchnn.running.stop import Stop
from benchnn.simulators import peers
from benchnn.statistics.measures import BY_NAME, MICROCIRCUIT, Measures
from benchnn.statistics.recordings import read_recording
from benchnn.statistics.statistics import statistics_of
from benchnn.statistics.statistics_set import (
    StatisticsSet,
    is_set,
    read_set,
    require_different,
    require_same_network,
    write_set,
)
from benchnn.statistics.train_distances import DistanceSettings
from benchnn.statistics.verdict import LEVEL, enough, judge
from benchnn.studies.child_runs import run_child, run_command
from benchnn.studies.study import Outcome, made_study, one_number, refuse_study, study_folder, write_record
from benchnn.studies.train_distances_table import (
    ComparedTrains,
    TrainComparison,
    compared_trains,
    settings_from_text,
)
from benchnn.studies.validation_table import make_record
from simcore.errors import InputError, WriteError, require
from simcore.network import Network
from simcore.random import MAX_SEED
from simcore.recording.spikes import Spikes

RECORD = "validation.json"
CANDIDATE, REFERENCE = "candidate.h5", "reference.h5"
FIRST_REFERENCE_SEED = 1001
"""First seed of each side; they differ so that a simulator can be compared with itself."""
MAX_SEEDS = 1000
ONLY_RECORDINGS = (
    "spike trains are compared only if --candidate and --reference are recordings: simulations of the two have "
    "different seeds, and a set of statistics does not contain spikes"
)


@dataclass(frozen=True)
class Preset:
    """Length of the recordings, seeds of each side, and parameters of pd14."""

    time_ms: float
    seeds: int
    pd14: tuple[str, ...]


PRESETS = {
    "quick": Preset(10_000.0, 6, ("scale=0.2",)),
    "short": Preset(10_000.0, 6, ()),
    "full": Preset(900_000.0, 10, ()),
}


@dataclass(frozen=True)
class ValidateOptions:
    """Options of ``benchnn validate``.

    Parameters
    ----------
    preset
        Name of a preset.
    candidate, reference
        A simulator, files of recordings, or a file of statistics.
    seeds, reference_seeds
        Number of simulations of each side, as text; None for the number of the preset, or for the reference for as
        many as for the candidate.
    run
        Options of every run, as text (switches: True); None if not given. `out` is the folder of the validation.
    params
        Parameters ``key=value`` of the network.
    candidate_params
        Parameters ``key=value`` that differ in the candidate's network, to check the sensitivity of the test.
    keep_spikes
        Whether to keep the spikes of the simulations in addition to their statistics.
    distances
        Options of the comparison of spike trains, as text; None if not given.
    """

    preset: str
    candidate: tuple[str, ...]
    reference: tuple[str, ...]
    seeds: str | None
    reference_seeds: str | None
    run: Mapping[str, Any]
    params: list[str]
    candidate_params: list[str]
    keep_spikes: bool
    distances: Mapping[str, str | None]


@dataclass(frozen=True, eq=False)
class Side:
    """Candidate or reference: its source, and the expected network.

    `stored` is an existing set of statistics, `files` are recordings; otherwise `simulator` is run with `seeds`.
    """

    name: str
    simulator: str
    files: tuple[Path, ...]
    stored: StatisticsSet | None
    seeds: tuple[int, ...]
    options: RunOptions
    params: tuple[str, ...]
    parameters: Mapping[str, Any]
    network: Network

    @property
    def recorded(self) -> bool:
        """Whether the spikes come from files."""
        return bool(self.files) and self.stored is None


@dataclass(frozen=True, eq=False)
class ValidatePlan:
    """A validation with checked options."""

    command: list[str]
    sides: tuple[Side, Side]
    differing: tuple[str, ...]
    folder: Path
    keep_spikes: bool
    settings: DistanceSettings
    overwrite: bool
    measures: Measures


def plan_validation(options: ValidateOptions, command: list[str]) -> ValidatePlan:
    """Check everything before the first run.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    UnavailableError
        If a simulator cannot be used.
    """
    require(options.preset in PRESETS, "preset", options.preset, f"use {', '.join(PRESETS)}")
    preset = PRESETS[options.preset]
    if options.run["model"] == "pd14":
        options = replace(options, params=[*preset.pd14, *options.params])
    defaults = {"time_ms": preset.time_ms, "record": ("spikes",)}
    base = run_options(options.run, options.params, None, defaults)
    require(base.time_ms > 0.0, "time_ms", base.time_ms, "must be positive")
    folder = study_folder(base.out, f"validate-{find_model(base.model).label}", RECORD, "a validation", base.overwrite)
    base = replace(base, out=None)
    measures = measures_of(base.model)
    if options.seeds is None and measures.seeds is not None:
        options = replace(options, seeds=str(measures.seeds))
    reference_seeds = options.reference_seeds or options.seeds
    sides = (
        _side("candidate", options.candidate, options.seeds, 1, options, base, command),
        _side("reference", options.reference, reference_seeds, FIRST_REFERENCE_SEED, options, base, command),
    )
    _refuse_unused(options, *(bool(side.seeds) for side in sides))
    settings = settings_from_text(options.distances, all(side.recorded for side in sides), ONLY_RECORDINGS)
    differing = tuple(split_params(options.candidate_params))
    if differing and not sides[0].seeds:
        raise InputError("candidate_param requires a simulated candidate; this candidate is read from files")
    for side in sides:
        if side.stored is not None:
            expected = _set_of(side, (), ())
            require_same_network(expected, side.stored)
            counterpart = next(other for other in sides if other is not side)
            if counterpart.stored is not None:
                require_different(side.stored, counterpart.stored)
    counts = [_count(side) for side in sides]
    if sides[1].seeds:
        require(counts[1] >= 2, "reference seeds", counts[1], "must be at least 2")
    require(counts[1] >= 2, "reference", ", ".join(options.reference), "must be at least two recordings")
    simulated = all(side.stored is None and not side.files for side in sides)
    if simulated and not enough(*counts) and counts != [measures.seeds] * 2:
        raise InputError(
            f"seeds = {counts[0]} and {counts[1]} are too few: an error level of {LEVEL:g} requires at least "
            "200 ways to divide the recordings, such as 5 and 5 seeds"
        )
    return ValidatePlan(command, sides, differing, folder, options.keep_spikes, settings, base.overwrite, measures)


def measures_of(model: str) -> Measures:
    """The measures of a model: those of the cortical microcircuit unless the model declares others."""
    return BY_NAME[declarations.get(model).measures] if model in declarations.names() else MICROCIRCUIT


def _refuse_unused(options: ValidateOptions, candidate: bool, reference: bool) -> None:
    """Refuse options of simulations without simulations; `candidate` and `reference` are true if simulated."""
    any_side = candidate or reference
    unused = {
        "reference_seeds": (options.reference_seeds, reference, "it requires a simulated --reference"),
        "keep_spikes": (options.keep_spikes or None, any_side, "it requires a simulated --candidate or --reference"),
    }
    for name, (value, used, why) in unused.items():
        require(value is None or used, name, value, why)


def _side(
    name: str, source: tuple[str, ...], seeds: str | None, first: int, options: ValidateOptions, base: RunOptions,
    command: list[str],
) -> Side:  # fmt: skip
    own_params = options.candidate_params if name == "candidate" else []
    params = (*options.params, *own_params)
    checked = replace(base, text_params=split_params(list(params)))
    simulated = source[0] == OWN or source[0] in peers
    if simulated:
        require(len(source) == 1, name, ", ".join(source), "must be one simulator, or files")
        checked = replace(checked, simulator=source[0])
        plan = plan_run(checked, command)
        network, parameters = plan.network, plan.parameters
        if source[0] != OWN:
            peers.get(source[0]).check(peer_job(replace(plan, options=replace(checked, seed=max(1, checked.seed)))))
    else:
        model = find_model(base.model)
        parameters = parameter_values(model, checked.text_params, {})
        network = describe_network(model, parameters)
    files = () if simulated else tuple(Path(text) for text in source)
    for path in files:
        pattern = any(letter in path.name for letter in "*?[")
        if not pattern and not path.exists():
            known = ", ".join([OWN, *peers.known()])
            require(False, name, str(path), f"must be a file, a folder, or one of {known}")
    stored = read_set(files[0]) if len(files) == 1 and is_set(files[0]) else None
    number = one_number(f"{name} seeds", seeds or str(PRESETS[options.preset].seeds), 1, MAX_SEEDS)
    require(first + number - 1 <= MAX_SEED, f"{name} seeds", number, f"seeds must be at most {MAX_SEED}")
    chosen = tuple(range(first, first + number)) if simulated else ()
    simulator = source[0] if simulated else ", ".join(source)
    return Side(name, simulator, files, stored, chosen, checked, params, parameters, network)


def _count(side: Side) -> int:
    """Number of recordings of a side."""
    if side.stored is not None:
        return len(side.stored.recordings)
    return len(side.files) or len(side.seeds)


def run_validation(plan: ValidatePlan, stream: TextIO) -> Outcome:
    """Simulate or read both sides, keep the statistics, and judge.

    Parameters
    ----------
    plan
        The planned validation.
    stream
        Stream for a line about each recording.

    Raises
    ------
    InputError
        If a recording cannot be read.
    WriteError
        If the result cannot be written.
    """
    sets: dict[str, StatisticsSet] = {}
    names = {"candidate": CANDIDATE, "reference": REFERENCE}
    with made_study(plan.folder, partial(refuse_study, plan.folder, RECORD, "a validation", plan.overwrite)) as stop:
        (plan.folder / RECORD).unlink(missing_ok=True)
        # Files that cannot be read or compared are refused before any simulation or output.
        read = {side.name: _gathered(plan, side, stop, stream) for side in plan.sides if not side.seeds}
        _require_comparable([found for found, _ in read.values()], plan.differing)
        for side in sorted(plan.sides, key=lambda side: bool(side.seeds)):
            gathered, problem = read.get(side.name) or _gathered(plan, side, stop, stream)
            if gathered is not None and side.stored is None:
                _written(plan.folder / names[side.name], gathered)
            if problem is not None or gathered is None:
                return Outcome({}, problem)
            sets[side.name] = gathered
        show(stream, "benchnn: comparing\n")
        candidate, reference = sets["candidate"], sets["reference"]
        _require_comparable([candidate, reference], plan.differing)
        verdict = judge(candidate.recordings, reference.recordings, measures=plan.measures)
        trains, problem = _compared_trains(plan, stop, stream)
        record = make_record(plan.command, candidate, reference, plan.differing, verdict, trains)
        write_record(plan.folder / RECORD, record)
    return Outcome(record, problem)


def _compared_trains(plan: ValidatePlan, stop: Stop, stream: TextIO) -> tuple[TrainComparison, str | None]:
    """Compare the recordings of candidate and reference in pairs; return also a problem, if any."""
    if not all(side.recorded for side in plan.sides):
        return TrainComparison(plan.settings, [], ONLY_RECORDINGS), None
    found: list[ComparedTrains] = []
    for files in zip(*(side.files for side in plan.sides), strict=False):
        if stop.requested:
            problem = f"interrupted by {stop.requested}"
            return TrainComparison(plan.settings, [], problem), problem
        show(stream, f"benchnn: comparing spike trains of {files[0]} and {files[1]}\n")
        # Read again, so that only the spikes of two recordings are in memory.
        candidate, reference = (_recording(side, path) for side, path in zip(plan.sides, files, strict=True))
        found.append(compared_trains(str(files[0]), candidate, str(files[1]), reference, plan.settings))
    return TrainComparison(plan.settings, found, ONLY_RECORDINGS), None


def _recording(side: Side, path: Path) -> Spikes:
    start, length = side.options.warmup_ms, side.options.time_ms
    return read_recording(path, side.network, start, start + length)


def _require_comparable(sides: Sequence[StatisticsSet | None], differing: Sequence[str]) -> None:
    """Refuse candidate and reference of different networks, or with a common recording."""
    if len(sides) == 2 and sides[0] is not None and sides[1] is not None:
        require_same_network(sides[0], sides[1], differing)
        require_different(sides[0], sides[1])


def _written(path: Path, statistics: StatisticsSet) -> None:
    try:
        write_set(path, statistics)
    except InputError as error:
        raise WriteError(str(error)) from error


def _gathered(plan: ValidatePlan, side: Side, stop: Stop, stream: TextIO) -> tuple[StatisticsSet | None, str | None]:
    """The statistics of a side, possibly from fewer recordings than requested, and a problem, if any."""
    if side.stored is not None:
        return side.stored, None
    recordings, digests, first = [], [], {}
    sizes: dict[str, int] | None = None
    entries: list[tuple[str, Path, int | None]] = [
        (f"{side.name}-{seed}", plan.folder / f"{side.name}-{seed}", seed) for seed in side.seeds
    ] or [(str(path), path, None) for path in side.files]
    problem = None
    for number, (label, path, seed) in enumerate(entries, 1):
        if seed is not None:
            ended = run_child(_command(side, path, seed), path, {}, stop, stream)
            if ended is None or ended.error is not None:
                problem = f"{label} failed: {ended.error}" if ended else f"interrupted by {stop.requested}"
                break
            first = dict(ended.record or {})
        spikes = _recording(side, path)
        if seed is not None and not plan.keep_spikes:
            (path / SPIKES).unlink(missing_ok=True)
        numbers = dict(spikes.of_recorded().sizes)
        sizes = numbers if sizes is None else sizes
        require(numbers == sizes, f"recorded neurons of {label}", numbers, f"must be {sizes}, as in other recordings")
        recordings.append(statistics_of(spikes, measures=plan.measures))
        digests.append(spike_digest(spikes))
        show(stream, f"benchnn: {label} ({number} of {len(entries)}) {len(spikes):,} spikes\n")
    if not recordings:
        return None, problem
    found = _set_of(side, tuple(digests), tuple(seed for _, _, seed in entries[: len(recordings)]))
    simulator = first.get("simulator")
    name = f"{simulator['name']} {simulator['version']}" if isinstance(simulator, dict) else side.simulator
    provenance = first.get("provenance", {})
    all_sizes = found.sizes if sizes is None else sizes
    made = replace(found, recordings=tuple(recordings), simulator=name, provenance=provenance, sizes=all_sizes)
    return made, problem


def _set_of(side: Side, digests: tuple[str, ...], seeds: tuple[int | None, ...]) -> StatisticsSet:
    """An empty set of statistics that describes a side."""
    sizes = {population.name: population.size for population in side.network.populations}
    plain = json.loads(json.dumps(dict(side.parameters), default=str))
    warmup_ms, time_ms = side.options.warmup_ms, side.options.time_ms
    return StatisticsSet(side.options.model, plain, side.simulator, warmup_ms, time_ms, sizes, seeds, digests, (), {})


def _command(side: Side, folder: Path, seed: int) -> list[str]:
    options = side.options
    given: dict[str, Any] = {
        "simulator": None if options.simulator == OWN else options.simulator,
        "time_ms": options.time_ms,
        "warmup_ms": options.warmup_ms,
        "threads": options.threads,
        "seed": seed,
        "record": ["spikes"],
        "overwrite": True if options.overwrite else None,
        "out": folder,
    }
    return run_command(options.model, given, side.params)
