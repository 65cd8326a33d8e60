"""The sub-command ``benchnn convert``."""

import argparse
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "convert",
        help="convert a trained ReLU network into a spiking network",
        description="Replace the rectified linear units of a trained network with integrate-and-fire neurons, write "
        "the spiking network as a NIR graph, and compare the accuracies of both networks.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument(
        "network", metavar="NETWORK", help="file of weights and layers: FILE.npz, or FILE.onnx (requires onnx)"
    )
    parser.add_argument("--out", metavar="FILE", required=True, help="file of the spiking network, FILE.nir")
    parser.add_argument(
        "--method",
        metavar="percentile|quantised",
        default="percentile",
        help="scale activations by a percentile of calibration data, or by the clipping values used in training "
        "(default: percentile)",
    )
    parser.add_argument(
        "--calibration", metavar="FILE", help=".npz file with samples x, preferably from the training data"
    )
    parser.add_argument(
        "--percentile", metavar="P", default="99.9", help="percentile of the activations of a layer (default: 99.9)"
    )
    parser.add_argument(
        "--readout",
        metavar="potential|count",
        default="potential",
        help="choose the class by the largest potential in the last layer, which then does not fire, or by the largest "
        "number of spikes (default: potential)",
    )
    parser.add_argument(
        "--data", metavar="FILE", help=".npz file with samples x and labels y, on which the two networks are compared"
    )
    parser.add_argument(
        "--steps",
        metavar="T,T,...",
        default="1,2,4,8,16,32,64,128",
        help="numbers of steps after which the networks are compared (default: 1,2,4,...,128)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.declared_types import from_text
    from benchnn.inference.conversion import MOST_STEPS, ConversionOptions, convert, to_text
    from benchnn.record.json_text import to_json
    from benchnn.studies.study import numbers

    options = ConversionOptions(
        arguments.out,
        arguments.method,
        arguments.calibration,
        float(from_text(arguments.percentile, float, "percentile") or 0.0),
        arguments.readout,
        arguments.data,
        sorted(numbers("steps", arguments.steps, 1, MOST_STEPS)),
        arguments.overwrite,
    )
    record = convert(arguments.network, options)
    emit(to_json(record) if arguments.json else to_text(record))
    return 0
