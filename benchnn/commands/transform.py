"""The sub-command ``benchnn transform``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit, report
from benchnn.commands.parser import EXIT_CODES, add_model, add_study

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    transform = commands.add_parser(
        "transform",
        help="compare a network with itself after pruning or perturbing its drawn synapses",
        description="Run a network alternately unchanged and with pruned or perturbed synapses, and print the speed, "
        "memory, traffic and rates of the two networks; write a folder with transform.json and the result of every "
        "run.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    transform.set_defaults(call=call)
    add_model(transform, "a registered name or FILE.py:FUNCTION")
    transform.add_argument(
        "transform",
        metavar="STEPS",
        help="transforms, separated by commas: prune:SHARE, prune:SHARE:random, prune:SHARE:neurons, lognormal:SD, "
        "normal:SD, stuck_off:SHARE, stuck_on:SHARE, drift:EXPONENT:ELAPSED",
    )
    transform.add_argument("--transform-seed", metavar="N", help="seed of random transforms (default: 1)")
    transform.add_argument("--repeats", metavar="N", default="1", help="number of runs of each network (default: 1)")
    transform.add_argument("--seed", metavar="N", help="seed of every run (default: 1)")
    transform.add_argument("--threads", metavar="N", help="number of threads of every run (default: all usable CPUs)")
    transform.add_argument("--weight-bits", metavar="N", help="width of a weight: 8, 16 or 32 bits (default: 16)")
    transform.add_argument(
        "--accept-quantisation",
        action="store_true",
        default=None,
        help="accept weights that rounding changes by more than 1 %%",
    )
    chip = transform.add_argument_group(
        "neuromorphic chip", "map the unchanged and the transformed network onto a chip; see benchnn run"
    )
    chip.add_argument("--chip", metavar="NAME", help="a name listed by benchnn chips, or FILE.toml")
    chip.add_argument("--mapper", metavar="NAME", help="mapper of neurons onto cores (default: in_order)")
    chip.add_argument(
        "--neurons-per-core", metavar="N", help="maximum number of neurons per core (default: the limit of the chip)"
    )
    chip.add_argument(
        "--on-violation", metavar="NAME", help="if a limit of the chip is exceeded: error or adapt (default: error)"
    )
    add_study(transform, "transform", "transform-MODEL")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.studies.transform import RUN_OPTIONS, plan_transform, run_transform
    from benchnn.studies.transform_table import to_text

    run = {name: getattr(arguments, name) for name in RUN_OPTIONS}
    plan = plan_transform(run, arguments.param, arguments.repeats, arguments.command_line)
    outcome = run_transform(plan, sys.stderr)
    emit(to_text(outcome.record))
    emit(f"\nwritten to {plan.folder}: transform.json\n")
    return 0 if outcome.problem is None else report(outcome.problem, 1)
