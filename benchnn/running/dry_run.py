"""A dry run: this process plays one rank of many and predicts what all of them would need.

It builds exactly the rank's part, receives invented spikes of the other ranks at given rates, and measures. What ranks
cost each other follows from a stated model of the communication.
"""

import json
import math
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from benchnn.models import declarations
from benchnn.record.folder import taken_folder
from benchnn.record.result import to_json
from benchnn.running.launcher import mpi_launcher
from benchnn.running.options import ENERGY_OPTIONS, OWN, RunOptions
from benchnn.running.placed import comparison, comparison_text
from benchnn.running.plan import Plan, plan_run, planned_simulator, refuse_planned
from benchnn.running.progress import Progress, show
from benchnn.running.slices import propagate
from benchnn.running.stop import Stop
from simcore.comm.communicator import COLLECTIVE, FIRST_CAPACITY
from simcore.comm.dry_run import DryRunCommunicator, spikes_per_step
from simcore.comm.launch import environment_of_child
from simcore.display.text_table import aligned
from simcore.display.words import counted
from simcore.errors import InputError, UnavailableError, number, require
from simcore.memory import peak_rss_bytes
from simcore.network import Network
from simcore.placement.choice import make_placement
from simcore.recording.files import replaced_file
from simcore.simulator import MAX_THREADS, Propagation, Simulator

RECORD = "dry_run.json"
SCHEMA_VERSION = 1
MAX_RANKS = 10**6
TIME_MS, WARMUP_MS = 1000.0, 100.0


@dataclass(frozen=True)
class DryRunOptions:
    """What is predicted, as the command line gives it.

    Parameters
    ----------
    ranks, rank
        Number of ranks, and the one that is played.
    rates
        ``HZ`` or ``POPULATION=HZ``: mean rates of the neurons of the other ranks; the model's own where not given.
    latency_us, bandwidth_gb_s
        Of a message between ranks; measured between two ranks of this machine where not given.
    """

    ranks: int
    rank: int = 0
    rates: tuple[str, ...] = ()
    latency_us: float | None = None
    bandwidth_gb_s: float | None = None

    def __post_init__(self) -> None:
        require(1 <= self.ranks <= MAX_RANKS, "dry_run_ranks", self.ranks, f"must lie in [1, {MAX_RANKS}]")
        require(0 <= self.rank < self.ranks, "dry_run_rank", self.rank, f"must lie in [0, {self.ranks - 1}]")
        for name in ("latency_us", "bandwidth_gb_s"):
            value = getattr(self, name)
            require(value is None or 0.0 < value < math.inf, name, value, "must be > 0")


@dataclass(frozen=True)
class CommunicationModel:
    """Time of a message: latency plus bytes over bandwidth (Hockney 1994).

    The collective exchange takes ceil(log2 R) rounds in which all blocks but the own one arrive; the directed one a
    message for each destination.
    """

    latency_us: float
    bandwidth_gb_s: float
    source: str

    def exchange_s(self, kind: str, ranks: int, destinations: int, block_bytes: int) -> float:
        """Seconds of an exchange in which every rank sends blocks of `block_bytes`."""
        messages = math.ceil(math.log2(ranks)) if kind == COLLECTIVE else destinations
        blocks = ranks - 1 if kind == COLLECTIVE else destinations
        return messages * self.latency_us * 1e-6 + blocks * block_bytes / (self.bandwidth_gb_s * 1e9)


@dataclass(frozen=True)
class Measured:
    """What the rank that is played needed, the busiest of its threads in a step."""

    threads: int
    steps: int
    wall_s: float
    deliver_s_per_step: float
    update_s_per_step: float
    construction_s: float
    routing_s: float
    compile_s: float
    memory_bytes: dict[str, int]
    synapses: int
    neurons: int
    delivery: str
    interval_steps: int
    synaptic_events: int
    received_words_per_exchange: float
    largest_sent_words: int
    destinations: int


