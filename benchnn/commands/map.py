"""The sub-command ``benchnn map``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import add_params

if TYPE_CHECKING:
    from benchnn.chips.map import MapOptions
    from benchnn.commands.parser import Commands

COMPARISON = ("mappers", "places", "out", "overwrite")
ONE_MAPPING = ("mapper", "place", "mapping", "mapping_out")
"""Options of a comparison, and of a single mapping."""
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
    parser.add_argument("model", metavar="MODEL", help="a registered name, FILE.py:FUNCTION, FILE.nir or FILE.json")
    add_params(parser)
    parser.add_argument("--chip", metavar="NAME", required=True, help="a name of benchnn chips, or FILE.toml")
    parser.add_argument(
        "--mapper",
        metavar="NAME",
        help="in_order, round_robin, random, greedy, anneal, stream, halve, balanced, metis, mtkahypar, that of a "
        "plug-in, or FILE.py:NAME (in_order; of another objective anneal, of step_time balanced)",
    )
    parser.add_argument(
        "--place",
        metavar="NAME",
        help="which core on which router: in_order, space_filling, spectral, anneal, trees, that of a plug-in, or "
        "FILE.py:NAME (in_order)",
    )
    parser.add_argument("--mapping", metavar="FILE", help="mapping file, instead of mapper and place (none)")
    parser.add_argument("--mapping-out", metavar="FILE", help="write the mapping to a file")
    parser.add_argument("--neurons-per-core", metavar="N", help="most neurons of a core (what the chip allows)")
    parser.add_argument("--cores", metavar="N", help="number of cores (the fewest that hold the neurons)")
    parser.add_argument(
        "--objective",
        metavar="messages|hops|link|step_time",
        help="at what the mapper aims: messages between cores, links that they pass, the busiest link, or the time of "
        "a step (messages)",
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
    group = parser.add_argument_group("comparison", "many mappings in one table, from expected rates")
    group.add_argument("--compare", action="store_true", help="compare mappers and places")
    group.add_argument("--mappers", metavar="NAME,...", help="mappers to compare (all that are built in)")
    group.add_argument("--places", metavar="NAME,...", help="places to compare (in_order,anneal)")
    group.add_argument("--out", metavar="DIR", help="leave a folder with mappings.json, for benchnn report")
    group.add_argument("--overwrite", action="store_true", help="replace a comparison that is there")
    parser.add_argument("--json", action="store_true", help="print the record, and nothing else, on stdout")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.chips.map import MapOptions, map_network, to_text
    from benchnn.model_source import split_params
    from benchnn.record.result import to_json
    from benchnn.running.progress import compiling_shown
    from simcore.errors import require
    from simcore.neuromorphic import load_chip
    from simcore.neuromorphic.mapping.layered import is_layered
    from simcore.registry.named import nir_file

    options = MapOptions(
        arguments.chip,
        arguments.mapper,
        arguments.neurons_per_core,
        arguments.weight_bits,
        arguments.rates,
        arguments.on_violation,
        arguments.seed,
        arguments.place,
        arguments.mapping,
        arguments.mapping_out,
        arguments.cores,
        arguments.objective,
        arguments.effort,
    )
    file, chip = nir_file(arguments.model), load_chip(arguments.chip)
    if file is not None and is_layered(chip) and arguments.neurons_per_core is None:
        from benchnn.chips.layered import map_layers
        from benchnn.chips.layered import to_text as layers_to_text

        layers = map_layers(file, chip)
        emit(to_json(layers) if arguments.json else layers_to_text(layers))
        return 1 if layers["exceeded"] else 0
    if arguments.compare:
        return _compare(arguments, options)
    for name in COMPARISON:
        require(not getattr(arguments, name), name, getattr(arguments, name), "it belongs to --compare")
    with compiling_shown(sys.stderr, "the chip's kernels"):
        record = map_network(arguments.model, split_params(arguments.param), options)
    emit(to_json(record) if arguments.json else to_text(record))
    return 1 if record["exceeded"] else 0


def _compare(arguments: argparse.Namespace, options: "MapOptions") -> int:
    """Compare mappings; exit code 1 if none of them keeps all limits."""
    from benchnn.model_source import split_params
    from benchnn.record.result import to_json
    from benchnn.running.progress import compiling_shown
    from benchnn.studies.portfolio import PortfolioOptions, compare_mappings
    from benchnn.studies.portfolio_table import to_text
    from simcore.errors import require

    for name in ONE_MAPPING:
        value = getattr(arguments, name)
        require(value is None, name, value, "--compare takes --mappers and --places")
    portfolio = PortfolioOptions(arguments.mappers, arguments.places, arguments.out, arguments.overwrite)
    with compiling_shown(sys.stderr, "the chip's kernels"):
        record = compare_mappings(
            arguments.model, split_params(arguments.param), options, portfolio, arguments.command_line, sys.stderr
        )
    emit(to_json(record) if arguments.json else to_text(record))
    if arguments.out is not None and not arguments.json:
        emit(f"\nwritten to {arguments.out}: mappings.json\n")
    fits = any(row["error"] is None and row["refusal"] is None for row in record["rows"])
    return 0 if fits else 1
