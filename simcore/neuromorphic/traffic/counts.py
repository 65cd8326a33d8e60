"""What happened on the cores and links of a chip: in each step, and in a whole run.

All that a spike causes counts in the step in which its neuron fires: its messages, the links that they pass, and the
synaptic events in the cores that they reach. A delay is spent in the core of the target.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CountArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StepSummary:
    """Sums and maxima of consecutive steps, each of shape (steps,).

    Parameters
    ----------
    synops, messages, spikes, hops
        Sums over the chip, int64: synaptic events, messages that enter cores, spikes, passages of links. A neuron with
        targets in its own core sends a message there, too; with multicast routers copy one for several cores.
    synops_max, synops_max_core
        Most synaptic events of a core, and the first such core, int64.
    messages_in_max, messages_out_max, spikes_max
        Largest of any core, int64.
    link_messages_max, busiest_link
        Most messages on a link, and the first such link (-1 without messages), int64.
    memory_s, compute_s
        Largest time of a core, by `CoreTimes`, float64.
    reads_max
        Most words of synapse memory that a core reads, int64; None if reads are not counted.
    core_link_messages_max
        Most messages between a core and its router, in both directions, int64; None if they are not counted.
    weight_updates, weight_updates_max
        Updates of plastic weights, over the chip and of the core with most of them, int64; None without plastic
        synapses.
    resource_updates
        Updates of the state of short-term plasticity, over the chip, int64; None without plastic synapses.
    plasticity_s
        Largest time of a core for both, by `CoreTimes`, float64; None without plastic synapses.
    """

    synops: CountArray
    messages: CountArray
    spikes: CountArray
    hops: CountArray
    synops_max: CountArray
    synops_max_core: CountArray
    messages_in_max: CountArray
    messages_out_max: CountArray
    spikes_max: CountArray
    link_messages_max: CountArray
    busiest_link: CountArray
    memory_s: FloatArray
    compute_s: FloatArray
    reads_max: CountArray | None = None
    core_link_messages_max: CountArray | None = None
    weight_updates: CountArray | None = None
    weight_updates_max: CountArray | None = None
    resource_updates: CountArray | None = None
    plasticity_s: FloatArray | None = None


@dataclass(frozen=True)
class CoreTimes:
    """Seconds that a core needs for each event; None where the sheet of the chip has no figure.

    The memory of a core needs ``synops * synop_s + messages_in * message_in_s`` in a step, its computing
    ``neurons * update_s + spikes * spike_out_s + messages_out * message_out_s``, its plasticity
    ``weight_updates * plasticity_s + resource_updates * short_term_s``.
    """

    synop_s: float | None
    message_in_s: float | None
    update_s: float | None
    spike_out_s: float | None
    message_out_s: float | None
    plasticity_s: float | None = None
    short_term_s: float | None = None


@dataclass(frozen=True, eq=False)
class RunCounts:
    """Counts of a whole run, over all ranks, int64.

    Parameters
    ----------
    steps
        Steps that were counted.
    neurons, synops, spikes, messages_in, messages_out
        Of each core.
    within_tile
        Messages that entered a core from its own router, without a hop; of the whole chip.
    link_messages, link_messages_max
        Messages that passed each link, and the most of any step.
    weight_updates, resource_updates
        Of each core: updates of plastic weights and of the state of short-term plasticity; None without plastic
        synapses.
    """

    steps: int
    neurons: CountArray
    synops: CountArray
    spikes: CountArray
    messages_in: CountArray
    messages_out: CountArray
    within_tile: int
    link_messages: CountArray
    link_messages_max: CountArray
    weight_updates: CountArray | None = None
    resource_updates: CountArray | None = None
