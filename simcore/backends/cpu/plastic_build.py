"""Packing the synapses of plastic projections: each projection of a partition by row, a row for each source neuron."""

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.connectivity.cpu import Chunk
from simcore.connectivity.rule import Targets
from simcore.network import Network
from simcore.placement import Placement
from simcore.plasticity.tables import FRACTION_BITS, PairTables
from simcore.random import word_sums
from simcore.synapses.layout import BY_SOURCE, Layout, word_type
from simcore.synapses.packer import Packer, SourceValues
from simcore.synapses.plastic import plastic_projections, plastic_receptors, plastic_timing
from simcore.synapses.rows import Rows
from simcore.tables import Tables

IntArray = npt.NDArray[np.int64]
WIDE, NARROW = np.int64, np.int32
WEIGHT_BIT = 32
"""Place of a weight that changes within its word."""


def plastic_layout(network: Network, tables: Tables, placement: Placement, projection: int) -> Layout:
    """Format of the words of a plastic projection, the same in all partitions."""
    timing, rule = plastic_timing(tables, projection), tables.plasticity[projection]
    target = network.population(network.projections[projection].target)
    n_delays = timing.max_delay - timing.min_delay + 1
    most = placement.most_targets(network.first_ids[target.name], target.size)
    bits = (most - 1).bit_length(), (n_delays - 1).bit_length()
    if isinstance(rule, PairTables):
        # The weight is a separate number of 32 bits.
        return Layout(BY_SOURCE, timing.min_delay, n_delays, bits[0], WEIGHT_BIT - bits[0], WIDE, FRACTION_BITS)
    return Layout(BY_SOURCE, timing.min_delay, n_delays, *bits, word_type(sum(bits), tables.grid.bits))


def population_targets(plan: Plan, partition: int, population: int) -> Targets:
    """The neurons of a population in a partition."""
    described = plan.network.populations[population]
    return plan.placement.targets(partition, plan.network.first_ids[described.name], described.size)


def first_target(plan: Plan, partition: int, projection: int) -> int:
    """Place in a partition of the first neuron of a plastic projection's targets, to which words are relative."""
    target = plan.network.index(plan.network.projections[projection].target)
    return population_targets(plan, partition, target).local_first


def own_targets(plan: Plan, partition: int, projection: int, targets: Targets) -> Targets:
    """Targets of a projection with the places of its words, which are relative to `first_target` for a plastic one."""
    if plan.tables.plasticity[projection] is None:
        return targets
    return replace(targets, local_first=targets.local_first - first_target(plan, partition, projection))


@dataclass(frozen=True, eq=False)
class PackedProjection:
    """Synapses of a plastic projection in a partition.

    Parameters
    ----------
    projection
        Its number.
    place
        Number of the partition among those of the thread.
    layout
        Of the words.
    words
        A part of the thread's `PackedPlastic.wide` or `narrow`.
    first_word
        Position of its start there.
    index
        See `Packer`; a row for each neuron of the source population. A part of that of the thread.
    """

    projection: int
    place: int
    layout: Layout
    words: npt.NDArray[np.integer[Any]]
    first_word: int
    index: npt.NDArray[np.uint32]

    def rows(self, chosen: slice) -> IntArray:
        """Row of each of the chosen words."""
        first, end, _ = chosen.indices(len(self.words))
        starts = np.clip(self.index.astype(np.int64), first, end)
        return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


@dataclass(frozen=True, eq=False)
class PackedPlastic:
    """Synapses of all plastic projections and partitions of a thread, in order of partition and projection.

    `index` has those of all parts, one after the other.
    """

    wide: IntArray
    narrow: npt.NDArray[np.int32]
    index: npt.NDArray[np.uint32]
    parts: list[PackedProjection]

    @property
    def n_synapses(self) -> int:
        """Number of all of them."""
        return len(self.wide) + len(self.narrow)

    def sources(self, network: Network) -> IntArray:
        """Global ids of neurons with plastic synapses on this thread, with duplicates."""
        found = [np.zeros(0, dtype=np.int64)]
        for part in self.parts:
            source = network.population(network.projections[part.projection].source)
            found.append(network.first_ids[source.name] + np.flatnonzero(np.diff(part.index)))
        return np.concatenate(found)


