"""The sub-command ``benchnn map``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import add_model

if TYPE_CHECKING:
    from benchnn.chips.map import MapOptions
    from benchnn.commands.parser import Commands

COMPARISON = ("mappers", "places", "out", "overwrite")
ONE_MAPPING = ("mapper", "place", "mapping", "mapping_out")
"""Options of a comparison, and of a single mapping."""
EPILOG = "exit codes: 0 no published limit is exceeded, 1 a limit is exceeded, 2 wrong input"


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "map",
        help="map a network onto neuro-cores and check the limits of a chip",
        description="Map the neurons of a network onto neuro-cores, draw all synapses, and compare the content of "
        "each core with all published limits of a chip. Nothing is simulated.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    add_model(parser)
    parser.add_argument("--chip", metavar="NAME", required=True, help="a name listed by benchnn chips, or FILE.toml")
    parser.add_argument(
        "--mapper",
        metavar="NAME",
        help="mapper of neurons onto cores: in_order, round_robin, random, greedy, anneal, stream, halve, balanced, "
        "metis, mtkahypar, the name of a plug-in, or FILE.py:NAME (default: in_order, but "
        "balanced for the objective step_time, and anneal for hops and link)",
    )
    parser.add_argument(
        "--place",
        metavar="NAME",
        help="placement of cores on routers: in_order, space_filling, spectral, anneal, trees, the name of a plug-in, "
        "or FILE.py:NAME (default: in_order)",
    )
    parser.add_argument("--mapping", metavar="FILE", help="mapping file to use instead of --mapper and --place")
    parser.add_argument("--mapping-out", metavar="FILE", help="write the mapping to a file")
    parser.add_argument(
        "--neurons-per-core", metavar="N", help="maximum number of neurons per core (default: the limit of the chip)"
    )
    parser.add_argument(
        "--cores", metavar="N", help="number of cores (default: the smallest number that can hold the neurons)"
    )
    parser.add_argument(
        "--objective",
        metavar="messages|hops|link|step_time",
        help="quantity that the mapper minimises: the number of messages between cores, the number of links that they "
        "traverse, the number of messages on the busiest link, or the step time (default: messages)",
    )
    parser.add_argument(
        "--effort",
        metavar="N",
        help="number of changes that an iterative mapper proposes (default: depends on the mapper)",
    )
    parser.add_argument(
        "--weight-bits",
        metavar="N",
        help="width of a stored weight in bits (default: 8, or the maximum of the chip if lower)",
    )
    parser.add_argument(
        "--rates",
        metavar="HZ|DIR",
        help="expected rate of each neuron, 1/s, or the folder of a result with rates (default: 1)",
    )
    parser.add_argument(
        "--on-violation",
        metavar="error|adapt",
        default="error",
        help="if a limit is exceeded: error, or adapt, which rounds weights, shortens delays and splits cores until "
        "all limits are respected (default: error)",
    )
    parser.add_argument("--seed", metavar="N", default="1", help="seed of the network (default: 1)")
    group = parser.add_argument_group("comparison", "compare the expected traffic of many mappings in one table")
    group.add_argument("--compare", action="store_true", help="compare mappers and places")
    group.add_argument("--mappers", metavar="NAME,...", help="mappers to compare (default: all built-in mappers)")
    group.add_argument("--places", metavar="NAME,...", help="places to compare (default: in_order,anneal)")
    group.add_argument("--out", metavar="DIR", help="write a folder with mappings.json, for benchnn report")
    group.add_argument("--overwrite", action="store_true", help="replace an existing comparison")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.chips.map import MapOptions, map_network, to_text
    from benchnn.model_source import split_params
    from benchnn.record.json_text import to_json
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
        require(not getattr(arguments, name), name, getattr(arguments, name), "it requires --compare")
    with compiling_shown(sys.stderr, "the chip's kernels"):
        record = map_network(arguments.model, split_params(arguments.param), options)
    emit(to_json(record) if arguments.json else to_text(record))
    return 1 if record["exceeded"] else 0


def _compare(arguments: argparse.Namespace, options: "MapOptions") -> int:
    """Compare mappings; exit code 1 if none of them respects all limits."""
    from benchnn.model_source import split_params
    from benchnn.record.json_text import to_json
    from benchnn.running.progress import compiling_shown
    from benchnn.studies.portfolio import PortfolioOptions, compare_mappings
    from benchnn.studies.portfolio_table import to_text
    from simcore.errors import require

    for name in ONE_MAPPING:
        value = getattr(arguments, name)
        require(value is None, name, value, "with --compare, use --mappers and --places instead")
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
