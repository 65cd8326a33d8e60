"""Bytes that the tables of static synapses of a rank will take, from the description."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from simcore.backends.backend import Plan
from simcore.synapses.layout import JUST_IN_TIME, Layout
from simcore.synapses.plastic import plastic_projections
from simcore.synapses.row_index import BLOCK_ROWS
from simcore.synapses.rows import Rows
from simcore.tables import LookUp

START_BYTES, OFFSET_BYTES = 4, 2
"""Bytes of the start of a group or block of rows, and of the offset of a row or of a word of a sparse table."""
EMITTER_BYTES = 1500.0
"""Memory of the object that draws the synapses of a projection onto a partition, measured."""


@dataclass(frozen=True)
class ExpectedTables:
    """Expected tables of a rank.

    Parameters
    ----------
    synapses
        Static synapses of the rank.
    words, index
        Bytes.
    meanwhile
        Bytes that are needed only during construction, beyond those that stay.
    delay_sum
        Sum of the delays of all these synapses, steps.
    """

    synapses: float
    words: float
    index: float
    meanwhile: float
    delay_sum: float


def own_neurons(plan: Plan) -> list[int]:
    """Neurons of each population that this rank owns."""
    placement, first_ids = plan.placement, plan.network.first_ids
    return [
        placement.targets_of_rank(plan.rank, first_ids[population.name], population.size).count
        for population in plan.network.populations
    ]


def own_partitions(plan: Plan) -> list[int]:
    """Partitions of this rank."""
    placement = plan.placement
    return [p for thread in range(placement.threads) for p in placement.partitions(plan.rank, thread)]


def expected_tables(plan: Plan, rows: Rows, layout: Layout) -> ExpectedTables:
    """Words and index of the static synapses of a rank."""
    network, tables = plan.network, plan.tables
    partitions = len(own_partitions(plan))
    owned, plastic = own_neurons(plan), set(plastic_projections(tables))
    of_rows: defaultdict[int, float] = defaultdict(float)
    synapses, delay_sum, described = 0.0, 0.0, 0
    for index, projection in enumerate(network.projections):
        share = owned[network.index(projection.target)] / network.population(projection.target).size
        if index in plastic or share == 0.0:
            continue
        described += 1
        own = network.expected_by_projection[index] * share
        synapses += own
        delay_sum += own * mean_of(tables.delays[index])
        of_rows[rows.of_projections[index][0]] += own / network.population(projection.source).size
    groups = rows.total * layout.groups_per_row
    dense = float(START_BYTES * (partitions * groups + 1))
    kept = dense
    if layout.sparse:
        blocks = (groups - 1 >> layout.block_bits) + 2
        kept = dense = START_BYTES * partitions * blocks + OFFSET_BYTES * synapses
    elif layout.name != JUST_IN_TIME:
        # Places in a block with many words need four bytes.
        most = BLOCK_ROWS * max(of_rows.values(), default=0.0) / (partitions * layout.groups_per_row)
        offset = OFFSET_BYTES if most <= np.iinfo(np.uint16).max else START_BYTES
        kept = float(partitions * (offset * (groups + 1) + START_BYTES * -(-(groups + 1) // BLOCK_ROWS)))
    meanwhile = max(0.0, dense - kept) + EMITTER_BYTES * partitions * described
    return ExpectedTables(synapses, synapses * layout.word_bytes, kept, meanwhile, delay_sum)


def mean_of(look_up: LookUp) -> float:
    """Mean of the integers of a projection; the centre of their bounds if they are in a list."""
    if look_up.entries.size:
        return float(look_up.entries.mean())
    return float(np.mean(look_up.ends or (0, 0)))
