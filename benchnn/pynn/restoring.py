"""Resume the simulation with a network that was rebuilt because a script changed it after time 0."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from benchnn.pynn.parts import FloatArray
from simcore.backends import Snapshot
from simcore.connectivity import Explicit
from simcore.errors import InputError
from simcore.network import Network, Projection
from simcore.simulator import Simulator
from simcore.tables import moved_state, population_values


@dataclass(frozen=True, eq=False)
class Kept:
    """The state of a simulator that was closed.

    Parameters
    ----------
    network
        The network that it simulated.
    units
        Units of the weights onto each population, by receptor.
    snapshot
        The state, on rank 0.
    """

    network: Network
    units: tuple[FloatArray, ...]
    snapshot: Snapshot | None


def kept(simulator: Simulator) -> Kept:
    """State of a simulator; a collective call."""
    return Kept(simulator.network, simulator.plan.tables.grid.lsb, simulator.snapshot())


def resume(before: Kept, after: Simulator, moved: Mapping[str, Mapping[str, FloatArray]]) -> None:
    """Set a new simulator to the state of an old one; the populations of the old network are the first in the new one.

    New populations begin in their initial state. All ranks call this together.

    Parameters
    ----------
    before, after
        The old and the new simulator.
    moved
        Population -> state variable -> values in the unit of the model, (neurons,), that take the place of the old
        ones.

    Raises
    ------
    InputError
        If plastic synapses were added or changed, because their state cannot be transferred.
    """
    same = _plastic(before.network) == _plastic(after.network) and _same_units(before, after)
    if not same:
        raise InputError(
            "connections, delays and parameters of plastic synapses cannot change after time 0, and weights onto the "
            "targets of plastic synapses cannot become so large that they need another unit; call reset() first"
        )
    old, new = before.snapshot, after.snapshot()
    if old is None or new is None:
        after.restore(None)
        return
    states = [*old.state, *new.state[len(old.state) :]]
    for index, population in enumerate(after.network.populations):
        ids = after.network.first_ids[population.name] + np.arange(population.size)
        if index < len(old.state):
            states[index] = moved_state(before.network, after.network, index, after.plan.seed, ids, states[index])
        model = population.neuron_model
        names = [variable.name for variable in model.variables]
        params = population_values(after.network, index, after.plan.seed, ids).params
        for name, values in moved.get(population.name, {}).items():
            states[index][names.index(name)] = values - model.offset(name, params)
    after.restore(
        replace(
            old,
            neurons=new.neurons,
            state=states,
            counters=[*old.counters, *new.counters[len(old.counters) :]],
            network_digest=new.network_digest,
            weight_bits=new.weight_bits,
        )
    )


def _plastic(network: Network) -> list[tuple[object, ...]]:
    """Description of the plastic projections of a network."""
    return [
        (index, projection.source, projection.target, projection.plasticity, _edges(projection))
        for index, projection in enumerate(network.projections)
        if projection.plasticity is not None
    ]


def _edges(projection: Projection) -> tuple[bytes, ...]:
    rule = cast(Explicit, projection.rule)
    return tuple(np.asarray(part).tobytes() for part in (rule.sources, rule.targets, projection.delay_ms))


def _same_units(before: Kept, after: Simulator) -> bool:
    """Whether weights onto targets of plastic synapses have the same units, which are also those of pending input."""
    network = before.network
    targets = {network.index(projection.target) for projection in network.projections if projection.plasticity}
    units = after.plan.tables.grid.lsb
    return all(np.array_equal(before.units[target], units[target]) for target in targets)
