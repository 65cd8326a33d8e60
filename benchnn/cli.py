"""The command line ``benchnn``. A sub-command imports what it needs when it is called: ``--help`` answers at once."""

import argparse
import os
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from benchnn import __version__
from benchnn.validate_command import add_validate, validate
from simcore.errors import InputError, UnavailableError, WriteError

if TYPE_CHECKING:
    from simcore.comm import Communicator

DRY_RUN_OPTIONS = ("dry_run_ranks", "dry_run_rank", "dry_run_rate", "latency_us", "bandwidth_gb_s")
EXIT_CODES = "exit codes: 0 success, 1 interrupted or failed, 2 wrong input"


class _OutputError(RuntimeError):
    """Standard output is full or closed."""


class _Parser(argparse.ArgumentParser):
    """Reports wrong arguments as every other wrong input."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    Parameters
    ----------
    arguments
        Arguments without the program's name; those of the process by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _prepare_streams()
    comm: Communicator | None = None
    try:
        try:
            options = _parser().parse_args(given)
        except InputError as error:
            comm = _communicator()
            comm.agree(error)  # All ranks have the same arguments: one of them tells of the fault.
            raise
        options.command_line = ["benchnn", *given]
        if options.parallel:
            comm = options.comm = _communicator()
        return int(options.call(options))
    except InputError as error:
        return _fail(error, 2, comm)
    except (UnavailableError, WriteError) as error:
        return _fail(error, 1, comm)
    except MemoryError as error:
        return _fail(f"out of memory: {error}", 1, comm)
    except KeyboardInterrupt as interrupt:
        return _fail(f"interrupted{f' by {interrupt}' if str(interrupt) else ''}: no result was written", 1, comm)
    except _OutputError as error:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A closed pipe is no failure worth a word: its reader, such as head, has seen enough.
        return 1 if isinstance(error.__cause__, BrokenPipeError) else _fail(error, 1, comm)
    except Exception as error:
        if comm is None or comm.size == 1:
            raise
        # The other ranks wait for this one: a traceback alone would leave them there.
        traceback.print_exc()
        return _fail(f"{type(error).__name__}: {error}", 1, comm)


def _communicator() -> "Communicator":
    """MPI if a launcher of MPI started this process."""
    from simcore.comm import LocalCommunicator
    from simcore.comm.launch import launched_by_mpi

    if not launched_by_mpi():
        return LocalCommunicator()
    from simcore.comm.mpi import MpiCommunicator

    return MpiCommunicator()


def _prepare_streams() -> None:
    """Neither a closed stream nor a name that the terminal cannot show must end a run."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the process ends
        elif hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def _fail(problem: object, code: int, comm: "Communicator | None") -> int:
    """Report a fault and end all ranks; one that all of them know is reported by rank 0 alone."""
    if comm is None or comm.size == 1:
        return _report(problem, code)
    if comm.agreed_error is problem:
        return _report(problem, code) if comm.rank == 0 else code
    _report(problem, code, f" on rank {comm.rank} of {comm.size} ({socket.gethostname()})")
    comm.abort(code)
    return code


def _report(problem: object, code: int, where: str = "") -> int:
    with suppress(OSError):
        sys.stderr.write(f"benchnn: error{where}: {' '.join(str(problem).splitlines())}\n")
        sys.stderr.flush()
    return code