def dry_run(
    options: RunOptions, what: DryRunOptions, command: list[str], stream: TextIO
) -> tuple[dict[str, Any], Path]:
    """Predict, write ``dry_run.json`` and return its content and its path.

    Raises
    ------
    InputError
        If something is wrong with the user's input.
    UnavailableError
        If the communication can be neither measured nor is given.
    """
    require(options.backend == "cpu", "backend", options.backend, "a dry run uses the cpu backend")
    require(options.resume is None, "resume", options.resume, "a dry run has no checkpoints")
    every = options.checkpoint_every_ms
    require(every is None, "checkpoint_every_ms", every, "a dry run has no checkpoints")
    require(options.chip is None, "chip", options.chip, "a dry run has no chip")
    require(options.simulator == OWN, "simulator", options.simulator, f"a dry run (--dry-run-ranks) is of {OWN}")
    for name in ENERGY_OPTIONS:
        value = getattr(options, name)
        unset = value == RunOptions.__dataclass_fields__[name].default
        require(unset, name, value, "a dry run (--dry-run-ranks) measures no energy")
    require(not options.record, "record", list(options.record), "a dry run records nothing")
    require(options.time_ms > 0.0, "time_ms", options.time_ms, "a dry run measures some time")
    if options.threads is not None:
        require(options.threads <= MAX_THREADS, "threads", options.threads, f"must be at most {MAX_THREADS}")
    plan = plan_run(options, command)
    _refuse_dry_run(plan)
    rates_hz, rates_source = given_rates(what.rates, options.model, plan.parameters, plan.network)
    model = communication_model(what)
    placements, why = comparison(plan.network, what.ranks, rates_hz)
    show(stream, f"benchnn: placements on {counted(what.ranks, 'rank')}, expected\n")
    show(stream, comparison_text(placements, options.placement))
    with taken_folder(plan.folder, lambda: _refuse_dry_run(plan)), Stop():
        measured = _measure(plan, what, rates_hz, stream)
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
            "predicted": prediction(plan.network, what.ranks, options.exchange, model, measured),
            "reasons": ({"communication": "one rank exchanges nothing"} if model is None else {})
            | ({} if why is None else {"placements.directed": why}),
        }
        with replaced_file(plan.folder / RECORD) as aside:
            aside.write_text(to_json(record), encoding="utf-8")
    return record, plan.folder / RECORD


def _refuse_dry_run(plan: Plan) -> None:
    """Refuse a folder with a dry run, or with a result, unless it may be replaced."""
    refuse_planned(plan)
    if (plan.folder / RECORD).exists() and not plan.options.overwrite:
        raise InputError(
            f"out = {str(plan.folder)!r} is not allowed: it holds a dry run; choose another or use --overwrite"
        )


def prediction(
    network: Network, ranks: int, exchange: str, model: CommunicationModel | None, measured: Measured
) -> dict[str, Any]:
    """Real-time factor and memory of all ranks, if each needs what the one that was played needed.

    The exchange is added to the work of a step in `real_time_factor`, as if nothing were hidden behind the delivery;
    `real_time_factor_hidden` is the same with all of it hidden as far as there is delivery to hide behind.
    """
    block_words = measured.interval_steps + max(FIRST_CAPACITY, 2 * measured.largest_sent_words)
    block_bytes = 4 * block_words
    exchange_s = 0.0 if model is None else model.exchange_s(exchange, ranks, measured.destinations, block_bytes)
    per_step = exchange_s / measured.interval_steps
    work = measured.deliver_s_per_step + measured.update_s_per_step
    exposed = max(0.0, per_step - measured.deliver_s_per_step)
    step_s = network.resolution_ms * 1e-3
    peak = measured.memory_bytes["peak_rss"]
    return {
        "exchange_us": exchange_s * 1e6,
        "exchange_share": per_step / (work + per_step),
        "real_time_factor": (work + per_step) / step_s,
        "real_time_factor_hidden": (work + exposed) / step_s,
        "memory_per_rank_bytes": peak,
        "memory_bytes": peak * ranks,
    }


