"""The sub-command ``benchnn models``."""

import argparse
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, add_model
from simcore.errors import require

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands
    from simcore.network import Network

KINDS = (".svg", ".png")


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    models = commands.add_parser(
        "models",
        help="list network models, or describe a model",
        description="List the registered network models with their parameters, or describe the network of one model.",
        allow_abbrev=False,
        epilog=EXIT_CODES,
    )
    models.set_defaults(call=call)
    add_model(models, optional=True)
    models.add_argument(
        "--picture", metavar="FILE", help="draw the network of MODEL to FILE.svg or FILE.png (requires matplotlib)"
    )


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.commands.model_listing import described, model_list, model_page
    from benchnn.model_source import split_params

    if arguments.model is None:
        require(arguments.picture is None, "picture", arguments.picture, "it requires a MODEL, whose network it shows")
        emit(model_list())
        return 0
    params = split_params(arguments.param)
    if arguments.picture is not None:
        require(arguments.picture.endswith(KINDS), "picture", arguments.picture, f"use FILE{' or FILE'.join(KINDS)}")
    model, values, network = described(arguments.model, params)
    if arguments.picture is not None:
        _draw(network, arguments.model, arguments.picture)
    emit(model_page(model, params, values, network))
    return 0


def _draw(network: "Network", name: str, file: str) -> None:
    from benchnn.report.figures.network import network_picture
    from simcore.recording.files import replaced_file

    with replaced_file(file) as aside:
        aside.write_bytes(network_picture(network, name).written(file.rpartition(".")[2]))
