"""The expected mean step of a mapping and the part that binds it, as a record and as text."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.display.words import counted
from simcore.errors import InputError
from simcore.network import Network
from simcore.network.exchangeable import why_not_exchangeable
from simcore.neuromorphic.costs.binding import MeanStep, mean_step
from simcore.neuromorphic.costs.floorline import STATES, UNKNOWN
from simcore.neuromorphic.mappers.step_costs import StepBound, StepCosts
from simcore.neuromorphic.mapping.adaptation import Fitted
from simcore.neuromorphic.mapping.expectation import composition_of, expectation_of
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import System, make_system
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.expected_loads import expected_loads
from simcore.neuromorphic.traffic.population_loads import population_loads
from simcore.neuromorphic.traffic.weight_updates import plastic_synapses
from simcore.neuromorphic.wording import duration

PARTS = (*STATES, "total")
FIXED = "a step has a fixed time"
KEYS = ("mean_step_s", "binding", "step_bound")


def step_record(
    network: Network, chip: Chip, fitted: Fitted, rates_hz: npt.NDArray[np.float64], seed: int
) -> tuple[dict[str, Any], dict[str, str]]:
    """Parts of the mean step in s, the part that binds it, and the shortest step of any mapping onto one chip.

    Returns
    -------
    The keys `KEYS`, and the reason for each value that is None, by dotted key.
    """
    mapping = fitted.mapping
    try:
        system = make_system(chip, mapping.cores, mapping.slot_of_core)
    except InputError as error:
        return dict.fromkeys(KEYS), dict.fromkeys(KEYS, str(error))
    step = _mean_step(network, chip, fitted, system, rates_hz, seed)
    times = {part: step.part_s(part) for part in PARTS}
    reasons = {f"mean_step_s.{part}": step.times.reasons[part] for part in PARTS if times[part] is None}
    bound, why_none = _bound(network, chip, fitted, step, rates_hz)
    if step.state == UNKNOWN:
        reasons["binding"] = "fewer than two parts of a step have a published time"
    if why_none is not None:
        reasons["step_bound"] = why_none
    record = {
        "mean_step_s": times,
        "binding": None if step.state == UNKNOWN else _binding(step, system),
        "step_bound": None if bound is None else {**asdict(bound), "sentence": bound.sentence()},
    }
    return record, reasons


def _mean_step(
    network: Network, chip: Chip, fitted: Fitted, system: System, rates_hz: npt.NDArray[np.float64], seed: int
) -> MeanStep:
    core_of, resolution_ms = fitted.mapping.core_of, network.resolution_ms
    if why_not_exchangeable(network) is None:
        composition = composition_of(network, core_of, fitted.mapping.cores)
        loads = population_loads(expectation_of(network, rates_hz), composition, system, resolution_ms)
    else:
        routes = make_routes(system, fitted.axons, core_of)
        plastic = plastic_synapses(network, seed, fitted.mapping)
        loads = expected_loads(fitted.axons, routes, core_of, system, rates_hz, resolution_ms, plastic)
    return mean_step(chip, system, loads, resolution_ms)


def _binding(step: MeanStep, system: System) -> dict[str, Any]:
    ends = None if step.link is None else [int(system.link_origin[step.link]), int(system.link_target[step.link])]
    return {"state": step.state, "core": step.core, "link": ends}


def _bound(
    network: Network, chip: Chip, fitted: Fitted, step: MeanStep, rates_hz: npt.NDArray[np.float64]
) -> tuple[StepBound | None, str | None]:
    """The shortest mean step of any mapping onto one chip, and why it is None."""
    if step.times.tick_s is not None:
        return None, FIXED
    reason = why_not_exchangeable(network)
    if reason is not None:
        return None, reason
    most = min(chip.count("cores_per_chip") or fitted.mapping.cores, network.n_neurons)
    fewest = -(-network.n_neurons // fitted.neurons_per_core)
    if fewest > most:
        return None, f"the neurons do not fit on the {counted(most, 'core')} of one chip"
    costs = StepCosts.of_populations(chip, expectation_of(network, rates_hz), network.resolution_ms * 1e-3)
    if not costs.seconds.any():
        return None, "neither memory access nor computation has a published time"
    return costs.bound(fewest, most), None


def step_text(expected: Mapping[str, Any]) -> str:
    """The mean step by part, the part that binds it, and its lower bound; empty if no time is known."""
    times, bound, binding = expected["mean_step_s"], expected["step_bound"], expected["binding"]
    if times is None or times["total"] is None:
        return ""
    parts = ", ".join(f"{part} {duration(times[part])}" for part in STATES if times[part] is not None)
    text = f"expected mean step: {duration(times['total'])}{f' ({parts})' if parts else ''}"
    if binding is not None:
        place = f" of core {binding['core']}" if binding["core"] is not None else ""
        place = " of link {} -> {}".format(*binding["link"]) if binding["link"] is not None else place
        text += f", bound by {binding['state']}{place}"
    text += "\n"
    if bound is None:
        return text
    over = 100.0 * (times["total"] / bound["seconds"] - 1.0)
    return f"{text}within {over:.1f} % of the bound: {bound['sentence']}\n"
