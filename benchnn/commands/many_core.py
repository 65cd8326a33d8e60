"""The sub-command ``benchnn many-core``."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES
from benchnn.commands.study_folder import asked_folder, leave_pictures

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

FIELDS = (
    "on", "networks", "batch", "latency_ms", "target_tops", "designs", "weights", "sparsity", "out", "overwrite",
)  # fmt: skip


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "many-core",
        help="compare designs of many-core accelerators, and the gain from sparse weights",
        description="Evaluate dense networks on many-core designs with multiplier arrays, following NeuroMeter: peak "
        "throughput, utilisation and throughput for each batch size, the largest batch size within a latency limit, "
        "and the gain from sparse weights. Nothing is simulated.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument(
        "--networks",
        metavar="NAME,...",
        default="resnet50,inception_v3,nasnet_a_large",
        help="workloads, by name or as FILE.toml (default: resnet50,inception_v3,nasnet_a_large)",
    )
    parser.add_argument(
        "--designs",
        metavar="X,N,Tx,Ty;...",
        default="published",
        help="designs; published: the designs in the NeuroMeter paper; all: every design up to the peak throughput of "
        "the sheet (default: published)",
    )
    parser.add_argument(
        "--batch",
        metavar="N,N,...",
        default="1,latency,256",
        help="batch sizes; latency: the largest size that --latency-ms allows (default: 1,latency,256)",
    )
    parser.add_argument("--latency-ms", metavar="MS", default="10", help="maximum latency of a batch, ms (default: 10)")
    parser.add_argument(
        "--target-tops",
        metavar="TOPS",
        help="peak throughput of each design, which determines its clock (default: the clock of the sheet)",
    )
    parser.add_argument(
        "--weights",
        metavar="overlapped|exposed",
        default="overlapped",
        help="whether weights are loaded while the arrays work, or before (default: overlapped)",
    )
    parser.add_argument(
        "--sparsity", metavar="S,S,...", help="shares of zero weights (default: 20 values from 0 to 0.999)"
    )
    parser.add_argument(
        "--on",
        metavar="NAME",
        default="neurometer",
        help="sheet of the kind many-core, or FILE.toml (default: neurometer)",
    )
    parser.add_argument("--out", metavar="DIR", help="write a folder with many_core.json and its pictures")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing result")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.accelerators.many_core.plan import SPARSITIES, ManyCoreOptions, plan_many_core
    from benchnn.accelerators.many_core.record_keys import RECORD
    from benchnn.accelerators.many_core.sweep import run_many_core
    from benchnn.accelerators.many_core.table import to_text
    from benchnn.record.json_text import to_json
    from benchnn.report.many_core_section import many_core_section
    from benchnn.report.study_pictures import draw_study

    given = {name: getattr(arguments, name) for name in FIELDS}
    plan = plan_many_core(ManyCoreOptions(**{**given, "sparsity": arguments.sparsity or SPARSITIES}))
    with asked_folder(plan.folder):
        record = run_many_core(plan, arguments.command_line)
    emit(to_json(record) if arguments.json else to_text(record))
    draw = partial(draw_study, name=RECORD, section=many_core_section)
    leave_pictures(plan.folder, RECORD, draw, arguments.json)
    return 0
