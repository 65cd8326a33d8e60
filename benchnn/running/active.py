"""Which neurons fired in the measured window at least once."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator
from simcore.network import Network, SpikeRecorder
from simcore.network.recorders import recorded_neurons


class ActiveNeurons:
    """Notes the neurons of this rank that fired.

    Parameters
    ----------
    network
        Its spike recorders say of which populations all spikes are known; without any nothing is noted.
    comm
        The ranks, to which neurons are dealt in turn.
    """

    def __init__(self, network: Network, comm: Communicator) -> None:
        self._network, self._comm = network, comm
        self._populations = fully_recorded(network)
        n_neurons = network.n_neurons if self._populations else 0
        self._fired = np.zeros(len(range(comm.rank, n_neurons, comm.size)), dtype=np.bool_)

    def add(self, ids: npt.NDArray[np.int64]) -> None:
        """Note neurons of this rank by their global ids."""
        if self._populations:
            self._fired[ids // self._comm.size] = True

    def add_of_all(self, blocks: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]) -> None:
        """Note the neurons of all ranks in blocks of stamps and ids on rank 0; all ranks call this together."""
        if not self._populations:
            return
        fired = np.zeros(self._network.n_neurons if self._comm.rank == 0 else 0, dtype=np.bool_)

        def noted() -> None:
            for _, ids in blocks:
                fired[ids] = True

        self._comm.from_root(noted)
        self._fired |= self._comm.scatter(lambda rank: fired[rank :: self._comm.size])

    def counts(self, more: Iterable[npt.NDArray[np.int64]] = ()) -> dict[str, int] | None:
        """Number of neurons that fired by population, of all ranks, which call this together; None if none is known.

        Parameters
        ----------
        more
            Ids of this rank's neurons that fired, too, and are not noted.
        """
        if not self._populations:
            return None
        fired = self._fired.copy()
        for ids in more:
            fired[ids // self._comm.size] = True
        own = []
        for name in self._populations:
            first = self._network.first_ids[name]
            ends = (first, first + self._network.population(name).size)
            # Places of the population's neurons among those of this rank.
            low, high = (len(range(self._comm.rank, end, self._comm.size)) for end in ends)
            own.append(int(np.count_nonzero(fired[low:high])))
        totals = map(sum, zip(*self._comm.gather(own), strict=True))
        return dict(zip(self._populations, totals, strict=True))


def fully_recorded(network: Network) -> list[str]:
    """Names of the populations of which all spikes are recorded."""
    sizes = {population.name: population.size for population in network.populations}
    if not any(isinstance(recorder, SpikeRecorder) for recorder in network.recorders):
        return []
    recorded = recorded_neurons(network.recorders, sizes)
    return [name for name, size in sizes.items() if recorded is None or len(recorded[name]) == size]
