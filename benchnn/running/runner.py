"""Construct, simulate and measure one network, and write its result: ``benchnn run``."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import numpy as np
import numpy.typing as npt

from benchnn.energy.measuring import CONSTRUCTION, EnergyMeasurement
from benchnn.record.folder import TRAFFIC, WEIGHTS, Traces, taken_folder, write_result
from benchnn.record.json_text import to_json
from benchnn.record.result import Result
from benchnn.running.lifecycle import Lifecycle
from benchnn.running.options import OWN, RunOptions
from benchnn.running.placed import expected_rates
from benchnn.running.plan import Plan, plan_run, planned_simulator, refuse_planned
from benchnn.running.progress import compiling_shown, reading_shown, show
from benchnn.running.simulator_options import refuse_ranks
from benchnn.running.stop import Stop
from simcore.comm import Communicator, LocalCommunicator, agreed
from simcore.errors import WriteError
from simcore.registry.named import without_folder
from simcore.simulator import Simulator

if TYPE_CHECKING:
    from benchnn.chips.emulation import ChipEmulation


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run.

    Parameters
    ----------
    result
        The record.
    files
        The written files.
    stopped_by
        Name of the signal that ended it early; the run can be resumed from the folder of the result.
    problem
        Reason why the files could not be written.
    """

    result: Result
    files: list[Path]
    stopped_by: str | None
    problem: WriteError | None


def run(options: RunOptions, command: list[str], stream: TextIO, comm: Communicator | None = None) -> Outcome | None:
    """Run one network and write its result; all ranks call this together.

    Parameters
    ----------
    options
        Options of the run.
    command
        The command line, for the record.
    stream
        Stream on which rank 0 shows progress.
    comm
        Communicator; a single process by default.

    Returns
    -------
    Outcome or None
        None on ranks other than 0.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong; the run does not leave any files.
    WriteError
        If a checkpoint or a part of the spikes cannot be written during the run; earlier checkpoints remain valid.
    """
    comm = comm or LocalCommunicator()
    # Only rank 0 opens the user's files: there may be thousands of ranks.
    comm.agree(refuse_ranks(options, comm.size))
    plan = comm.from_root(lambda: plan_run(options, command))
    if plan.options.simulator != OWN:
        from benchnn.running.peer_runner import run_peer

        peer = run_peer(plan, stream)
        return Outcome(peer.result, peer.files, None, peer.problem)
    energy = EnergyMeasurement(plan.options.meters, comm, plan.options.idle_ms * 1e-3, plan.options.power_every_s)
    with taken_by_run(plan, comm), Stop() as stop, energy:
        emulation = _laid_on_chip(plan, comm, stream)
        if emulation is not None:
            plan = replace(plan, network=emulation.network)
        with built(plan, comm, stream, energy) as simulator, stop.deferred():
            return simulated(plan, simulator, stop, stream, energy, emulation)


def built(plan: Plan, comm: Communicator, stream: TextIO, energy: EnergyMeasurement) -> Simulator:
    """Construct the network of a run, show progress, and measure; all ranks call this together."""
    shown = stream if comm.rank == 0 else None
    if shown is not None:
        expected = plan.network.expected_synapses()
        show(shown, f"benchnn: constructing {plan.network.n_neurons:,} neurons, {expected:,.0f} synapses\n")
    with energy.recorder.window(CONSTRUCTION), reading_shown(shown):
        # A model may have to compute its synapses.
        rates_hz, _ = comm.from_root(lambda: expected_rates(plan.options.model, plan.parameters, plan.network))
        return planned_simulator(plan, comm, shown, rates_hz)


def simulated(
    plan: Plan,
    simulator: Simulator,
    stop: Stop,
    stream: TextIO,
    energy: EnergyMeasurement,
    emulation: "ChipEmulation | None" = None,
) -> Outcome | None:
    """Take a constructed network through a run and write its result; all ranks call this together.

    Parameters
    ----------
    plan
        The run, whose folder is locked.
    simulator
        Its network at time 0.
    stop
        Ends the run early; signals must be deferred.
    stream
        Stream on which rank 0 shows progress.
    energy
        Measures the windows of the run.
    emulation
        The chip onto which the network is mapped, if any.

    Returns
    -------
    Outcome or None
        None on ranks other than 0.
    """
    life = Lifecycle(plan, simulator, stop, stream, energy, emulation)
    with life.storage.useful():
        life.go()
    result, early = life.result(), life.stopped_by()
    files: list[Path] = []
    problem: WriteError | None = None
    try:
        with life.storage.useful():
            files = _written(plan, life, result, early)
    except WriteError as error:
        problem = error
    return Outcome(result, files, early, problem) if simulator.comm.rank == 0 else None


