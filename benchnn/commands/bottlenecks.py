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
        help="map which state binds the steps of a chip, over what was varied between runs",
        description="Arrange finished runs of benchnn run --chip by four keys of their records, and show in which "
        "memory, computation, traffic or the barrier binds the steps: a table and a picture.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="result.json, or a folder that holds some")
    for axis, what in (("x", "from left to right"), ("y", "upward"), ("columns", "of panels"), ("rows", "of panels")):
        parser.add_argument(f"--{axis}", metavar="KEY", help=f"key of result.json {what}")
    parser.add_argument("--out", metavar="FILE", type=Path, help=".svg or .png (bottlenecks.svg)")
    parser.add_argument("--overwrite", action="store_true", help="replace a picture that is there")
    parser.add_argument("--json", action="store_true", help="print a record, and nothing else, on stdout")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.chips.bottlenecks import AXES, read_state_map, to_text
    from benchnn.record.result import to_json
    from benchnn.report.floorline_picture import draw_bottlenecks, require_new, undrawn_because
    from benchnn.running.progress import show

    out = arguments.out or Path("bottlenecks.svg")
    # Text and record need no plotting library: without one, only a picture that was asked for is an error.
    undrawn = undrawn_because()
    if undrawn is not None and arguments.out is not None:
        raise UnavailableError(undrawn)
    if undrawn is None:
        require_new(out, arguments.overwrite)
    found = read_state_map(arguments.paths, {axis: getattr(arguments, axis) or key for axis, key in AXES.items()})
    if undrawn is None:
        draw_bottlenecks(found, out)
    else:
        show(sys.stderr, f"benchnn: no picture is drawn: {undrawn}\n")
    end = f"\nwritten to {out}\n" if undrawn is None else ""
    emit(to_json(found.to_record()) if arguments.json else to_text(found) + end)
    return 0
