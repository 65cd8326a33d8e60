"""The command line ``benchnn``. Sub-commands import their modules when they run, so that ``--help`` is fast."""

import argparse
import errno
import os
import socket
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from benchnn.commands import (
    accelerate,
    accelerators,
    bottlenecks,
    chips,
    compare,
    convert,
    crossbar,
    doctor,
    edges,
    energy,
    floorline,
    infer,
    many_core,
    models,
    protocol,
    rates,
    results,
    roofline,
    run,
    scale,
    slurm,
    transform,
    validate,
)
from benchnn.commands import map as maps
from benchnn.commands import report as reports
from benchnn.commands.output import OutputError, report, standard_output_kept
from benchnn.commands.parser import EXIT_CODES, Parser, refuse_empty
from benchnn.record.version import __version__
from simcore.errors import InputError, UnavailableError, WriteError

if TYPE_CHECKING:
    from simcore.comm import Communicator


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

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
            options = make_parser().parse_args(given)
            refuse_empty(options)
        except InputError as error:
            comm = _communicator()
            comm.agree(error)  # All ranks have the same arguments: one rank reports the fault.
            raise
        options.command_line = ["benchnn", *given]
        if options.parallel:
            comm = options.comm = _communicator()
        # If arguments are given, the process belongs to a caller, who needs standard output afterwards.
        with standard_output_kept(to_the_end=arguments is None):
            return int(options.call(options))
    except InputError as error:
        return _fail(error, 2, comm)
    except (UnavailableError, WriteError) as error:
        return _fail(error, 1, comm)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or (comm is not None and comm.size > 1):
            raise
        return _fail(f"a file name is too long: {str(error.filename)[:60]}...", 2, comm)
    except MemoryError as error:
        return _fail(f"out of memory: {error}", 1, comm)
    except KeyboardInterrupt as interrupt:
        return _fail(f"interrupted{f' by {interrupt}' if str(interrupt) else ''}; no result was written", 1, comm)
    except OutputError as error:
        # A closed pipe needs no message: its reader, such as head, has read enough.
        return 1 if isinstance(error.__cause__, BrokenPipeError) else _fail(error, 1, comm)
    except Exception as error:
        if comm is None or comm.size == 1:
            raise
        # The other ranks wait for this rank: a traceback without an abort would leave them waiting.
        traceback.print_exc()
        return _fail(f"{type(error).__name__}: {error}", 1, comm)


def _communicator() -> "Communicator":
    from simcore.comm.started import communicator_of_launch

    return communicator_of_launch()


def _prepare_streams() -> None:
    """Keep a closed stream, or a name that the terminal cannot show, from ending a run."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the process ends
        elif hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def _fail(problem: object, code: int, comm: "Communicator | None") -> int:
    """Report a fault and end all ranks; only rank 0 reports a fault that all ranks know."""
    if comm is None or comm.size == 1:
        return report(problem, code)
    if comm.agreed_error is problem:
        return report(problem, code) if comm.rank == 0 else code
    report(problem, code, f" on rank {comm.rank} of {comm.size} ({socket.gethostname()})")
    comm.abort(code)
    return code


@cache
def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, with all commands; making it takes longer than some commands."""
    parser = Parser(
        prog="benchnn",
        description="Simulate and benchmark large spiking neural networks.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"benchnn {__version__}")
    parser.set_defaults(parallel=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    every = (
        run, scale, compare, protocol, transform, validate, reports, rates, results, energy, slurm, models, edges,
        convert, chips, maps, floorline, bottlenecks, infer, accelerators, accelerate, roofline, crossbar, many_core,
        doctor,
    )  # fmt: skip
    for command in every:
        command.add(commands)
    return parser
