"""The sub-command ``benchnn report``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    report = commands.add_parser(
        "report",
        help="write an HTML page about results",
        description="Write one self-contained HTML file about runs, series, comparisons, validations and trials, with "
        "tables, plots, digests and the origin of the results.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    report.set_defaults(call=call)
    report.add_argument(
        "folders",
        metavar="DIR",
        nargs="+",
        help="folder written by a command of benchnn, such as run or scale; for several folders of trials, the page "
        "also shows the differences from the first folder",
    )
    report.add_argument(
        "--out",
        metavar="FILE.html",
        help="file of the page (default: DIR/report.html; for several folders, report.html)",
    )
    report.add_argument("--overwrite", action="store_true", help="replace existing files")
    report.add_argument("--figures", metavar="DIR", help="folder to which every plot is also written as SVG and PNG")
    report.add_argument(
        "--reference",
        metavar="SET.h5",
        help="statistics, written by benchnn validate, to draw over the distributions",
    )


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.report.making import ReportOptions, make_report

    options = ReportOptions(
        [Path(folder) for folder in arguments.folders],
        None if arguments.out is None else Path(arguments.out),
        arguments.overwrite,
        None if arguments.figures is None else Path(arguments.figures),
        None if arguments.reference is None else Path(arguments.reference),
    )
    made = make_report(options)
    emit(f"written to {made.page}\n")
    if made.figures:
        emit(f"{len(made.figures)} files of figures in {arguments.figures}\n")
    return 0
