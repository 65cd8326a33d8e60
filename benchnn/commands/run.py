"""The sub-command ``benchnn run``."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from benchnn.commands.output import emit, report
from benchnn.commands.parser import EXIT_CODES, add_energy, add_messages, add_params, message_values
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
        help="build, simulate and measure one network",
        description="Build, simulate and measure one network; leaves a folder with result.json.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    run.set_defaults(call=call, parallel=True)
    run.add_argument(
        "model", metavar="MODEL", nargs="?", help="a registered name, FILE.py:FUNCTION, FILE.nir or FILE.json"
    )
    add_params(run)
    run.add_argument("--config", metavar="FILE", help="TOML file with [run] and [params]; the command line wins")
    run.add_argument("--time", metavar="MS", dest="time_ms", help="measured model time, ms (10000)")
    run.add_argument("--warmup", metavar="MS", dest="warmup_ms", help="model time simulated before, ms (500)")
    run.add_argument("--seed", metavar="N", help="fixes, with model and precision, every spike (1)")
    run.add_argument(
        "--trials",
        metavar="N",
        help="build the network once and simulate it with N seeds, SEED, SEED + 1, ...; each trial leaves a folder "
        "seed-SEED (one run)",
    )
    run.add_argument("--threads", metavar="N", help="threads; changes no spike (all usable CPUs)")
    run.add_argument("--backend", metavar="NAME", help="what computes, see benchnn doctor (cpu)")
    run.add_argument(
        "--transform",
        metavar="STEPS",
        help="prune or perturb the drawn network first: prune:0.9, prune:0.5:random, lognormal:0.2, ..., separated by "
        "commas (nothing)",
    )
    run.add_argument("--transform-seed", metavar="N", help="of what is random in it (1)")
    run.add_argument("--precision", metavar="NAME", help="float32 or float64 neuron state (float32)")
    run.add_argument("--weight-bits", metavar="N", help="8, 16 or 32 (16)")
    run.add_argument(
        "--accept-quantisation",
        action="store_true",
        default=None,
        help="accept weights that the bits move by more than 1 %%",
    )
    run.add_argument(
        "--record",
        metavar="WHAT",
        action="append",
        default=[],
        help="spikes, or of some neurons spikes:POPULATION:IDS or V_m:POPULATION:IDS with ids such as 0,1,5-9; "
        "weights:PROJECTION:EVERY_MS of plastic synapses; link_messages of a chip (repeatable)",
    )
    run.add_argument(
        "--delivery", metavar="NAME", help="auto, just_in_time, by_source or calendar; changes no spike (auto)"
    )
    run.add_argument("--exchange", metavar="NAME", help="between ranks: collective or directed (collective)")
    run.add_argument(
        "--placement",
        metavar="NAME",
        help="neurons on ranks: round_robin, by_population or areas; changes no spike (round_robin)",
    )
    run.add_argument(
        "--checkpoint-every", metavar="MS", dest="checkpoint_every_ms", help="model time between checkpoints, ms (none)"
    )
    run.add_argument(
        "--resume", metavar="DIR", help="continue a run that was stopped, on any number of ranks and threads"
    )
    dry = run.add_argument_group("dry run", "build and measure one rank of many, predict all; leaves dry_run.json")
    dry.add_argument("--dry-run-ranks", metavar="R", help="number of ranks")
    dry.add_argument("--dry-run-rank", metavar="K", help="the rank that is played (0)")
    dry.add_argument(
        "--dry-run-rate",
        metavar="[POP=]HZ",
        action="append",
        default=[],
        help="mean rate of the other ranks' neurons (repeatable; the model's known rates)",
    )
    add_messages(dry)
    memory = run.add_argument_group("memory", "predict the memory of a rank and of all; builds and writes nothing")
    memory.add_argument(
        "--estimate", action="store_true", help="print bytes by part, and whether they fit this machine"
    )
    memory.add_argument("--ranks", metavar="R", help="number of ranks of the estimate (1)")
    chip = run.add_argument_group("neuromorphic chip", "lay the network on the cores of a chip and count its messages")
    chip.add_argument("--chip", metavar="NAME", help="a name of benchnn chips, or FILE.toml (none)")
    chip.add_argument(
        "--mapper", metavar="NAME", help="which neuron on which core, see benchnn map; or FILE.py:NAME (in_order)"
    )
    chip.add_argument(
        "--place", metavar="NAME", help="which core on which router, see benchnn map; or FILE.py:NAME (in_order)"
    )
    chip.add_argument("--mapping", metavar="FILE", help="mapping file, instead of mapper and place (none)")
    chip.add_argument("--neurons-per-core", metavar="N", help="most neurons of a core (what the chip allows)")
    chip.add_argument("--chip-weight-bits", metavar="N", help="width of a weight on the chip (8, or what it has)")
    chip.add_argument(
        "--on-violation",
        metavar="NAME",
        help="if a limit of the chip is exceeded: error, or adapt mapping, weights and delays (error)",
    )
    chip.add_argument("--tick", metavar="MS", dest="tick_ms", help="fixed time of a step on the chip (its own)")
    peer = run.add_argument_group("peer simulators", "run the same description elsewhere, in this process")
    peer.add_argument("--simulator", metavar="NAME", help="simcore, nest or brian2, see benchnn doctor (simcore)")
    peer.add_argument(
        "--connectivity",
        metavar="NAME",
        help="of a peer: statistical (its own rules), or exact (the edges of simcore) (statistical)",
    )
    peer.add_argument("--simulator-mode", metavar="NAME", help="of brian2: standalone or runtime (standalone)")
    add_energy(run)
    run.add_argument("--out", metavar="DIR", help="folder of the result (results/MODEL-TIME-ID)")
    run.add_argument("--overwrite", action="store_true", default=None, help="replace a result that is there")
    form = run.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the record, and nothing else, on stdout")
    form.add_argument("--lines", action="store_true", help="print the record in lines KEY: VALUE, and nothing else")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command on this rank."""
    from benchnn.running.merging import run_options
    from benchnn.running.options import SIMPLE_OPTIONS
    from benchnn.running.runner import run

    given = {name: getattr(arguments, name) for name in SIMPLE_OPTIONS}
    dry = any(value for name, value in vars(arguments).items() if name in DRY_RUN_OPTIONS)
    if dry and (arguments.estimate or arguments.ranks is not None):
        raise InputError("estimate is not allowed with the options of a dry run, which measures the memory of a rank")
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
            return report(f"the energy was not measured: {missing}; the result was written", 1)
        return 0
    time = outcome.result.time
    so_far = f"{time['model_time_ms']:g} ms after {time['warmup_ms']:g} ms of warm-up"
    return report(
        f"interrupted by {outcome.stopped_by}: the result holds what was simulated, {so_far}; "
        f"continue with benchnn run --resume {outcome.files[0].parent}",
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
        emit(f"\nwritten to {trials.folder}: a folder for each trial\n")
    if trials.stopped_by is None:
        missing = [one.reasons.get("energy_per_synaptic_event_uj") for one in trials.results]
        why = next((reason for reason in missing if reason is not None), None)
        if options.require_energy and why is not None:
            return report(f"the energy was not measured: {why}; the results were written", 1)
        return 0
    return report(f"interrupted by {trials.stopped_by}: the trials that are over are kept; {trials.left(plan)}", 1)


def _dry_run(arguments: argparse.Namespace, given: dict[str, Any]) -> int:
    from benchnn.declared_types import from_text
    from benchnn.running.dry_run import TIME_MS, WARMUP_MS, DryRunOptions, dry_run
    from benchnn.running.dry_run_table import to_text
    from benchnn.running.merging import run_options
    from benchnn.running.message_costs import MessageOptions

    if arguments.comm.size > 1:
        arguments.comm.agree(InputError("a dry run plays all ranks in one process: start it without mpiexec"))
    if arguments.trials is not None:
        raise InputError("a dry run has no trials: leave out --trials")
    if arguments.dry_run_ranks is None:
        raise InputError("dry_run_ranks is missing: give --dry-run-ranks R, or leave out the options of a dry run")
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
        raise InputError("--ranks needs --estimate; for a run on R ranks start mpiexec -n R benchnn run")
    if arguments.comm.size > 1:
        arguments.comm.agree(InputError("an estimate covers all ranks: start it without mpiexec, with --ranks R"))
    if arguments.trials is not None:
        raise InputError("an estimate has no trials: leave out --trials")
    options = run_options(given, arguments.param, arguments.config)
    ranks = 1 if arguments.ranks is None else integer(from_text(arguments.ranks, int, "ranks"), "ranks", 1)
    record = estimate(options, ranks, arguments.command_line)
    emit(_record_text(arguments, record) or to_text(record))
    return 0


def _record_text(arguments: argparse.Namespace, record: "Result | Mapping[str, Any]") -> str | None:
    """The record in the form that was asked for; None if none was."""
    from benchnn.record.keys import to_lines
    from benchnn.record.result import to_json
    from benchnn.record.strict_json import parsed

    if arguments.lines:
        return to_lines(parsed(to_json(record)))
    return to_json(record) if arguments.json else None
