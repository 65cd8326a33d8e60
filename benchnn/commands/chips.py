"""The sub-command ``benchnn chips``."""

import argparse
import json
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, Parser

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    chips = commands.add_parser(
        "chips",
        help="list neuromorphic chips, or show what is published about one",
        description="List the neuromorphic chips that are known; show what is published about one, with sources.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    chips.set_defaults(call=_list)
    chips.add_argument("--json", action="store_true", help="print JSON")
    actions = chips.add_subparsers(title="actions", metavar="ACTION", parser_class=Parser)
    show = actions.add_parser(
        "show",
        help="show every number of a chip, with its source",
        description="Show every number of a chip, with its source and kind of evidence, and what is not published.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    show.set_defaults(call=_show)
    show.add_argument("chip", metavar="NAME|FILE.toml", help="a known chip, or a sheet of your own")
    # Not set here, it keeps what stands before the action.
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")


def _list(arguments: argparse.Namespace) -> int:
    from benchnn.chips.listing import chip_list, list_record

    emit(json.dumps(list_record(), indent=2, allow_nan=False) + "\n" if arguments.json else chip_list())
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from benchnn.chips.listing import chip_page, chip_record
    from simcore.neuromorphic import load_chip

    chip = load_chip(arguments.chip)
    emit(json.dumps(chip_record(chip), indent=2, allow_nan=False) + "\n" if arguments.json else chip_page(chip))
    return 0
