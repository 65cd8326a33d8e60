"""Populations as neuron groups of Brian2: one group for each neuron model, with consecutive populations."""

from collections.abc import Sequence
from textwrap import dedent
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.simulators.brian2.currents import (
    current_coefficient,
    current_drives,
    current_terms,
    run_currents,
    variables,
)
from benchnn.simulators.brian2.formulations import FORMULATIONS, Formulation
from benchnn.simulators.brian2.module import brian2_module
from simcore.errors import InputError
from simcore.network import Network, Population
from simcore.tables import population_values

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def check_population(population: Population) -> None:
    """Refuse a neuron model that is not available on Brian2.

    Raises
    ------
    InputError
        If it is not supported.
    """
    if population.model not in FORMULATIONS:
        raise InputError(
            f"population {population.name}.model = {population.model!r} is not allowed: brian2 supports "
            f"{', '.join(FORMULATIONS)}"
        )


def create_groups(network: Network, seed: int) -> dict[str, Any]:
    """Make all neurons, with the parameters and initial values that `simcore` draws for this seed.

    Returns
    -------
    dict
        NeuronGroup by name of the model.
    """
    models = dict.fromkeys(population.model for population in network.populations)
    return {model: _create(network, model, seed) for model in models}


def _create(network: Network, model: str, seed: int) -> Any:
    brian2 = brian2_module()
    formulation = FORMULATIONS[model]
    state, coefficients, population = _values(network, model, seed)
    if current_drives(network, model):
        # Set at the start of each step.
        del coefficients[current_coefficient(model)]
    constants = {name: float(row[0]) for name, row in coefficients.items() if np.all(row == row[0])}
    varying = [name for name in coefficients if name not in constants]
    group = brian2.NeuronGroup(
        len(population),
        _equations(formulation, varying, variables(network, model)),
        threshold=formulation.threshold,
        reset=formulation.reset or None,
        namespace=constants,
        name=f"neurons_{model}",
    )
    for name, row in state.items():
        if np.any(row != 0.0):
            setattr(group, name, row)
    for name in varying:
        setattr(group, name, coefficients[name])
    group.population = population
    run_currents(network, model, group)
    group.run_regularly(_update(formulation, coefficients), when="groups")
    return group


def _update(formulation: Formulation, coefficients: dict[str, FloatArray]) -> str:
    """Statements of a step."""
    substeps = int(coefficients["substeps"][0]) if formulation.substep else 0
    parts = (formulation.before, *[formulation.substep] * substeps, dedent(formulation.update))
    return "\n".join([*(part.strip() for part in parts), *(f"{name} = 0" for name in formulation.inputs)])


def _equations(formulation: Formulation, varying: Sequence[str], others: Sequence[str]) -> str:
    real = [*formulation.state, *formulation.others, *formulation.inputs]
    lines = [f"{name} : 1" for name in real]
    lines += [f"{name} : integer" for name in formulation.counters]
    lines += [f"{name} : 1 (constant)" for name in varying]
    # The last three are used to draw connections; see `rules`.
    lines += [*others, "population : integer", "degree : integer", "probability : 1"]
    return "\n".join(lines)


def _values(network: Network, model: str, seed: int) -> tuple[dict[str, FloatArray], dict[str, FloatArray], IntArray]:
    """Initial state and coefficients of a group's neurons by name, and the index of each neuron's population."""
    formulation = FORMULATIONS[model]
    states, coefficients, indices = [], [], []
    for index, population in enumerate(network.populations):
        if population.model != model:
            continue
        first, size = network.first_ids[population.name], population.size
        drawn = population_values(network, index, seed, np.arange(first, first + size))
        described = population.neuron_model
        state, _ = described.initial_state(drawn.params, drawn.initial, size)
        rows = described.coefficients(drawn.params, network.resolution_ms)
        named = dict(zip(formulation.coefficients, np.broadcast_to(rows, (len(rows), size)), strict=True))
        if current_drives(network, model):
            named |= current_terms(drawn, model, size, network.resolution_ms)
        states.append(state)
        coefficients.append(named)
        indices.append(np.full(size, index))
    named_state = dict(zip(formulation.state, np.concatenate(states, axis=1), strict=True))
    joined = {name: np.concatenate([named[name] for named in coefficients]) for name in coefficients[0]}
    return named_state, joined, np.concatenate(indices)
