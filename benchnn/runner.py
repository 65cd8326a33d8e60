"""Builds, simulates and measures one network, and writes its result: ``benchnn run``."""

import secrets
import socket
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from benchnn import __version__
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.options import RunOptions
from benchnn.progress import Progress, show
from benchnn.propagation import propagate
from benchnn.provenance import Provenance, finish, make_provenance
from benchnn.record_requests import steps_of, with_recorders
from benchnn.result import BackendPart, Counts, ModelPart, RankMeasurement, Result, make_result, to_json
from benchnn.result_folder import WriteError, made_folder, refuse_result, write_result
from benchnn.stopping import Stop
from simcore.backends import backends
from simcore.comm import Communicator, LocalCommunicator
from simcore.errors import UnavailableError, require
from simcore.memory import peak_rss_bytes
from simcore.network import Network, SpikeRecorder
from simcore.quantisation import WEIGHT_BITS
from simcore.random import MAX_SEED
from simcore.recording.spikes import Spikes
from simcore.simulator import PRECISIONS, Propagation, Simulator


@dataclass(frozen=True)
class Plan:
    """A run whose options are checked, before anything is built; the same on every rank."""

    run_id: str
    options: RunOptions
    command: list[str]
    parameters: dict[str, Any]
    network: Network
    warmup_steps: int
    steps: int
    folder: Path
    provenance: Provenance


@dataclass(frozen=True)
class Outcome:
    """What a run left.

    Parameters
    ----------
    result
        The record.
    files
        What was written.
    stopped_by
        Name of the signal that ended it early.
    problem
        Why the files could not be written.
    """

    result: Result
    files: list[Path]
    stopped_by: str | None
    problem: WriteError | None


def plan_run(options: RunOptions, command: list[str]) -> Plan:
    """Find the model, describe the network, check every option that can be checked without building.

    Raises
    ------
    InputError
        If something is wrong with the user's input.
    UnavailableError
        If the backend cannot be used here.
    """
    started = datetime.now(UTC)
    require(0 <= options.seed <= MAX_SEED, "seed", options.seed, f"must lie in [0, {MAX_SEED}]")
    require(options.precision in PRECISIONS, "precision", options.precision, f"use {' or '.join(PRECISIONS)}")
    require(options.weight_bits in WEIGHT_BITS, "weight_bits", options.weight_bits, "use 8, 16 or 32")
    if options.out is not None:
        refuse_result(Path(options.out), options.overwrite)
    why = backends.unusable_because(options.backend)
    if why is not None:
        raise UnavailableError(f"backend {options.backend} cannot be used here: {why}; see benchnn doctor")
    model = find_model(options.model)
    parameters = parameter_values(model, options.text_params, options.typed_params)
    network = describe_network(model, parameters)
    warmup_steps = steps_of(options.warmup_ms, network.resolution_ms, "warmup_ms")
    steps = steps_of(options.time_ms, network.resolution_ms, "time_ms")
    network = with_recorders(network, options.record, warmup_steps + steps)
    run_id = f"{model.label}-{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    folder = Path("results", run_id) if options.out is None else Path(options.out)
    given = {
        name: value for name, value in asdict(options).items() if value is not None and not name.endswith("_params")
    }
    provenance = make_provenance(started, given, model.digest)
    return Plan(run_id, options, command, parameters, network, warmup_steps, steps, folder, provenance)


def run(options: RunOptions, command: list[str], stream: TextIO, comm: Communicator | None = None) -> Outcome | None:
    """Run one network and write its result.

    Parameters
    ----------
    options
        What to run.
    command
        The command line, for the record.
    stream
        Where rank 0 shows progress.
    comm
        Communicator; a single process by default.

    Returns
    -------
    Outcome or None
        None on ranks other than 0.

    Raises
    ------
    InputError
        If something is wrong with the user's input; nothing is left behind.
    """
    comm = comm or LocalCommunicator()
    first = comm.rank == 0
    # Rank 0 alone opens the user's files: there may be thousands of ranks.
    plan = comm.from_root(lambda: plan_run(options, command))
    with made_folder(plan.folder) if first else nullcontext(), Stop() as stop:
        if first:
            expected = plan.network.expected_synapses()
            show(stream, f"benchnn: building {plan.network.n_neurons:,} neurons, {expected:,.0f} synapses\n")
        with _simulator(plan, comm) as simulator, stop.deferred():
            warmup = _propagate(simulator, "warm-up", plan.warmup_steps, stop, stream)
            measured = _propagate(simulator, "simulation", plan.steps, stop, stream)
            ranks = comm.gather(_measurement(simulator, warmup, measured))
            result = _result(plan, simulator, warmup, measured, ranks)
            spikes, traces = _recorded(simulator, warmup.steps)
            if not first:
                return None
            early = stop.requested if result.interrupted else None
            try:
                h = plan.network.resolution_ms
                files = write_result(plan.folder, to_json(result), spikes, traces, h, warmup.steps)
            except WriteError as problem:
                return Outcome(result, [], early, problem)
            return Outcome(result, files, early, None)


