"""Who owns which neuron: arithmetic, no tables.

Neurons are dealt round-robin, as NEST deals them to virtual processes. A *partition* is a unit of delivery of at most
65,536 neurons, so that 16 bits name a target; a thread owns one partition or several.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.connectivity.rule import Targets
from simcore.errors import require

MAX_PARTITION_NEURONS = 65_536


@dataclass(frozen=True)
class Placement:
    """Round-robin placement of `n_neurons` on ranks x threads x partitions per thread.

    Global id g belongs to partition ``g % n_partitions`` with local index ``g // n_partitions``; partition p belongs
    to rank ``p % ranks`` and there to thread ``p // ranks % threads``.
    """

    n_neurons: int
    ranks: int = 1
    threads: int = 1

    def __post_init__(self) -> None:
        require(self.n_neurons >= 1, "n_neurons", self.n_neurons, "must be >= 1")
        require(self.ranks >= 1, "ranks", self.ranks, "must be >= 1")
        require(self.threads >= 1, "threads", self.threads, "must be >= 1")

    @property
    def partitions_per_thread(self) -> int:
        """As many as keep a partition within 65,536 neurons."""
        return -(-self.n_neurons // (self.ranks * self.threads * MAX_PARTITION_NEURONS))

    @property
    def n_partitions(self) -> int:
        """Number of partitions over all ranks."""
        return self.ranks * self.threads * self.partitions_per_thread

    def partitions(self, rank: int, thread: int) -> range:
        """The partitions of a thread."""
        return range(rank + self.ranks * thread, self.n_partitions, self.ranks * self.threads)

    def size(self, partition: int) -> int:
        """Number of neurons of a partition."""
        return len(range(partition, self.n_neurons, self.n_partitions))

    def targets(self, partition: int, first_id: int, size: int) -> Targets:
        """The neurons of the population [first_id, first_id + size) that a partition owns."""
        return Targets.dealt(partition, self.n_partitions, first_id, size)

    def global_ids(self, partition: int, first_id: int, size: int) -> npt.NDArray[np.int64]:
        """Global ids of these neurons, ascending."""
        return self.targets(partition, first_id, size).global_ids(first_id)
