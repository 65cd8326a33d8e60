"""The command line ``benchnn``. A sub-command imports what it needs when it is called: ``--help`` answers at once."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from benchnn import __version__
from simcore.errors import InputError, UnavailableError

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
    try:
        options = _parser().parse_args(given)
        options.command_line = ["benchnn", *given]
        return int(options.call(options))
    except InputError as error:
        return _fail(error, 2)
    except UnavailableError as error:
        return _fail(error, 1)
    except MemoryError as error:
        return _fail(f"out of memory: {error}", 1)
    except KeyboardInterrupt as interrupt:
        return _fail(f"interrupted{f' by {interrupt}' if str(interrupt) else ''}: nothing was written", 1)
    except _OutputError as error:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A closed pipe is no failure worth a word: its reader, such as head, has seen enough.
        return 1 if isinstance(error.__cause__, BrokenPipeError) else _fail(error, 1)


def _prepare_streams() -> None:
    """Neither a closed stream nor a name that the terminal cannot show must end a run."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the process ends
        elif hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def _fail(message: object, code: int) -> int:
    with suppress(OSError):
        sys.stderr.write(f"benchnn: error: {' '.join(str(message).splitlines())}\n")
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
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    _add_run(commands)
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
    run.set_defaults(call=_run)
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
    run.add_argument("--out", metavar="DIR", help="folder of the result (results/MODEL-TIME-ID)")
    run.add_argument("--overwrite", action="store_true", default=None, help="replace a result that is there")
    run.add_argument("--json", action="store_true", help="print the record, and nothing else, on stdout")


def _run(arguments: argparse.Namespace) -> int:
    from benchnn.options import SIMPLE_OPTIONS, run_options
    from benchnn.result import to_json
    from benchnn.runner import run
    from benchnn.summary import summary

    given = {name: getattr(arguments, name) for name in SIMPLE_OPTIONS}
    options = run_options(given, arguments.param, arguments.config)
    outcome = run(options, arguments.command_line, sys.stderr)
    if outcome is None:
        return 0
    _emit(to_json(outcome.result) if arguments.json else summary(outcome.result))
    if outcome.problem is not None:
        return _fail(outcome.problem, 1)
    if not arguments.json:
        _emit(f"\nwritten to {outcome.files[0].parent}: {', '.join(file.name for file in outcome.files)}\n")
    if outcome.stopped_by is None:
        return 0
    time = outcome.result.time
    so_far = f"{time['model_time_ms']:g} ms after {time['warmup_ms']:g} ms of warm-up"
    return _fail(f"interrupted by {outcome.stopped_by}: the result holds what was simulated, {so_far}", 1)


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
