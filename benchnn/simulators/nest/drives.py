"""Drives as generators of NEST.

The generators of NEST 3.10 are silent in their first step, and differ by a step from `simcore` and from each other.
Measurements with resolution h show:

- ``poisson_generator``: stamps in (start + h, stop + h], the first possible stamp is 2 h. `simcore`: (start, stop].
- ``inhomogeneous_poisson_generator``: a rate of time t applies to stamps from t; the first possible stamp is 2 h.
  `simcore`: from t + h.
- ``step_current_generator``, ``noise_generator``: a current of time t acts from t + delay, as in `simcore`, but the
  first possible time is h.

Therefore times are shifted to give the same stamps as in `simcore`. Random drives that start at time 0 lose their first
step. A step current, which must be exact, leaves the generator one step later with a delay that is one step shorter.
"""

import math
from typing import Any

import numpy as np

from benchnn.simulators.nest.connect import selected_nodes
from benchnn.simulators.nest.kernel import nest_module
from benchnn.simulators.nest.receptors import receptor_type
from simcore.drives import (
    CurrentDrive,
    Dc,
    Drive,
    EventDrive,
    InhomogeneousPoisson,
    Noise,
    Poisson,
    SpikeTrain,
    StepCurrent,
)
from simcore.errors import InputError
from simcore.network import Network
from simcore.tables import Tables
from simcore.values import delay_steps

KNOWN = (Dc, InhomogeneousPoisson, Noise, Poisson, SpikeTrain, StepCurrent)


def check_drive(network: Network, drive: Drive) -> None:
    """Refuse a drive that NEST does not have.

    Raises
    ------
    InputError
        If it is not supported.
    """
    where = f"drive {drive.name}->{drive.target}"
    if not isinstance(drive, KNOWN):
        raise InputError(f"{where} is not allowed: NEST has no corresponding generator")
    if isinstance(drive, StepCurrent) and _starts_at_zero(drive):
        h = network.resolution_ms
        if delay_steps(drive.delay_ms, h) < 2:
            raise InputError(
                f"{where}.times_ms = 0.0 is not allowed: NEST's generators start one step later; use {h} ms, "
                "or a delay of two steps"
            )


def late_drives(network: Network) -> tuple[str, ...]:
    """Return names and targets of drives that start at time 0, whose first step NEST omits."""
    random = (drive for drive in network.drives if isinstance(drive, InhomogeneousPoisson | Noise | Poisson))
    return tuple(f"{drive.name}->{drive.target}" for drive in random if _starts_at_zero(drive))


def connect_drive(network: Network, drive: Drive, nodes: dict[str, Any], tables: Tables | None) -> None:
    """Make and connect the generator of a drive; I_e of the neurons already contains direct currents.

    Parameters
    ----------
    network
        The description.
    drive
        One of its drives.
    nodes
        Populations by name.
    tables
        Tables of `simcore` with the weights; None for the described weight.
    """
    if not isinstance(drive, EventDrive | CurrentDrive):
        return
    h = network.resolution_ms
    model, params = _generator(drive, h)
    delay_ms = float(drive.delay_ms)
    weights, receptor = np.ones(()), {}
    if isinstance(drive, EventDrive):
        weights, receptor = np.asarray(drive.weight, dtype=np.float64), receptor_type(network, drive)
        if tables is not None:
            population, receptors = network.index(drive.target), network.receptors(drive)
            weights = tables.grid.value(tables.grid.quantise(weights, population, receptors), population, receptors)
    elif isinstance(drive, StepCurrent) and _starts_at_zero(drive):
        delay_ms = milliseconds(delay_steps(drive.delay_ms, h) - 1, h)
    # One generator for all neurons or, for different rates, one for each neuron.
    each = isinstance(params, list)
    generators = nest_module().Create(model, len(params) if each else 1, params=params)
    shaped = weights.tolist() if each or not weights.ndim else weights[:, np.newaxis]
    rule = "one_to_one" if each else "all_to_all"
    synapses = {"weight": shaped, "delay": delay_ms, **receptor}
    nest_module().Connect(generators, selected_nodes(nodes, drive.target), rule, synapses)


def _starts_at_zero(drive: InhomogeneousPoisson | Noise | Poisson | StepCurrent) -> bool:
    match drive:
        case StepCurrent():
            times, values = np.asarray(drive.times_ms), np.asarray(drive.amplitudes_pa)
        case InhomogeneousPoisson():
            times, values = np.asarray(drive.times_ms), np.asarray(drive.rates_hz)
        case _:
            return drive.start_ms == 0.0 and drive.stop_ms > 0.0
    return bool(np.any((times == 0.0) & (values != 0.0)))


def milliseconds(steps: Any, resolution_ms: float) -> Any:
    """Convert steps to times on NEST's grid, which are integer tics of 0.001 ms."""
    return np.asarray(steps * round(resolution_ms * 1000.0) / 1000.0).tolist()


def _generator(drive: EventDrive | CurrentDrive, h: float) -> tuple[str, dict[str, Any] | list[dict[str, Any]]]:
    """NEST's model and its parameters, with times for which its spikes and currents equal those of `simcore`.

    For rates that differ between neurons, the parameters of each neuron.
    """
    match drive:
        case Poisson():
            active = window(drive.start_ms, drive.stop_ms, h, earlier=1)
            if "rate_hz" in drive.arrays():
                return "poisson_generator", [{"rate": rate, **active} for rate in drive.arrays()["rate_hz"].tolist()]
            params: dict[str, Any] = {"rate": float(drive.rate_hz), **active}  # type: ignore[arg-type] # no array
            return "poisson_generator", params
        case Noise():
            params = {
                "mean": float(drive.mean_pa),
                "std": float(drive.std_pa),
                **window(drive.start_ms, drive.stop_ms, h, 0),
            }
            return "noise_generator", {"dt": milliseconds(delay_steps(drive.interval_ms, h), h), **params}
        case SpikeTrain():
            return "spike_generator", {"spike_times": drive.times_ms}
        case InhomogeneousPoisson():
            times, rates = milliseconds(delay_steps(drive.times_ms, h) + 1, h), np.asarray(drive.rates_hz)
            each = [{"rate_times": times, "rate_values": own} for own in np.atleast_2d(rates.T).tolist()]
            return "inhomogeneous_poisson_generator", each if rates.ndim == 2 else each[0]
        case StepCurrent():
            steps, amplitudes = delay_steps(drive.times_ms, h), np.asarray(drive.amplitudes_pa)
            # A current of 0 at time 0 is redundant.
            kept = steps > 0
            if _starts_at_zero(drive):
                steps, kept = steps + 1, np.ones_like(kept)
            params = {"amplitude_times": milliseconds(steps[kept], h), "amplitude_values": amplitudes[kept].tolist()}
            return "step_current_generator", params
        case _:
            raise InputError(f"drive {drive.name}->{drive.target} is not allowed: NEST has no corresponding generator")


def window(start_ms: float, stop_ms: float, h: float, earlier: int) -> dict[str, float]:
    """Return start and stop, some steps earlier than described, but not before 0."""
    times = {"start": start_ms, "stop": stop_ms}
    return {
        name: milliseconds(max(int(delay_steps(time, h)) - earlier, 0), h)
        for name, time in times.items()
        if math.isfinite(time)
    }
