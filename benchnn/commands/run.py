"""The sub-command ``benchnn run``."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from benchnn.commands.output import emit, report
from benchnn.commands.parser import EXIT_CODES, add_energy, add_messages, add_model, message_values
from simcore.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchnn.commands.parser import Commands
    from benchnn.record.result import Result
    from benchnn.running.options import RunOptions
    from simcore.comm import Communicator

DRY_RUN_OPTIONS = (
    *("dry_run_ranks", "dry_run_rank", "dry_run_rate", "interconnect", "latency_us", "bandwidth_gb_s"),
    *("ranks_per_node", "node_latency_us", "node_bandwidth_gb_s"),
)


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    run = commands.add_parser(
        "run",
        help="simulate and measure one network",
        description="Construct, simulate and measure one network, and write a folder with result.json.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    run.set_defaults(call=call, parallel=True)
    add_model(run, optional=True)
    run.add_argument(
        "--config",
        metavar="FILE",
        help="TOML file with tables [run] and [params]; command-line options take precedence",
    )
    run.add_argument("--time", metavar="MS", dest="time_ms", help="measured model time, ms (default: 10000)")
    run.add_argument("--warmup", metavar="MS", dest="warmup_ms", help="model time of the warm-up, ms (default: 500)")
    run.add_argument(
        "--seed", metavar="N", help="seed, which together with model and precision determines every spike (default: 1)"
    )
    run.add_argument(
        "--trials",
        metavar="N",
        help="construct the network once and simulate it with N seeds, SEED, SEED + 1, ...; each trial writes a folder "
        "seed-SEED (default: one run without trials)",
    )
    run.add_argument(
        "--threads", metavar="N", help="number of threads per rank; does not change spikes (default: all usable CPUs)"
    )
    run.add_argument("--backend", metavar="NAME", help="compute backend; see benchnn doctor (default: cpu)")
    run.add_argument(
        "--transform",
        metavar="STEPS",
        help="prune or perturb the drawn network before the run: prune:0.9, prune:0.5:random, lognormal:0.2, ..., "
        "separated by commas",
    )
    run.add_argument("--transform-seed", metavar="N", help="seed of random transforms (default: 1)")
    run.add_argument(
        "--precision", metavar="NAME", help="data type of the state of neurons: float32 or float64 (default: float32)"
    )
    run.add_argument("--weight-bits", metavar="N", help="width of a weight: 8, 16 or 32 bits (default: 16)")
    run.add_argument(
        "--accept-quantisation",
        action="store_true",
        default=None,
        help="accept weights that rounding changes by more than 1 %%",
    )
    run.add_argument(
        "--record",
        metavar="QUANTITY",
        action="append",
        default=[],
        help="quantity to record: spikes; spikes:POPULATION:IDS or V_m:POPULATION:IDS of some neurons, with ids such "
        "as 0,1,5-9; weights:PROJECTION:EVERY_MS of plastic synapses; link_messages of a chip (repeatable)",
    )
    run.add_argument(
        "--delivery",
        metavar="NAME",
        help="delivery algorithm: auto, just_in_time, by_source or calendar; does not change spikes (default: auto)",
    )
    run.add_argument(
        "--exchange", metavar="NAME", help="exchange between ranks: collective or directed (default: collective)"
    )
    run.add_argument(
        "--placement",
        metavar="NAME",
        help="placement of neurons on ranks: round_robin, by_population or areas; does not change spikes (default: "
        "round_robin)",
    )
    run.add_argument(
        "--checkpoint-every",
        metavar="MS",
        dest="checkpoint_every_ms",
        help="model time between checkpoints, ms (default: no checkpoints)",
    )
    run.add_argument("--resume", metavar="DIR", help="resume an interrupted run, on any number of ranks and threads")
    dry = run.add_argument_group(
        "dry run",
        "construct and measure one rank of many, predict the time and memory of all ranks, and write dry_run.json",
    )
    dry.add_argument("--dry-run-ranks", metavar="R", help="number of ranks")
    dry.add_argument("--dry-run-rank", metavar="K", help="rank to simulate (default: 0)")
    dry.add_argument(
        "--dry-run-rate",
        metavar="[POP=]HZ",
        action="append",
        default=[],
        help="mean rate of the neurons of the other ranks, 1/s (repeatable; default: the known rates of the model)",
    )
    add_messages(dry)
    memory = run.add_argument_group("memory", "predict the memory of ranks without constructing or writing anything")
    memory.add_argument(
        "--estimate",
        action="store_true",
        help="print the memory of each part in bytes, and whether all parts fit on this machine",
    )
    memory.add_argument("--ranks", metavar="R", help="number of ranks in the estimate (default: 1)")
    chip = run.add_argument_group(
        "neuromorphic chip", "map the network onto the cores of a chip and count the messages"
    )
    chip.add_argument("--chip", metavar="NAME", help="a name listed by benchnn chips, or FILE.toml")
    chip.add_argument(
        "--mapper",
        metavar="NAME",
        help="mapper of neurons onto cores: FILE.py:NAME, or a name in the help of benchnn map (default: in_order)",
    )
    chip.add_argument(
        "--place",
        metavar="NAME",
        help="placement of cores on routers: FILE.py:NAME, or a name in the help of benchnn map (default: in_order)",
    )
    chip.add_argument("--mapping", metavar="FILE", help="mapping file to use instead of --mapper and --place")
    chip.add_argument(
        "--neurons-per-core", metavar="N", help="maximum number of neurons per core (default: the limit of the chip)"
    )
    chip.add_argument(
        "--chip-weight-bits",
        metavar="N",
        help="width of a weight on the chip in bits (default: 8, or the maximum of the chip if lower)",
    )
    chip.add_argument(
        "--on-violation",
        metavar="NAME",
        help="if a limit of the chip is exceeded: error, or adapt, which changes mapping, weights and delays (default: "
        "error)",
    )
    chip.add_argument(
        "--tick",
        metavar="MS",
        dest="tick_ms",
        help="fixed wall time of a step on the chip, ms (default: from the sheet)",
    )
    peer = run.add_argument_group("peer simulators", "run the same description on another simulator, in this process")
    peer.add_argument(
        "--simulator", metavar="NAME", help="simulator: simcore, nest or brian2; see benchnn doctor (default: simcore)"
    )
    peer.add_argument(
        "--connectivity",
        metavar="NAME",
        help="synapses of a peer simulator; statistical: drawn by the rules of this simulator; exact: the synapses of "
        "simcore (default: statistical)",
    )
    peer.add_argument(
        "--simulator-mode", metavar="NAME", help="mode of brian2: standalone or runtime (default: standalone)"
    )
    add_energy(run)
    run.add_argument("--out", metavar="DIR", help="folder of the result (default: results/MODEL-TIME-ID)")
    run.add_argument("--overwrite", action="store_true", default=None, help="replace an existing result")
    form = run.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print only the record, as JSON")
    form.add_argument("--lines", action="store_true", help="print only the record, as lines KEY: VALUE")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command on this rank."""
    from benchnn.running.merging import run_options
    from benchnn.running.options import SIMPLE_OPTIONS
    from benchnn.running.runner import run

    given = {name: getattr(arguments, name) for name in SIMPLE_OPTIONS}
    dry = any(value for name, value in vars(arguments).items() if name in DRY_RUN_OPTIONS)
    if dry and (arguments.estimate or arguments.ranks is not None):
        raise InputError(
            "--estimate cannot be combined with the options of a dry run, which measures the memory of a rank"
        )
    if dry:
        return _dry_run(arguments, given)
    if arguments.estimate or arguments.ranks is not None:
        return _estimate(arguments, given)
    comm: Communicator = arguments.comm
    options = comm.from_root(lambda: run_options(given, arguments.param, arguments.config))
    if arguments.trials is not None:
        return _trials(arguments, options)
    outcome = run(options, arguments.command_line, sys.stderr, comm)
    if outcome is None:
        return 0
    from benchnn.record.summary import summary

    record = _record_text(arguments, outcome.result)
    emit(summary(outcome.result) if record is None else record)
    if outcome.problem is not None:
        return report(outcome.problem, 1)
    if record is None:
        emit(f"\nwritten to {outcome.files[0].parent}: {', '.join(file.name for file in outcome.files)}\n")
    if outcome.stopped_by is None:
        missing = outcome.result.reasons.get("energy_per_synaptic_event_uj")
        if options.require_energy and missing is not None:
            return report(f"the result was written, but the energy was not measured: {missing}", 1)
        return 0
    time = outcome.result.time
    so_far = f"{time['model_time_ms']:g} ms after {time['warmup_ms']:g} ms of warm-up"
    return report(
        f"interrupted by {outcome.stopped_by}: the result covers {so_far}; "
        f"resume with benchnn run --resume {outcome.files[0].parent}",
        1,
    )


