"""A run with checked options, before its construction."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from benchnn.energy.measuring import require_instruments
from benchnn.energy.power_log import read_power_log
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.record.folder import refuse_result, refuse_taken
from benchnn.record.provenance import Provenance, make_provenance
from benchnn.record.result import edge_files_part
from benchnn.running.options import LINK_MESSAGES, RunOptions
from benchnn.running.plug_ins import plug_in_identity, plug_ins_in_use
from benchnn.running.progress import compiling_shown
from benchnn.running.requests import recorded_weights, require_recorded_times, steps_of, with_recorders
from benchnn.running.resumable import require_resumable
from benchnn.running.resume import asked_identity
from benchnn.running.simulator_options import check_simulator
from simcore.backends import backends
from simcore.checkpoint import Checkpoint, read_checkpoint, require_same
from simcore.comm import Communicator
from simcore.errors import UnavailableError, require
from simcore.network import Network, SpikeRecorder
from simcore.network.recorders import recorded_neurons
from simcore.placement.choice import areas_of
from simcore.quantisation import WEIGHT_BITS
from simcore.random import MAX_SEED
from simcore.recording.parts import MAX_STEP
from simcore.recording.spikes import IntArray
from simcore.registry import PlugIn
from simcore.simulator import MAX_THREADS, PRECISIONS, Simulator
from simcore.transforms.steps import read_steps, transformed
from simcore.values import LONGEST_MS

if TYPE_CHECKING:
    from simcore.neuromorphic.mapping.files import MappingFile
    from simcore.neuromorphic.sheets.sheet import Chip


@dataclass(frozen=True)
class Plan:
    """A planned run; the same on every rank.

    `chip` is the sheet of the chip onto which the network is mapped, if any. With a chip, spikes are kept so that a
    resumed run can count them again. They are written if `writes_spikes` is true. `mapping` is the content of a mapping
    file, if given. `weights_every` contains the steps between records of weights by projection. `checkpoint_steps` is
    the number of steps between checkpoints (None: a checkpoint only if the run is stopped). `resumed` is the checkpoint
    from which the run resumes. `built_by` is the `run_id` of an earlier trial whose synapses the run uses.
    """

    run_id: str
    options: RunOptions
    command: list[str]
    parameters: dict[str, Any]
    network: Network
    chip: "Chip | None"
    mapping: "MappingFile | None"
    writes_spikes: bool
    recorded: dict[str, IntArray] | None
    weights_every: dict[int, int]
    warmup_steps: int
    steps: int
    checkpoint_steps: int | None
    resumed: Checkpoint | None
    folder: Path
    plug_ins: tuple[PlugIn, ...]
    edge_files: list[dict[str, str]]
    provenance: Provenance
    built_by: str | None = None

    @property
    def keeps_link_messages(self) -> bool:
        """Whether the load of every link of the chip is recorded in every step."""
        return LINK_MESSAGES in self.options.record


def plan_run(options: RunOptions, command: list[str]) -> Plan:
    """Find the model, describe the network, and check every option that can be checked without construction.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    UnavailableError
        If the backend cannot be used here.
    """
    started = datetime.now(UTC)
    require(0 <= options.seed <= MAX_SEED, "seed", options.seed, f"must be in [0, {MAX_SEED}]")
    require(options.precision in PRECISIONS, "precision", options.precision, f"use {' or '.join(PRECISIONS)}")
    require(options.weight_bits in WEIGHT_BITS, "weight_bits", options.weight_bits, "use 8, 16 or 32")
    require((options.threads or 1) <= MAX_THREADS, "threads", options.threads, f"must be at most {MAX_THREADS}")
    if options.out is not None and options.resume is None:
        refuse_taken(Path(options.out))
        refuse_result(Path(options.out), options.overwrite)
    why = backends.unusable_because(options.backend)
    if why is not None:
        raise UnavailableError(f"backend {options.backend} cannot be used: {why}; see benchnn doctor")
    check_simulator(options)
    if options.power_log is not None:
        read_power_log(Path(options.power_log), options.power_column)
    elif options.require_energy:
        require_instruments(options.meters)
    model = find_model(options.model)
    parameters = parameter_values(model, options.text_params, options.typed_params)
    resumed = None if options.resume is None else read_checkpoint(Path(options.resume))
    if resumed is not None:
        require_same(resumed.identity, asked_identity(options, parameters), options.resume)
    network = _transformed(describe_network(model, parameters), options)
    # Refuses a network without areas before construction.
    areas_of(network, options.placement)
    plug_ins = plug_ins_in_use(options, network)
    if resumed is not None:
        require_same(resumed.identity, {"plug_ins": plug_in_identity(plug_ins)}, options.resume)
    warmup_steps = steps_of(options.warmup_ms, network.resolution_ms, "warmup_ms")
    steps = steps_of(options.time_ms, network.resolution_ms, "time_ms")
    _require_steps(warmup_steps + steps, network.resolution_ms)
    every = options.checkpoint_every_ms
    checkpoint_steps = None if every is None else steps_of(every, network.resolution_ms, "checkpoint_every_ms")
    network = with_recorders(network, options.record, warmup_steps + steps)
    weights_every = recorded_weights(network, options.record)
    require_recorded_times(weights_every, warmup_steps, warmup_steps + steps, network.resolution_ms)
    if resumed is not None:
        require_resumable(resumed, network, (warmup_steps, steps), str(options.resume))
    writes_spikes = any(isinstance(recorder, SpikeRecorder) for recorder in network.recorders)
    sizes = {population.name: population.size for population in network.populations}
    recorded = recorded_neurons(network.recorders, sizes) if writes_spikes else None
    chip = mapping = None
    if options.chip is not None:
        from simcore.neuromorphic import load_chip
        from simcore.neuromorphic.costs.step_time import fixed_tick
        from simcore.neuromorphic.mapping.files import read_mapping

        chip = load_chip(options.chip)
        fixed_tick(chip, network.resolution_ms, options.tick_s)
        mapping = None if options.mapping is None else read_mapping(options.mapping)
        # A resumed run counts the earlier steps on the chip again, which requires the spikes of all neurons.
        if not writes_spikes or recorded is not None:
            network = replace(network, recorders=(*network.recorders, SpikeRecorder()))
    run_id = f"{model.label}-{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    folder = Path("results", run_id) if options.out is None else Path(options.out)
    given = {
        name: value for name, value in asdict(options).items() if value is not None and not name.endswith("_params")
    }
    provenance = make_provenance(started, given, model.digest)
    return Plan(
        run_id,
        options,
        command,
        parameters,
        network,
        chip,
        mapping,
        writes_spikes,
        recorded,
        weights_every,
        warmup_steps,
        steps,
        checkpoint_steps,
        None if resumed is None else resumed.without_data(),
        folder,
        plug_ins,
        edge_files_part(network),
        provenance,
    )


def _transformed(network: Network, options: RunOptions) -> Network:
    if options.transform is None:
        return network
    return transformed(
        network,
        read_steps(options.transform),
        1 if options.transform_seed is None else options.transform_seed,
        network_seed=options.seed,
        weight_bits=options.weight_bits,
        accept_quantisation=options.accept_quantisation,
    )


def _require_steps(steps: int, resolution_ms: float) -> None:
    """Refuse a run whose spikes could not be written or read."""
    most = min(int(LONGEST_MS / resolution_ms + 1e-6), MAX_STEP)
    allowed = f"the sum must be at most {most * resolution_ms:.12g} ms"
    require(steps <= most, "warmup_ms + time_ms", steps * resolution_ms, allowed)


def refuse_planned(plan: Plan) -> None:
    """Refuse the folder of a run if it contains a result that the run may not replace."""
    if plan.options.resume is None:
        refuse_result(plan.folder, plan.options.overwrite)


def planned_simulator(
    plan: Plan, comm: Communicator, stream: TextIO | None, rates_hz: Mapping[str, float]
) -> Simulator:
    """Construct the network of a run; all ranks call this together, only one of them with a stream for progress.

    The placement balances the ranks by `rates_hz`, the expected rates of the populations in 1/s.
    """
    options = plan.options
    # The oracle does not compile, and starts without the compiler.
    with compiling_shown(stream if options.backend != "oracle" else None, "the simulator's kernels"):
        return Simulator(
            plan.network,
            seed=options.seed,
            threads=options.threads,
            backend=options.backend,
            precision=options.precision,
            weight_bits=options.weight_bits,
            accept_quantisation=options.accept_quantisation,
            delivery=options.delivery,
            exchange=options.exchange,
            comm=comm,
            placement=options.placement,
            expected_rates_hz=rates_hz,
        )
