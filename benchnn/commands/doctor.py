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
        help="list the installed components, and the reason if one cannot be used",
        description="List the components of the program and their versions, the machine and the limits of this "
        "process, and give the reason if a component cannot be used.",
        allow_abbrev=False,
    )
    doctor.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.doctor import examine, report

    emit(report(examine()))
    return 0
