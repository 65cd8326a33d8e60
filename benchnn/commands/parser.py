"""What the parsers of all sub-commands share."""

import argparse
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from simcore.errors import InputError

EXIT_CODES = "exit codes: 0 success, 1 interrupted or failed, 2 wrong input"


class Parser(argparse.ArgumentParser):
    """Reports wrong arguments as every other wrong input."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[Parser]


def add_params(parser: argparse.ArgumentParser) -> None:
    """Add ``--param``."""
    text = "parameter of the model (repeatable)"
    parser.add_argument("--param", metavar="KEY=VALUE", action="append", default=[], help=text)
