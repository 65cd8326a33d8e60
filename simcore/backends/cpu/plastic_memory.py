"""Bytes that the plastic synapses of a rank will take, from the description."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """Bytes of a rank by part."""

    synapses: float = 0.0
    index: float = 0.0
    state: float = 0.0


def plastic_memory(
    network: Network, tables: Tables, placement: Placement, owned: Sequence[int], partitions: int
) -> PlasticMemory:
    """Memory that a rank of the cpu backend needs; zeros without plastic synapses.

    `owned` is the number of the rank's neurons of each population; it has `partitions` partitions.
    """
    total = PlasticMemory()
    lanes: set[tuple[int, int]] = set()
    kept: set[bytes] = set()
    for index in plastic_projections(tables):
        projection = network.projections[index]
        source, target = network.population(projection.source), network.population(projection.target)
        number = network.index(projection.target)
        share = owned[number] / target.size
        n = network.expected_by_projection[index] * share
        layout = plastic_layout(network, tables, placement, index)
        total.synapses += n * layout.word_bytes
        total.index += partitions * INDEX_BYTES * (source.size + 1)
        values = 1 if isinstance(tables.plasticity[index], PairTables) else 2
        total.state += partitions * source.size * (STEP_BYTES + values * REAL_BYTES)
        lanes.update((number, receptor) for receptor in plastic_receptors(network, tables, index))
        numbers = tables.plasticity[index]
        # Equal tables are stored once.
        kept.update(array.tobytes() for array in ([] if numbers is None else numbers.arrays()))
    total.state += placement.threads * sum(map(len, kept))
    for number, _ in lanes:
        total.state += INPUT_BYTES * plastic_slots(tables) * owned[number]
    paired = sum(owned[number] for number in paired_populations(network, tables))
    total.state += paired * RING_LENGTH * (STEP_BYTES + REAL_BYTES)
    return total
