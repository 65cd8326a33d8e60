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
        help="make a page of results that is read in a browser",
        description="Make one HTML file, without links to other files, of runs, series, comparisons, "
        "validations and trials: tables, plots, digests and where the results come from.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    report.set_defaults(call=call)
    report.add_argument(
        "folders",
        metavar="DIR",
        nargs="+",
        help="folder that run, scale, compare or validate left; for several folders of trials the page also "
        "shows the differences from the first",
    )
    report.add_argument("--out", metavar="FILE.html", help="the page (DIR/report.html; of several: report.html)")
    report.add_argument("--overwrite", action="store_true", help="replace files that are there")
    report.add_argument("--figures", metavar="DIR", help="also write every plot as SVG and PNG to this folder")
    report.add_argument(
        "--reference", metavar="SET.h5", help="statistics that benchnn validate wrote, to overlay distributions with"
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
