"""Parts that the sub-commands that list sheets share: ``NAME``, ``NAME show SHEET``, each as text or as JSON."""

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, Parser

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

Call = Callable[[argparse.Namespace], int]


def add_sheets(commands: "Commands", name: str, one: str, many: str, listed: Call, shown: Call) -> None:
    """Declare a sub-command that lists sheets, and its action ``show``.

    Parameters
    ----------
    commands
        To which it is added.
    name
        Of the sub-command.
    one, many
        What a sheet is about, such as ``a chip`` and ``neuromorphic chips``. The last word of `one` is the name of the
        argument of ``show``.
    listed, shown
        Called without and with ``show``.
    """
    listing = commands.add_parser(
        name,
        help=f"list {many}, or show what is published about one",
        description=f"List the {many} that are known; show what is published about one, with sources.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    listing.set_defaults(call=listed)
    listing.add_argument("--json", action="store_true", help="print JSON")
    actions = listing.add_subparsers(title="actions", metavar="ACTION", parser_class=Parser)
    show = actions.add_parser(
        "show",
        help=f"show every number of {one}, with its source",
        description=f"Show every number of {one}, with its source and kind of evidence, and what is not published.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    show.set_defaults(call=shown)
    thing = one.rpartition(" ")[2]
    show.add_argument(thing, metavar="NAME|FILE.toml", help=f"a known {thing}, or a sheet of your own")
    # Not set here, it keeps what stands before the action.
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")


def emit_sheets(as_json: bool, record: Callable[[], Any], text: Callable[[], str]) -> int:
    """Print sheets as JSON or as text; returns the exit code."""
    emit(json.dumps(record(), indent=2, allow_nan=False) + "\n" if as_json else text())
    return 0
