"""Run one network on several simulators in turn, and compare them: ``benchnn compare``.

Repeats are interleaved, so that a machine that slows down affects all simulators. Times come from runs that do not
record spikes; one more run of each simulator records them for the statistics.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from benchnn.model_source import find_model, parameter_values
from benchnn.record import machine
from benchnn.record.folder import SPIKES
from benchnn.record.machine import Unknown
from benchnn.running.merging import run_options
from benchnn.running.options import ENERGY_OPTIONS, OWN, RunOptions
from benchnn.running.peer_runner import peer_job
from benchnn.running.plan import Plan, plan_run
from benchnn.running.progress import show
from benchnn.simulators import peers
from benchnn.simulators.peer import CONNECTIVITIES
from benchnn.statistics.statistics import means_of
from benchnn.statistics.train_distances import DistanceSettings
from benchnn.studies.child_runs import run_command
from benchnn.studies.comparison_table import Compared, Comparison, make_record
from benchnn.studies.stream_bandwidth import stream_triad_gb_s
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
from benchnn.studies.train_distances_table import (
    ComparedTrains,
    TrainComparison,
    compared_trains,
    settings_from_text,
)
from simcore.errors import InputError, UnavailableError, require
from simcore.job.cpu_limits import allowed_threads, usable_cpus
from simcore.network import Network
from simcore.recording.spikes import Spikes, step_times_ms

RECORD = "comparison.json"
MAX_REPEATS = 1000
RUN_OPTIONS = (
    *("model", "time_ms", "warmup_ms", "seed", "threads", "connectivity", "out", "overwrite"),
    *ENERGY_OPTIONS,
)
"""Options of ``benchnn run`` that apply to all runs."""


USUAL = "simcore,nest,brian2"
ONLY_EXACT = "it requires --connectivity exact"
NOTHING_RECORDED = "the first and another simulator must have recorded their spikes"


@dataclass(frozen=True)
class CompareOptions:
    """Options of ``benchnn compare``.

    Parameters
    ----------
    simulators
        Names, separated by commas; ``brian2:runtime`` selects a mode of a peer. None for the simulators of `USUAL`
        that are installed.
    repeats
        Number of timed runs of each simulator, as text.
    run
        Options of every run, as text (switches: True); None if not given. `out` is the folder of the comparison.
    params
        ``key=value`` of the command line.
    distances
        Options of the comparison of spike trains, as text; None if not given.
    """

    simulators: str | None
    repeats: str
    run: Mapping[str, Any]
    params: list[str]
    distances: Mapping[str, str | None]


@dataclass(frozen=True)
class Contestant:
    """A simulator, and the options that only this simulator has."""

    name: str
    options: dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """A run of a simulator: the number of the repeat, and whether it records spikes."""

    simulator: str
    repeat: int
    recorded: bool
    run: PlannedRun


@dataclass(frozen=True)
class ComparePlan:
    """A comparison with checked options; `unusable` contains simulators that cannot be used, with reasons."""

    comparison: Comparison
    settings: DistanceSettings
    turns: list[Turn]
    unusable: dict[str, str]
    folder: Path
    overwrite: bool


def plan_comparison(options: CompareOptions, command: list[str]) -> ComparePlan:
    """Check the options before the first run; a peer that cannot run the network is omitted with the reason.

    A simulator that was requested by name and is not installed is refused.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong, or `simcore` cannot run the network.
    """
    connectivity = options.run.get("connectivity") or "statistical"
    kinds = " or ".join(CONNECTIVITIES)
    require(connectivity in CONNECTIVITIES, "connectivity", connectivity, f"use {kinds}")
    settings = settings_from_text(options.distances, connectivity == "exact", ONLY_EXACT)
    asked = USUAL if options.simulators is None else options.simulators
    contestants = [_contestant(text.strip(), connectivity) for text in asked.split(",")]
    names = tuple(contestant.name for contestant in contestants)
    twice = next((name for name in names if names.count(name) > 1), None)
    require(twice is None, "simulators", asked, f"{twice} appears twice")
    repeats = one_number("repeats", options.repeats, 1, MAX_REPEATS)
    given = {name: value for name, value in options.run.items() if name != "connectivity"}
    checked = run_options(given, options.params, None)
    require(checked.seed >= 1, "seed", checked.seed, "must be >= 1, because not every simulator accepts 0")
    checked = replace(checked, threads=checked.threads or allowed_threads(len(usable_cpus())))
    unusable = {}
    for contestant in contestants:
        try:
            _check(replace(checked, out=None, **contestant.options), command)
        except (InputError, UnavailableError) as error:
            if contestant.name == OWN:
                raise
            if isinstance(error, UnavailableError) and options.simulators is not None:
                raise UnavailableError(f"{error}; remove {contestant.name} from --simulators") from error
            unusable[contestant.name] = str(error)
    plan = plan_run(replace(checked, out=None), command)
    model = find_model(checked.model)
    cpu = machine.cpu_model()
    comparison = Comparison(
        command,
        checked.model,
        parameter_values(model, checked.text_params, {}),
        _drive_names(plan.network),
        names,
        connectivity,
        repeats,
        checked.threads or 1,
        checked.seed,
        checked.time_ms,
        checked.warmup_ms,
        None if isinstance(cpu, Unknown) else cpu,
        (),
    )
    folder = study_folder(checked.out, f"compare-{model.label}", RECORD, "a comparison", checked.overwrite)
    usable = [contestant for contestant in contestants if contestant.name not in unusable]
    turns = _turns(options, comparison, usable, folder)
    return ComparePlan(comparison, settings, turns, unusable, folder, checked.overwrite)


def _contestant(text: str, connectivity: str) -> Contestant:
    """Parse ``NAME`` or ``NAME:MODE``."""
    name, _, mode = text.partition(":")
    if name != OWN and name not in peers:
        require(False, "simulators", text, f"use {', '.join([OWN, *peers.known()])}")
    if name == OWN:
        require(not mode, "simulators", text, f"{OWN} does not have modes")
        # Single spikes can be compared only in the same precision.
        return Contestant(text, {"precision": "float64"} if connectivity == "exact" else {})
    return Contestant(text, {"simulator": name, "connectivity": connectivity, "simulator_mode": mode or None})


def _drive_names(network: Network) -> tuple[str, ...]:
    """Names of the drives and sources of a network."""
    sources = [population.source for population in network.populations if population.source is not None]
    names = [*(drive.name for drive in network.drives), *(f"source: {source.name}" for source in sources)]
    return tuple(dict.fromkeys(names))


def _check(options: RunOptions, command: list[str]) -> Plan:
    plan = plan_run(options, command)
    if options.simulator != OWN:
        peers.get(options.simulator).check(peer_job(plan))
    return plan


def _turns(options: CompareOptions, comparison: Comparison, contestants: list[Contestant], folder: Path) -> list[Turn]:
    """All runs in their order; recorded runs are last, so that an interrupted comparison has times."""
    rounds = [(repeat, False) for repeat in range(1, comparison.repeats + 1)] + [(comparison.repeats + 1, True)]
    shared = {key: value for key, value in options.run.items() if key not in ("model", "connectivity")}
    turns = []
    for repeat, recorded in rounds:
        for contestant in contestants:
            name = f"{contestant.name.replace(':', '-')}-{'recorded' if recorded else repeat}"
            record = ["spikes"] if recorded else []
            own = {"threads": comparison.threads, "out": folder / name, "record": record}
            command = run_command(comparison.model, {**shared, **contestant.options, **own}, options.params)
            turns.append(Turn(contestant.name, repeat, recorded, PlannedRun(name, command)))
    return turns


def run_comparison(plan: ComparePlan, stream: TextIO) -> Outcome:
    """Run everything. The record is rewritten after every run, so that finished runs are kept in any case.

    Parameters
    ----------
    plan
        The planned study.
    stream
        Stream for a line about each run.
    """
    runs = [Compared(name, 1, "", [], False, None, why) for name, why in plan.unusable.items()]
    trains: list[ComparedTrains] = []
    interrupted_by = None
    with made_study(plan.folder, partial(refuse_study, plan.folder, RECORD, "a comparison", plan.overwrite)) as stop:
        triad = [stream_triad_gb_s(plan.comparison.threads)]
        ended = ended_runs([turn.run for turn in plan.turns], plan.folder, {}, stop, stream)
        for turn, child in zip(plan.turns, ended, strict=False):
            name, command = turn.run.name, turn.run.command
            runs.append(Compared(turn.simulator, turn.repeat, name, command, turn.recorded, child.record, child.error))
            triad = [triad[0], stream_triad_gb_s(plan.comparison.threads)]
            trains += _compared_trains(plan, runs, stream)
            _save(plan, triad, runs, trains, None)
        if len(runs) < len(plan.unusable) + len(plan.turns):
            interrupted_by = stop.requested
        record = _save(plan, triad, runs, trains, interrupted_by)
    failed = list(dict.fromkeys(run.simulator for run in runs if run.error is not None))
    problems = [f"{', '.join(failed)} failed"] if failed else []
    if interrupted_by is not None:
        problems.append(f"interrupted by {interrupted_by}")
    return Outcome(record, "; ".join(problems) or None)


def _compared_trains(plan: ComparePlan, runs: list[Compared], stream: TextIO) -> list[ComparedTrains]:
    """Compare the spike trains of the last run and of the first simulator, if both are recorded."""
    first, last = plan.comparison.simulators[0], runs[-1]
    recorded = {run.simulator: run for run in runs if run.recorded and run.record is not None}
    exact = plan.comparison.connectivity == "exact"
    if not exact or last is recorded.get(first) or last not in recorded.values() or first not in recorded:
        return []
    show(stream, f"benchnn: comparing spike trains of {last.simulator} and {first}\n")
    found, expected = _spikes(plan, last), _spikes(plan, recorded[first])
    return [compared_trains(last.simulator, found, first, expected, plan.settings)]


def _save(
    plan: ComparePlan, triad: list[float], runs: list[Compared], trains: list[ComparedTrains],
    interrupted_by: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Make and write the record of the finished runs."""
    comparison = replace(plan.comparison, stream_triad_gb_s=tuple(triad))
    spikes = {run.simulator: _spikes(plan, run) for run in runs if run.recorded and run.record is not None}
    statistics = {name: means_of(found) for name, found in spikes.items()}
    agreement = []
    if comparison.connectivity == "exact" and comparison.simulators[0] in spikes:
        first = comparison.simulators[0]
        agreement = [agreement_of(name, found, first, spikes[first]) for name, found in spikes.items() if name != first]
    why_none = NOTHING_RECORDED if comparison.connectivity == "exact" else ONLY_EXACT
    compared = TrainComparison(plan.settings, trains, why_none)
    record = make_record(comparison, runs, statistics, agreement, compared, interrupted_by)
    write_record(plan.folder / RECORD, record)
    return record


