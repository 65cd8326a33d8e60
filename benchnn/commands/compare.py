"""The sub-command ``benchnn compare``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit, report
from benchnn.commands.parser import EXIT_CODES, add_energy, add_model, add_study, add_train_distances

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    compare = commands.add_parser(
        "compare",
        help="run one network on several simulators in turn, and compare the results",
        description="Run a network on several simulators in turn, each run in a separate process, and write a "
        "folder with comparison.json and the result of every run. The times are those of runs without recording; "
        "one more run of each simulator records the spikes for the statistics.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    compare.set_defaults(call=call)
    add_model(compare)
    compare.add_argument(
        "--simulators",
        metavar="NAME,NAME,...",
        help="simulators in the order of their runs; NAME:MODE selects a mode of a peer simulator (default: simcore, "
        "and nest and brian2 if they are installed)",
    )
    compare.add_argument("--repeats", metavar="N", default="3", help="number of timed runs per simulator (default: 3)")
    compare.add_argument(
        "--connectivity",
        metavar="NAME",
        help="statistical: each simulator draws its own synapses; exact: all use the synapses of simcore "
        "(default: statistical)",
    )
    compare.add_argument("--seed", metavar="N", help="seed of every run (default: 1)")
    compare.add_argument("--threads", metavar="N", help="number of threads of every run (default: all usable CPUs)")
    add_energy(compare)
    add_train_distances(compare, "for exact connectivity")
    add_study(compare, "comparison", "compare-MODEL")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.studies.comparison import RUN_OPTIONS, CompareOptions, plan_comparison, run_comparison
    from benchnn.studies.comparison_table import to_text
    from benchnn.studies.train_distances_table import OPTIONS

    run = {name: getattr(arguments, name) for name in RUN_OPTIONS}
    distances = {name: getattr(arguments, name) for name in OPTIONS}
    options = CompareOptions(arguments.simulators, arguments.repeats, run, arguments.param, distances)
    plan = plan_comparison(options, arguments.command_line)
    outcome = run_comparison(plan, sys.stderr)
    emit(to_text(outcome.record))
    emit(f"\nwritten to {plan.folder}: comparison.json\n")
    return 0 if outcome.problem is None else report(outcome.problem, 1)
