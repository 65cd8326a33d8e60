"""Populations as NEST's nodes: NEST's id of a neuron is its global id plus one."""

from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.simulators.nest.kernel import nest_module
from simcore.errors import InputError
from simcore.network import Network, Population
from simcore.tables import population_values

FloatArray = npt.NDArray[np.float64]


def check_population(population: Population) -> None:
    """Refuse a neuron model, a parameter or an initial value that NEST does not have.

    Raises
    ------
    InputError
        Naming it.
    """
    nest = nest_module()
    if population.model not in nest.node_models:
        raise InputError(f"population {population.name}.model = {population.model!r} is not allowed: NEST has no such")
    known = nest.GetDefaults(population.model)
    where = f"population {population.name}"
    for name in (parameter.name for parameter in population.neuron_model.parameters):
        if name not in known:
            raise InputError(f"{where}.params = {name!r} is not allowed: NEST's {population.model} has no such")
    for name in population.initial:
        if name not in known and name not in known["recordables"]:
            raise InputError(f"{where}.initial = {name!r} is not allowed: NEST's {population.model} has no such")


def create_nodes(network: Network, seed: int) -> dict[str, Any]:
    """Make all neurons, with the parameters and initial values that `simcore` draws for this seed.

    Returns
    -------
    dict
        Name of the population -> NodeCollection.
    """
    return {population.name: _create(network, index, seed) for index, population in enumerate(network.populations)}


def _create(network: Network, index: int, seed: int) -> Any:
    population = network.populations[index]
    nodes = nest_module().Create(population.model, population.size)
    first = network.first_ids[population.name]
    drawn = population_values(network, index, seed, np.arange(first, first + population.size))
    settable = nest_module().GetDefaults(population.model)
    described = {name: _native(values, settable[name]) for name, values in drawn.params.items()}
    state: dict[str, Any] = {}
    for name, values in drawn.initial.items():
        if name in settable:
            state[name] = _native(values, settable[name])
        elif np.any(values != 0.0):
            where = f"population {population.name}.initial.{name}"
            raise InputError(f"{where} is not allowed: NEST's {population.model} starts it at 0")
    # Parameters first: NEST moves V_m when E_L moves.
    for settings in (described, state):
        if settings:
            nodes.set(settings)
    return nodes


def _native(values: FloatArray, default: Any) -> Any:
    """A number, or a list with one for each neuron, of the type of NEST's default."""
    kind = bool if isinstance(default, bool) else type(default) if isinstance(default, int) else float
    return kind(values) if values.ndim == 0 else [kind(value) for value in values.tolist()]
