"""Neurons that spike as often as possible, which loads the output of a core."""

from collections.abc import Mapping
from typing import Any

from simcore.network import FixedOutdegree, Network, Population, Projection, SpikeRecorder

from .. import Declaration, WeakScaling
from .relays import COUNTER, require_count

BIAS = 64.0
"""Constant input that increases the potential by 1, in the unit of the threshold, in each step."""
MOST_STEPS = 2**17
"""Largest interval, because thresholds have 17 bits."""
MOST_NEURONS = 10**9
"""Upper limit, beyond the memory of any machine and within the range of ids."""


def micro_saturating(
    neurons: int = 1024,
    interval_steps: int = 1,
    out_degree: int = 1,
    delay_steps: int = 1,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe `neurons` neurons that all spike in the same steps: in every `interval_steps`-th step.

    Parameters
    ----------
    neurons
        Number of neurons; the axis of a sweep.
    interval_steps
        Number of steps between two spikes.
    out_degree
        Synapses of each neuron, to random neurons; their weight is 0, so that spikes are sent but have no effect.
    delay_steps
        Delay of all synapses, steps.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Population N.

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    The model follows OutputFrequencyMultipleNeurons of SNABSuite, whose neurons have a threshold below rest and no
    synapses. Here each neuron has `out_degree` synapses, so that its spikes are sent as messages. All neurons spike
    together, which is the worst case for a step.
    """
    require_count("neurons", neurons, MOST_NEURONS)
    require_count("interval_steps", interval_steps, MOST_STEPS)
    require_count("out_degree", out_degree, neurons)
    params = {**COUNTER, "bias": BIAS, "vth": float(interval_steps - 1)}
    return Network(
        [Population("N", neurons, "lif_fixed_point", params)],
        [Projection("N", "N", FixedOutdegree(out_degree), 0.0, delay_steps * resolution_ms)],
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many neurons."""
    return {"neurons": max(1, round(parameters["neurons"] * factor))}


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """One spike in each interval."""
    return {"N": 1e3 / (parameters["interval_steps"] * parameters["resolution_ms"])}


DECLARATION = Declaration(
    WeakScaling("neurons", "neurons grows: more neurons, each with the same number of synapses", grown),
    expected_rates_hz,
    "one spike per neuron in every interval of interval_steps",
)
"""Weak scaling and expected rates."""