def given_rates(
    texts: tuple[str, ...], model: str, parameters: Mapping[str, Any], network: Network
) -> tuple[dict[str, float], str]:
    """Mean rate of each population, and where the rates come from.

    Raises
    ------
    InputError
        If a rate is malformed, or that of a population is not known.
    """
    names = [population.name for population in network.populations]
    highest = 1000.0 / network.resolution_ms
    rates: dict[str, float] = {}
    source = ""
    if model in declarations.names():
        declaration = declarations.get(model)
        known = declaration.expected_rates_hz(parameters)
        if known is not None:
            rates, source = dict(known), declaration.rates_source
    for text in texts:
        name, equals, value = text.rpartition("=")
        require(not equals or name in names, "dry_run_rate", text, f"populations are {', '.join(names)}")
        try:
            rate = number(float(value), "dry_run_rate")
        except ValueError as error:
            raise InputError(f"dry_run_rate = {text!r} is not allowed: write HZ or POPULATION=HZ") from error
        require(0.0 <= rate <= highest, "dry_run_rate", text, f"must lie in [0, {highest:g}] Hz, one spike a step")
        rates |= dict.fromkeys(names if not equals else [name], rate)
    given = {name for text in texts for name in ([text.rpartition("=")[0]] if "=" in text else names)}
    missing = [name for name in names if name not in rates]
    if missing:
        raise InputError(
            f"dry_run_rate is missing: no rate is known of {', '.join(missing)}; give --dry-run-rate HZ or "
            "POPULATION=HZ"
        )
    if given:
        source = "given" if given == set(names) else f"given for {', '.join(sorted(given))}; {source}"
    return {name: rates[name] for name in names}, source


def communication_model(what: DryRunOptions) -> CommunicationModel | None:
    """The given numbers, None for one rank; those that are not given are measured between two ranks of this machine."""
    if what.latency_us is not None and what.bandwidth_gb_s is not None:
        return CommunicationModel(what.latency_us, what.bandwidth_gb_s, "given")
    if what.ranks == 1:
        return None
    found = _probe()
    latency, bandwidth = what.latency_us or found["latency_us"], what.bandwidth_gb_s or found["bandwidth_gb_s"]
    return CommunicationModel(latency, bandwidth, "measured between two ranks of this machine, where not given")


def _probe() -> dict[str, float]:
    try:
        words, added = mpi_launcher()
        command = [word.format(ranks=2) for word in words] + [sys.executable, "-m", "simcore.comm.probe"]
        environment = {**environment_of_child(), **added}
        told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=environment)
        found: dict[str, float] = json.loads(told.stdout)
        return found
    except (UnavailableError, OSError, subprocess.SubprocessError, ValueError) as error:
        raise UnavailableError(
            f"the cost of messages cannot be measured here ({error}); give --latency-us and --bandwidth-gb-s"
        ) from error


def _measure(plan: Plan, what: DryRunOptions, rates_hz: Mapping[str, float], stream: TextIO) -> Measured:
    network = plan.network
    sizes = {population.name: population.size for population in network.populations}
    comm = DryRunCommunicator(what.rank, what.ranks, spikes_per_step(rates_hz, sizes, network.resolution_ms))
    placement = make_placement(network, plan.options.placement, what.ranks, 1, rates_hz)
    neurons = placement.size_of_rank(what.rank)
    played = f"rank {what.rank} of {what.ranks:,}: {neurons:,} of {network.n_neurons:,} neurons"
    show(stream, f"benchnn: building {played}\n")
    with planned_simulator(plan, comm, stream, rates_hz) as simulator:
        stop = Stop()
        propagate(simulator, plan.warmup_steps, stop, _nothing)
        before = simulator.exchange_counts
        progress = Progress(stream, "dry run", plan.steps, network.resolution_ms)
        part = propagate(simulator, plan.steps, stop, progress)
        progress.close()
        return _measured(simulator, part, neurons, before.bytes_received, before.exchanges)


