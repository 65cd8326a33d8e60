"""The sub-command ``benchnn bottlenecks``."""

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
        "bottlenecks",
        help="map the bottlenecks of a chip over the parameters that vary between runs",
        description="Arrange finished runs of benchnn run --chip by up to four keys of their records, and show in a "
        "table and a picture whether memory, computation, traffic or the barrier limits the steps of each run.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="result.json, or a folder of results")
    for axis, what in (
        ("x", "horizontal axis"),
        ("y", "vertical axis"),
        ("columns", "columns of panels"),
        ("rows", "rows of panels"),
    ):
        parser.add_argument(f"--{axis}", metavar="KEY", help=f"key of result.json for the {what}")
    parser.add_argument("--out", metavar="FILE", type=Path, help="picture, .svg or .png (default: bottlenecks.svg)")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing picture")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.chips.bottlenecks import AXES, read_state_map, to_text
    from benchnn.record.json_text import to_json
    from benchnn.report.floorline_picture import draw_bottlenecks, require_new, undrawn_because
    from benchnn.running.progress import show

    out = arguments.out or Path("bottlenecks.svg")
    # Text and record do not need a plotting library: without it, only an explicit --out is an error.
    undrawn = undrawn_because()
    if undrawn is not None and arguments.out is not None:
        raise UnavailableError(undrawn)
    if undrawn is None:
        require_new(out, arguments.overwrite)
    found = read_state_map(arguments.paths, {axis: getattr(arguments, axis) or key for axis, key in AXES.items()})
    if undrawn is None:
        draw_bottlenecks(found, out)
    else:
        show(sys.stderr, f"benchnn: the picture was not drawn: {undrawn}\n")
    end = f"\nwritten to {out}\n" if undrawn is None else ""
    emit(to_json(found.to_record()) if arguments.json else to_text(found) + end)
    return 0
