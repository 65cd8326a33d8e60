"""The sub-command ``benchnn infer``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, add_params

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
"""Field of the options of crossbars, and name of the option."""


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    parser = commands.add_parser(
        "infer",
        help="run samples through a trained network: accuracy, latency, synaptic events, energy",
        description="Run the samples of a file through a trained network, batch by batch, read out the answers, and "
        "tell how accurate they are and what they cost; leaves a folder with inference.json.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.set_defaults(call=call, parallel=True)
    parser.add_argument(
        "model", metavar="MODEL", help="a trained network: FILE.nir, a registered name, FILE.py:FUNCTION"
    )
    add_params(parser)
    parser.add_argument(
        "--data", metavar="FILE", required=True, help="samples x and labels y: .npz, .h5, or .nir events"
    )
    parser.add_argument("--steps", metavar="N,N,...", required=True, help="steps of input; several: a line for each")
    parser.add_argument(
        "--coding", metavar="NAME", default="direct", help="direct, rate, latency, or events as recorded (direct)"
    )
    parser.add_argument(
        "--readout",
        metavar="NAME",
        help="count, potential, potential_sum or first_spike (count; potential of outputs that cannot fire)",
    )
    parser.add_argument(
        "--exit-entropy", metavar="E,E,...", help="answer at the first step whose normalised entropy is below E"
    )
    parser.add_argument("--noise", metavar="SD,SD,...", help="normal noise on the samples; a line for each (0)")
    parser.add_argument("--samples", metavar="N", help="how many, from the first on (all)")
    parser.add_argument("--output", metavar="NAME", help="population whose neurons are the classes (the last)")
    parser.add_argument("--batch", metavar="N", help="samples that run at a time; changes no result")
    parser.add_argument("--seed", metavar="N", default="1", help="of rate coding and noise (1)")
    parser.add_argument("--threads", metavar="N", help="threads of a rank (all usable CPUs)")
    parser.add_argument("--precision", metavar="NAME", default="float32", help="float32 or float64 (float32)")
    parser.add_argument("--weight-bits", metavar="N", default="16", help="8, 16 or 32 (16)")
    parser.add_argument("--backend", metavar="NAME", default="cpu", help="see benchnn doctor (cpu)")
    chip = parser.add_argument_group("chip", "latency and energy of one copy of the network on a chip")
    chip.add_argument("--chip", metavar="NAME", help="names of benchnn chips, or FILE.toml, separated by commas")
    chip.add_argument("--mapper", metavar="NAME", default="in_order", help="see benchnn map (in_order)")
    chip.add_argument("--neurons-per-core", metavar="N", help="most neurons of a core (what the chip allows)")
    chip.add_argument("--chip-weight-bits", metavar="N", help="width of a stored weight (8, or what the chip has)")
    chip.add_argument(
        "--on-violation", metavar="error|adapt", default="error", help="adapt: also the accuracy of the adapted network"
    )
    add_crossbar(parser)
    parser.add_argument("--neurobench", action="store_true", help="the metrics of NeuroBench, by its definitions")
    parser.add_argument("--out", metavar="DIR", help="folder of the result (results/infer-MODEL-TIME-ID)")
    parser.add_argument("--overwrite", action="store_true", help="replace a result that is there")
    parser.add_argument("--json", action="store_true", help="print the record, and nothing else, on stdout")


def add_crossbar(parser: argparse.ArgumentParser) -> None:
    """Declare the options of crossbars."""
    group = parser.add_argument_group("crossbars", "the same samples on analogue crossbars: lines for their errors")
    add = group.add_argument
    add("--crossbar", metavar="SHEET", help="an analogue crossbar of benchnn accelerators, or FILE.toml")
    add("--crossbar-size", metavar="X", help="rows and columns of a crossbar (the sheet's)")
    add("--wire", metavar="OHM,OHM,...", help="resistance of a segment of wire; lines for each (the sheet's, or 0)")
    add(
        "--conductance-noise",
        metavar="SD,SD,...",
        help="from cell to cell, as a share of the conductance; lines for each (the sheet's, or 0)",
    )
    add("--read-noise", metavar="SD", help="from read to read, as a share of the conductance (the sheet's, or 0)")
    add("--stuck", metavar="SHARE", help="cells stuck, half of them at each end of the range (the sheet's, or 0)")
    add("--resistance-ratio", metavar="R", help="of the smallest and the largest resistance of a cell (the sheet's)")
    add("--drift-exponent", metavar="NU", help="conductances fall as (time / 1 s)^-NU (0)")
    add("--drift-time", metavar="S", help="time after the cells were written, s (1)")
    add("--adc-bits", metavar="N", help="width of a code of a converter (the largest of the sheet)")
    add("--cell-bits", metavar="N", help="bits of a weight in a cell (the sheet's)")
    add(
        "--weight-encoding",
        metavar="NAME",
        help="differential or offset, or one of these with _complemented (differential)",
    )
    add("--input-bits", metavar="N", help="bits of a value of a sample, with direct coding (8)")
    add("--adapt-normalisation", metavar="N", help="correct mean and spread of sums by the first N samples (no)")
    add("--crossbar-seed", metavar="N,N,...", help="of cells and reads; lines for each (1)")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.inference.crossbar_options import CrossbarOptions
    from benchnn.inference.inference import InferOptions, plan_inference, run_inference
    from benchnn.inference.table import to_text
    from benchnn.model_source import split_params
    from benchnn.record.result import to_json

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