def _trials(arguments: argparse.Namespace, options: "RunOptions") -> int:
    from benchnn.declared_types import from_text
    from benchnn.studies.trials import TrialsPlan, plan_trials, run_trials
    from benchnn.studies.trials_table import make_record, to_text
    from simcore.errors import integer

    comm, command = arguments.comm, arguments.command_line

    def planned() -> TrialsPlan:
        return plan_trials(options, integer(from_text(arguments.trials, int, "trials"), "trials", 1), command)

    plan = comm.from_root(planned)
    trials = run_trials(plan, sys.stderr, comm)
    if trials is None:
        return 0
    record = make_record(trials, plan.number, command)
    text = _record_text(arguments, record)
    emit(to_text(record) if text is None else text)
    if trials.problem is not None:
        return report(trials.problem, 1)
    if text is None:
        emit(f"\nwritten to {trials.folder}: one folder for each trial\n")
    if trials.stopped_by is None:
        missing = [one.reasons.get("energy_per_synaptic_event_uj") for one in trials.results]
        why = next((reason for reason in missing if reason is not None), None)
        if options.require_energy and why is not None:
            return report(f"the results were written, but the energy was not measured: {why}", 1)
        return 0
    return report(f"interrupted by {trials.stopped_by}: the finished trials are kept; {trials.left(plan)}", 1)


