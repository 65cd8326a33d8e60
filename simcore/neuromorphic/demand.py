"""What a network demands of the neuro-cores on which its neurons lie."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.connectivity.rule import Targets
from simcore.memory import require_memory
from simcore.network import Network
from simcore.neuromorphic.mapping import CoreMapping
from simcore.neuromorphic.packing import axon_bits, why_no_rule
from simcore.neuromorphic.sheet import Packing
from simcore.tables import delay_range

IntArray = npt.NDArray[np.int64]
CHUNK = 1 << 16
"""Edges drawn at a time."""
BYTES_PER_EDGE = 32.0
"""While the edges between two populations are sorted."""


@dataclass(frozen=True, eq=False)
class Demand:
    """What cores must hold, int64: one entry for each core, or for each neuron.

    Parameters
    ----------
    neurons, synapses
        Of each core.
    axons_in
        Neurons that have targets in the core.
    axons_out
        Pairs of a neuron of the core and a core with targets of it.
    memory_bits
        Synapse memory by the packing rule; None without one.
    fan_in, fan_out
        Synapses of each neuron, as target and as source.
    destinations
        Cores with targets of each neuron.
    delay_steps
        Largest delay that the description can yield.
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
    delay_steps: int
    why_no_memory: str | None


def core_demand(network: Network, seed: int, mapping: CoreMapping, packing: Packing | None, weight_bits: int) -> Demand:
    """Draw all synapses and add up what each core must hold.

    Parameters
    ----------
    network, seed
        The network, as it would be simulated.
    mapping
        Core of each neuron.
    packing
        How a core stores synapses, if that is known.
    weight_bits
        Width of a stored weight.

    Raises
    ------
    ResourceError
        If the synapses between two populations do not fit into memory.
    """
    n, cores, core_of = network.n_neurons, mapping.cores, mapping.core_of
    neurons = np.bincount(core_of, minlength=cores)
    synapses, axons_in, memory = (np.zeros(cores, dtype=np.int64) for _ in range(3))
    fan_in, fan_out, destinations = (np.zeros(n, dtype=np.int64) for _ in range(3))
    longest_ms = delay_range(network)[1]
    no_rule = why_no_rule(packing, weight_bits, int(neurons.max()))
    delay_steps = 1 if longest_ms is None else round(longest_ms / network.resolution_ms)
    for first, size, indices in _sources(network):
        # Numbers of (core, source) pairs; equal ones are synapses of one axon.
        pairs, ends = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for index in indices:
            for sources, targets in _edges(network, seed, index):
                fan_out[first : first + size] += np.bincount(sources, minlength=size)
                fan_in += np.bincount(targets, minlength=n)
                pairs.append(core_of[targets] * size + sources)
                ends.append(targets)
        drawn = np.concatenate(pairs)
        axons, counts = np.unique(drawn, return_counts=True)
        core, source = np.divmod(axons, size)
        synapses += np.bincount(core, counts, minlength=cores).astype(np.int64)
        axons_in += np.bincount(core, minlength=cores)
        destinations[first : first + size] += np.bincount(source, minlength=size)
        if packing is not None and no_rule is None:
            dense = _dense(axons, counts == neurons[core], drawn, np.concatenate(ends), n)
            bits = axon_bits(packing, counts, neurons[core], dense, weight_bits, delay_steps)
            memory += np.bincount(core, bits, minlength=cores).astype(np.int64)
    axons_out = np.bincount(core_of, destinations, minlength=cores).astype(np.int64)
    held = memory if no_rule is None else None
    return Demand(neurons, synapses, axons_in, axons_out, held, fan_in, fan_out, destinations, delay_steps, no_rule)


def _dense(
    axons: IntArray, candidates: npt.NDArray[np.bool_], drawn: IntArray, targets: IntArray, n: int
) -> npt.NDArray[np.bool_]:
    """Which of the axons that have as many synapses as their core has neurons reach each neuron once."""
    dense = candidates.copy()
    if candidates.any():
        chosen = np.isin(drawn, axons[candidates])
        pairs, counts = np.unique(drawn[chosen] * n + targets[chosen], return_counts=True)
        dense &= ~np.isin(axons, pairs[counts > 1] // n)
    return dense


def _sources(network: Network) -> Iterator[tuple[int, int, list[int]]]:
    """First id and size of each piece of the sources, with the projections that it has.

    All projections of a source must be drawn together: they may share an axon.
    """
    for population in network.populations:
        own = [index for index, projection in enumerate(network.projections) if projection.source == population.name]
        if own:
            rules = ((network.projections[index].rule, network.wiring(index)) for index in own)
            expected = sum(rule.expected_synapses(wiring) for rule, wiring in rules)
            require_memory({"edges": BYTES_PER_EDGE * expected}, f"the synapses of {population.name}")
            yield network.first_ids[population.name], population.size, own


def _edges(network: Network, seed: int, index: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Population-local sources and global targets of a projection, in pieces."""
    from simcore.connectivity.cpu import Chunk

    wiring = network.wiring(index, seed)
    emitter = network.projections[index].rule.emitter(wiring, Targets(0, 1, wiring.n_target, 0))
    chunk = Chunk.of_size(max(CHUNK, emitter.largest_item))
    item = 0
    while item < emitter.n_items:
        n, item = emitter.emit(item, chunk)
        yield chunk.sources[:n].astype(np.int64), wiring.target_first + chunk.targets[:n].astype(np.int64)
