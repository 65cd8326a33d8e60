"""Steps between two exchanges of spikes."""

from simcore.backends.backend import Plan
from simcore.synapses.plastic import plastic_projections, plastic_timing

MAX_INTERVAL = 64
MAX_INTERVAL_WORDS = 1 << 22
"""Bounds of the steps between exchanges; the buffers have room for all neurons to fire in each step."""


def steps_between_exchanges(plan: Plan) -> int:
    """The smallest delay, or fewer; the same on every rank."""
    placement = plan.placement
    own = placement.threads * placement.partitions_per_thread * placement.largest_partition
    plastic = (plastic_timing(plan.tables, index).most_interval for index in plastic_projections(plan.tables))
    return max(1, min(plan.tables.min_delay, MAX_INTERVAL, MAX_INTERVAL_WORDS // own, *plastic))