def _laid_on_chip(plan: Plan, comm: Communicator, stream: TextIO) -> "ChipEmulation | None":
    """Map the network onto the requested chip, if any; a network that does not fit is refused."""
    if plan.chip is None:
        return None
    from benchnn.chips.emulation import emulate
    from simcore.neuromorphic.fitting import FitOptions

    shown = stream if comm.rank == 0 else None
    if shown is not None:
        show(shown, f"benchnn: mapping {plan.network.n_neurons:,} neurons onto {plan.chip.name}\n")
    options = plan.options
    how = FitOptions(
        options.mapper,
        options.seed,
        options.neurons_per_core,
        options.chip_weight_bits,
        options.on_violation,
        place=options.place,
        given=plan.mapping,
    )
    recorded = plan.steps if plan.keeps_link_messages else None
    with agreed(comm), compiling_shown(shown, "the chip's kernels"):
        return emulate(plan.network, plan.chip, how, comm, options.threads, recorded, plan.steps)


@contextmanager
def taken_by_run(plan: Plan, comm: Communicator) -> Iterator[None]:
    """Let rank 0 make, test and lock the folder of the result; a fault is raised on every rank."""
    with ExitStack() as stack:
        comm.from_root(lambda: stack.enter_context(taken_folder(plan.folder, lambda: refuse_planned(plan))))
        yield


def _written(plan: Plan, life: Lifecycle, result: Result, early: str | None) -> list[Path]:
    """Write the result, and a checkpoint if the run was interrupted; all ranks call this together.

    Raises
    ------
    WriteError
        On every rank. If the result of a complete run cannot be written, a checkpoint of its end is written instead if
        possible.
    """
    storage, comm = life.storage, life.simulator.comm
    if early is not None:
        storage.checkpoint(life.reached)
    elif plan.writes_spikes:
        storage.flush()
    traces = storage.traces()
    link_messages = None
    if life.emulation is not None and plan.keeps_link_messages:
        link_messages = life.emulation.meter.link_messages()
    files: list[Path] = []
    failed: WriteError | None = None
    if comm.rank == 0:
        try:
            files = _write(plan, life, result, traces, link_messages)
        except WriteError as error:
            failed = error
    if early is None and any(comm.gather(failed is not None)):
        with suppress(WriteError):
            storage.checkpoint(life.reached)
    comm.agree(None if failed is None else storage.write_error(failed))
    if early is None:
        storage.remove()
    return files


def _write(
    plan: Plan, life: Lifecycle, result: Result, traces: Traces, link_messages: npt.NDArray[np.int32] | None
) -> list[Path]:
    h, storage, simulator = plan.network.resolution_ms, life.storage, life.simulator
    start = min(plan.warmup_steps, simulator.step)
    write_spikes = None
    others: dict[str, Callable[[Path], None]] = {}
    if plan.weights_every:
        others[WEIGHTS] = storage.weights.write
    if plan.writes_spikes:
        sizes = {population.name: population.size for population in plan.network.populations}

        def write_spikes(path: Path) -> None:
            from simcore.recording.sonata import SpikeBlocks, blocks_of, write_spikes_from

            def blocks() -> SpikeBlocks:
                every = storage.parts.blocks()
                return every if plan.recorded is None else blocks_of(plan.recorded, sizes, every)

            write_spikes_from(path, blocks, sizes, h, start, simulator.step, plan.recorded)

    if life.emulation is not None and life.on_chip is not None:
        from benchnn.chips.traffic_file import write_traffic

        # The folder of a user's own model is not part of the name.
        model = without_folder(plan.options.model)
        about: dict[str, str | float | int] = {"model": model, "resolution_ms": h, "first_step": start}
        others[TRAFFIC] = partial(
            write_traffic,
            emulation=life.emulation,
            measured=life.on_chip,
            link_messages=link_messages,
            about=about,
        )

    late = {key: values[plan.warmup_steps :] for key, values in traces.items()}
    return write_result(plan.folder, to_json(result), write_spikes, late, h, start, others)
