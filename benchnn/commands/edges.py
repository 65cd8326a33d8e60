"""The sub-command ``benchnn edges``."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, add_model

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "edges",
        help="write all synapses of a network to a file",
        description="Draw all synapses of a network and write them to a file that a network description "
        "can use. Nothing is simulated.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    # Under MPI one rank writes.
    parser.set_defaults(call=call, parallel=True)
    add_model(parser)
    parser.add_argument(
        "--out",
        metavar="FILE",
        required=True,
        help="file to write: .npz, .csv, .csv.gz, .h5 or .parquet (requires pyarrow)",
    )
    parser.add_argument("--seed", metavar="N", default="1", help="seed of the network (default: 1)")
    parser.add_argument(
        "--weight-bits", metavar="N", default="16", help="width of a weight: 8, 16 or 32 bits (default: 16)"
    )
    parser.add_argument(
        "--accept-quantisation", action="store_true", help="accept weights that rounding changes by more than 1 %%"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command on this rank; only rank 0 draws and writes the synapses."""
    written = arguments.comm.from_root(lambda: _write(arguments))
    if arguments.comm.rank == 0:
        emit(written)
    return 0


def _write(arguments: argparse.Namespace) -> str:
    from benchnn.declared_types import from_text
    from benchnn.model_source import describe_network, find_model, parameter_values, split_params
    from benchnn.running.progress import Amount, compiling_shown, reading_shown
    from simcore.connectivity.files.table import suffix_of
    from simcore.errors import InputError
    from simcore.synapses.edge_files import write_edges

    suffix_of(arguments.out)
    if os.path.exists(arguments.out) and not arguments.overwrite:
        raise InputError(f"{arguments.out} already exists; pass --overwrite to replace it")
    seed, bits = (int(from_text(getattr(arguments, name), int, name) or 0) for name in ("seed", "weight_bits"))
    model = find_model(arguments.model)
    shown = Amount(sys.stderr, "writing edges", MANY_EDGES, _edges)
    with compiling_shown(sys.stderr, "the simulator's kernels"), reading_shown(sys.stderr):
        network = describe_network(model, parameter_values(model, split_params(arguments.param), {}))
        written = write_edges(arguments.out, network, seed, bits, arguments.accept_quantisation, shown)
    size = os.path.getsize(arguments.out)
    what = f"{written.edges:,} edges of {written.projections} projection{'' if written.projections == 1 else 's'}"
    return f"{what} written to {arguments.out}, {size:,} bytes\n"


MANY_EDGES = 10_000_000
"""Writing this many edges takes seconds."""


def _edges(done: int, whole: int) -> str:
    return f"  {done / 1e6:,.1f} of {whole / 1e6:,.1f} million"
