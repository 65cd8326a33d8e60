"""Bytes that a rank will take, from the description."""

from simcore.backends.backend import Plan
from simcore.backends.cpu.expected_state import exchange_bytes, input_bytes, neuron_bytes, spike_bytes
from simcore.backends.cpu.expected_tables import expected_tables, own_neurons, own_partitions
from simcore.backends.cpu.plastic_memory import plastic_memory
from simcore.synapses.layout import make_layout
from simcore.synapses.rows import make_rows


def estimated_bytes(plan: Plan) -> dict[str, float]:
    """Bytes by part.

    Returns
    -------
    dict
        `synapses`: words; `index`: their positions by source; `neurons`: state, parameters and drives; `inputs`:
        buffers of synaptic input; `spikes`: recent ones; `exchange`: buffers of the exchange with other ranks;
        `plasticity`: state of plastic synapses; `construction`: additional bytes during construction.
    """
    network, tables, placement = plan.network, plan.tables, plan.placement
    rows = make_rows(network, tables)
    layout = make_layout(network, tables, rows, placement, plan.delivery)
    owned = own_neurons(plan)
    static, plastic = (
        expected_tables(plan, rows, layout),
        plastic_memory(network, tables, placement, owned, len(own_partitions(plan))),
    )
    parts = {
        "synapses": static.words + plastic.synapses,
        "index": static.index + plastic.index,
        "neurons": neuron_bytes(plan, owned),
        "inputs": input_bytes(plan, layout, owned, static),
        "spikes": spike_bytes(plan),
        "exchange": exchange_bytes(plan, owned),
        "plasticity": plastic.state,
    }
    later = sum(parts[name] for name in ("neurons", "inputs", "spikes", "exchange", "plasticity"))
    return {**parts, "construction": max(0.0, static.meanwhile - later)}