def _simulator(plan: Plan, comm: Communicator) -> Simulator:
    options = plan.options
    return Simulator(
        plan.network,
        seed=options.seed,
        threads=options.threads,
        backend=options.backend,
        precision=options.precision,
        weight_bits=options.weight_bits,
        accept_quantisation=options.accept_quantisation,
        comm=comm,
    )


def _propagate(simulator: Simulator, what: str, steps: int, stop: Stop, stream: TextIO) -> Propagation:
    if simulator.comm.rank != 0:
        return propagate(simulator, steps, stop, _nothing)
    progress = Progress(stream, what, steps, simulator.network.resolution_ms)
    try:
        return propagate(simulator, steps, stop, progress)
    finally:
        progress.close()


def _nothing(done: int, wall_s: float) -> None:
    pass


def _measurement(simulator: Simulator, warmup: Propagation, measured: Propagation) -> RankMeasurement:
    wall_s = {
        "construction": simulator.construction_s,
        "preparation": simulator.preparation_s,
        "compile": simulator.compile_s,
        "warmup": warmup.wall_s,
        "propagation": measured.wall_s,
    }
    memory = {"peak_rss": peak_rss_bytes(), **simulator.memory_bytes}
    # A backend may use fewer threads than it was offered.
    timed = [len(seconds) for part in (warmup, measured) for seconds in part.phase_s.values()]
    threads = max(timed, default=simulator.plan.placement.threads)
    return RankMeasurement(socket.gethostname(), threads, wall_s, measured.phase_s, memory)


def _result(
    plan: Plan, simulator: Simulator, warmup: Propagation, measured: Propagation, ranks: list[RankMeasurement]
) -> Result:
    """The record; called on every rank, because ranks add up their synapses."""
    options, network, tables = plan.options, plan.network, simulator.plan.tables
    tics = round(network.resolution_ms * 1000.0)
    populations = {p.name: {"neuron_model": p.model, "neurons": p.size} for p in network.populations}
    delays = (tables.min_delay, tables.max_delay) if network.projections else (None, None)
    min_delay_ms, max_delay_ms = (None if delay is None else delay * tics / 1000.0 for delay in delays)
    model = ModelPart(
        options.model,
        plan.parameters,
        network.n_neurons,
        simulator.n_synapses,
        network.resolution_ms,
        min_delay_ms,
        max_delay_ms,
        populations,
    )
    counts = Counts(
        model_time_ms=measured.steps * tics / 1000.0,
        warmup_ms=warmup.steps * tics / 1000.0,
        interrupted=warmup.steps + measured.steps < plan.warmup_steps + plan.steps,
        spikes=measured.spikes,
        synaptic_events=measured.synaptic_events,
        spike_digest=measured.spike_digest,
        network_digest=simulator.network_digest,
    )
    adapted = list(tables.adaptations)
    backend = BackendPart(options.backend, options.precision, options.weight_bits, simulator.delivery, adapted)
    provenance = finish(plan.provenance, tables.digest)
    about = {"name": "simcore", "version": __version__}
    return make_result(plan.run_id, plan.command, about, model, options.seed, backend, counts, ranks, provenance)


def _recorded(simulator: Simulator, start_step: int) -> tuple[Spikes | None, dict[Any, Any]]:
    """Spikes (None if not asked for) and traces of all ranks after `start_step`."""
    network, comm = simulator.network, simulator.comm
    spikes = None
    if any(isinstance(recorder, SpikeRecorder) for recorder in network.recorders):
        spikes = simulator.spikes().since(start_step)
        parts = comm.gather((spikes.stamps, spikes.ids))
        stamps, ids = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
        spikes = replace(spikes, stamps=stamps, ids=ids)
    own = {key: values[start_step:] for key, values in simulator.traces().items()}
    traces = {key: values for part in comm.gather(own) for key, values in part.items()}
    return spikes, traces
