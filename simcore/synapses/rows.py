"""Rows of the synapse tables: the synapses of a source neuron that act on one receptor.

The rows of a population's neurons are consecutive, with a range for each of its *channels*. If all projections of a
network have constant weights, the channels of a population also differ in weight: the synapses of a row then share one
weight, which their words do not contain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from simcore.errors import ResourceError
from simcore.network import Network
from simcore.synapses.plastic import plastic_projections
from simcore.tables import Tables

IntArray = npt.NDArray[np.int64]

MAX_ROWS = 2**31 - 1
NO_ROWS = (0, 0)
"""Value for the first rows of a projection with plastic synapses."""
BLOCKS_OF_RANGE = 64
"""Typical number of blocks of ids for each range of neurons."""
MOST_SPLIT = 2
"""Largest factor by which splitting by weight may increase the number of rows, which become shorter."""


@dataclass(frozen=True, order=True)
class Channel:
    """Receptor of the synapses of a row, and their integer weight, or None if weights differ.

    `first_row` is the row of the population's first neuron.
    """

    receptor: int
    weight: int | None = None
    first_row: int = 0


@dataclass(frozen=True)
class Sources:
    """Rows for the spike of a neuron, in the form for kernels; all int64.

    Parameters
    ----------
    first_ids
        First id of each range of neurons with the same channels, ascending.
    starts
        Start of the channels of each range, and end of the last ones.
    channels
        Shape (channels, 3): difference of a neuron's row and id; receptor; weight, or 0.
    """

    first_ids: IntArray
    starts: IntArray
    channels: IntArray

    @property
    def most_channels(self) -> int:
        """Largest number of channels of a neuron."""
        return int(np.diff(self.starts).max())

    def range_ends(self) -> IntArray:
        """End of each range of neurons; for the last range, beyond all ids."""
        return np.append(self.first_ids[1:], np.iinfo(np.int64).max)

    def ranges(self, n_neurons: int) -> tuple[npt.NDArray[np.uint32], int]:
        """Return the range of the first neuron of each block of 2^bits ids, and these bits.

        The range of a neuron is the range of its block or, in a few blocks, a later one. The length of the table
        depends on the number of ranges, not neurons, and look-ups do not mispredict branches as a search would.
        """
        bits = max(0, (n_neurons // (BLOCKS_OF_RANGE * len(self.first_ids))).bit_length() - 1)
        blocks = np.arange(0, n_neurons, 1 << bits)
        return (np.searchsorted(self.first_ids, blocks, side="right") - 1).astype(np.uint32), bits


@dataclass(frozen=True)
class Rows:
    """Rows of the sources of each population.

    Parameters
    ----------
    first_ids
        First global id of each population.
    channels
        Channels of each population, in order of their rows.
    of_projections
        First row of the sources of each projection for weights >= 0, and for weights < 0.
    total
        Number of rows, at least 1.
    constant_weights
        Whether the synapses of a row share one weight.
    """

    first_ids: tuple[int, ...]
    channels: tuple[tuple[Channel, ...], ...]
    of_projections: tuple[tuple[int, int], ...]
    total: int
    constant_weights: bool

    def owners(self, rows: IntArray) -> IntArray:
        """Global id of the neuron to which each row belongs."""
        listed = [
            (channel.first_row, first)
            for first, channels in zip(self.first_ids, self.channels, strict=True)
            for channel in channels
        ]
        table = np.array(sorted(listed), dtype=np.int64).reshape(-1, 2)
        place = np.searchsorted(table[:, 0], rows, side="right") - 1
        ids: IntArray = rows - table[place, 0] + table[place, 1]
        return ids

    def sources(self) -> Sources:
        """Return the rows of each neuron; adjacent populations with equivalent spikes form one range."""
        first_ids, starts, entries = [], [0], []
        latest: list[tuple[int, int, int]] | None = None
        for first, channels in zip(self.first_ids, self.channels, strict=True):
            own = [(channel.first_row - first, channel.receptor, channel.weight or 0) for channel in channels]
            if own != latest:
                first_ids.append(first)
                entries.extend(own)
                starts.append(len(entries))
            latest = own
        table = np.array(entries, dtype=np.int64).reshape(-1, 3)
        return Sources(np.array(first_ids, dtype=np.int64), np.array(starts, dtype=np.int64), table)


def make_rows(network: Network, tables: Tables, by_weight: bool = True) -> Rows:
    """Return the rows of the network's sources, from the possible receptors and weights of the description.

    Parameters
    ----------
    network, tables
        The description, and its integer weights.
    by_weight
        Whether rows can be split by weight if all weights are constants.

    Raises
    ------
    ResourceError
        If there are 2**31 rows or more.
    """
    plastic = set(plastic_projections(tables))
    # Plastic synapses have separate tables.
    wanted = [
        () if index in plastic else _channels(network, tables, index) for index in range(len(network.projections))
    ]
    rows = _rows(network, [tuple(replace(channel, weight=None) for channel in pair) for pair in wanted])
    static = [weights for index, weights in enumerate(tables.weights) if index not in plastic]
    constant = bool(static) and all(weights.kind == "constant" for weights in static)
    if by_weight and constant:
        split = _rows(network, wanted)
        if split.total <= MOST_SPLIT * rows.total:
            rows = replace(split, constant_weights=True)
    if rows.total > MAX_ROWS:
        raise ResourceError(f"the network has {rows.total} rows of synapses, but at most {MAX_ROWS} are possible")
    return rows


def _channels(network: Network, tables: Tables, index: int) -> tuple[Channel, Channel]:
    """Return the channels of weights >= 0 and < 0, which are equal for weights of one sign, or one receptor."""
    low, high = tables.weights[index].ends or (0, 0)
    plus, minus = network.receptors(network.projections[index])
    if low >= 0:
        minus = plus
    elif high < 0:
        plus = minus
    # Only a constant weight is used.
    return Channel(plus, low), Channel(minus, low)


def _rows(network: Network, wanted: Sequence[tuple[Channel, ...]]) -> Rows:
    by_population: list[set[Channel]] = [set() for _ in network.populations]
    for projection, pair in zip(network.projections, wanted, strict=True):
        by_population[network.index(projection.source)].update(pair)
    sizes = [population.size * len(own) for population, own in zip(network.populations, by_population, strict=True)]
    starts = [0, *accumulate(sizes)]
    channels = [
        tuple(replace(channel, first_row=start + place * population.size) for place, channel in enumerate(sorted(own)))
        for population, own, start in zip(network.populations, by_population, starts, strict=False)
    ]
    found = [{replace(channel, first_row=0): channel.first_row for channel in ranged} for ranged in channels]
    of_projections = []
    for projection, pair in zip(network.projections, wanted, strict=True):
        own = found[network.index(projection.source)]
        of_projections.append((own[pair[0]], own[pair[1]]) if pair else NO_ROWS)
    first_ids = tuple(network.first_ids.values())
    return Rows(first_ids, tuple(channels), tuple(of_projections), max(1, starts[-1]), False)
