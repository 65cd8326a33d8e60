"""What happened on the cores and links of a chip, step by step."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CountArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StepCounts:
    """Counts of consecutive steps of the simulation.

    All that a spike causes counts in the step in which its neuron fires: its message, the links that the message
    passes, and the synaptic events in the cores that it reaches. A delay is spent in the core of the target.

    Parameters
    ----------
    synops
        Synaptic events of each core, int64 (steps, cores).
    spikes
        Spikes of the neurons of each core, int64 (steps, cores).
    messages_in, messages_out
        Messages that enter each core, and that leave it, int64 (steps, cores). A neuron with targets in its own core
        sends a message there, too. With multicast routers copy one message for several cores.
    link_messages
        Messages that pass each link, int64 (steps, links).
    """

    synops: CountArray
    spikes: CountArray
    messages_in: CountArray
    messages_out: CountArray
    link_messages: CountArray
