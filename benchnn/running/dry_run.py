"""A dry run: one process plays one rank of many and predicts the time and memory of all ranks.

It constructs exactly this rank's part, receives random spikes of the other ranks at given rates, and measures. The cost
of the exchange follows from a model of the communication, which the record describes.
"""

import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from benchnn.record.folder import taken_folder
from benchnn.record.json_text import to_json
from benchnn.running.dry_run_prediction import WORD_BYTES, BetweenGroups, Measured, block_words, prediction
from benchnn.running.message_costs import MessageOptions, communication_model
from benchnn.running.options import ENERGY_OPTIONS, OWN, RunOptions
from benchnn.running.placed import comparison, comparison_text
from benchnn.running.plan import Plan, plan_run, planned_simulator, refuse_planned
from benchnn.running.progress import Progress, show
from benchnn.running.rates import given_rates
from benchnn.running.slices import propagate
from benchnn.running.stop import Stop
from simcore.comm.communicator import BETWEEN_GROUPS, DIRECTED, EVERYONE, WITHIN_GROUP, ExchangeCounts
from simcore.comm.dry_run import DryRunCommunicator, spikes_per_step
from simcore.comm.unpacking import unpack_s
from simcore.display.words import counted
from simcore.errors import InputError, require
from simcore.memory import peak_rss_bytes
from simcore.placement.choice import make_placement
from simcore.placement.traffic import neurons_needed
from simcore.recording.files import replaced_file
from simcore.simulator import MAX_THREADS, Propagation, Simulator

RECORD = "dry_run.json"
SCHEMA_VERSION = 2
MAX_RANKS = 10**6
TIME_MS, WARMUP_MS = 1000.0, 100.0


@dataclass(frozen=True)
class DryRunOptions:
    """Options of a dry run on the command line.

    Parameters
    ----------
    ranks, rank
        Number of ranks, and the rank to play.
    rates
        ``HZ`` or ``POPULATION=HZ``: mean rates of the neurons of the other ranks, 1/s; by default the rates of the
        model.
    messages
        Costs of messages between ranks.
    """

    ranks: int
    rank: int = 0
    rates: tuple[str, ...] = ()
    messages: MessageOptions = field(default_factory=MessageOptions)

    def __post_init__(self) -> None:
        require(1 <= self.ranks <= MAX_RANKS, "dry_run_ranks", self.ranks, f"must be in [1, {MAX_RANKS}]")
        require(0 <= self.rank < self.ranks, "dry_run_rank", self.rank, f"must be in [0, {self.ranks - 1}]")


def dry_run(
    options: RunOptions, what: DryRunOptions, command: list[str], stream: TextIO
) -> tuple[dict[str, Any], Path]:
    """Predict time and memory, write ``dry_run.json``, and return its content and path.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    UnavailableError
        If the costs of communication are not given and cannot be measured.
    """
    require(options.backend == "cpu", "backend", options.backend, "a dry run requires the cpu backend")
    require(options.resume is None, "resume", options.resume, "a dry run does not support checkpoints")
    every = options.checkpoint_every_ms
    require(every is None, "checkpoint_every_ms", every, "a dry run does not support checkpoints")
    require(options.chip is None, "chip", options.chip, "a dry run does not support chips")
    require(options.simulator == OWN, "simulator", options.simulator, f"a dry run (--dry-run-ranks) requires {OWN}")
    for name in ENERGY_OPTIONS:
        value = getattr(options, name)
        unset = value == RunOptions.__dataclass_fields__[name].default
        require(unset, name, value, "a dry run (--dry-run-ranks) does not measure energy")
    require(not options.record, "record", list(options.record), "a dry run does not support recording")
    require(options.time_ms > 0.0, "time_ms", options.time_ms, "must be positive in a dry run")
    if options.threads is not None:
        require(options.threads <= MAX_THREADS, "threads", options.threads, f"must be at most {MAX_THREADS}")
    plan = plan_run(options, command)
    _refuse_dry_run(plan)
    rates_hz, rates_source = given_rates(what.rates, options.model, plan.parameters, plan.network)
    model = communication_model(what.messages, what.ranks)
    placements, why = comparison(plan.network, what.ranks, rates_hz)
    show(stream, f"benchnn: placements on {counted(what.ranks, 'rank')}, expected values\n")
    show(stream, comparison_text(placements, options.placement))
    with taken_folder(plan.folder, lambda: _refuse_dry_run(plan)), Stop():
        measured, interval_reason = _measure(plan, what, rates_hz, stream)
        record = {
            "schema_version": SCHEMA_VERSION,
            "command": command,
            "model": {"name": options.model, "parameters": plan.parameters, "neurons": plan.network.n_neurons},
            "plug_ins": list(plan.plug_ins),
            "host": socket.gethostname(),
            "played": {"rank": what.rank, "ranks": what.ranks, "threads": measured.threads},
            "rates_hz": rates_hz,
            "rates_source": rates_source,
            "exchange": options.exchange,
            "placement": options.placement,
            "placements": placements,
            "communication": None if model is None else asdict(model),
            "measured": asdict(measured),
            "predicted": prediction(plan.network.resolution_ms, what.ranks, options.exchange, model, measured),
            "reasons": ({"communication": "a single rank does not exchange spikes"} if model is None else {})
            | ({"measured.between_groups": interval_reason} if measured.between_groups is None else {})
            | ({} if why is None else {"placements.directed": why}),
        }
        with replaced_file(plan.folder / RECORD) as aside:
            aside.write_text(to_json(record), encoding="utf-8")
    return record, plan.folder / RECORD


