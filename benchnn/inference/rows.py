"""The rows of ``inference.json``, one for each case of a network."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchnn.inference.chip import ChipOfInference
from benchnn.inference.evaluation import Evaluated
from benchnn.inference.input_densities import InputView
from benchnn.inference.neurobench import NeuroBenchOfInference
from benchnn.results.pareto import undominated

ADAPTED = "the weights and delays of an adapted network differ from those of its NIR file"


def row_of(
    network: str,
    one: Evaluated,
    names: Sequence[str],
    weighted: InputView,
    crossbar: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The row of a case.

    Parameters
    ----------
    network
        Name of the network: original, or adapted to a chip or crossbars.
    one
        The case.
    names
        Names of the populations.
    weighted
        Inputs of the layers of weights.
    crossbar
        Description of the crossbars; None without crossbars.
    """
    reasons: dict[str, str] = {}
    if one.accuracy is None:
        reasons["accuracy"] = reasons["confusion"] = "the data have no labels"
    if one.case.exit_entropy is None:
        reasons["exit_entropy"] = "all steps are used"
    why_none = weighted.why_none or (ADAPTED if network == "adapted" else None)
    if why_none is not None:
        reasons["input_densities"] = why_none
    if one.neurobench is None:
        reasons["neurobench"] = "--neurobench was not given"
    else:
        reasons |= _reasons(one.neurobench)
    if one.chip is None:
        reasons["chip"] = "this network was not evaluated on a chip"
    else:
        reasons |= {f"chip.{key}": why for key, why in one.chip.reasons.items()}
    if crossbar is None:
        reasons["crossbar"] = "this network was not evaluated on crossbars"
    return {
        "network": network,
        "steps": one.case.steps,
        "exit_entropy": one.case.exit_entropy,
        "noise": one.noise,
        "accuracy": None if one.accuracy is None else vars(one.accuracy),
        "mean_steps": one.mean_steps,
        "spikes": one.spikes,
        "synaptic_events": one.events,
        "densities": {name: one.densities[place].tolist() for place, name in enumerate(names)},
        "input_densities": None if why_none else _by_layer(one, weighted),
        "exits": one.exits.tolist(),
        "confusion": None if one.confusion is None else one.confusion.tolist(),
        "spike_digest": f"{one.digest:032x}",
        "answers_digest": hashlib.sha256(one.answers.astype("<i8").tobytes()).hexdigest(),
        "chip": None if one.chip is None else _costs(one.chip),
        "neurobench": None if one.neurobench is None else asdict(one.neurobench),
        "crossbar": crossbar,
        "reasons": reasons,
    }


def _by_layer(one: Evaluated, weighted: InputView) -> dict[str, list[float | None]]:
    """Densities by step; None in steps after all samples have been answered."""
    return {
        layer.layer.name: [None if math.isnan(value) else value for value in values]
        for layer, values in zip(weighted.inputs, one.input_densities.tolist(), strict=True)
    }


def with_front(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add `on_front` to the rows: whether no other row is at least as good in all criteria, and better in one.

    The criteria are accuracy, latency and energy on chips, otherwise accuracy, steps and synaptic events. The value is
    None if one of them is not known.
    """
    if any(row["chip"] is not None for row in rows):
        costs = [_values(row["accuracy"], row["chip"], ("latency_s", "energy_j")) for row in rows]
    else:
        costs = [_values(row["accuracy"], row, ("mean_steps", "synaptic_events")) for row in rows]
    best = undominated(values for values in costs if values is not None)
    return [
        {**row, "on_front": None if values is None else values in best} for row, values in zip(rows, costs, strict=True)
    ]


def _values(
    accuracy: Mapping[str, float] | None, costs: Mapping[str, Any] | None, keys: Sequence[str]
) -> tuple[float, ...] | None:
    if accuracy is None or costs is None or any(costs[key] is None for key in keys):
        return None
    return -accuracy["share"], *(float(costs[key]) for key in keys)


def _reasons(found: NeuroBenchOfInference) -> dict[str, str]:
    """The reasons for metrics of NeuroBench that are None."""
    absent = {
        "connection_sparsity": "the network has no weights",
        "activation_sparsity": "the network has no activations",
        "membrane_updates": "every neuron is updated in each step",
    }
    parts = {"metrics": found.metrics, "ours": found.ours}
    return {
        f"neurobench.{part}.{name}": absent[name]
        for part, metrics in parts.items()
        for name, value in vars(metrics).items()
        if value is None
    }


def _costs(chip: ChipOfInference) -> dict[str, Any]:
    return {name: value for name, value in vars(chip).items() if name != "reasons"}
