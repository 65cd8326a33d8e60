"""The sub-command ``benchnn floorline``."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES
from simcore.errors import UnavailableError

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "floorline",
        help="show what limits the speed of runs on a chip",
        description="Show whether memory, computation, traffic or the barrier limits the steps of finished runs of "
        "benchnn run --chip, suggest improvements, and plot the step times against the lower bound set by the "
        "floorline.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument("folders", metavar="DIR", nargs="+", type=Path, help="folder of a result")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="picture, .svg or .png (default: DIR/floorline.svg; for several folders, floorline.svg)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing picture")
    parser.add_argument("--json", action="store_true", help="print only the records, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.chips.floorline import floorline_record, read_timed_run, to_text
    from benchnn.record.json_text import to_json
    from benchnn.report.floorline_picture import draw, require_new, undrawn_because
    from benchnn.running.progress import show

    folders = arguments.folders
    out = arguments.out or (folders[0] if len(folders) == 1 else Path()) / "floorline.svg"
    # Text and record do not need a plotting library: without it, only an explicit --out is an error.
    undrawn = undrawn_because()
    if undrawn is not None and arguments.out is not None:
        raise UnavailableError(undrawn)
    if undrawn is None:
        require_new(out, arguments.overwrite)
    runs = [read_timed_run(folder) for folder in folders]
    records = [floorline_record(run) for run in runs]
    if undrawn is None:
        draw(runs, out)
    else:
        show(sys.stderr, f"benchnn: the picture was not drawn: {undrawn}\n")
    end = f"\nwritten to {out}\n" if undrawn is None else ""
    emit(to_json({"runs": records}) if arguments.json else "\n".join(map(to_text, records)) + end)
    return 0
