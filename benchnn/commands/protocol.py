"""The sub-command ``benchnn protocol``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit, report
from benchnn.commands.parser import EXIT_CODES, MODEL, add_energy, add_model, add_study

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    protocol = commands.add_parser(
        "protocol",
        help="measure speed, energy, activity and agreement with NEST, and show them on one page",
        description="Run a network once to measure the speed of the simulation, once to record the activity, and "
        "then on simcore and on NEST with the same synapses and input, to compare the spikes; write a folder with "
        "protocol.json, report.html and the result of every run.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    protocol.set_defaults(call=call)
    add_model(protocol, f"{MODEL} (default: guide_10k)", optional=True)
    protocol.add_argument("--seed", metavar="N", help="seed of every run (default: 1)")
    protocol.add_argument("--threads", metavar="N", help="number of threads of every run (default: all usable CPUs)")
    protocol.add_argument("--backend", metavar="NAME", help="compute backend; see benchnn doctor (default: cpu)")
    add_energy(protocol)
    add_study(protocol, "protocol", "protocol-MODEL")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.studies.protocol import RUN_OPTIONS, ProtocolOptions, plan_protocol, run_protocol
    from benchnn.studies.protocol_table import to_text

    options = ProtocolOptions({name: getattr(arguments, name) for name in RUN_OPTIONS}, arguments.param)
    plan = plan_protocol(options, arguments.command_line)
    outcome = run_protocol(plan, sys.stderr)
    emit(to_text(outcome.record))
    emit(f"\nwritten to {plan.folder}: protocol.json\n")
    if outcome.problem is not None:
        return report(outcome.problem, 1)
    from benchnn.report.floorline_picture import undrawn_because
    from benchnn.report.making import ReportOptions, make_report

    undrawn = undrawn_because()
    if undrawn is not None:
        emit(f"the report was not made: {undrawn}\n")
        return 0
    made = make_report(ReportOptions([plan.folder], None, True, None, None))
    emit(f"written to {made.page}\n")
    return 0