def _refuse_dry_run(plan: Plan) -> None:
    """Refuse a folder that contains a dry run or a result, unless the options allow its replacement."""
    refuse_planned(plan)
    if (plan.folder / RECORD).exists() and not plan.options.overwrite:
        raise InputError(
            f"{plan.folder} already contains a dry run; choose another --out, or pass --overwrite to replace it"
        )


def _measure(plan: Plan, what: DryRunOptions, rates_hz: Mapping[str, float], stream: TextIO) -> tuple[Measured, str]:
    """The measurements, and why spikes are exchanged at these intervals."""
    network = plan.network
    sizes = {population.name: population.size for population in network.populations}
    placement = make_placement(network, plan.options.placement, what.ranks, 1, rates_hz)
    directed = plan.options.exchange == DIRECTED
    comm = DryRunCommunicator(
        what.rank,
        what.ranks,
        spikes_per_step(rates_hz, sizes, network.resolution_ms),
        needed=neurons_needed(network, placement, what.rank) if directed else None,
    )
    neurons = placement.size_of_rank(what.rank)
    played = f"rank {what.rank} of {what.ranks:,}: {neurons:,} of {network.n_neurons:,} neurons"
    show(stream, f"benchnn: constructing {played}\n")
    with planned_simulator(plan, comm, stream, rates_hz) as simulator:
        stop = Stop()
        propagate(simulator, plan.warmup_steps, stop, _nothing)
        before = simulator.exchange_counts_by_partners
        progress = Progress(stream, "dry run", plan.steps, network.resolution_ms)
        part = propagate(simulator, plan.steps, stop, progress)
        progress.close()
        counts = simulator.exchange_counts_by_partners
        exchanged = {name: one.since(before[name]) for name, one in counts.items()}
        return _measured(simulator, part, neurons, exchanged, comm), simulator.interval_reason


def _of_exchange(counts: ExchangeCounts, interval: int, origins: int) -> dict[str, Any]:
    """Values of an exchange that takes place every `interval` steps, with the spikes of `origins` ranks."""
    received = counts.bytes_received / WORD_BYTES / max(1, counts.exchanges)
    capacity = block_words(interval, counts.largest_words) - interval
    return {
        "interval_steps": interval,
        "unpack_s_per_exchange": unpack_s(origins, interval, capacity, received),
        "received_words_per_exchange": received,
        "largest_sent_words": counts.largest_words,
        "origins": origins,
    }


def _measured(
    simulator: Simulator,
    part: Propagation,
    neurons: int,
    exchanged: Mapping[str, ExchangeCounts],
    comm: DryRunCommunicator,
) -> Measured:
    peak_rss = peak_rss_bytes()
    long, between, destinations = simulator.between_groups_steps, None, simulator.destinations
    if long is not None:
        destinations = simulator.destinations_within_group
        between = BetweenGroups(
            group_ranks=len(simulator.plan.placement.ranks_with(comm.rank)),
            destinations=simulator.destinations - destinations,
            **_of_exchange(exchanged[BETWEEN_GROUPS], long, comm.origins_between_groups),
        )
    counts = exchanged.get(EVERYONE if long is None else WITHIN_GROUP, ExchangeCounts())
    deliver, update = part.phase_s["deliver"], part.phase_s["update"]
    # The thread with the most work.
    busiest = max(range(len(deliver)), key=lambda thread: deliver[thread] + update[thread])
    return Measured(
        threads=simulator.plan.placement.threads,
        steps=part.steps,
        wall_s=part.wall_s,
        work_s_per_step=(part.wall_s - part.exchange_s) / part.steps,
        deliver_s_per_step=deliver[busiest] / part.steps,
        update_s_per_step=update[busiest] / part.steps,
        construction_s=simulator.construction_s,
        routing_s=simulator.routing_s,
        compile_s=simulator.compile_s,
        memory_bytes={"peak_rss": peak_rss, **simulator.memory_bytes},
        synapses=simulator.n_synapses,
        neurons=neurons,
        delivery=simulator.delivery,
        spikes=sum(part.spikes.values()),
        synaptic_events=part.synaptic_events,
        destinations=destinations,
        between_groups=between,
        **_of_exchange(counts, simulator.interval_steps, comm.origins),
    )


def _nothing(done: int, wall_s: float) -> None:
    pass
