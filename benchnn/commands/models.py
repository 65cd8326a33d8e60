"""The sub-command ``benchnn models``."""

import argparse
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, add_params

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    models = commands.add_parser(
        "models", help="list network models, or describe one", allow_abbrev=False, epilog=EXIT_CODES
    )
    models.set_defaults(call=call)
    models.add_argument("model", metavar="MODEL", nargs="?", help="a registered name or FILE.py:FUNCTION")
    add_params(models)


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.commands.model_listing import model_list, model_page
    from benchnn.model_source import split_params

    if arguments.model is None:
        emit(model_list())
    else:
        emit(model_page(arguments.model, split_params(arguments.param)))
    return 0