def _spikes(plan: ComparePlan, run: Compared) -> Spikes:
    from simcore.recording.sonata import read_spikes

    return read_spikes(plan.folder / run.folder / SPIKES).spikes()


def agreement_of(name: str, found: Spikes, reference: str, expected: Spikes) -> dict[str, Any]:
    """Count the equal spikes of two simulators before the first difference.

    Parameters
    ----------
    name, found
        A simulator and its spikes.
    reference, expected
        Another simulation of the same network.
    """
    n = min(len(found), len(expected))
    unequal = np.flatnonzero((found.stamps[:n] != expected.stamps[:n]) | (found.ids[:n] != expected.ids[:n]))
    first = int(unequal[0]) if len(unequal) else n
    difference = None
    if first < max(len(found), len(expected)):
        ends = [(int(s.stamps[first]), int(s.ids[first])) if first < len(s) else (2**62, 0) for s in (found, expected)]
        earlier = min(ends)
        spikes_in = name if ends[0] == earlier else reference
        first_ids = expected.first_ids
        population = max((p for p in first_ids if first_ids[p] <= earlier[1]), key=lambda p: first_ids[p])
        difference = {
            "time_ms": float(step_times_ms(np.array([earlier[0]]), expected.resolution_ms)[0]),
            "population": population,
            "neuron": earlier[1] - first_ids[population],
            "spikes_in": spikes_in,
        }
    return {"simulator": name, "reference": reference, "equal_spikes": first, "first_difference": difference}
