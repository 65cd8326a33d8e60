"""The metrics of NeuroBench 2.3.0 for a network of spiking neurons, from counts of its simulation."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NeuroBench:
    """Metrics of a run, which is one sample of NeuroBench; None where one is not known."""

    effective_acs: int | None
    effective_macs: int
    dense_synops: int
    activation_sparsity: float | None
    connection_sparsity: float | None
    footprint_bytes: int | None
    synops_max: int
    synops_mean: float | None
    reasons: Mapping[str, str] = field(default_factory=dict)


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
        Memory of weights, indices and states; None if it is not known.
    """
    raise NotImplementedError
