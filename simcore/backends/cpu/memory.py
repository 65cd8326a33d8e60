"""Bytes that a rank will take, from the description."""

import numpy as np

from simcore.backends.backend import Plan
from simcore.backends.cpu.calendar import entry_type
from simcore.backends.cpu.plastic_memory import plastic_memory
from simcore.synapses.layout import BY_SOURCE, CALENDAR, JUST_IN_TIME, UNDER_WAY, make_layout
from simcore.synapses.rows import make_rows

BYTES_PER_NEURON = 64
"""State, inputs, coefficients and counts of a neuron, roughly."""
LIST_BYTES = 8
"""Where a list of a calendar ends."""


def estimated_bytes(plan: Plan) -> dict[str, float]:
    """Bytes by part."""
    network, tables, placement = plan.network, plan.tables, plan.placement
    rows = make_rows(network, tables)
    layout = make_layout(network, tables, rows, placement, plan.delivery)
    own = placement.threads * placement.partitions_per_thread
    copied = layout.name != JUST_IN_TIME and placement.partitions_per_thread > 1
    plastic = plastic_memory(network, tables, placement)
    synapses = (network.expected_synapses() - plastic.n_synapses) / placement.ranks
    slots = tables.max_delay if layout.name == BY_SOURCE else 1
    calendar = 0.0
    if layout.name == CALENDAR:
        lists = own * tables.max_delay * network.most_receptors
        calendar = UNDER_WAY * synapses * np.dtype(entry_type(plan)).itemsize + LIST_BYTES * lists
    return {
        "synapses": synapses * layout.word_bytes + plastic.synapses,
        "index": (2.0 if copied else 1.0) * 4.0 * own * layout.groups_per_row * rows.total + plastic.index,
        "state": (BYTES_PER_NEURON + 8 * slots) * network.n_neurons / placement.ranks
        + 16.0 * placement.threads * rows.total / placement.ranks
        + calendar
        + plastic.state,
    }
