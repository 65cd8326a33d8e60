"""The sub-command ``benchnn roofline``."""

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES
from benchnn.commands.study_folder import asked_folder, leave_pictures

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

FIELDS = ("folders", "on", "workload", "machine", "this_machine", "steps", "batch", "density", "out", "overwrite")


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "roofline",
        help="compare networks with the rooflines of machines, for each memory level",
        description="Show whether computation or a memory level limits networks on accelerators, chips and measured "
        "machines, and how the energy is divided among the components. Nothing is simulated, except with "
        "--this-machine.",
        epilog=f"{EXIT_CODES}. A point above its roof is a failure.",
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument("folders", metavar="DIR", nargs="*", help="folder of a run with --chip")
    parser.add_argument(
        "--on",
        metavar="NAME,...",
        help="names listed by benchnn accelerators, eyeriss_like, or FILE.toml with a sheet "
        "(default: tpu_v1,eyeriss,sata,spikesim_65nm)",
    )
    parser.add_argument(
        "--workload",
        metavar="NAME,...",
        help="names, FILE.toml, FILE.nir or folders written by benchnn infer (default: vgg9)",
    )
    parser.add_argument(
        "--machine",
        metavar="FILE",
        action="append",
        default=[],
        help="file that describes a machine and points on its roofline, .json or .toml (repeatable)",
    )
    parser.add_argument(
        "--this-machine",
        metavar="DIR",
        help="folder of a run on this machine: measure the roofs, and run the network of this run again to count "
        "the operations of each phase",
    )
    parser.add_argument("--steps", metavar="N", help="number of time steps (default: from the workload)")
    parser.add_argument(
        "--batch",
        metavar="N",
        default="1",
        help="number of inputs that share weights, on tpu_v1 and eyeriss (default: 1)",
    )
    parser.add_argument("--density", metavar="D", help="share of non-zero inputs, for all layers and steps")
    parser.add_argument("--out", metavar="DIR", help="write a folder with roofline.json and its pictures")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing result")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from pathlib import Path

    from benchnn.accelerators.roofline.plan import RooflineOptions, plan_roofline
    from benchnn.accelerators.roofline.record import faults_of, run_roofline
    from benchnn.accelerators.roofline.record_keys import RECORD
    from benchnn.accelerators.roofline.table import to_text
    from benchnn.record.json_text import to_json
    from benchnn.report.roofline_pictures import draw_roofline
    from benchnn.running.progress import show

    options = RooflineOptions(**{name: getattr(arguments, name) for name in FIELDS})
    # Machines are measured while the plan is made: the folder comes first.
    with asked_folder(None if options.out is None else Path(options.out)):
        plan = plan_roofline(options)
        record = run_roofline(plan, arguments.command_line)
    emit(to_json(record) if arguments.json else to_text(record))
    leave_pictures(plan.folder, RECORD, partial(draw_roofline, runs=plan.runs), arguments.json)
    faults = faults_of(record)
    for fault in faults:
        show(sys.stderr, f"benchnn: {fault}\n")
    return 1 if faults else 0
