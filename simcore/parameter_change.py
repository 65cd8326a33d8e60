"""Changes of neuron parameters during a simulation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution
from simcore.errors import InputError, integer, require, shown
from simcore.network import Network, Population
from simcore.selection import selected
from simcore.tables import population_values
from simcore.values import Value, ValueLike, as_value, check_length, plain_text


def with_parameters(
    network: Network, population: str, values: Mapping[str, ValueLike], ids: Sequence[int] | None, seed: int
) -> Network:
    """Return the network with changed parameters of some neurons.

    Parameters
    ----------
    network
        The description.
    population
        Name of the population, or a selection of its neurons.
    values
        Parameter names -> constant, distribution or array; a distribution is allowed only for all neurons together. For
        a population with a source, fields of the source.
    ids
        Population-local ids of the neurons, in the order of array values; all neurons by default.
    seed
        Seed of the simulation, which determines the values drawn before.

    Raises
    ------
    InputError
        Naming the field, the value and the allowed values, as in the description of a population.
    """
    exists = isinstance(population, str) and plain_text(population) in network.first_ids
    require(exists, "population", population, f"use {', '.join(network.first_ids)}")
    require(isinstance(values, Mapping), "values", values, "use a dictionary")
    chosen_neurons = selected(population)
    if chosen_neurons is not None:
        require(ids is None, "ids", ids, "omit it for a selection")
        ids = chosen_neurons.array.tolist()
    population = plain_text(population)
    described = network.population(population)
    values = {plain_text(name) if isinstance(name, str) else name: value for name, value in values.items()}
    if described.source is not None:
        chosen = None if ids is None else _chosen(ids, described)
        source = described.source.changed(values, chosen, described.size, f"population {population}.source")
        return _with(network, replace(described, source=source))
    fixed = "it cannot change after network construction"
    require("tau_minus" not in values, f"{population}.tau_minus", values.get("tau_minus"), fixed)
    changed = {name: as_value(value, f"{population}.{name}") for name, value in values.items()}
    if ids is not None:
        chosen = _chosen(ids, described)
        changed = {name: _partly(network, described, name, value, chosen, seed) for name, value in changed.items()}
    return _with(network, replace(described, params={**described.params, **changed}))


def _with(network: Network, other: Population) -> Network:
    """Return the network with another description of one population."""
    populations = [other if entry.name == other.name else entry for entry in network.populations]
    return replace(network, populations=populations)


def _chosen(ids: Sequence[int], population: Population) -> npt.NDArray[np.int64]:
    field = f"ids of {population.name}"
    listed = isinstance(ids, Sequence | np.ndarray) and not isinstance(ids, str | bytes)
    if not listed or (isinstance(ids, np.ndarray) and ids.ndim != 1):
        raise InputError(f"{field} = {shown(ids)} is not allowed: use a list of population-local ids")
    chosen = np.array([integer(neuron, field, 0, population.size - 1) for neuron in ids], dtype=np.int64)
    require(len(np.unique(chosen)) == len(chosen), field, list(ids), "list each neuron once")
    return chosen


def _partly(
    network: Network, population: Population, name: str, value: Value, chosen: npt.NDArray[np.int64], seed: int
) -> Value:
    """Return the values of all neurons, some of which are new."""
    field = f"{population.name}.{name}"
    if isinstance(value, Distribution):
        raise InputError(f"{field} = {value!r} is not allowed with ids: use a number or an array")
    check_length(value, len(chosen), field)
    known = [parameter.name for parameter in population.neuron_model.parameters]
    require(name in known, f"population {population.name}.params", name, f"use {', '.join(known)}")
    first = network.first_ids[population.name]
    # Without drives, because their direct currents would be added again.
    plain = replace(network, drives=())
    drawn = population_values(plain, network.index(population.name), seed, first + np.arange(population.size))
    values = np.array(np.broadcast_to(drawn.params[name], population.size))
    values[chosen] = value
    return values
