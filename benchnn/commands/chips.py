"""The sub-command ``benchnn chips``."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from benchnn.commands.sheets import add_sheets, emit_sheets

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    add_sheets(commands, "chips", "a chip", "neuromorphic chips", _list, _show)


def _list(arguments: argparse.Namespace) -> int:
    from benchnn.chips.listing import chip_list, list_record

    return emit_sheets(arguments.json, list_record, chip_list)


def _show(arguments: argparse.Namespace) -> int:
    from benchnn.chips.listing import chip_page, chip_record
    from simcore.neuromorphic import load_chip

    chip = load_chip(arguments.chip)
    return emit_sheets(arguments.json, partial(chip_record, chip), partial(chip_page, chip))
