"""The sub-command ``benchnn accelerators``."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from benchnn.commands.sheets import add_sheets, emit_sheets

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    add_sheets(commands, "accelerators", "an accelerator", "machine-learning accelerators", _list, _show)


def _list(arguments: argparse.Namespace) -> int:
    from benchnn.accelerators.listing import accelerator_list, list_record

    return emit_sheets(arguments.json, list_record, accelerator_list)


def _show(arguments: argparse.Namespace) -> int:
    from benchnn.accelerators.listing import accelerator_page, accelerator_record
    from simcore.accelerators.sheets.parser import load_accelerator

    sheet = load_accelerator(arguments.accelerator)
    return emit_sheets(arguments.json, partial(accelerator_record, sheet), partial(accelerator_page, sheet))
