"""The sub-command ``benchnn infer``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, add_model

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands

FIELDS = (
    "data", "steps", "coding", "readout", "exit_entropy", "noise", "samples", "output", "batch", "seed", "threads",
    "precision", "weight_bits", "backend", "chip", "mapper", "neurons_per_core", "chip_weight_bits", "on_violation",
    "out",
)  # fmt: skip

CROSSBAR_FIELDS = {
    "sheet": "crossbar", "size": "crossbar_size", "wire": "wire", "conductance_noise": "conductance_noise",
    "read_noise": "read_noise", "stuck": "stuck", "resistance_ratio": "resistance_ratio",
    "drift_exponent": "drift_exponent", "drift_time": "drift_time", "adc_bits": "adc_bits", "cell_bits": "cell_bits",
    "weight_encoding": "weight_encoding", "input_bits": "input_bits", "adapt_normalisation": "adapt_normalisation",
    "seed": "crossbar_seed",
}  # fmt: skip
"""Fields of the options of crossbars, and the names of the options."""


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "infer",
        help="run samples through a trained network, and report the accuracy and the costs",
        description="Run the samples of a file through a trained network, batch by batch, read out the answers, and "
        "report the accuracy and the costs; write a folder with inference.json.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call, parallel=True)
    add_model(parser, "a trained network: FILE.nir, a registered name or FILE.py:FUNCTION")
    parser.add_argument(
        "--data", metavar="FILE", required=True, help="file of samples x and labels y: .npz, .h5, or .nir with events"
    )
    parser.add_argument(
        "--steps", metavar="N,N,...", required=True, help="numbers of input steps; each has its own line in the table"
    )
    parser.add_argument(
        "--coding",
        metavar="NAME",
        default="direct",
        help="coding of samples: direct, rate, latency, or events as recorded (default: direct)",
    )
    parser.add_argument(
        "--readout",
        metavar="NAME",
        help="quantity that determines the class: count, potential, potential_sum or first_spike (default: count, "
        "or potential if the outputs cannot fire)",
    )
    parser.add_argument(
        "--exit-entropy",
        metavar="E,E,...",
        help="decide at the first step at which the normalised entropy of the output is below E",
    )
    parser.add_argument(
        "--noise",
        metavar="SD,SD,...",
        help="standard deviations of normal noise on the samples; each has its own line in the table (default: 0)",
    )
    parser.add_argument("--samples", metavar="N", help="number of samples, starting with the first (default: all)")
    parser.add_argument(
        "--output", metavar="NAME", help="population whose neurons represent the classes (default: the last)"
    )
    parser.add_argument("--batch", metavar="N", help="number of samples that run together; does not change results")
    parser.add_argument("--seed", metavar="N", default="1", help="seed of rate coding and noise (default: 1)")
    parser.add_argument("--threads", metavar="N", help="number of threads per rank (default: all usable CPUs)")
    parser.add_argument(
        "--precision",
        metavar="NAME",
        default="float32",
        help="data type of the state of neurons: float32 or float64 (default: float32)",
    )
    parser.add_argument(
        "--weight-bits", metavar="N", default="16", help="width of a weight: 8, 16 or 32 bits (default: 16)"
    )
    parser.add_argument(
        "--backend", metavar="NAME", default="cpu", help="compute backend; see benchnn doctor (default: cpu)"
    )
    chip = parser.add_argument_group("chip", "estimate the latency and energy of the network on chips")
    chip.add_argument("--chip", metavar="NAME", help="names listed by benchnn chips, or FILE.toml, separated by commas")
    chip.add_argument(
        "--mapper",
        metavar="NAME",
        default="in_order",
        help="mapper of neurons onto cores; see benchnn map (default: in_order)",
    )
    chip.add_argument(
        "--neurons-per-core", metavar="N", help="maximum number of neurons per core (default: the limit of the chip)"
    )
    chip.add_argument(
        "--chip-weight-bits",
        metavar="N",
        help="width of a stored weight in bits (default: 8, or the maximum of the chip if lower)",
    )
    chip.add_argument(
        "--on-violation",
        metavar="error|adapt",
        default="error",
        help="if a limit of the chip is exceeded: error, or adapt, which also reports the accuracy of the adapted "
        "network (default: error)",
    )
    add_crossbar(parser)
    parser.add_argument("--neurobench", action="store_true", help="report the metrics that NeuroBench defines")
    parser.add_argument("--out", metavar="DIR", help="folder of the result (default: results/infer-MODEL-TIME-ID)")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing result")
    parser.add_argument("--json", action="store_true", help="print only the record, as JSON")


def add_crossbar(parser: argparse.ArgumentParser) -> None:
    """Declare the options of crossbars."""
    group = parser.add_argument_group(
        "crossbars", "run the same samples on analogue crossbars as well, and add their results to the table"
    )
    add = group.add_argument
    add("--crossbar", metavar="SHEET", help="an analogue crossbar listed by benchnn accelerators, or FILE.toml")
    add("--crossbar-size", metavar="X", help="number of rows, and of columns, of a crossbar (default: from the sheet)")
    add(
        "--wire",
        metavar="OHM,OHM,...",
        help="resistances of a wire segment; each has its own lines in the table (default: from the sheet, or 0)",
    )
    add(
        "--conductance-noise",
        metavar="SD,SD,...",
        help="device-to-device variation, as fractions of the conductance; each has its own lines in the table "
        "(default: from the sheet, or 0)",
    )
    add(
        "--read-noise",
        metavar="SD",
        help="read-to-read noise, as a share of the conductance (default: from the sheet, or 0)",
    )
    add(
        "--stuck",
        metavar="SHARE",
        help="share of stuck cells, half of which are stuck at each end of the conductance range (default: from the "
        "sheet, or 0)",
    )
    add(
        "--resistance-ratio",
        metavar="R",
        help="ratio of the largest to the smallest resistance of a cell (default: from the sheet)",
    )
    add(
        "--drift-exponent",
        metavar="NU",
        help="exponent of the drift: conductances fall as (time / 1 s)^-NU (default: 0)",
    )
    add("--drift-time", metavar="S", help="time since the cells were written, s (default: 1)")
    add("--adc-bits", metavar="N", help="width of a converter in bits (default: the largest in the sheet)")
    add("--cell-bits", metavar="N", help="number of weight bits that a cell stores (default: from the sheet)")
    add(
        "--weight-encoding",
        metavar="NAME",
        help="encoding of weights: differential, offset, or one of these with _complemented appended (default: "
        "differential)",
    )
    add("--input-bits", metavar="N", help="number of bits of each sample value, for direct coding (default: 8)")
    add(
        "--adapt-normalisation",
        metavar="N",
        help="correct the mean and the spread of the column sums, as measured with the first N samples (default: no "
        "correction)",
    )
    add(
        "--crossbar-seed",
        metavar="N,N,...",
        help="seeds of cells and reads; each has its own lines in the table (default: 1)",
    )


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.inference.crossbar_options import CrossbarOptions
    from benchnn.inference.inference import InferOptions, plan_inference, run_inference
    from benchnn.inference.table import to_text
    from benchnn.model_source import split_params
    from benchnn.record.json_text import to_json

    comm = arguments.comm
    options = InferOptions(
        **{name: getattr(arguments, name) for name in FIELDS},
        overwrite=arguments.overwrite,
        neurobench=arguments.neurobench,
        crossbar=CrossbarOptions(**{field: getattr(arguments, name) for field, name in CROSSBAR_FIELDS.items()}),
    )
    plan = comm.from_root(
        lambda: plan_inference(arguments.model, split_params(arguments.param), options, arguments.command_line)
    )
    record = run_inference(plan, comm, sys.stderr)
    if record is not None:
        emit(to_json(record) if arguments.json else to_text(record))
        if not arguments.json:
            emit(f"\nwritten to {plan.folder}: inference.json\n")
    return 0
