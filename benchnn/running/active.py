"""Neurons that fired at least once in the measured window."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator
from simcore.network import Network, SpikeRecorder
from simcore.network.recorders import recorded_neurons
from simcore.placement import Placement


class ActiveNeurons:
    """Collects the neurons of this rank that fired.

    Parameters
    ----------
    network
        The description; its spike recorders determine the populations of which all spikes are known. Without
        recorders nothing is collected.
    comm, placement
        The ranks, and the placement of neurons on them.
    """

    def __init__(self, network: Network, comm: Communicator, placement: Placement) -> None:
        self._network, self._comm, self._placement = network, comm, placement
        self._populations = fully_recorded(network)
        n_own = placement.size_of_rank(comm.rank) if self._populations else 0
        self._fired = np.zeros(n_own, dtype=np.bool_)

    def add(self, ids: npt.NDArray[np.int64]) -> None:
        """Add neurons of this rank by their global ids."""
        if self._populations:
            self._fired[self._placement.numbers(ids)] = True

    def add_of_all(self, blocks: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]) -> None:
        """Add the neurons of all ranks, given on rank 0 as blocks of stamps and ids; all ranks call this together."""
        if not self._populations:
            return
        fired = np.zeros(self._network.n_neurons if self._comm.rank == 0 else 0, dtype=np.bool_)

        def noted() -> None:
            for _, ids in blocks:
                fired[ids] = True

        self._comm.from_root(noted)
        owners = self._placement.owners(np.arange(len(fired)))
        ends = np.cumsum(np.bincount(owners, minlength=self._comm.size))
        parts = np.split(fired[np.argsort(owners, kind="stable")], ends[:-1])
        self._fired |= self._comm.scatter(lambda rank: parts[rank])

    def counts(self, more: Iterable[npt.NDArray[np.int64]] = ()) -> dict[str, int] | None:
        """Count the neurons of all ranks that fired, by population; all ranks call this together.

        Parameters
        ----------
        more
            Ids of further neurons of this rank that fired, which are not added.
        """
        if not self._populations:
            return None
        fired = self._fired.copy()
        for ids in more:
            fired[self._placement.numbers(ids)] = True
        own = []
        for name in self._populations:
            first, size = self._network.first_ids[name], self._network.population(name).size
            targets = self._placement.targets_of_rank(self._comm.rank, first, size)
            own.append(int(np.count_nonzero(fired[targets.local_first :][: targets.count])))
        totals = map(sum, zip(*self._comm.gather(own), strict=True))
        return dict(zip(self._populations, totals, strict=True))


def fully_recorded(network: Network) -> list[str]:
    """Names of the populations of which all spikes are recorded."""
    sizes = {population.name: population.size for population in network.populations}
    if not any(isinstance(recorder, SpikeRecorder) for recorder in network.recorders):
        return []
    recorded = recorded_neurons(network.recorders, sizes)
    return [name for name, size in sizes.items() if recorded is None or len(recorded[name]) == size]
