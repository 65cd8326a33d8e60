"""The synapses of a network as the sources of each neuron, drawn once and used to evaluate any mapping."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator, agreed
from simcore.connectivity.rule import Targets
from simcore.memory import require_memory
from simcore.network import Network

IntArray = npt.NDArray[np.int64]
CHUNK = 1 << 16
"""Edges drawn at a time."""


@dataclass(frozen=True, eq=False)
class InEdges:
    """Sources of the neurons of a rank.

    Parameters
    ----------
    targets
        Global ids of the neurons of the rank,  ``rank, rank + ranks, ...``, int64 (m,).
    starts
        Index of the first source of each target, int64 (m + 1,).
    sources
        Global ids, uint32; a source with several synapses onto a neuron appears once per synapse.
    """

    targets: IntArray
    starts: IntArray
    sources: npt.NDArray[np.uint32]

    @property
    def fan_in(self) -> IntArray:
        """Number of incoming synapses of each neuron, int64 (m,)."""
        return np.diff(self.starts)


def draw_in_edges(
    network: Network, seed: int, comm: Communicator | None = None, projections: Sequence[int] | None = None
) -> InEdges:
    """Draw the synapses onto the neurons of this rank, as in a simulation with this seed.

    Parameters
    ----------
    network, seed
        The network, and the seed of its simulation.
    comm
        Communicator; neurons are distributed over its ranks.
    projections
        Projections whose synapses are drawn; all by default.

    Raises
    ------
    ResourceError
        If the memory cannot hold four bytes per synapse.
    """
    from simcore.neuromorphic.mapping.axon_kernels import count_edges, store_edges

    comm = comm or LocalCommunicator()
    chosen = range(len(network.projections)) if projections is None else projections
    expected = sum(network.projections[index].rule.expected_synapses(network.wiring(index)) for index in chosen)
    with agreed(comm):
        require_memory({"synapses": 4.0 * expected / comm.size}, "the synapses of a mapped network")
    own = np.arange(comm.rank, network.n_neurons, comm.size, dtype=np.int64)
    starts = np.zeros(len(own) + 1, dtype=np.int64)
    for _, _, targets in _pieces(network, seed, comm, chosen):
        count_edges(targets, starts[1:])
    np.cumsum(starts, out=starts)
    edges = np.empty(int(starts[-1]), dtype=np.uint32)
    places = starts[:-1].copy()
    for first, sources, targets in _pieces(network, seed, comm, chosen):
        store_edges(np.uint32(first), sources, targets, places, edges)
    return InEdges(own, starts, edges)


def _pieces(
    network: Network, seed: int, comm: Communicator, projections: Sequence[int]
) -> Iterator[tuple[int, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]]:
    """First id of the source population, population-local sources and rank-local targets, piece by piece.

    The arrays are overwritten by the next piece.
    """
    from simcore.connectivity.cpu import Chunk, emitter_of

    for index in projections:
        projection, wiring = network.projections[index], network.wiring(index, seed)
        own = Targets.dealt(comm.rank, comm.size, wiring.target_first, wiring.n_target)
        emitter = emitter_of(projection.rule, wiring, own)
        chunk = Chunk.of_size(max(CHUNK, emitter.largest_item))
        item = 0
        while item < emitter.n_items:
            n, item = emitter.emit(item, chunk)
            yield wiring.source_first, chunk.sources[:n], chunk.targets[:n]
