"""Plastic synapses of a rank: weights, counts and snapshots, combined from those of its threads."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan, Snapshot
from simcore.backends.cpu.plastic_state import ThreadPlasticity
from simcore.backends.cpu.team import Team
from simcore.errors import InputError
from simcore.plasticity.tables import PairTables
from simcore.synapses.plastic import (
    History,
    PlasticCounts,
    PlasticState,
    PlasticWeights,
    joined,
    paired_populations,
    plastic_projections,
    sum_of_counts,
)

IntArray = npt.NDArray[np.int64]
COLUMNS = ("sources", "targets", "delay_steps", "units")


class RankPlasticity:
    """State of the plastic synapses of a rank.

    Parameters
    ----------
    plan
        Plan of the network.
    team
        The threads, each of which uses its own arrays.
    threads
        Their parts.
    """

    def __init__(self, plan: Plan, team: Team, threads: list[ThreadPlasticity]) -> None:
        self._plan, self._team, self.threads = plan, team, threads
        network, tables = plan.network, plan.tables
        self._projections = plastic_projections(tables)
        self._paired = [index for index in self._projections if isinstance(tables.plasticity[index], PairTables)]
        self._populations = list(paired_populations(network, tables))
        self._targets = sorted({network.index(network.projections[index].target) for index in self._projections})
        self._earlier = dict.fromkeys(self._projections, PlasticCounts())

    def settle(self, step: int) -> None:
        """Settle all weights as of a step whose spikes have been processed."""
        self._team.run(lambda thread: self.threads[thread].settle(step))

    def _by_word(self, projection: int) -> list[PlasticWeights]:
        """Weights of each thread in the order of its words."""
        return self._team.run(lambda thread: self.threads[thread].weights(projection))

    def weights(self, projection: int, step: int) -> PlasticWeights:
        """See `simcore.backends.backend.Engine.weights`."""
        self.settle(step)
        parts = self._by_word(projection)
        return joined(parts)

    def weight_blocks(self, projection: int, step: int) -> Iterator[PlasticWeights]:
        """See `simcore.backends.backend.Engine.weight_blocks`."""
        self.settle(step)
        for thread in self.threads:
            yield from thread.weight_blocks(projection)

    def set_weights(self, projection: int, weights: PlasticWeights, step: int) -> None:
        """See `simcore.backends.backend.Engine.set_weights`."""
        self.settle(step)
        self._set_units(projection, weights)

    def _set_units(self, projection: int, weights: PlasticWeights) -> None:
        parts = self._by_word(projection)
        own = [np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS]
        order = np.lexsort((own[3], own[2], own[0], own[1]))
        for name, values in zip(COLUMNS[:3], own[:3], strict=True):
            same = np.array_equal(getattr(weights, name), values[order])
            if not same:
                raise InputError(f"weights.{name} is not allowed: the array must list the synapses of this network")
        units = np.empty(len(order), dtype=np.int64)
        units[order] = weights.units
        starts = np.cumsum([0, *(len(part.units) for part in parts)])
        self._team.run(
            lambda thread: self.threads[thread].set_units(projection, units[starts[thread] : starts[thread + 1]])
        )

    def counts(self, projection: int, step: int) -> PlasticCounts:
        """See `simcore.backends.backend.Engine.plastic_counts`."""
        self.settle(step)
        parts = [self._earlier[projection], *(thread.counts(projection) for thread in self.threads)]
        return sum_of_counts(parts)

    def snapshot(self, step: int, neurons: list[IntArray]) -> PlasticState:
        """State between two steps; `neurons` are the rank's of each population, in the order of the snapshot."""
        network = self._plan.network
        places = [np.argsort(np.argsort(ids)) for ids in neurons]
        histories, pending = {}, {}
        for population in self._populations:
            ids, older = zip(*(thread.histories(population, step) for thread in self.threads), strict=True)
            order = np.argsort(np.concatenate(ids))[places[population]]
            last, trace = (np.concatenate([getattr(part, name) for part in older]) for name in ("last", "trace"))
            histories[population] = History(last[order], trace[order])
        for population in self._targets:
            ids, amounts = zip(*(thread.pending(population, step) for thread in self.threads), strict=True)
            order = np.argsort(np.concatenate(ids))[places[population]]
            pending[population] = np.concatenate(amounts, axis=2)[:, :, order]
        sources = {}
        for index in self._projections:
            sources[index] = self.threads[0].sources(index, neurons[network.index(network.projections[index].source)])
        n_slots = len(self.threads[0].plastic.pending_events)
        slots = (step + np.arange(n_slots)) % n_slots
        return PlasticState(
            {},
            sources,
            histories,
            pending,
            np.sum([thread.plastic.pending_events[slots] for thread in self.threads], axis=0),
            {index: self.counts(index, step) for index in self._projections},
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Start from the snapshot of a rank."""
        state, step = snapshot.plastic, snapshot.step
        assert state is not None  # noqa: S101 - the network has plastic synapses
        for thread in self.threads:
            thread.clear(step)
        for index in self._paired:
            self._set_units(index, state.weights[index])
        for index in self._projections:
            for thread in self.threads:
                thread.set_sources(index, state.sources[index])
        self._earlier = dict(state.counts)
        for population in self._targets:
            own = self._places(snapshot, population)
            for thread in self.threads:
                thread.set_pending(population, step, own, state.pending[population])
        events = self.threads[0].plastic.pending_events
        events[(step + np.arange(len(events))) % len(events)] = state.pending_events
        self._set_histories(snapshot, state)

    def _set_histories(self, snapshot: Snapshot, state: PlasticState) -> None:
        network = self._plan.network
        depths = paired_populations(network, self._plan.tables)
        order = np.argsort(snapshot.stamps, kind="stable")
        stamps, ids = snapshot.stamps[order], snapshot.ids[order]
        for population in self._populations:
            described = network.populations[population]
            local = ids - network.first_ids[described.name]
            recent = (local >= 0) & (local < described.size) & (stamps > snapshot.step - depths[population])
            own = self._places(snapshot, population)
            for thread in self.threads:
                history = state.histories[population]
                thread.set_histories(population, own, history, stamps[recent], local[recent])

    def _places(self, snapshot: Snapshot, population: int) -> Callable[[Any], Any]:
        neurons = snapshot.neurons[population]
        return lambda ids: np.searchsorted(neurons, ids)
