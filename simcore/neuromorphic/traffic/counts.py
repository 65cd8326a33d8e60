"""Counts of events on the cores and links of a chip, in each step and in a whole run.

All events that a spike causes are counted in the step in which its neuron fires: its messages, the links that they
pass, and the synaptic events in the cores that they reach. Delays pass in the core of the target.
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
        Sums over the chip, int64: synaptic events, messages that enter cores, spikes, and hops. A neuron with targets
        in its own core also sends a message there; with multicast, routers copy a message for several cores.
    synops_max, synops_max_core
        Largest number of synaptic events of a core, and the first such core, int64.
    messages_in_max, messages_out_max, spikes_max
        Largest number of any core, int64.
    link_messages_max, busiest_link
        Largest number of messages on a link, and the first such link (-1 without messages), int64.
    memory_s, compute_s
        Largest time of a core according to `CoreTimes`, float64.
    reads_max
        Largest number of words of synapse memory that a core reads, int64; None if reads are not counted.
    core_link_messages_max
        Largest number of messages between a core and its router, in both directions, int64; None if not counted.
    weight_updates, weight_updates_max
        Updates of plastic weights, of the whole chip and of the core with most of them, int64; None without plastic
        synapses.
    resource_updates
        Updates of the state of short-term plasticity of the whole chip, int64; None without plastic synapses.
    plasticity_s
        Largest time of a core for both kinds of updates according to `CoreTimes`, float64; None without plastic
        synapses.
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
    """Time that a core needs for each event, s; None if the sheet of the chip has no figure.

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
        Number of steps.
    neurons, synops, spikes, messages_in, messages_out
        Counts of each core.
    within_tile
        Messages of the whole chip that entered a core from its own router, without a hop.
    link_messages, link_messages_max
        Messages that passed each link, and the largest number in a step.
    weight_updates, resource_updates
        Updates of plastic weights, and of the state of short-term plasticity, of each core; None without plastic
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
