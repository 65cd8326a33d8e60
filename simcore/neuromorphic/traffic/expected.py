"""Expected messages of a mapping between cores for given rates, to compare mappings without a simulation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.demand import Demand


@dataclass(frozen=True)
class ExpectedTraffic:
    """Expected numbers per second of model time.

    Parameters
    ----------
    messages_per_s
        Messages between cores: one per spike for each core with targets, except the core of the neuron.
    synaptic_events_per_s
        Deliveries of all spikes.
    own_core_events_per_s
        Synaptic events in the core of the source neuron.
    """

    messages_per_s: float
    synaptic_events_per_s: float
    own_core_events_per_s: float


def expected_traffic(demand: Demand, rates_hz: npt.NDArray[np.float64]) -> ExpectedTraffic:
    """Expected traffic of a mapped network, from the rate of each neuron, 1/s."""
    others = demand.destinations - (demand.own_core > 0)
    return ExpectedTraffic(
        *(float(np.dot(rates_hz, each)) for each in (others, demand.fan_out, demand.own_core)),
    )