def _measured(
    simulator: Simulator, part: Propagation, neurons: int, received_before: int, exchanges_before: int
) -> Measured:
    counts = simulator.exchange_counts
    exchanges = max(1, counts.exchanges - exchanges_before)
    deliver, update = part.phase_s["deliver"], part.phase_s["update"]
    # The thread with most work.
    busiest = max(range(len(deliver)), key=lambda thread: deliver[thread] + update[thread])
    return Measured(
        threads=simulator.plan.placement.threads,
        steps=part.steps,
        wall_s=part.wall_s,
        deliver_s_per_step=deliver[busiest] / part.steps,
        update_s_per_step=update[busiest] / part.steps,
        construction_s=simulator.construction_s,
        routing_s=simulator.routing_s,
        compile_s=simulator.compile_s,
        memory_bytes={"peak_rss": peak_rss_bytes(), **simulator.memory_bytes},
        synapses=simulator.n_synapses,
        neurons=neurons,
        delivery=simulator.delivery,
        interval_steps=simulator.interval_steps,
        synaptic_events=part.synaptic_events,
        received_words_per_exchange=(counts.bytes_received - received_before) / 4 / exchanges,
        largest_sent_words=counts.largest_words,
        destinations=simulator.destinations,
    )


def _nothing(done: int, wall_s: float) -> None:
    pass


def to_text(record: Mapping[str, Any]) -> str:
    """The readable summary of a dry run, made from its record alone."""
    model, played, measured, predicted = (record[key] for key in ("model", "played", "measured", "predicted"))
    communication, step_us = record["communication"], 1e6 * measured["wall_s"] / measured["steps"]
    lines = [
        f"{model['name']}: {model['neurons']:,} neurons; rank {played['rank']:,} of {played['ranks']:,} x "
        f"{played['threads']} threads was played on {record['host']}: {measured['neurons']:,} neurons, "
        f"{measured['synapses']:,} synapses, delivery {measured['delivery']}",
        f"rates of the other ranks' neurons: {_rates(record['rates_hz'])} ({record['rates_source']})",
        "",
    ]
    rows = [
        ("measured", "", ""),
        ("  network construction", f"{measured['construction_s']:.2f} s", "of this rank alone"),
        ("  deliver", f"{1e6 * measured['deliver_s_per_step']:.2f} us", "a step, busiest thread"),
        ("  update", f"{1e6 * measured['update_s_per_step']:.2f} us", "a step, busiest thread"),
        ("  step", f"{step_us:.2f} us", "with drawing the others' spikes, which a real run does not"),
        ("  peak memory", f"{measured['memory_bytes']['peak_rss'] / 1e9:.3f} GB", "of this rank"),
    ]
    if communication is not None:
        rows += [
            ("communication model", "", communication["source"]),
            ("  latency", f"{communication['latency_us']:.3g} us", ""),
            ("  bandwidth", f"{communication['bandwidth_gb_s']:.3g} GB/s", ""),
            ("  exchange", f"{predicted['exchange_us']:.3g} us", f"{record['exchange']}, every {_interval(record)}"),
        ]
    rows += [
        ("predicted", "", f"for {played['ranks']:,} ranks, if each needs what this one needed"),
        ("  real-time factor", f"{predicted['real_time_factor']:.4g}", "nothing of the exchange hidden"),
        ("  ", f"{predicted['real_time_factor_hidden']:.4g}", "hidden behind the delivery as far as possible"),
        ("  memory", f"{predicted['memory_bytes'] / 1e9:,.1f} GB", "of all ranks"),
    ]
    placements = comparison_text(record["placements"], record["placement"])
    return "\n".join(lines) + aligned(rows, "lrl") + f"\nplacements\n{placements}"


def _rates(rates_hz: Mapping[str, float]) -> str:
    values = set(rates_hz.values())
    if len(values) == 1:
        return f"{values.pop():g} Hz"
    return ", ".join(f"{name} {rate:g}" for name, rate in rates_hz.items()) + " Hz"


def _interval(record: Mapping[str, Any]) -> str:
    steps = record["measured"]["interval_steps"]
    return "step" if steps == 1 else f"{steps} steps"
