"""Drives as NEST's generators."""

import math
from typing import Any

from benchnn.simulators.nest.kernel import nest_module
from simcore.drives import Dc, Drive, EventDrive, Poisson, SpikeTrain
from simcore.errors import InputError
from simcore.network import Network
from simcore.tables import Tables


def check_drive(drive: Drive) -> None:
    """Refuse a drive that NEST does not have.

    Raises
    ------
    InputError
        Naming it.
    """
    if not isinstance(drive, Dc | Poisson | SpikeTrain):
        raise InputError(f"drive {drive.name}->{drive.target} is not allowed: it has no counterpart in NEST here")


def connect_drive(network: Network, drive: Drive, nodes: dict[str, Any], tables: Tables | None) -> None:
    """Make a drive's generator and connect it; direct currents are in the neurons' I_e already.

    Parameters
    ----------
    network
        The description.
    drive
        One of its drives.
    nodes
        Populations by name.
    tables
        Those of `simcore`, whose weights are used; None for the described weight.
    """
    if not isinstance(drive, EventDrive):
        return
    model, params = _generator(drive)
    weight = float(drive.weight)
    if tables is not None:
        population = network.index(drive.target)
        weight = float(tables.grid.value(tables.grid.quantise(weight, population), population))
    generator = nest_module().Create(model, params=params)
    synapses = {"weight": weight, "delay": float(drive.delay_ms)}
    nest_module().Connect(generator, nodes[drive.target], "all_to_all", synapses)


def _generator(drive: EventDrive) -> tuple[str, dict[str, Any]]:
    """NEST's model and its parameters."""
    match drive:
        case Poisson():
            params: dict[str, Any] = {"rate": float(drive.rate_hz), "start": float(drive.start_ms)}
            if math.isfinite(drive.stop_ms):
                params["stop"] = float(drive.stop_ms)
            return "poisson_generator", params
        case SpikeTrain():
            return "spike_generator", {"spike_times": drive.times_ms}
        case _:
            raise InputError(f"drive {drive.name}->{drive.target} is not allowed: it has no counterpart in NEST here")