def _emit(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise _OutputError(f"cannot write to standard output: {error.strerror}") from error


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="benchnn",
        description="Simulate and benchmark large spiking neural networks.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"benchnn {__version__}")
    parser.set_defaults(parallel=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    _add_run(commands)
    _add_scale(commands)
    _add_compare(commands)
    add_validate(commands, _add_params).set_defaults(call=_validate)
    models = commands.add_parser(
        "models", help="list network models, or describe one", allow_abbrev=False, epilog=EXIT_CODES
    )
    models.add_argument("model", metavar="MODEL", nargs="?", help="a registered name or FILE.py:FUNCTION")
    _add_params(models)
    models.set_defaults(call=_models)
    doctor = commands.add_parser("doctor", help="what is here, what is usable, why not", allow_abbrev=False)
    doctor.set_defaults(call=_doctor)
    return parser


def _add_params(parser: argparse.ArgumentParser) -> None:
    text = "parameter of the model (repeatable)"
    parser.add_argument("--param", metavar="KEY=VALUE", action="append", default=[], help=text)


def _add_run(commands: "argparse._SubParsersAction[_Parser]") -> None:
    run = commands.add_parser(
        "run",
        help="build, simulate and measure one network",
        description="Build, simulate and measure one network; leaves a folder with result.json.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    run.set_defaults(call=_run, parallel=True)
    run.add_argument("model", metavar="MODEL", nargs="?", help="a registered name or FILE.py:FUNCTION")
    _add_params(run)
    run.add_argument("--config", metavar="FILE", help="TOML file with [run] and [params]; the command line wins")
    run.add_argument("--time", metavar="MS", dest="time_ms", help="measured model time, ms (10000)")
    run.add_argument("--warmup", metavar="MS", dest="warmup_ms", help="model time simulated before, ms (500)")
    run.add_argument("--seed", metavar="N", help="fixes, with model and precision, every spike (1)")
    run.add_argument("--threads", metavar="N", help="threads; changes no spike (all usable CPUs)")
    run.add_argument("--backend", metavar="NAME", help="what computes, see benchnn doctor (cpu)")
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
        help="spikes, or V_m:POPULATION:IDS with ids such as 0,1,5-9 (repeatable)",
    )
    run.add_argument("--delivery", metavar="NAME", help="auto, just_in_time or by_source; changes no spike (auto)")
    run.add_argument("--exchange", metavar="NAME", help="between ranks: collective or directed (collective)")
    run.add_argument(
        "--checkpoint-every", metavar="MS", dest="checkpoint_every_ms", help="model time between checkpoints, ms (none)"
    )
    run.add_argument(
        "--resume", metavar="DIR", help="go on with a run that was stopped, on any number of ranks and threads"
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
    dry.add_argument("--latency-us", metavar="US", help="of a message between ranks (measured on this machine)")
    dry.add_argument("--bandwidth-gb-s", metavar="GB/S", help="between ranks (measured on this machine)")
    peer = run.add_argument_group("peer simulators", "run the same description elsewhere, in this process")
    peer.add_argument("--simulator", metavar="NAME", help="simcore, nest or brian2, see benchnn doctor (simcore)")
    peer.add_argument(
        "--connectivity",
        metavar="NAME",
        help="of a peer: statistical (its own rules), or exact (the edges of simcore) (statistical)",
    )
    peer.add_argument("--simulator-mode", metavar="NAME", help="of brian2: standalone or runtime (standalone)")
    run.add_argument("--out", metavar="DIR", help="folder of the result (results/MODEL-TIME-ID)")
    run.add_argument("--overwrite", action="store_true", default=None, help="replace a result that is there")
    run.add_argument("--json", action="store_true", help="print the record, and nothing else, on stdout")


def _add_scale(commands: "argparse._SubParsersAction[_Parser]") -> None:
    scale = commands.add_parser(
        "scale",
        help="run one network on several layouts and compare them",
        description="Run a network on every pair of ranks and threads, one command each; leaves a folder with "
        "scaling.json, scaling.csv and the result of every run. In strong scaling the network is the same, in weak "
        "scaling it grows with the number of cores, ranks x threads, from the first layout on.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    scale.set_defaults(call=_scale)
    scale.add_argument("kind", choices=("strong", "weak"), help="the same network, or one that grows with the cores")
    scale.add_argument("model", metavar="MODEL", help="a registered name or FILE.py:FUNCTION")
    _add_params(scale)
    scale.add_argument("--ranks", metavar="N,N,...", required=True, help="numbers of ranks")
    scale.add_argument("--threads", metavar="N,N,...", dest="thread_numbers", default="1", help="threads of a rank (1)")
    scale.add_argument("--seeds", metavar="N,N,...", default="1", help="seeds, each run on every layout (1)")
    scale.add_argument(
        "--launcher",
        metavar="COMMAND",
        help="starts the ranks of a run, such as 'srun -n {ranks} -c {threads}' (mpiexec; one rank needs none)",
    )
    scale.add_argument("--grow", metavar="PARAM", help="weak scaling of your own model: the parameter that grows")
    scale.add_argument("--time", metavar="MS", dest="time_ms", help="measured model time, ms (10000)")
    scale.add_argument("--warmup", metavar="MS", dest="warmup_ms", help="model time simulated before, ms (500)")
    for name in ("backend", "precision", "weight-bits", "exchange", "delivery"):
        scale.add_argument(f"--{name}", metavar="VALUE", help="as of benchnn run")
    scale.add_argument("--accept-quantisation", action="store_true", default=None, help="as of benchnn run")
    scale.add_argument("--out", metavar="DIR", help="folder of the series (results/scale-KIND-MODEL-TIME-ID)")
    scale.add_argument("--overwrite", action="store_true", default=None, help="replace results that are there")


def _add_compare(commands: "argparse._SubParsersAction[_Parser]") -> None:
    compare = commands.add_parser(
        "compare",
        help="run one network on several simulators, back to back",
        description="Run a network on several simulators, interleaved, one command each; leaves a folder with "
        "comparison.json and the result of every run. Times come from runs that record nothing; one more run of each "
        "simulator records the spikes, for the statistics.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    compare.set_defaults(call=_compare)
    compare.add_argument("model", metavar="MODEL", help="a registered name or FILE.py:FUNCTION")
    _add_params(compare)
    compare.add_argument(
        "--simulators",
        metavar="NAME,NAME,...",
        default="simcore,nest,brian2",
        help="in this order; NAME:MODE for one of a peer's modes (simcore,nest,brian2)",
    )
    compare.add_argument("--repeats", metavar="N", default="3", help="timed runs of each (3)")
    compare.add_argument(
        "--connectivity",
        metavar="NAME",
        help="statistical (each simulator draws its edges), or exact (all have those of simcore) (statistical)",
    )
    compare.add_argument("--time", metavar="MS", dest="time_ms", help="measured model time, ms (10000)")
    compare.add_argument("--warmup", metavar="MS", dest="warmup_ms", help="model time simulated before, ms (500)")
    compare.add_argument("--seed", metavar="N", help="of every run (1)")
    compare.add_argument("--threads", metavar="N", help="of every run (all usable CPUs)")
    compare.add_argument("--out", metavar="DIR", help="folder of the comparison (results/compare-MODEL-TIME-ID)")
    compare.add_argument("--overwrite", action="store_true", default=None, help="replace results that are there")


def _run(arguments: argparse.Namespace) -> int:
    from benchnn.options import SIMPLE_OPTIONS, run_options
    from benchnn.result import to_json
    from benchnn.runner import run
    from benchnn.summary import summary

    given = {name: getattr(arguments, name) for name in SIMPLE_OPTIONS}
    if any(value for name, value in vars(arguments).items() if name in DRY_RUN_OPTIONS):
        return _dry_run(arguments, given)
    comm: Communicator = arguments.comm
    options = comm.from_root(lambda: run_options(given, arguments.param, arguments.config))
    outcome = run(options, arguments.command_line, sys.stderr, comm)
    if outcome is None:
        return 0
    _emit(to_json(outcome.result) if arguments.json else summary(outcome.result))
    if outcome.problem is not None:
        return _report(outcome.problem, 1)
    if not arguments.json:
        _emit(f"\nwritten to {outcome.files[0].parent}: {', '.join(file.name for file in outcome.files)}\n")
    if outcome.stopped_by is None:
        return 0
    time = outcome.result.time
    so_far = f"{time['model_time_ms']:g} ms after {time['warmup_ms']:g} ms of warm-up"
    return _report(
        f"interrupted by {outcome.stopped_by}: the result holds what was simulated, {so_far}; "
        f"go on with benchnn run --resume {outcome.files[0].parent}",
        1,
    )


def _dry_run(arguments: argparse.Namespace, given: dict[str, Any]) -> int:
    from benchnn.declared_types import from_text
    from benchnn.dry_run import TIME_MS, WARMUP_MS, DryRunOptions, dry_run, to_text
    from benchnn.options import run_options
    from benchnn.result import to_json

    if arguments.comm.size > 1:
        arguments.comm.agree(InputError("a dry run plays all ranks in one process: start it without mpiexec"))
    if arguments.dry_run_ranks is None:
        raise InputError("dry_run_ranks is missing: give --dry-run-ranks R, or leave out the options of a dry run")
    types: dict[str, Any] = {"ranks": int, "rank": int, "latency_us": float, "bandwidth_gb_s": float}
    texts = {name: getattr(arguments, f"dry_run_{name}", None) or getattr(arguments, name, None) for name in types}
    given_texts = {name: text for name, text in texts.items() if text is not None}
    values: dict[str, Any] = {name: from_text(text, types[name], name) for name, text in given_texts.items()}
    what = DryRunOptions(rates=tuple(arguments.dry_run_rate), **values)
    defaults = {"time_ms": TIME_MS, "warmup_ms": WARMUP_MS}
    options = run_options(given, arguments.param, arguments.config, defaults)
    record, path = dry_run(options, what, arguments.command_line, sys.stderr)
    _emit(to_json(record) if arguments.json else to_text(record) + f"\nwritten to {path}\n")
    return 0


def _scale(arguments: argparse.Namespace) -> int:
    from benchnn.scaling import RUN_OPTIONS, ScaleOptions, plan_series, run_series
    from benchnn.scaling_table import to_text

    options = ScaleOptions(
        kind=arguments.kind,
        ranks=arguments.ranks,
        threads=arguments.thread_numbers,
        seeds=arguments.seeds,
        launcher=arguments.launcher,
        grow=arguments.grow,
        run={name: getattr(arguments, name) for name in RUN_OPTIONS},
        params=arguments.param,
    )
    plan = plan_series(options, arguments.command_line)
    outcome = run_series(plan, sys.stderr)
    _emit(to_text(outcome.record))
    if outcome.problem is not None:
        return _report(outcome.problem, 1)
    _emit(f"\nwritten to {plan.folder}: scaling.json, scaling.csv\n")
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    from benchnn.comparison import RUN_OPTIONS, CompareOptions, plan_comparison, run_comparison
    from benchnn.comparison_table import to_text

    run = {name: getattr(arguments, name) for name in RUN_OPTIONS}
    options = CompareOptions(arguments.simulators, arguments.repeats, run, arguments.param)
    plan = plan_comparison(options, arguments.command_line)
    outcome = run_comparison(plan, sys.stderr)
    _emit(to_text(outcome.record))
    _emit(f"\nwritten to {plan.folder}: comparison.json\n")
    return 0 if outcome.problem is None else _report(outcome.problem, 1)


def _validate(arguments: argparse.Namespace) -> int:
    code, problem = validate(arguments, _emit)
    return code if problem is None else _report(problem, code)


def _models(arguments: argparse.Namespace) -> int:
    from benchnn.model_listing import model_list, model_page
    from benchnn.options import split_params

    if arguments.model is None:
        _emit(model_list())
    else:
        _emit(model_page(arguments.model, split_params(arguments.param)))
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from benchnn.doctor import examine, report

    _emit(report(examine()))
    return 0
