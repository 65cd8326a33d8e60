"""Rows of the synapse tables: a source neuron and the receptor at which its synapses act.

Row g holds the synapses of neuron g; a population whose weights have both signs gets a second range of rows, after
all neurons, for the negative ones. All synapses of a row act on the same receptor.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import ResourceError
from simcore.network import Network
from simcore.tables import Tables

IntArray = npt.NDArray[np.int64]

NO_ROW = -1
RECEPTOR_BIT = 31
"""A spike's word is its row; the highest of 32 bits is the receptor of the row's synapses.

Where neurons can send several spikes in a step, words have 64 bits: from bit 32 on lies their number minus one.
"""
MULTIPLICITY_BIT = 32
ROW_MASK = np.uint32((1 << RECEPTOR_BIT) - 1)


@dataclass(frozen=True)
class Rows:
    """Rows of the sources of each population.

    Parameters
    ----------
    first_ids
        First global id of each population.
    positive, negative
        First row for positive and negative weights, by population; NO_ROW if it has none.
    total
        Number of rows.
    """

    first_ids: tuple[int, ...]
    positive: tuple[int, ...]
    negative: tuple[int, ...]
    total: int

    def second(self, population: int) -> int:
        """First row of a population's negative weights if it has both signs, else NO_ROW."""
        both = self.positive[population] != NO_ROW and self.negative[population] != NO_ROW
        return self.negative[population] if both else NO_ROW

    def receptor(self, population: int) -> int:
        """Receptor of the synapses in the neurons' own rows."""
        return int(self.positive[population] == NO_ROW)

    def owners(self, rows: IntArray) -> IntArray:
        """Global id of the neuron to which each row belongs."""
        ids = rows.copy()
        for population, first in enumerate(self.first_ids):
            second = self.second(population)
            if second != NO_ROW:
                # Ranges of second rows ascend with the population, so a later one overrides.
                ids = np.where(rows >= second, rows - second + first, ids)
        return ids

    def words(self, ids: IntArray) -> tuple[npt.NDArray[np.uint32], IntArray]:
        """Words of the spikes of some neurons, and for each word the position of its neuron in `ids`.

        A neuron with rows for both signs has two words, its own row's first.
        """
        edges = np.array(self.first_ids[1:], dtype=np.int64)
        population = np.searchsorted(edges, ids, side="right")
        receptors = np.array([self.receptor(p) for p in range(len(self.first_ids))], dtype=np.int64)
        seconds = np.array([self.second(p) for p in range(len(self.first_ids))], dtype=np.int64)
        own = (receptors[population] << RECEPTOR_BIT) | ids
        second = seconds[population]
        negative = (second + ids - np.array(self.first_ids)[population]) | (1 << RECEPTOR_BIT)
        both = second != NO_ROW
        position = np.repeat(np.arange(len(ids)), 1 + both)
        words = own[position]
        doubled = np.flatnonzero(both)
        words[doubled + np.arange(1, len(doubled) + 1)] = negative[both]
        return words.astype(np.uint32), position

    def spike_words(
        self, stamps: IntArray, ids: IntArray, dtype: npt.DTypeLike
    ) -> tuple[npt.NDArray[np.unsignedinteger[Any]], IntArray, IntArray]:
        """Words of type `dtype` of spikes, uint32 or with multiplicities uint64, and the stamp and id of each word."""
        if np.dtype(dtype) == np.uint32:
            words, position = self.words(ids)
            return words, stamps[position], ids[position]
        stamps, ids, times = counted(stamps, ids)
        words, position = self.words(ids)
        extra = (times - 1).astype(np.uint64) << np.uint64(MULTIPLICITY_BIT)
        return words | extra[position], stamps[position], ids[position]


def counted(stamps: IntArray, ids: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Stamps and ids of spikes, each pair once in order of (stamp, id), and how often it is listed."""
    order = np.lexsort((ids, stamps))
    stamps, ids = stamps[order], ids[order]
    first = np.ones(len(ids), dtype=np.bool_)
    first[1:] = (np.diff(stamps) != 0) | (np.diff(ids) != 0)
    starts = np.flatnonzero(first)
    return stamps[starts], ids[starts], np.diff(np.append(starts, len(ids)))


def make_rows(network: Network, tables: Tables) -> Rows:
    """Rows of the network's sources, from the signs that the description can yield.

    Raises
    ------
    ResourceError
        If there are 2**31 rows or more.
    """
    signs = [[False, False] for _ in network.populations]
    for projection, weights in zip(network.projections, tables.weights, strict=True):
        source = signs[network.index(projection.source)]
        low, high = weights.ends or (0, -1)
        source[0] |= high >= 0
        source[1] |= low < 0
    positive, negative, total = [], [], network.n_neurons
    for population, (plus, minus) in zip(network.populations, signs, strict=True):
        first = network.first_ids[population.name]
        positive.append(first if plus or not minus else NO_ROW)
        if plus and minus:
            negative.append(total)
            total += population.size
        else:
            negative.append(first if minus else NO_ROW)
    if total >= 1 << RECEPTOR_BIT:
        raise ResourceError(f"{total} rows of synapses, at most {(1 << RECEPTOR_BIT) - 1} have numbers")
    return Rows(tuple(network.first_ids.values()), tuple(positive), tuple(negative), total)
