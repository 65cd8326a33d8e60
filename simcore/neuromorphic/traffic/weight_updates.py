"""Plastic synapses of a mapped network, for counting their updates.

A spike of a neuron updates each of its plastic synapses, in the cores that it reaches, and each plastic synapse onto
it, in its own core. A rule that does not change weights keeps one state per source, which each spike of the source
updates in the core of the source.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.network import Network
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import draw_in_edges
from simcore.synapses.edges import edges_in_memory

IntArray = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class PlasticSynapses:
    """The updates by spikes of this rank's neurons ``rank, rank + ranks, ...``.

    Parameters
    ----------
    starts
        Index of the first axon with plastic synapses of each neuron, int64 (m + 1,).
    cores, synapses
        Destination of each such axon, and the number of its plastic synapses there, int32 (a,).
    in_degrees
        Number of plastic synapses onto each neuron, int64 (m,).
    resources
        Number of states of short-term plasticity of each neuron, one per such projection of its population, int64 (m,).
    """

    starts: IntArray
    cores: Int32Array
    synapses: Int32Array
    in_degrees: IntArray
    resources: IntArray


def plastic_synapses(
    network: Network, seed: int, mapping: CoreMapping, comm: Communicator | None = None
) -> PlasticSynapses | None:
    """The plastic synapses of a mapped network, or None if it has none; all ranks call this together.

    Parameters
    ----------
    network, seed
        The network, and the seed of its simulation.
    mapping
        Core of each neuron.
    comm
        Communicator; neurons are distributed over its ranks.

    Raises
    ------
    ResourceError
        If the synapses do not fit into memory.
    """
    rules = [projection.plasticity for projection in network.projections]
    if not any(rules):
        return None
    comm = comm or LocalCommunicator()
    changing = [index for index, rule in enumerate(rules) if rule is not None and rule.changes_weights]
    edges = draw_in_edges(edges_in_memory(network), seed, comm, changing)
    axons = count_axons(edges, mapping, comm)
    resources = np.zeros(len(axons.sources), dtype=np.int64)
    for index, rule in enumerate(rules):
        if rule is not None and not rule.changes_weights:
            wiring = network.wiring(index)
            first, end = wiring.source_first, wiring.source_first + wiring.n_source
            resources += (axons.sources >= first) & (axons.sources < end)
    return PlasticSynapses(axons.starts, axons.cores, axons.synapses, edges.fan_in, resources)


def updates_of_spikes(
    plastic: PlasticSynapses, core_of_source: npt.NDArray[Any], spikes: npt.NDArray[Any], cores: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The updates in each core by given numbers or rates of spikes of this rank's neurons.

    Parameters
    ----------
    plastic
        Plastic synapses of this rank's neurons.
    core_of_source
        Core of each neuron.
    spikes
        Spikes of each neuron, int64 or float64 (m,).
    cores
        Number of cores.

    Returns
    -------
    Updates of plastic weights and of the state of short-term plasticity, (cores,) each.
    """
    weights, states = np.zeros(cores, dtype=spikes.dtype), np.zeros(cores, dtype=spikes.dtype)
    np.add.at(weights, plastic.cores, np.repeat(spikes, np.diff(plastic.starts)) * plastic.synapses)
    np.add.at(weights, core_of_source, spikes * plastic.in_degrees)
    np.add.at(states, core_of_source, spikes * plastic.resources)
    return weights, states
