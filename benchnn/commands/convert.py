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
        help="convert a trained network of ReLUs to one of spiking neurons",
        description="Put integrate-and-fire neurons in place of the rectified linear units of a trained network, write "
        "the spiking network as a NIR graph, and compare how many samples both classify rightly.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call)
    parser.add_argument("network", metavar="NETWORK", help="weights and layers: FILE.npz, or FILE.onnx (needs onnx)")
    parser.add_argument("--out", metavar="FILE", required=True, help="the spiking network; ends in .nir")
    parser.add_argument(
        "--method",
        metavar="percentile|quantised",
        default="percentile",
        help="scale activations by a percentile on calibration data, or by the clips of the training (percentile)",
    )
    parser.add_argument("--calibration", metavar="FILE", help=".npz with samples x, best of the training data")
    parser.add_argument("--percentile", metavar="P", default="99.9", help="of the activations of a layer (99.9)")
    parser.add_argument(
        "--readout",
        metavar="potential|count",
        default="potential",
        help="the class is that of the largest potential of a last layer that does not fire, or of most spikes "
        "(potential)",
    )
    parser.add_argument("--data", metavar="FILE", help=".npz with samples x and labels y, on which both are compared")
    parser.add_argument(
        "--steps", metavar="T,T,...", default="1,2,4,8,16,32,64,128", help="after how many (1,2,4,...,128)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    parser.add_argument("--json", action="store_true", help="print the record, and nothing else, on stdout")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.declared_types import from_text
    from benchnn.inference.conversion import MOST_STEPS, ConversionOptions, convert, to_text
    from benchnn.record.result import to_json
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
