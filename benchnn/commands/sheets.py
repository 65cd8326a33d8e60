"""Parts that the sub-commands about sheets share: ``NAME`` and ``NAME show SHEET``, as text or as JSON."""

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
        The sub-commands to which it is added.
    name
        Name of the sub-command.
    one, many
        The subject of a sheet, such as ``a chip`` and ``neuromorphic chips``. The last word of `one` is the name of
        the argument of ``show``.
    listed, shown
        Functions to call without and with ``show``.
    """
    listing = commands.add_parser(
        name,
        help=f"list {many}, or show the published figures of {one}",
        description=f"List the known {many}, or show the published figures of {one} and their sources.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    listing.set_defaults(call=listed)
    listing.add_argument("--json", action="store_true", help="print JSON")
    actions = listing.add_subparsers(title="actions", metavar="ACTION", parser_class=Parser)
    show = actions.add_parser(
        "show",
        help=f"show every value in the sheet of {one}, with its source",
        description=f"Show every value in the sheet of {one}, with its source and kind of evidence, and list the "
        "values that are not published.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    show.set_defaults(call=shown)
    thing = one.rpartition(" ")[2]
    show.add_argument(thing, metavar="NAME|FILE.toml", help=f"name of a known {thing}, or a sheet file")
    # Without a default here, an option before the action is kept.
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")


def emit_sheets(as_json: bool, record: Callable[[], Any], text: Callable[[], str]) -> int:
    """Print sheets as JSON or as text; return the exit code."""
    emit(json.dumps(record(), indent=2, allow_nan=False) + "\n" if as_json else text())
    return 0
