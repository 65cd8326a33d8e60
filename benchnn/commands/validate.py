"""The sub-command ``benchnn validate``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit, report
from benchnn.commands.parser import add_model, add_study, add_train_distances

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

EPILOG = "exit codes: 0 the candidate passes, 1 the candidate or a run fails, 2 wrong input"
RUN_OPTIONS = ("model", "time_ms", "warmup_ms", "threads", "out", "overwrite")
"""Options of ``benchnn run`` that apply to all runs."""


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    validate = commands.add_parser(
        "validate",
        help="judge whether a simulation differs from a reference",
        description="Run a network on a candidate and on a reference simulator, with several seeds for each, or read "
        "spikes or statistics of previous runs from files. Compare the statistics of the spikes, and judge whether the "
        "candidate differs from the reference. Write a folder with validation.json and the statistics in candidate.h5 "
        "and reference.h5, which later validations can use.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    validate.set_defaults(call=call)
    add_model(validate)
    validate.add_argument(
        "--preset",
        metavar="NAME",
        default="quick",
        help="quick (10 s, pd14 at scale 0.2), short (10 s), or full (15 min) (default: quick)",
    )
    source = (
        "a simulator; recordings (a folder of a result, a SONATA file or a .dat file of NEST; repeatable); or a .h5 "
        "file of statistics"
    )
    validate.add_argument("--candidate", metavar="SOURCE", action="append", help=f"{source} (default: simcore)")
    validate.add_argument(
        "--reference", metavar="SOURCE", action="append", help="same choices as for --candidate (default: nest)"
    )
    validate.add_argument(
        "--seeds", metavar="N", help="number of runs of the candidate, with seeds 1 to N (default: 6; full: 10)"
    )
    validate.add_argument(
        "--reference-seeds",
        metavar="N",
        help="number of runs of the reference, with seeds from 1001 (default: as for the candidate)",
    )
    validate.add_argument(
        "--candidate-param",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="parameter that differs in the candidate (repeatable)",
    )
    validate.add_argument(
        "--threads", metavar="N", help="number of threads of every simulation (default: all usable CPUs)"
    )
    validate.add_argument("--keep-spikes", action="store_true", help="keep the spikes in addition to their statistics")
    add_train_distances(validate, "if candidate and reference are recordings")
    add_study(validate, "validation", "validate-MODEL", "length of a recording, ms (default: 10000; full: 900000)")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.studies.train_distances_table import OPTIONS
    from benchnn.studies.validation import ValidateOptions, plan_validation, run_validation
    from benchnn.studies.validation_table import to_text

    options = ValidateOptions(
        arguments.preset,
        tuple(arguments.candidate or ["simcore"]),
        tuple(arguments.reference or ["nest"]),
        arguments.seeds,
        arguments.reference_seeds,
        {name: getattr(arguments, name) for name in RUN_OPTIONS},
        arguments.param,
        arguments.candidate_param,
        arguments.keep_spikes,
        {name: getattr(arguments, name) for name in OPTIONS},
    )
    plan = plan_validation(options, arguments.command_line)
    outcome = run_validation(plan, sys.stderr)
    if outcome.problem is not None:
        return report(outcome.problem, 1)
    emit(to_text(outcome.record))
    emit(f"\nwritten to {plan.folder}: validation.json\n")
    return 0 if outcome.record["passed"] else 1
