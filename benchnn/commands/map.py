"""The sub-command ``benchnn map``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import add_params

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

EPILOG = "exit codes: 0 no published limit is exceeded, 1 one is, 2 wrong input"


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "map",
        help="map a network onto neuro-cores and check the limits of a chip",
        description="Lay the neurons of a network on neuro-cores, draw all its synapses, and compare what each core "
        "would hold with the published limits of a chip, all at once. Nothing is simulated.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument("model", metavar="MODEL", help="a registered name or FILE.py:FUNCTION")
    add_params(parser)
    parser.add_argument("--chip", metavar="NAME", required=True, help="a name of benchnn chips, or FILE.toml")
    parser.add_argument(
        "--mapper",
        metavar="NAME",
        default="in_order",
        help="in_order, round_robin, random, greedy, anneal, stream, halve, metis, mtkahypar, that of a plug-in, or "
        "FILE.py:NAME (in_order)",
    )
    parser.add_argument("--neurons-per-core", metavar="N", help="most neurons of a core (what the chip allows)")
    parser.add_argument("--cores", metavar="N", help="number of cores (the fewest that hold the neurons)")
    parser.add_argument(
        "--objective",
        metavar="messages|hops|link|step_time",
        help="at what the mapper aims: messages between cores, links that they pass, the busiest link, or the "
        "time of a step (messages)",
    )
    parser.add_argument("--effort", metavar="N", help="proposals of a mapper that improves step by step (its own)")
    parser.add_argument("--weight-bits", metavar="N", help="width of a stored weight (8, or what the chip has)")
    parser.add_argument(
        "--rates", metavar="HZ|DIR", help="expected rate of the neurons: 1/s for all, or that of a result (1)"
    )
    parser.add_argument(
        "--on-violation",
        metavar="error|adapt",
        default="error",
        help="adapt: round weights, shorten delays and split cores until the limits hold (error)",
    )
    parser.add_argument("--seed", metavar="N", default="1", help="of the network (1)")
    parser.add_argument("--json", action="store_true", help="print the record, and nothing else, on stdout")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.chips.map import MapOptions, map_network, to_text
    from benchnn.model_source import split_params
    from benchnn.record.result import to_json
    from benchnn.running.progress import compiling_shown

    options = MapOptions(
        arguments.chip,
        arguments.mapper,
        arguments.neurons_per_core,
        arguments.weight_bits,
        arguments.rates,
        arguments.on_violation,
        arguments.seed,
        cores=arguments.cores,
        objective=arguments.objective,
        effort=arguments.effort,
    )
    with compiling_shown(sys.stderr, "the chip's kernels"):
        record = map_network(arguments.model, split_params(arguments.param), options)
    emit(to_json(record) if arguments.json else to_text(record))
    return 1 if record["exceeded"] else 0
