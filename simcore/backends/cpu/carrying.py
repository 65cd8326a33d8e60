"""Transfer of neuron state from and to the parts of threads: snapshots, and networks with other parameters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan, Snapshot
from simcore.backends.cpu.arrays import WHOLE
from simcore.backends.cpu.build import ThreadPart
from simcore.backends.cpu.columns import SegmentColumn
from simcore.backends.cpu.resting import wake_all
from simcore.network import Network
from simcore.tables import moved_state


def held_state(
    plan: Plan, parts: Sequence[ThreadPart]
) -> tuple[list[npt.NDArray[np.int64]], list[npt.NDArray[Any]], list[npt.NDArray[np.int32]]]:
    """Neurons, state and counters of each population on the threads, as in `Snapshot`."""
    segments = [segment for part in parts for segment in part.states]
    neurons, state, counters = [], [], []
    for number, population in enumerate(plan.network.populations):
        model = population.neuron_model
        own = [segment for segment in segments if segment.population == number]
        held = [segment.by_neuron() for segment in own]
        none = np.zeros(0, dtype=np.int64)
        no_state = np.zeros((len(model.variables), 0), dtype=plan.real)
        no_counters = np.zeros((model.n_counters, 0), dtype=np.int32)
        neurons.append(np.concatenate([none, *(np.array(segment.neurons, dtype=np.int64) for segment in own)]))
        state.append(np.concatenate([no_state, *(one for one, _ in held)], axis=1))
        counters.append(np.concatenate([no_counters, *(one for _, one in held)], axis=1))
    return neurons, state, counters


def take_state(part: ThreadPart, snapshot: Snapshot) -> None:
    """Set the neurons of a thread to the state of a snapshot; none is at rest."""
    for segment in part.states:
        number = segment.population
        columns = np.searchsorted(snapshot.neurons[number], segment.neurons)
        segment.assign(snapshot.state[number][:, columns], snapshot.counters[number][:, columns])
    if part.resting is not WHOLE:
        wake_all(part.resting, part.segments[:, SegmentColumn.N])


def carry_over(old: ThreadPart, new: ThreadPart, before: Network, plan: Plan) -> None:
    """Copy the state and the arrivals of the old part, with the parameters of the network `before`, to a new one."""
    new.inputs[:], new.pending[:] = old.inputs, old.pending
    if new.touched is not WHOLE:
        new.touched[:] = old.touched
    network = plan.network
    for segment, kept in zip(new.states, old.states, strict=True):
        own = network.first_ids[network.populations[kept.population].name] + np.array(kept.neurons)
        state, counters = kept.by_neuron()
        segment.assign(moved_state(before, network, kept.population, plan.seed, own, state), counters)


def forget_arrivals(part: ThreadPart) -> None:
    """Clear the pending arrivals, except those of a calendar."""
    part.inputs[:] = 0
    part.pending[:] = 0
    if part.touched is not WHOLE:
        part.touched[:] = 0
