"""The sub-command ``benchnn doctor``."""

import argparse
from typing import TYPE_CHECKING

from benchnn.commands.output import emit

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    doctor = commands.add_parser(
        "doctor",
        help="list the components of the program, and state why a component cannot be used",
        description="List the components of the program with their versions, describe the machine and the limits of "
        "this process, and state why a component cannot be used.",
        allow_abbrev=False,
    )
    doctor.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.doctor import examine, report

    emit(report(examine()))
    return 0
