"""The metrics of NeuroBench 2.3.0 for a spiking network, from counts of its simulation.

NeuroBench hooks into the layers of a PyTorch model. Here the synapses are its weights, a step is a call of every layer,
the spikes of a step are the activations, and a run is one sample. Drives, such as Poisson input, have no weights of a
layer and do not enter the metrics.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class NeuroBench:
    """Metrics of a run; None if a metric is not known.

    ``synops_max`` and ``synops_mean`` are not metrics of NeuroBench. They describe the distribution over cores, which
    sums over the network hide and which determines the time of a step on cores that wait for each other.

    Parameters
    ----------
    effective_acs
        Effective accumulations, which are synaptic operations with an input of -1, 0 or 1: synaptic events with a
        weight other than 0.
    effective_macs
        Effective multiply-accumulate operations, with any other input: 0, because a spike is 1.
    dense_synops
        Operations without any sparsity of activations or weights: synapses times steps. Layers of NeuroBench are full
        matrices; here, pairs that are not connected do not count.
    activation_sparsity
        Share of activations that are 0: 1 - spikes / (neurons * steps).
    connection_sparsity
        Share of weights that are 0, among the synapses that exist. NeuroBench rounds it to four decimals.
    footprint_bytes
        Memory of everything that the model stores, including weights of 0, in bytes.
    synops_max
        Largest number of synaptic events of a core in a step.
    synops_mean
        Mean number of synaptic events of a core in a step.
    reasons
        The reason for each metric that is None.
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
        Counts of the run.
    cores, synops_max
        Number of cores, and the largest number of synaptic events of a core in a step.
    zero_weights
        Synapses whose weight is 0; None if they were not counted.
    footprint_bytes
        Memory of synapses, their index and states; None if it is not known.
    """
    reasons = {}
    effective_acs = connection_sparsity = None
    if zero_weights is None:
        reasons["effective_acs"] = reasons["connection_sparsity"] = "synapses with a weight of 0 were not counted"
    elif synapses == 0:
        reasons["connection_sparsity"] = "the network has no synapses"
    else:
        connection_sparsity = zero_weights / synapses
    if zero_weights == 0 or synaptic_events == 0:
        effective_acs = synaptic_events
        reasons.pop("effective_acs", None)
    elif zero_weights is not None:
        reasons["effective_acs"] = "synaptic events with a weight of 0 were not counted separately"
    if neurons * steps == 0:
        reasons["activation_sparsity"] = "no neuron updates were simulated"
    if cores * steps == 0:
        reasons["synops_mean"] = "no steps were simulated"
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
