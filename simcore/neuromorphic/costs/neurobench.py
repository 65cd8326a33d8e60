"""The metrics of NeuroBench 2.3.0 for a network of spiking neurons, from counts of its simulation.

NeuroBench hooks into the layers of a PyTorch model. Here the synapses are its weights, a step is a call of every layer,
the spikes of a step are the activations, and a run is one sample. Input from outside of the network, such as a Poisson
drive, has no weights of a layer and is in none of the metrics.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class NeuroBench:
    """Metrics of a run; None where one is not known.

    The last two are not NeuroBench's: what its sums over the network hide, and what decides how long a step takes on
    cores that wait for each other.

    Parameters
    ----------
    effective_acs
        Effective synaptic operations whose input is -1, 0 or 1, accumulations: synaptic events by weights that are
        not 0.
    effective_macs
        Those with any other input, multiplications and accumulations: 0, a spike is 1.
    dense_synops
        Operations if nothing were sparse, neither activations nor weights: synapses times steps. Layers of NeuroBench
        are full matrices; here, what is not connected is no synapse.
    activation_sparsity
        Share of activations that are 0: 1 - spikes / (neurons * steps).
    connection_sparsity
        Share of weights that are 0, among the synapses that exist. NeuroBench rounds it to four decimals.
    footprint_bytes
        Bytes of everything that the model stores, weights of 0 included.
    synops_max
        Most synaptic events of any core in a step.
    synops_mean
        Synaptic events of a core in a step, on average.
    reasons
        Why one of them is None.
    """

    effective_acs: int | None
    effective_macs: int
    dense_synops: int
    activation_sparsity: float | None
    connection_sparsity: float | None
    footprint_bytes: int | None
    synops_max: int
    synops_mean: float | None
    reasons: Mapping[str, str]


def neurobench_metrics(
    *,
    steps: int,
    neurons: int,
    spikes: int,
    synapses: int,
    synaptic_events: int,
    cores: int,
    synops_max: int,
    zero_weights: int | None = None,
    footprint_bytes: int | None = None,
) -> NeuroBench:
    """NeuroBench's metrics from counts.

    Parameters
    ----------
    steps, neurons, spikes, synapses, synaptic_events
        Of the run.
    cores, synops_max
        Cores, and the most synaptic events of any core in a step.
    zero_weights
        Synapses whose weight is 0; None if they were not counted.
    footprint_bytes
        Memory of synapses, their index and states; None if it is not known.
    """
    reasons = {}
    effective_acs = connection_sparsity = None
    if zero_weights is None:
        reasons["effective_acs"] = reasons["connection_sparsity"] = "weights of 0 were not counted"
    elif synapses == 0:
        reasons["connection_sparsity"] = "there is no synapse"
    else:
        connection_sparsity = zero_weights / synapses
    if zero_weights == 0 or synaptic_events == 0:
        effective_acs = synaptic_events
        reasons.pop("effective_acs", None)
    elif zero_weights is not None:
        reasons["effective_acs"] = "events by weights of 0 were not counted apart"
    if neurons * steps == 0:
        reasons["activation_sparsity"] = "no neuron was simulated for a step"
    if cores * steps == 0:
        reasons["synops_mean"] = "no core was simulated for a step"
    if footprint_bytes is None:
        reasons["footprint_bytes"] = "the memory of the model was not counted"
    return NeuroBench(
        effective_acs=effective_acs,
        effective_macs=0,
        dense_synops=synapses * steps,
        activation_sparsity=1.0 - spikes / (neurons * steps) if neurons * steps else None,
        connection_sparsity=connection_sparsity,
        footprint_bytes=footprint_bytes,
        synops_max=synops_max,
        synops_mean=synaptic_events / (cores * steps) if cores * steps else None,
        reasons=reasons,
    )
