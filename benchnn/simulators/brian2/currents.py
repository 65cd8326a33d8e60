"""Drives that vary from step to step, as statements at the start of each step.

A varying current replaces the coefficient of the neuron model that is I_e times a factor, as in `simcore`. Functions of
time are `TimedArray` objects of Brian2 with a value for each step; they keep their last value.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.simulators.brian2.formulations import FORMULATIONS
from benchnn.simulators.brian2.module import brian2_module
from benchnn.simulators.brian2.receivers import receivers_of
from simcore.drives import CurrentDrive, InhomogeneousPoisson, Noise, StepCurrent
from simcore.network import Network
from simcore.neurons import neuron_models
from simcore.tables import PopulationValues
from simcore.values import delay_steps

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def current_drives(network: Network, model: str) -> dict[int, CurrentDrive]:
    """Return drives that add a varying current to neurons of a model, by their position."""
    return {
        index: drive
        for index, drive in enumerate(network.drives)
        if isinstance(drive, CurrentDrive) and network.population(drive.target).model == model
    }


def current_coefficient(model: str) -> str:
    """Return the name of the coefficient that is I_e times a factor; only models with I_e have current drives."""
    row = neuron_models.get(model).current_row
    return "" if row is None else FORMULATIONS[model].coefficients[row]


def current_terms(drawn: PopulationValues, model: str, size: int, resolution_ms: float) -> dict[str, FloatArray]:
    """Return the constant current (pA) into the neurons of a population, and the factor of the coefficient."""
    described = neuron_models.get(model)
    unit = described.coefficients({**drawn.params, "I_e": np.ones(())}, resolution_ms)
    terms = {"constant_current": drawn.params["I_e"], "current_factor": unit[described.current_row]}
    return {name: np.broadcast_to(values, size) for name, values in terms.items()}


def variables(network: Network, model: str) -> list[str]:
    """Return equations of the variables in the statements."""
    drives = current_drives(network, model)
    if not drives:
        return []
    noises = [f"noise_{index} : 1" for index, drive in drives.items() if isinstance(drive, Noise)]
    return [f"{current_coefficient(model)} : 1", *noises]


def run_currents(network: Network, model: str, group: Any) -> None:
    """Make a group set its coefficient at the start of each step if a current varies."""
    drives = current_drives(network, model)
    if not drives:
        return
    lines, total = [], "constant_current"
    for index, drive in drives.items():
        here = f"int(population == {network.index(drive.target)})"
        if isinstance(drive, StepCurrent):
            prepared = drive.prepare(network.resolution_ms)
            group.namespace[f"current_{index}"] = _per_step(network, prepared.header, prepared.values)
            total += f" + {here}*current_{index}(t)"
        elif isinstance(drive, Noise):
            interval, start, stop = drive.prepare(network.resolution_ms).header.tolist()
            lines.append(f"fresh_{index} = int((t_in_timesteps - {start}) % {interval} == 0)")
            drawn = f"({float(drive.mean_pa)!r} + {float(drive.std_pa)!r}*randn())"
            lines.append(f"noise_{index} = fresh_{index}*{drawn} + (1 - fresh_{index})*noise_{index}")
            total += f" + {here}*{within(start, stop)}*noise_{index}"
    lines.append(f"{current_coefficient(model)} = ({total})*current_factor")
    group.run_regularly("\n".join(lines), when="start")


def run_rates(network: Network, groups: dict[str, Any]) -> None:
    """Make groups draw the input from `inhomogeneous_poisson` drives at the start of each step."""
    h = network.resolution_ms
    for index, drive in enumerate(network.drives):
        if not isinstance(drive, InhomogeneousPoisson):
            continue
        group = groups[network.population(drive.target).model]
        steps = delay_steps(drive.times_ms, h) + delay_steps(drive.delay_ms, h)
        group.namespace[f"mean_{index}"] = _per_step(network, steps, np.asarray(drive.rates_hz) * h * 1e-3)
        weight = float(np.asarray(drive.weight, dtype=np.float64))
        (arrived,) = receivers_of(network, drive, weight, weight)
        counts = f"poisson(int(population == {network.index(drive.target)})*mean_{index}(t))"
        group.run_regularly(f"{arrived} = {arrived} + ({weight!r})*{counts}", when="start")


def within(first: int, end: int | None) -> str:
    """Return an expression that is 1 in the steps [first, end), and 0 in others; `end` may be None."""
    begun = f"int(t_in_timesteps >= {first})"
    return begun if end is None else f"{begun}*int(t_in_timesteps < {end})"


def _per_step(network: Network, steps: IntArray, values: FloatArray) -> Any:
    """A function of time that is values[k] from steps[k], and 0 before the first step."""
    brian2 = brian2_module()
    n = int(steps[-1]) + 1 if len(steps) else 1
    latest = np.searchsorted(steps, np.arange(n), side="right")
    table = np.concatenate(([0.0], values))[latest]
    return brian2.TimedArray(table, dt=round(network.resolution_ms * 1000.0) / 1e6 * brian2.second)
