"""Bytes that the plastic synapses of a rank will take, from the description."""

from dataclasses import dataclass

import numpy as np

from simcore.backends.cpu.plastic_build import plastic_layout
from simcore.backends.cpu.plastic_state import RING_LENGTH
from simcore.network import Network
from simcore.placement import Placement
from simcore.plasticity.tables import PairTables
from simcore.synapses.plastic import paired_populations, plastic_projections, plastic_receptors, plastic_slots
from simcore.tables import Tables

STEP_BYTES, REAL_BYTES, INDEX_BYTES, INPUT_BYTES = 4, 8, 4, 4


@dataclass
class PlasticMemory:
    """Expected plastic synapses of all ranks, and bytes of a rank by part."""

    n_synapses: float = 0.0
    synapses: float = 0.0
    index: float = 0.0
    state: float = 0.0


def plastic_memory(network: Network, tables: Tables, placement: Placement) -> PlasticMemory:
    """What the cpu backend needs; zeros of a network without plastic synapses."""
    total = PlasticMemory()
    own = placement.threads * placement.partitions_per_thread
    lanes: set[tuple[str, int]] = set()
    for index in plastic_projections(tables):
        projection = network.projections[index]
        source, target = network.population(projection.source), network.population(projection.target)
        n = projection.rule.expected_synapses(network.wiring(index))
        total.n_synapses += n
        layout = plastic_layout(network, tables, placement, index)
        total.synapses += n / placement.ranks * layout.word_bytes
        total.index += own * INDEX_BYTES * source.size
        values = 1 if isinstance(tables.plasticity[index], PairTables) else 2
        total.state += own * source.size * (STEP_BYTES + values * REAL_BYTES)
        lanes.update((target.name, receptor) for receptor in plastic_receptors(network, tables, index))
        numbers = tables.plasticity[index]
        total.state += placement.threads * sum(array.nbytes for array in ([] if numbers is None else numbers.arrays()))
    for name, _ in lanes:
        total.state += INPUT_BYTES * plastic_slots(tables) * network.population(name).size / placement.ranks
    sizes = np.array([network.populations[number].size for number in paired_populations(network, tables)])
    total.state += float(sizes.sum()) / placement.ranks * RING_LENGTH * (STEP_BYTES + REAL_BYTES)
    return total