class PlasticBuilder:
    """Counts, then places the synapses of plastic projections of one thread's partitions."""

    def __init__(self, plan: Plan, partitions: range, capacity: int) -> None:
        self._plan = plan
        network, tables = plan.network, plan.tables
        self._rows, self._layouts = {}, {}
        for index in plastic_projections(tables):
            size = network.population(network.projections[index].source).size
            self._rows[index] = Rows((), (), (), size, False)
            self._layouts[index] = plastic_layout(network, tables, plan.placement, index)
        receptors = network.most_receptors
        self._packers = {
            (place, index): Packer(self._rows[index], layout, capacity, n_receptors=receptors)
            for place in range(len(partitions))
            for index, layout in self._layouts.items()
        }
        self._first_words: dict[tuple[int, int], int] = {}
        self._words: dict[Any, npt.NDArray[Any]] = {kind: np.empty(0, dtype=kind) for kind in (WIDE, NARROW)}

    def __contains__(self, projection: int) -> bool:
        return projection in self._layouts

    def _values(self, projection: int, values: SourceValues) -> SourceValues:
        network = self._plan.network
        first = network.first_ids[network.population(network.projections[projection].source).name]
        rows, receptors = (values.first_id - first,) * 2, plastic_receptors(network, self._plan.tables, projection)
        return replace(values, first_rows=rows, receptors=receptors)

    def count(self, place: int, projection: int, chunk: Chunk, n: int, values: SourceValues) -> None:
        """Count some edges."""
        self._packers[place, projection].count(chunk, n, self._values(projection, values))

    def start(self) -> None:
        """Find the starts of rows after everything is counted."""
        for packer in self._packers.values():
            packer.start()

    def allocate(self) -> None:
        """Allocate all words."""
        for kind in self._words:
            own = [key for key in self._packers if self._layouts[key[1]].dtype is kind]
            starts = [0, *accumulate(self._packers[key].n_synapses for key in own)]
            self._first_words.update(zip(own, starts, strict=False))
            self._words[kind] = np.empty(starts[-1], dtype=kind)

    def _own_words(self, place: int, projection: int) -> npt.NDArray[Any]:
        first = self._first_words[place, projection]
        words = self._words[self._layouts[projection].dtype]
        return words[first : first + self._packers[place, projection].n_synapses]

    def place(self, place: int, projection: int, chunk: Chunk, n: int, values: SourceValues) -> None:
        """Write the words of some edges."""
        words = self._own_words(place, projection)
        self._packers[place, projection].place(chunk, n, self._values(projection, values), words)

    def finish(self) -> tuple[PackedPlastic, list[tuple[int, ...]]]:
        """The synapses and their digests by receptor, after everything is written."""
        parts: list[PackedProjection] = []
        starts = [0, *accumulate(len(packer.index) for packer in self._packers.values())]
        whole = np.empty(starts[-1], dtype=np.uint32)
        for number, ((place, index), packer) in enumerate(self._packers.items()):
            layout, words, rule = (
                self._layouts[index],
                self._own_words(place, index),
                self._plan.tables.plasticity[index],
            )
            if isinstance(rule, PairTables) and rule.sign < 0:
                places = np.int64((1 << layout.weight_shift) - 1)
                words[:] = (words & places) | -(words >> layout.weight_shift) << layout.weight_shift
            first = self._first_words[place, index]
            own = whole[starts[number] : starts[number + 1]]
            own[:] = packer.index
            parts.append(PackedProjection(index, place, layout, words, first, own))
        digests = [word_sums(packer.digest_words) for packer in self._packers.values()]
        return PackedPlastic(self._words[WIDE], self._words[NARROW], whole, parts), digests
