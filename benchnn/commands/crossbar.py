"""The sub-command ``benchnn crossbar``."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES
from benchnn.commands.study_folder import asked_folder, leave_pictures

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

FIELDS = (
    "sizes", "wire", "ratio", "noise", "read_noise", "stuck", "time", "drift", "cycles", "endurance",
    "endurance_shape", "adc_bits", "seeds", "out", "overwrite",
)  # fmt: skip


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "crossbar",
        help="show how wires and the noise, faults, drift and wear of cells affect the results of an analogue crossbar",
        description="Study random crossbars with the cells and converters of a sheet. Each study varies one property "
        "and shows the currents relative to the ideal currents, the errors of the products, and how often the largest "
        "product is in the same column as without errors.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument(
        "sheet", metavar="SHEET", help="a name listed by benchnn accelerators, such as spikesim_nice, or FILE.toml"
    )
    parser.add_argument(
        "--sizes",
        metavar="N,...",
        default="32,64,128",
        help="crossbar sizes in the study of wire resistance (default: 32,64,128)",
    )
    parser.add_argument(
        "--wire", metavar="R,...", default="0,1,5", help="resistances of a wire segment, ohm (default: 0,1,5)"
    )
    parser.add_argument(
        "--ratio",
        metavar="N,...",
        default="10,100,1000",
        help="ratios of the largest to the smallest resistance of a cell (default: 10,100,1000)",
    )
    noise = "0,0.02,0.05,0.1,0.2"
    parser.add_argument(
        "--noise",
        metavar="S,...",
        default=noise,
        help=f"device-to-device variation, as fractions of the conductance (default: {noise})",
    )
    parser.add_argument(
        "--read-noise",
        metavar="S,...",
        default=noise,
        help=f"read-to-read noise, as fractions of the conductance (default: {noise})",
    )
    parser.add_argument(
        "--stuck",
        metavar="S,...",
        default="0,0.001,0.01,0.05",
        help="fractions of stuck cells, half of which are stuck at each end of the conductance range (default: "
        "0,0.001,0.01,0.05)",
    )
    parser.add_argument("--time", metavar="S,...", help="times since writing, s, for --drift (default: 1,1e3,1e6)")
    parser.add_argument("--drift", metavar="NU", help="exponent of the conductance drift (default: no drift)")
    parser.add_argument("--cycles", metavar="N,...", help="numbers of write cycles, for --endurance")
    parser.add_argument(
        "--endurance", metavar="N", help="write cycles after which 63.2 %% of the cells are worn out (default: no wear)"
    )
    parser.add_argument(
        "--endurance-shape",
        metavar="B",
        help="shape of the Weibull distribution of the endurance, for --endurance (default: 1)",
    )
    parser.add_argument(
        "--adc-bits",
        metavar="N",
        help="width of the converter in bits, as listed in the sheet (default: the largest width)",
    )
    parser.add_argument(
        "--seeds", metavar="N", default="3", help="number of random crossbars for each value (default: 3)"
    )
    parser.add_argument("--out", metavar="DIR", help="write a folder with crossbar.json and its pictures")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing result")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.accelerators.crossbars.plan import CrossbarOptions, plan_crossbar
    from benchnn.accelerators.crossbars.record_keys import RECORD
    from benchnn.accelerators.crossbars.study import run_crossbar
    from benchnn.accelerators.crossbars.table import to_text
    from benchnn.record.json_text import to_json
    from benchnn.report.crossbar_section import crossbar_section
    from benchnn.report.study_pictures import draw_study

    options = CrossbarOptions(**{name: getattr(arguments, name) for name in FIELDS})
    plan = plan_crossbar(arguments.sheet, options)
    with asked_folder(plan.folder):
        record = run_crossbar(plan, arguments.command_line)
    emit(to_json(record) if arguments.json else to_text(record))
    draw = partial(draw_study, name=RECORD, section=crossbar_section)
    leave_pictures(plan.folder, RECORD, draw, arguments.json)
    return 0
