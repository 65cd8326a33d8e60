"""The energy of a run: from the meters to the record."""

from pathlib import Path

from benchnn.energy.measuring import PROPAGATION, EnergyMeasurement
from benchnn.energy.power_log import power_log_domain
from benchnn.energy.record import DomainEnergy, RunEnergy, energy_part
from benchnn.running.options import RunOptions
from simcore.comm import Communicator


def run_energy(energy: EnergyMeasurement, options: RunOptions, comm: Communicator) -> RunEnergy:
    """Combine the measurements of all nodes of a run; all ranks call this together.

    Parameters
    ----------
    energy
        The meters of this rank.
    options
        Options of the run: `power_log`, `power_column`, `power_every_ms`.
    comm
        The ranks.
    """
    nodes = [node for node in comm.gather(energy.node()) if node is not None]
    span = comm.from_root(lambda: energy.recorder.spans.get(PROPAGATION))
    outside: DomainEnergy | None = None
    if options.power_log is not None and span is not None:
        path = Path(options.power_log)
        column = options.power_column
        outside = comm.from_root(lambda: power_log_domain(path, span, column=column))
    window_s = 0.0
    if span is not None:
        # An external meter also measures between the parts of the propagation.
        window_s = span.measured_s if outside is None else span.end_unix_s - span.start_unix_s
    part, reasons = energy_part(nodes, outside, energy.idle_s, window_s, options.power_every_ms)
    return RunEnergy(part, reasons, span)
