"""Owners of neurons, by arithmetic and a table with a row for each group of ranks.

Neurons are distributed round-robin, as on virtual processes in NEST: all neurons over all ranks, or some ranges of ids
over a group of ranks. A *partition* is a unit of delivery of at most 65,536 neurons, so that 16 bits identify a target;
a thread owns one or several partitions.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.connectivity.rule import Targets
from simcore.errors import require
from simcore.placement.ranges import RankGroup, RankRanges

IntArray = npt.NDArray[np.int64]

MAX_PARTITION_NEURONS = 65_536
ROUND_ROBIN, BY_POPULATION, AREAS = "round_robin", "by_population", "areas"
PLACEMENTS = (ROUND_ROBIN, BY_POPULATION, AREAS)


class _Block(NamedTuple):
    """Range of ids: its bounds, the number of its first neuron in its group, and the number of the group."""

    first: int
    end: int
    offset: int
    group: int


@dataclass(frozen=True)
class Placement:
    """Placement of `n_neurons` on ranks x threads x partitions per thread.

    The neurons of a group of ranks are numbered in order of their ids. Neuron q of a group with n partitions belongs to
    the group's partition ``q % n`` with local index ``q // n``; partition p of a group of R ranks belongs to rank
    ``p % R`` of the group, and there to thread ``p // R % threads``. Partitions are numbered group by group.

    Parameters
    ----------
    n_neurons, ranks, threads
        Neurons of the network, number of ranks, and threads of each rank.
    groups
        Groups of consecutive ranks; by default one group of all ranks and all neurons.
    name
        Name of the placement.

    Raises
    ------
    InputError
        If the groups do not contain all neurons exactly once, or a number is out of range.
    """

    n_neurons: int
    ranks: int = 1
    threads: int = 1
    groups: tuple[RankGroup, ...] = field(default=(), repr=False)
    name: str = ROUND_ROBIN

    def __post_init__(self) -> None:
        require(self.n_neurons >= 1, "n_neurons", self.n_neurons, "must be >= 1")
        require(self.ranks >= 1, "ranks", self.ranks, "must be >= 1")
        require(self.threads >= 1, "threads", self.threads, "must be >= 1")
        if not self.groups:
            object.__setattr__(self, "groups", (RankGroup(self.ranks, ((0, self.n_neurons),)),))
        populated = all(group.ranks >= 1 and group.n_neurons >= 1 for group in self.groups)
        require(populated, "groups", list(self.groups), "each group must have ranks and neurons")
        ranks = sum(group.ranks for group in self.groups)
        require(ranks == self.ranks, "groups", f"{ranks} ranks", f"must be {self.ranks}")
        edges = [0, *(edge for block in self._blocks for edge in block[:2]), self.n_neurons]
        whole = all(one == next_one for one, next_one in zip(edges[::2], edges[1::2], strict=True))
        require(whole, "groups", [group.ranges for group in self.groups], "must contain every neuron once")

    @cached_property
    def _blocks(self) -> list[_Block]:
        """Ranges of all groups, in order of ids."""
        blocks = []
        for number, group in enumerate(self.groups):
            offset = 0
            for first, end in group.ranges:
                blocks.append(_Block(first, end, offset, number))
                offset += end - first
        return sorted(blocks)

    @cached_property
    def _firsts(self) -> list[int]:
        return [block.first for block in self._blocks]

    @cached_property
    def first_ranks(self) -> list[int]:
        """First rank of each group."""
        return [0, *accumulate(group.ranks for group in self.groups)][:-1]

    @cached_property
    def _partitions_per_thread(self) -> list[int]:
        """Partitions per thread of each group, so that a partition has at most 65,536 neurons."""
        return [-(-group.n_neurons // (group.ranks * self.threads * MAX_PARTITION_NEURONS)) for group in self.groups]

    @cached_property
    def _sizes(self) -> list[int]:
        """Number of partitions of each group."""
        pairs = zip(self.groups, self._partitions_per_thread, strict=True)
        return [group.ranks * self.threads * per_thread for group, per_thread in pairs]

    @cached_property
    def _first_partitions(self) -> list[int]:
        return [0, *accumulate(self._sizes)][:-1]

    def _block_of(self, first_id: int) -> _Block:
        return self._blocks[bisect_right(self._firsts, first_id) - 1]

    def group_of(self, rank: int) -> int:
        """Number of the group to which a rank belongs.

        Parameters
        ----------
        rank
            Number of the rank, from 0 on.

        Returns
        -------
        int
            Number of the group.
        """
        return bisect_right(self.first_ranks, rank) - 1

    @property
    def partitions_per_thread(self) -> int:
        """Largest number of partitions of a thread."""
        return max(self._partitions_per_thread)

    @property
    def n_partitions(self) -> int:
        """Number of partitions over all ranks."""
        return sum(self._sizes)

    @property
    def largest_partition(self) -> int:
        """Number of neurons of the largest partition of all ranks."""
        return max(-(-group.n_neurons // n) for group, n in zip(self.groups, self._sizes, strict=True))

    def partitions(self, rank: int, thread: int) -> range:
        """The partitions of a thread.

        Parameters
        ----------
        rank
            Number of the rank, from 0 on.
        thread
            Number of the thread, from 0 on.

        Returns
        -------
        range
            Numbers of the partitions.
        """
        number = self.group_of(rank)
        first, ranks = self._first_partitions[number], self.groups[number].ranks
        own = first + rank - self.first_ranks[number] + ranks * thread
        return range(own, first + self._sizes[number], ranks * self.threads)

    def size(self, partition: int) -> int:
        """Number of neurons of a partition.

        Parameters
        ----------
        partition
            Number of the partition, over all ranks.

        Returns
        -------
        int
            Number of neurons.
        """
        number = bisect_right(self._first_partitions, partition) - 1
        own = partition - self._first_partitions[number]
        return len(range(own, self.groups[number].n_neurons, self._sizes[number]))

    def targets(self, partition: int, first_id: int, size: int) -> Targets:
        """The neurons [first_id, first_id + size) of a population that a partition owns.

        Parameters
        ----------
        partition
            Number of the partition, over all ranks.
        first_id
            Global id of the first neuron of the population.
        size
            Number of neurons of the population.

        Returns
        -------
        Targets
            Population-local ids of the neurons.
        """
        block = self._block_of(first_id)
        own = partition - self._first_partitions[block.group]
        return self._dealt(block, own, self._sizes[block.group], first_id, size)

    def targets_of_rank(self, rank: int, first_id: int, size: int) -> Targets:
        """The neurons [first_id, first_id + size) of a population that a rank owns, as if it had one partition.

        Parameters
        ----------
        rank
            Number of the rank, from 0 on.
        first_id
            Global id of the first neuron of the population.
        size
            Number of neurons of the population.

        Returns
        -------
        Targets
            Population-local ids of the neurons.
        """
        block = self._block_of(first_id)
        own = rank - self.first_ranks[block.group]
        return self._dealt(block, own, self.groups[block.group].ranks, first_id, size)

    def _dealt(self, block: _Block, owner: int, owners: int, first_id: int, size: int) -> Targets:
        if not 0 <= owner < owners:
            # With this stride, arithmetic does not find any neuron of the population either.
            return Targets(size, size + 1, 0, 0)
        return Targets.dealt(owner, owners, first_id - block.first + block.offset, size)

    def most_targets(self, first_id: int, size: int) -> int:
        """Largest number of neurons of the population [first_id, first_id + size) that a partition owns.

        Parameters
        ----------
        first_id
            Global id of the first neuron of the population.
        size
            Number of neurons of the population.

        Returns
        -------
        int
            Number of neurons.
        """
        return -(-size // self._sizes[self._block_of(first_id).group])

    def global_ids(self, partition: int, first_id: int, size: int) -> IntArray:
        """Global ids of these neurons, ascending.

        Parameters
        ----------
        partition
            Number of the partition, over all ranks.
        first_id
            Global id of the first neuron of the population.
        size
            Number of neurons of the population.

        Returns
        -------
        ndarray of int64
            Global ids, shape (neurons,).
        """
        return self.targets(partition, first_id, size).global_ids(first_id)

    def size_of_rank(self, rank: int) -> int:
        """Number of neurons of a rank.

        Parameters
        ----------
        rank
            Number of the rank, from 0 on.

        Returns
        -------
        int
            Number of neurons.
        """
        number = self.group_of(rank)
        group = self.groups[number]
        return len(range(rank - self.first_ranks[number], group.n_neurons, group.ranks))

    def ranks_with(self, rank: int) -> range:
        """The ranks of the group to which a rank belongs.

        Parameters
        ----------
        rank
            Number of the rank, from 0 on.

        Returns
        -------
        range
            Numbers of the ranks.
        """
        number = self.group_of(rank)
        return range(self.first_ranks[number], self.first_ranks[number] + self.groups[number].ranks)

    def ranks_of(self, first_id: int) -> range:
        """The ranks that share a population, given by its first id.

        Parameters
        ----------
        first_id
            Global id of the first neuron of the population.

        Returns
        -------
        range
            Numbers of the ranks.
        """
        number = self._block_of(first_id).group
        return range(self.first_ranks[number], self.first_ranks[number] + self.groups[number].ranks)

    def owners(self, ids: IntArray) -> IntArray:
        """Rank of each neuron, given by its global id.

        Parameters
        ----------
        ids
            Global ids, int64 of shape (neurons,).

        Returns
        -------
        ndarray of int64
            Ranks, shape (neurons,).
        """
        if len(self.groups) == 1:
            return ids % self.ranks
        numbers, ranks, first_ranks = self._numbers(ids)
        return first_ranks + numbers % ranks

    def numbers(self, ids: IntArray) -> IntArray:
        """Number of each neuron among the neurons of its rank, which are counted in order of their ids.

        Parameters
        ----------
        ids
            Global ids, int64 of shape (neurons,).

        Returns
        -------
        ndarray of int64
            Numbers from 0 on, shape (neurons,).
        """
        if len(self.groups) == 1:
            return ids // self.ranks
        numbers, ranks, _ = self._numbers(ids)
        return numbers // ranks

    def _numbers(self, ids: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Number of each neuron in its group, number of ranks of the group, and the first of these."""
        blocks = np.searchsorted(self._firsts, ids, side="right") - 1
        groups = np.array([block.group for block in self._blocks])[blocks]
        shifts = np.array([block.offset - block.first for block in self._blocks], dtype=np.int64)[blocks]
        ranks = np.array([group.ranks for group in self.groups], dtype=np.int64)[groups]
        return ids + shifts, ranks, np.array(self.first_ranks, dtype=np.int64)[groups]

    def ranges_of_rank(self, rank: int) -> RankRanges:
        """The neurons of a rank, as compiled code finds them.

        Parameters
        ----------
        rank
            Number of the rank, from 0 on.

        Returns
        -------
        RankRanges
            Ranges of global ids.
        """
        number = self.group_of(rank)
        rows = [(block.first, block.end, block.offset - block.first) for block in self._blocks if block.group == number]
        return RankRanges(np.array(rows, dtype=np.int64), self.groups[number].ranks, rank - self.first_ranks[number])
