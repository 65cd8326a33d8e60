"""The demand of a network on the neuro-cores that hold its neurons."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.network import Network
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import InEdges
from simcore.neuromorphic.mapping.packing import packing_table, why_no_rule
from simcore.neuromorphic.sheets.sheet import Packing
from simcore.tables import delay_range

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Demand:
    """The demand on cores, int64: one entry for each core, or for each neuron of the network.

    Parameters
    ----------
    neurons, synapses
        Neurons of each core, and synapses onto them.
    axons_in
        Number of neurons with targets in the core.
    axons_out
        Number of pairs of a neuron of the core and a core with its targets.
    memory_bits
        Synapse memory according to the packing rule; None without a rule.
    fan_in, fan_out
        Number of synapses of each neuron as target, and as source.
    destinations
        Number of cores with targets of each neuron.
    own_core
        Number of synapses of each neuron onto neurons of its own core.
    synapses_per_axon
        Largest number of synapses of an axon.
    delay_steps
        Largest delay that the description can yield.
    plastic_projections
        Number of projections with plastic weights.
    why_no_memory
        Why `memory_bits` is not known, or None.
    """

    neurons: IntArray
    synapses: IntArray
    axons_in: IntArray
    axons_out: IntArray
    memory_bits: IntArray | None
    fan_in: IntArray
    fan_out: IntArray
    destinations: IntArray
    own_core: IntArray
    synapses_per_axon: int
    delay_steps: int
    plastic_projections: int
    why_no_memory: str | None


def core_demand(
    network: Network,
    edges: InEdges,
    axons: Axons,
    mapping: CoreMapping,
    packing: Packing | None,
    weight_bits: int,
    comm: Communicator | None = None,
) -> Demand:
    """Add up the demand on each core over all ranks, which call this together.

    Parameters
    ----------
    network
        The description.
    edges, axons
        Synapses and axons of this rank.
    mapping
        Core of each neuron.
    packing
        Rule by which a core stores synapses; None if it is not known.
    weight_bits
        Width of a stored weight.
    comm
        Communicator; a single process by default.
    """
    from simcore.neuromorphic.mapping.axon_kernels import tally_axons

    comm = comm or LocalCommunicator()
    neurons = np.bincount(mapping.core_of, minlength=mapping.cores)
    largest = int(neurons.max())
    delay_steps = longest_delay(network)
    per_axon = max(comm.gather(int(axons.synapses.max(initial=0))))
    table = packing_table(packing, largest, per_axon, weight_bits, delay_steps)
    by_core = np.zeros((4, mapping.cores), dtype=np.int64)
    by_source = np.zeros((2, len(axons.sources)), dtype=np.int64)
    columns = (axons.starts, axons.cores, axons.synapses, axons.repeated)
    packed = (table.kind_of, table.sparse, table.dense, table.bits_per_neuron)
    tally_axons(mapping.core_of[axons.sources], *columns, neurons, *packed, by_core, by_source)
    synapses, axons_in, axons_out, memory = np.sum(comm.gather(by_core), axis=0)
    own = np.stack([edges.fan_in, by_source[0], np.diff(axons.starts), by_source[1]])
    by_neuron = np.zeros((4, network.n_neurons), dtype=np.int64)
    for rank, part in enumerate(comm.gather(own)):
        by_neuron[:, rank :: comm.size] = part
    no_rule = why_no_rule(packing, weight_bits, largest)
    held = memory if no_rule is None else None
    fan_in, fan_out, destinations, own_core = by_neuron
    rules = (projection.plasticity for projection in network.projections)
    return Demand(
        neurons,
        synapses,
        axons_in,
        axons_out,
        held,
        fan_in,
        fan_out,
        destinations,
        own_core,
        per_axon,
        delay_steps,
        sum(rule is not None and rule.changes_weights for rule in rules),
        no_rule,
    )


def longest_delay(network: Network) -> int:
    """Largest delay that the description can yield, steps; 1 without projections."""
    longest_ms = delay_range(network)[1]
    return 1 if longest_ms is None else round(longest_ms / network.resolution_ms)
