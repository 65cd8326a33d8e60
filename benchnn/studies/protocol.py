"""Measure speed, energy, activity and agreement of one network in four runs: ``benchnn protocol``.

The first run is timed and does not record. The second, with the same seed, records spikes, membrane potentials and
weights. Two further runs, on `simcore` and on NEST with the same edges, weights, delays and input, show the agreement
of their spikes in the first second.
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
from benchnn.running.options import ENERGY_OPTIONS, RunOptions
from benchnn.running.plan import plan_run
from benchnn.simulators import peers
from benchnn.simulators.peer import DETERMINISTIC_DRIVES
from benchnn.statistics.bursts import burst_shares
from benchnn.studies.child_runs import run_command
from benchnn.studies.comparison import agreement_of
from benchnn.studies.protocol_table import EndedRun, Measured, Protocol, agreement_part, make_record
from benchnn.studies.study import Outcome, PlannedRun, ended_runs, made_study, refuse_study, study_folder, write_record
from simcore.errors import require
from simcore.job.cpu_limits import allowed_threads, usable_cpus
from simcore.network import Network
from simcore.recording.sonata import read_spikes
from simcore.recording.spikes import Spikes

RECORD = "protocol.json"
MODEL = "guide_10k"
RUN_OPTIONS = ("model", "time_ms", "warmup_ms", "seed", "threads", "backend", "out", "overwrite", *ENERGY_OPTIONS)
"""Options of ``benchnn run`` that the protocol accepts."""
DEFAULTS = {"time_ms": 10_000.0, "warmup_ms": 0.0, "power_every_ms": 100.0}
TIMED, RECORDED, OWN_EXACT, PEER_EXACT = "timed", "recorded", "exact-simcore", "exact-nest"
"""Names of the folders of the runs."""
PEER = "nest"
EXACT_MS = 1000.0
"""Model time from the start in which spikes are compared."""
POTENTIALS = 100
"""Number of neurons whose membrane potential is recorded."""
WEIGHTS_EVERY_MS = 1000.0
INPUT_FILE = "input_file"
"""Parameter of a model that replays recorded input; see `models.guide_10k`."""


@dataclass(frozen=True)
class ProtocolOptions:
    """Options of ``benchnn protocol``.

    Parameters
    ----------
    run
        `RUN_OPTIONS` as text (switches: True); None if not given. `out` is the folder of the study.
    params
        ``key=value`` of the command line.
    """

    run: Mapping[str, Any]
    params: list[str]


@dataclass(frozen=True)
class ProtocolPlan:
    """A study with checked options; `no_peer` is the reason why the peer is not run."""

    protocol: Protocol
    runs: list[PlannedRun]
    no_peer: str | None
    sources: frozenset[str]
    folder: Path
    overwrite: bool


def plan_protocol(options: ProtocolOptions, command: list[str]) -> ProtocolPlan:
    """Check everything before the first run.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    """
    given = {name: value for name, value in options.run.items() if value is not None}
    # Without a meter there is no power to record.
    defaults = {name: value for name, value in DEFAULTS.items() if name != "power_every_ms" or "meters" not in given}
    checked = run_options({"model": MODEL, **given}, options.params, None, defaults)
    require(checked.seed >= 1, "seed", checked.seed, "must be >= 1, because NEST does not accept 0")
    require(checked.time_ms > 0.0, "time_ms", checked.time_ms, "must be > 0 ms")
    checked = replace(checked, threads=checked.threads or allowed_threads(len(usable_cpus())))
    model = find_model(checked.model)
    folder = study_folder(checked.out, f"protocol-{model.label}", RECORD, "a protocol", checked.overwrite)
    network = plan_run(replace(checked, out=None, record=("spikes",)), command).network
    recorded = _recorded(network, checked.time_ms)
    plan_run(replace(checked, out=None, record=tuple(recorded)), command)
    parameters = parameter_values(model, checked.text_params, {})
    no_peer = _no_peer(network, parameters)
    cpu = machine.cpu_model()
    protocol = Protocol(
        command,
        checked.model,
        parameters,
        checked.seed,
        checked.threads or 1,
        checked.time_ms,
        checked.warmup_ms,
        min(EXACT_MS, checked.time_ms),
        None if isinstance(cpu, Unknown) else cpu,
    )
    sources = frozenset(population.name for population in network.populations if population.source is not None)
    runs = _runs(options, checked, protocol, recorded, folder)
    return ProtocolPlan(protocol, runs if no_peer is None else runs[:2], no_peer, sources, folder, checked.overwrite)


def _no_peer(network: Network, parameters: Mapping[str, Any]) -> str | None:
    """Reason why the peer cannot receive the input of `simcore` or is not installed; None if it can be run."""
    drawn = [drive.name for drive in network.drives if drive.name not in DETERMINISTIC_DRIVES]
    if INPUT_FILE not in parameters:
        drawn += [p.source.name for p in network.populations if p.source is not None and p.source.random]
    if drawn:
        return f"each simulator draws its own input of this model: {', '.join(dict.fromkeys(drawn))}"
    return peers.unusable_because(PEER)


def _recorded(network: Network, time_ms: float) -> list[str]:
    """Values of ``--record``: all spikes, potentials of evenly spaced neurons, and plastic weights."""
    neurons = [p for p in network.populations if "V_m" in [v.name for v in p.neuron_model.variables]]
    total = sum(population.size for population in neurons)
    chosen = {p.name: min(p.size, max(1, round(POTENTIALS * p.size / total))) for p in neurons}
    potentials = [
        f"V_m:{p.name}:{','.join(map(str, np.unique(np.linspace(0, p.size - 1, chosen[p.name]).astype(int))))}"
        for p in neurons
    ]
    every_ms = min(WEIGHTS_EVERY_MS, time_ms)
    rules = [projection.plasticity for projection in network.projections]
    plastic = [number for number, rule in enumerate(rules) if rule is not None and rule.changes_weights]
    return ["spikes", *potentials, *(f"weights:{number}:{every_ms:g}" for number in plastic)]


def _runs(
    options: ProtocolOptions, checked: RunOptions, protocol: Protocol, recorded: list[str], folder: Path
) -> list[PlannedRun]:
    """All runs in their order; the timed run is first, so that an interrupted study has times."""
    shared = {
        "seed": protocol.seed,
        "threads": protocol.threads,
        "backend": checked.backend,
        "overwrite": True if checked.overwrite else None,
    }
    whole = {"time_ms": protocol.time_ms, "warmup_ms": protocol.warmup_ms}
    exact = {"time_ms": protocol.exact_ms, "warmup_ms": 0.0, "record": ["spikes"], "meters": "none"}
    energy = {name: options.run.get(name) for name in ENERGY_OPTIONS} | {"power_every_ms": checked.power_every_ms}
    peer = {"simulator": PEER, "connectivity": "exact", "backend": None}
    drawn = folder / OWN_EXACT / SPIKES
    same_input = [f"{INPUT_FILE}={drawn}"] if protocol.parameters.get(INPUT_FILE, "") is None else []
    each: tuple[tuple[str, dict[str, Any], list[str]], ...] = (
        (TIMED, whole | energy, []),
        (RECORDED, whole | {"record": recorded, "meters": "none"}, []),
        (OWN_EXACT, exact | {"precision": "float64"}, []),
        (PEER_EXACT, exact | peer, same_input),
    )
    return [
        PlannedRun(name, run_command(protocol.model, {**shared, **own, "out": folder / name}, [*options.params, *more]))
        for name, own, more in each
    ]


def run_protocol(plan: ProtocolPlan, stream: TextIO) -> Outcome:
    """Run everything. The record is rewritten after every run, so that finished runs are kept in any case.

    Parameters
    ----------
    plan
        The planned study.
    stream
        Stream for a line about each run.
    """
    ended: list[EndedRun] = []
    with made_study(plan.folder, partial(refuse_study, plan.folder, RECORD, "a protocol", plan.overwrite)) as stop:
        children = ended_runs(plan.runs, plan.folder, {}, stop, stream)
        for run, child in zip(plan.runs, children, strict=False):
            ended.append(EndedRun(run.name, run.command, child.record, child.error))
            record = _save(plan, ended, None)
            if child.error is not None:
                break
        interrupted_by = stop.requested
        if interrupted_by is not None or not ended:
            record = _save(plan, ended, interrupted_by)
    problem = next((f"{run.name} failed: {run.error}" for run in ended if run.error is not None), None)
    return Outcome(record, problem or (None if interrupted_by is None else f"interrupted by {interrupted_by}"))


def _save(plan: ProtocolPlan, ended: list[EndedRun], interrupted_by: str | None) -> dict[str, Any]:
    """Make and write the record of the finished runs."""
    over = {run.name for run in ended if run.error is None}
    bursts, agreement = None, None
    if RECORDED in over:
        found = burst_shares(_spikes(plan, RECORDED))
        bursts = {name: share for name, share in found.items() if name not in plan.sources}
    if {OWN_EXACT, PEER_EXACT} <= over:
        own, other = _spikes(plan, OWN_EXACT), _spikes(plan, PEER_EXACT)
        agreement = agreement_part(own, other, plan.sources) | agreement_of(PEER, other, "simcore", own)
    record = make_record(plan.protocol, Measured(ended, bursts, agreement, plan.no_peer), interrupted_by)
    write_record(plan.folder / RECORD, record)
    return record


def _spikes(plan: ProtocolPlan, run: str) -> Spikes:
    return read_spikes(plan.folder / run / SPIKES).spikes()
