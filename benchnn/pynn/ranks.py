"""Exchange of values that a script set only for the neurons of its own process."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.pynn.parts import FloatArray, PopulationPart, ProjectionPart
from simcore.comm import Communicator


def exchange_values(comm: Communicator, populations: Sequence[PopulationPart]) -> None:
    """Distribute the values of each neuron from its process to all processes; a collective call."""
    if comm.size == 1:
        return
    own = {
        population.index: (population.values, _initial_values(population), population.moved)
        for population in populations
        if population.changed
    }
    parts = comm.gather(own)
    for index in sorted(set().union(*parts)):
        population = populations[index]
        known = (population.values, _initial_values(population), population.moved)
        each = [part.get(index, known) for part in parts]
        population.values = _merged(population, [values for values, _, _ in each])
        for variable, values in _merged(population, [initial for _, initial, _ in each]).items():
            population.set_initial_array(variable, values)
        population.moved = set().union(*(moved for _, _, moved in each))
        population.changed = True


def exchange_recorded(comm: Communicator, populations: Sequence[PopulationPart]) -> None:
    """Distribute the sets of recorded neurons to all processes; a collective call."""
    if comm.size == 1:
        return
    parts = comm.gather({p.index: p.recorder.chosen for p in populations if p.recorder.changed})
    for index in sorted(set().union(*parts)):
        recorder = populations[index].recorder
        each = [part.get(index, recorder.chosen) for part in parts]
        recorder.chosen = {name: set().union(*(one.get(name, ()) for one in each)) for name in set().union(*each)}


def exchange_attributes(comm: Communicator, projections: Sequence[ProjectionPart]) -> None:
    """Distribute values that a script set for the connections of one process to all processes; a collective call."""
    own = {
        number: {name: np.broadcast_to(projection.attributes[name], projection.post_ids.shape) for name in names}
        for number, projection in enumerate(projections)
        for names in [projection.set_separately]
        if names
    }
    parts = comm.gather(own)
    for number in sorted(set().union(*parts)):
        projection = projections[number]
        names = sorted(set().union(*(part.get(number, {}) for part in parts)))
        merged = {
            name: np.array(np.broadcast_to(projection.attributes[name], projection.post_ids.shape)) for name in names
        }
        for rank, part in enumerate(parts):
            mine = projection.post_ids % comm.size == rank
            for name, values in part.get(number, {}).items():
                merged[name][mine] = values[mine]
        projection.store(merged)


def currents_of_ranks(
    comm: Communicator, populations: Sequence[PopulationPart], own: Mapping[int, FloatArray]
) -> dict[int, FloatArray]:
    """Gather the currents into the neurons of all processes from each process; a collective call."""
    if comm.size == 1:
        return dict(own)
    parts = comm.gather(dict(own))
    found = {}
    for index in sorted(set().union(*parts)):
        population = populations[index]
        nothing = np.zeros(population.size)
        found[index] = _of_owners(population, [part.get(index, nothing) for part in parts])
    return found


def _initial_values(population: PopulationPart) -> dict[str, FloatArray]:
    return {variable: population.initial_array(variable) for variable in population.initial_values}


def _merged(population: PopulationPart, parts: Sequence[Mapping[str, npt.NDArray[Any]]]) -> dict[str, npt.NDArray[Any]]:
    return {name: _of_owners(population, [part[name] for part in parts]) for name in parts[0]}


def _of_owners(population: PopulationPart, parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """For each neuron the value in its own process."""
    merged = np.array(parts[0])
    for rank, values in enumerate(parts):
        first = (rank - population.first) % len(parts)
        merged[first :: len(parts)] = values[first :: len(parts)]
    return merged