def _dry_run(arguments: argparse.Namespace, given: dict[str, Any]) -> int:
    from benchnn.declared_types import from_text
    from benchnn.running.dry_run import TIME_MS, WARMUP_MS, DryRunOptions, dry_run
    from benchnn.running.dry_run_table import to_text
    from benchnn.running.merging import run_options
    from benchnn.running.message_costs import MessageOptions

    if arguments.comm.size > 1:
        arguments.comm.agree(InputError("a dry run needs only one process; start it without mpiexec"))
    if arguments.trials is not None:
        raise InputError("--trials cannot be combined with a dry run")
    if arguments.dry_run_ranks is None:
        raise InputError("dry_run_ranks is missing: pass --dry-run-ranks R, or leave out the options of a dry run")
    texts = {name: getattr(arguments, f"dry_run_{name}") for name in ("ranks", "rank")}
    values: dict[str, Any] = {name: from_text(text, int, name) for name, text in texts.items() if text is not None}
    messages = MessageOptions(**message_values(arguments))
    what = DryRunOptions(rates=tuple(arguments.dry_run_rate), messages=messages, **values)
    defaults = {"time_ms": TIME_MS, "warmup_ms": WARMUP_MS}
    options = run_options(given, arguments.param, arguments.config, defaults)
    record, path = dry_run(options, what, arguments.command_line, sys.stderr)
    emit(_record_text(arguments, record) or to_text(record) + f"\nwritten to {path}\n")
    return 0


def _estimate(arguments: argparse.Namespace, given: dict[str, Any]) -> int:
    from benchnn.declared_types import from_text
    from benchnn.running.estimate import estimate, to_text
    from benchnn.running.merging import run_options
    from simcore.errors import integer

    if not arguments.estimate:
        raise InputError("--ranks requires --estimate; for a run on R ranks, use mpiexec -n R benchnn run")
    if arguments.comm.size > 1:
        arguments.comm.agree(InputError("an estimate covers all ranks; start it without mpiexec, and pass --ranks R"))
    if arguments.trials is not None:
        raise InputError("--trials cannot be combined with --estimate")
    options = run_options(given, arguments.param, arguments.config)
    ranks = 1 if arguments.ranks is None else integer(from_text(arguments.ranks, int, "ranks"), "ranks", 1)
    record = estimate(options, ranks, arguments.command_line)
    emit(_record_text(arguments, record) or to_text(record))
    return 0


def _record_text(arguments: argparse.Namespace, record: "Result | Mapping[str, Any]") -> str | None:
    """The record in the requested form; None without a request."""
    from benchnn.record.json_text import to_json
    from benchnn.record.keys import to_lines
    from benchnn.record.strict_json import parsed

    if arguments.lines:
        return to_lines(parsed(to_json(record)))
    return to_json(record) if arguments.json else None
