"""The sub-command ``benchnn rates``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES
from simcore.errors import InputError, require

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    rates = commands.add_parser(
        "rates",
        help="rank neurons by their mean rates over trials, and compare two folders of trials",
        description="Rank the neurons of trials (benchnn run --trials) by their mean rates. For two folders, list "
        "for each neuron the difference between its mean rates in the two folders, with the 95 % confidence interval "
        "of the difference over trials; the largest absolute difference comes first.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    rates.set_defaults(call=call)
    rates.add_argument("folders", metavar="DIR", nargs="+", type=Path, help="folder of trials; at most two")
    rates.add_argument("--csv", action="store_true", help="print all neurons that fired, as CSV (RFC 4180)")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.statistics.rates_table import (
        compared,
        differences_csv,
        differences_text,
        ranked,
        rates_csv,
        rates_text,
    )
    from benchnn.statistics.trial_folders import read_trials

    folders = arguments.folders
    require(len(folders) <= 2, "DIR", [str(folder) for folder in folders], "must be one or two folders of trials")
    trials, *others = [read_trials(folder) for folder in folders]
    for other in others:
        found = compared(trials, other)
        text = differences_csv(trials, found) if arguments.csv else differences_text(trials, other, found)
        emit(text, exact=arguments.csv)
        return 0
    rates = ranked(trials)
    if rates is None:
        raise InputError(f"{folders[0]} does not contain spikes; run its trials with --record spikes")
    emit(rates_csv(trials, rates) if arguments.csv else rates_text(trials, rates), exact=arguments.csv)
    return 0
