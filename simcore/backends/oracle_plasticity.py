"""Plasticity in the oracle: every synapse changes in the step in which its spikes meet, without deferred updates.

In each step the postsynaptic spikes that reach their synapses then facilitate, and the presynaptic spikes depress and
are transmitted. The fast backends do this at the next presynaptic spike; the results must be identical bit for bit.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.plasticity.changes import depressed, facilitated, recovered, trace_after, transmitted_share
from simcore.plasticity.decay import decay
from simcore.plasticity.tables import FRACTION_BITS, PairTables, ResourceTables, delivered
from simcore.synapses.edges import Edges
from simcore.synapses.plastic import (
    NEVER,
    History,
    PlasticCounts,
    PlasticState,
    PlasticTiming,
    PlasticWeights,
    SourceTraces,
    canonical,
    paired_populations,
    plastic_projections,
    plastic_slots,
    plastic_timing,
)

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


class _Spikes:
    """The spikes of a population in the latest steps, and the latest spike and trace of each neuron as of each step."""

    def __init__(self, size: int, depth: int, minus: FloatArray) -> None:
        self._depth, self._minus = depth, minus
        self._fired: list[BoolArray] = []
        self._as_of: list[tuple[IntArray, FloatArray]] = []
        self.restore(0, History(np.full(size, NEVER), np.zeros(size)), {})

    def restore(self, step: int, older: History, fired: Mapping[int, BoolArray]) -> None:
        """Start from the spikes up to step - depth and those of each step after that."""
        size = len(older.last)
        self._step = step - self._depth
        self._fired = [np.zeros(size, dtype=np.bool_)] * (self._depth + 2)
        self._as_of = [(older.last, older.trace)] * (self._depth + 2)
        while self._step < step:
            self.add(fired.get(self._step + 1, np.zeros(size, dtype=np.bool_)))

    def add(self, fired: BoolArray) -> None:
        """The spikes of the next step."""
        self._step += 1
        last, trace = self._as_of[-1][0].copy(), self._as_of[-1][1].copy()
        after = trace_after(self._minus, trace, np.where(last == NEVER, 0, self._step - last))
        trace[fired] = np.where(last == NEVER, 1.0, after)[fired]
        last[fired] = self._step
        self._fired = [*self._fired[1:], fired]
        self._as_of = [*self._as_of[1:], (last, trace)]

    def fired(self, stamps: IntArray, neurons: IntArray) -> BoolArray:
        """Whether each neuron fired at its stamp."""
        return np.array(self._fired)[stamps - self._step - 1, neurons]

    def trace_before(self, stamps: IntArray, neurons: IntArray) -> FloatArray:
        """Trace of each neuron just before its stamp."""
        place = stamps - self._step - 2
        last = np.array([last for last, _ in self._as_of])[place, neurons]
        trace = np.array([trace for _, trace in self._as_of])[place, neurons]
        return np.where(last == NEVER, 0.0, trace * decay(self._minus, np.where(last == NEVER, 0, stamps - last)))

    def history(self) -> History:
        last, trace = self._as_of[-1 - self._depth]
        return History(last.copy(), trace.copy())


class _Input(Protocol):
    """Function that receives the transmitted input."""

    def __call__(self, synapses: IntArray, amounts: IntArray) -> None: ...


class _Paired:
    """The synapses of a projection whose weights change by pairs of spikes."""

    def __init__(self, tables: PairTables, timing: PlasticTiming, edges: Edges, first: int, n_sources: int) -> None:
        self._tables, self._edges = tables, edges
        self._sources = edges.sources - first
        self._shift = 2 * timing.axonal - edges.delay_steps
        self.magnitudes = np.abs(edges.codes) << FRACTION_BITS
        self.state = SourceTraces(np.full(n_sources, NEVER), np.zeros((1, n_sources)))
        self.counts = PlasticCounts()

    def process(self, stamp: int, times: IntArray, targets: _Spikes, own: IntArray, transmit: _Input) -> None:
        """Facilitate with the spikes that arrive together with presynaptic ones of `stamp`; then process those."""
        last, traces = self.state.last, self.state.values[0]
        meets = stamp + self._shift
        meeting = (last[self._sources] != NEVER) & targets.fired(meets, own)
        here = np.flatnonzero(meeting)
        sources = self._sources[here]
        plus = traces[sources] * decay(self._tables.plus, stamp - last[sources])
        self.magnitudes[here], at_top = facilitated(self._tables, self.magnitudes[here], plus)
        self._count(facilitations=len(here), at_top=at_top)
        for round_ in range(int(times.max(initial=0))):
            here = np.flatnonzero(times[self._sources] > round_)
            minus = targets.trace_before(meets[here], own[here])
            self.magnitudes[here], at_zero = depressed(self._tables, self.magnitudes[here], minus)
            self._count(depressions=len(here), at_zero=at_zero)
            transmit(here, delivered(self._tables.sign * self.magnitudes[here]))
            firing = np.flatnonzero(times > round_)
            after = trace_after(self._tables.plus, traces[firing], np.where(last < 0, 0, stamp - last)[firing])
            traces[firing] = np.where(last[firing] == NEVER, 1.0, after)
            last[firing] = stamp

    def _count(self, facilitations: int = 0, depressions: int = 0, at_top: int = 0, at_zero: int = 0) -> None:
        bounded, before = self._tables.bounded, self.counts
        self.counts = PlasticCounts(
            before.facilitations + facilitations,
            before.depressions + depressions,
            before.clipped + at_zero + (at_top if bounded else 0),
            before.saturated + (0 if bounded else at_top),
        )

    def weights(self) -> PlasticWeights:
        units = self._tables.sign * self.magnitudes
        return canonical(self._edges.sources, self._edges.targets, self._edges.delay_steps, units)

    def set_weights(self, weights: PlasticWeights) -> None:
        edges = self._edges
        order = np.lexsort((self._tables.sign * self.magnitudes, edges.delay_steps, edges.sources, edges.targets))
        self.magnitudes[order] = np.abs(weights.units)


class _Resources:
    """The synapses of a projection whose sources have resources."""

    def __init__(self, tables: ResourceTables, edges: Edges, first: int, n_sources: int) -> None:
        self._tables, self._edges = tables, edges
        self._sources = edges.sources - first
        values = np.tile(np.array([[tables.x], [tables.u]]), (1, n_sources))
        self.state = SourceTraces(np.full(n_sources, NEVER), values)
        self.counts = PlasticCounts()

    def process(self, stamp: int, times: IntArray, transmit: _Input) -> None:
        """Process the presynaptic spikes of `stamp`."""
        last, (x, u) = self.state.last, self.state.values
        for round_ in range(int(times.max(initial=0))):
            again = np.flatnonzero((times > round_) & (last != NEVER))
            x[again], u[again] = recovered(self._tables, x[again], u[again], stamp - last[again])
            last[times > round_] = stamp
            here = np.flatnonzero(times[self._sources] > round_)
            share = transmitted_share(x, u)[self._sources[here]]
            transmit(here, delivered(self._edges.codes[here] * share))


class OraclePlasticity:
    """All plastic projections of a network, and their pending input.

    Parameters
    ----------
    plan
        Plan of the network.
    edges
        Edges of each plastic projection.
    receptors
        Receptors of these synapses.
    """

    def __init__(self, plan: Plan, edges: Mapping[int, Edges], receptors: Mapping[int, IntArray]) -> None:
        network, tables = plan.network, plan.tables
        self._network, self._edges, self._receptors = network, edges, receptors
        self._projections = plastic_projections(tables)
        self._timing = {index: plastic_timing(tables, index) for index in self._projections}
        self._firsts = list(network.first_ids.values())
        self._paired: dict[int, _Paired] = {}
        self._resources: dict[int, _Resources] = {}
        self._spikes: dict[int, _Spikes] = {}
        depths = paired_populations(network, tables)
        for index in self._projections:
            projection, rule = network.projections[index], tables.plasticity[index]
            source, target = network.index(projection.source), network.index(projection.target)
            of = (edges[index], self._firsts[source], network.populations[source].size)
            if isinstance(rule, PairTables):
                self._paired[index] = _Paired(rule, self._timing[index], *of)
                size = network.populations[target].size
                self._spikes.setdefault(target, _Spikes(size, depths[target], rule.minus))
            elif isinstance(rule, ResourceTables):
                self._resources[index] = _Resources(rule, *of)
        self._n_slots = plastic_slots(tables)
        self._ring = np.zeros((self._n_slots + 1, network.most_receptors, network.n_neurons), dtype=np.int64)
        self._events = np.zeros(self._n_slots + 1, dtype=np.int64)
        self._longest = max((timing.lag for timing in self._timing.values()), default=0)
        self._recent: dict[int, IntArray] = {}

    def arriving(self, step: int) -> tuple[IntArray, int]:
        """Remove and return the input of a step and its synaptic events."""
        slot = step % len(self._ring)
        amounts, events = self._ring[slot].copy(), int(self._events[slot])
        self._ring[slot], self._events[slot] = 0, 0
        return amounts, events

    def process(self, stamp: int, times: IntArray) -> None:
        """Process the spikes with `stamp`, given as the number that each neuron sent, int64 (neurons,)."""
        self._recent[stamp] = times
        self._recent.pop(stamp - self._longest - 1, None)
        for population, spikes in self._spikes.items():
            spikes.add(self._of(population, times) > 0)
        for index in self._projections:
            timing, projection = self._timing[index], self._network.projections[index]
            late = self._recent.get(stamp - timing.lag)
            if late is None:
                continue
            source, target = self._network.index(projection.source), self._network.index(projection.target)
            transmit = self._transmitter(index, stamp)
            if index in self._resources:
                self._resources[index].process(stamp, self._of(source, late), transmit)
            else:
                own = self._edges[index].targets - self._firsts[target]
                sent = self._of(source, late)
                self._paired[index].process(stamp - timing.lag, sent, self._spikes[target], own, transmit)

    def _of(self, population: int, times: IntArray) -> IntArray:
        first = self._firsts[population]
        return times[first : first + self._network.populations[population].size]

    def _transmitter(self, index: int, stamp: int) -> _Input:
        edges, receptors, lag = self._edges[index], self._receptors[index], self._timing[index].lag

        def transmit(synapses: IntArray, amounts: IntArray) -> None:
            # A spike with the stamp s is sent in step s - 1.
            slots = (stamp - 1 - lag + edges.delay_steps[synapses]) % len(self._ring)
            np.add.at(self._ring, (slots, receptors[synapses], edges.targets[synapses]), amounts)
            np.add.at(self._events, slots, 1)

        return transmit

    def weights(self, projection: int) -> PlasticWeights:
        return self._paired[projection].weights()

    def weight_blocks(self, projection: int) -> Iterator[PlasticWeights]:
        yield self.weights(projection)

    def set_weights(self, projection: int, weights: PlasticWeights) -> None:
        self._paired[projection].set_weights(weights)

    def counts(self, projection: int) -> PlasticCounts:
        return (self._paired | self._resources)[projection].counts

    def snapshot(self, step: int) -> PlasticState:
        slots = [(step + k) % len(self._ring) for k in range(self._n_slots)]
        targets = {self._network.index(self._network.projections[index].target) for index in self._projections}
        own = {
            population: slice(first, first + self._network.populations[population].size)
            for population, first in enumerate(self._firsts)
        }
        synapses = self._paired | self._resources
        return PlasticState(
            {},
            {index: SourceTraces(one.state.last.copy(), one.state.values.copy()) for index, one in synapses.items()},
            {population: spikes.history() for population, spikes in self._spikes.items()},
            {population: self._ring[slots][:, :, own[population]] for population in sorted(targets)},
            self._events[slots],
            {index: one.counts for index, one in synapses.items()},
        )

    def restore(self, state: PlasticState, step: int, recent: Mapping[int, IntArray]) -> None:
        """Start from a snapshot of the step; `recent` is the number of spikes of each neuron at each recent stamp."""
        self._recent = {stamp: times for stamp, times in recent.items() if stamp > step - self._longest}
        for population, spikes in self._spikes.items():
            fired = {stamp: self._of(population, times) > 0 for stamp, times in recent.items()}
            spikes.restore(step, state.histories[population], fired)
        for index, paired in self._paired.items():
            paired.set_weights(state.weights[index])
        for index, one in (self._paired | self._resources).items():
            one.state.last[:] = state.sources[index].last
            one.state.values[:] = state.sources[index].values
            one.counts = state.counts[index]
        self._ring[:], self._events[:] = 0, 0
        slots = [(step + k) % len(self._ring) for k in range(self._n_slots)]
        for population, pending in state.pending.items():
            first = self._firsts[population]
            for slot, amounts in zip(slots, pending, strict=True):
                self._ring[slot][:, first : first + amounts.shape[1]] = amounts
        self._events[slots] = state.pending_events
