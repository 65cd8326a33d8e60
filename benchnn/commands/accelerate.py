"""The sub-command ``benchnn accelerate``."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES
from benchnn.commands.study_folder import asked_folder, leave_pictures

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

FIELDS = (
    "steps", "density", "activity", "weight_bits", "exit_entropy", "dataflow", "lif_sharing", "membrane_bits",
    "gradient_density", "forward_bits", "packed_spikes", "accounting", "compare", "out", "overwrite",
)  # fmt: skip


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "accelerate",
        help="compare the energy, latency and area of a network on models of accelerators and on chips",
        description="Evaluate a workload, given as layers with the densities of their inputs, on models of "
        "accelerators: a systolic array (SATA), an in-memory crossbar (SpikeSim), a generic model that counts "
        "operations, and the chips listed by benchnn chips. Nothing is simulated.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument(
        "workload",
        metavar="WORKLOAD",
        help="a name such as vgg9, FILE.toml, FILE.nir, or a folder written by benchnn infer",
    )
    parser.add_argument(
        "--on",
        metavar="NAME,...",
        help="names listed by benchnn accelerators or benchnn chips, or FILE.toml "
        "(default: sata,spikesim_65nm,estimate_28nm)",
    )
    parser.add_argument(
        "--steps",
        metavar="N,N,...",
        help="numbers of time steps; each has its own rows in the table (default: from the workload)",
    )
    parser.add_argument("--density", metavar="D", help="share of non-zero inputs, for all layers and steps")
    parser.add_argument("--activity", metavar="FILE", help="CSV file with columns layer,density or layer,step,density")
    parser.add_argument(
        "--weight-bits", metavar="N", help="width of the weights of all layers in bits (default: from the workload)"
    )
    parser.add_argument(
        "--exit-entropy",
        metavar="E",
        help="entropy threshold of a run with early exit; the exit steps of the run determine the mean cost per sample",
    )
    parser.add_argument(
        "--dataflow",
        metavar="NAME",
        help="dataflow of systolic arrays: output_stationary, weight_stationary or tick_batched (default: from the "
        "sheet)",
    )
    parser.add_argument(
        "--lif-sharing",
        metavar="N",
        default="1",
        help="number of channels that share a LIF unit of a systolic array (default: 1)",
    )
    parser.add_argument(
        "--membrane-bits", metavar="N", help="width of a membrane potential in bits (default: from the sheet)"
    )
    parser.add_argument(
        "--accounting",
        metavar="both|published|corrected",
        default="both",
        help="published: count as the authors of the model do, including their errors; corrected: without these errors "
        "(default: both)",
    )
    training = parser.add_argument_group(
        "training", "options for the accelerator sata_training, which performs 16-bit multiply-accumulate operations"
    )
    training.add_argument(
        "--gradient-density", metavar="D", help="share of non-zero gradients of the membrane potentials"
    )
    training.add_argument(
        "--forward-bits", metavar="N", help="width of the values of the forward pass in bits (default: 16)"
    )
    training.add_argument("--packed-spikes", metavar="N", help="number of spikes per memory element (default: 1)")
    parser.add_argument(
        "--compare", action="store_true", help="show published figures of the workload next to the computed ones"
    )
    parser.add_argument("--out", metavar="DIR", help="write a folder with accelerators.json and its pictures")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing result")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.accelerators.accelerate import run_accelerate
    from benchnn.accelerators.plan import USUAL, AccelerateOptions, plan_accelerate
    from benchnn.accelerators.record_keys import RECORD
    from benchnn.accelerators.table import to_text
    from benchnn.record.json_text import to_json
    from benchnn.report.accelerators_section import accelerators_section
    from benchnn.report.study_pictures import draw_study

    options = AccelerateOptions(arguments.on or USUAL, **{name: getattr(arguments, name) for name in FIELDS})
    plan = plan_accelerate(arguments.workload, options)
    with asked_folder(plan.folder):
        record = run_accelerate(plan, arguments.command_line)
    emit(to_json(record) if arguments.json else to_text(record))
    draw = partial(draw_study, name=RECORD, section=accelerators_section)
    leave_pictures(plan.folder, RECORD, draw, arguments.json)
    return 0
