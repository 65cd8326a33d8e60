"""The sub-command ``benchnn energy``."""

import argparse
from typing import TYPE_CHECKING

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, add_power_log
from simcore.errors import InputError, require

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    energy = commands.add_parser(
        "energy",
        help="add energy that was measured elsewhere to a finished result",
        description="Add an energy to the record of a finished run: the energy of the state propagation, computed from "
        "the log of an external power meter, or the energy that Slurm recorded for the job of the run.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    energy.set_defaults(call=call)
    energy.add_argument("folder", metavar="DIR", help="folder of a result")
    add_power_log(energy, "log file of a power meter that covers the state propagation, with times and powers")
    energy.add_argument("--slurm", action="store_true", help="read the energy of the run's job from sacct")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from pathlib import Path

    from benchnn.energy.slurm_accounting import job_energy
    from benchnn.record.amending import (
        amendable_record,
        taken_for_amending,
        with_power_log,
        with_slurm_job,
        write_record,
    )

    if arguments.power_log is None and not arguments.slurm:
        raise InputError("power_log is missing: pass --power-log FILE or --slurm; see benchnn energy --help")
    column = arguments.power_column
    require(column is None or arguments.power_log is not None, "power_column", column, "it requires --power-log")
    require(column != "", "power_column", column, "must be the heading or the number of a column")
    folder = Path(arguments.folder)
    # A folder without a record is refused, and nothing is written to it.
    amendable_record(folder)
    with taken_for_amending(folder):
        record = amendable_record(folder)
        if arguments.power_log is not None:
            record = with_power_log(record, Path(arguments.power_log), column)
        if arguments.slurm:
            record = with_slurm_job(record, job_energy)
        write_record(folder, record)
    energy, each_uj = record["energy"], record["energy_per_synaptic_event_uj"]
    if energy["propagation_j"] is not None:
        each = "" if each_uj is None else f", {each_uj:.4g} uJ per synaptic event"
        emit(f"state propagation: {energy['propagation_j']:.4g} J{each} ({', '.join(energy['covers'])})\n")
    if energy["slurm_job"] is not None:
        job = energy["slurm_job"]
        emit(f"job {job['job_id']}: {job['consumed_j']:.4g} J in {job['elapsed_s']:.0f} s on {job['nodes']} nodes\n")
    emit(f"written to {folder}: result.json\n")
    return 0
