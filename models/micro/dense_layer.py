"""A fully connected layer of LIF neurons under random spikes: the forward pass of a benchmark of GPU frameworks."""

import math

from simcore.network import (
    AllToAll,
    BernoulliTrains,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    Uniform,
    require,
)

NEURONS = 16_000
"""Inputs and neurons of the published benchmark ("16k") [1]."""
DECAY = 0.8
"""Decay factor of the potential in a step: 1 - 1 / tau with the tau of 5 steps of [1]."""
THRESHOLD_MV = 1.0
"""Distance from rest and reset to the threshold."""
DEVIATION = 0.5
"""Standard deviation of the potential without a threshold over `THRESHOLD_MV` (ours), so that neurons spike."""
SMALLEST = 1 / 64
"""Ratio of the smallest to the largest weight, so that weights do not become 0 even with 8 bits."""
MOST_NEURONS = 10**6
"""Upper limit, beyond the memory of any machine."""


def micro_dense_layer(
    neurons: int = NEURONS,
    probability: float = 0.01,
    record_spikes: bool = False,
    resolution_ms: float = 1.0,
) -> Network:
    """Describe a layer of `neurons` leaky integrate-and-fire neurons with as many inputs, each pair connected.

    It has the shape and the leak of a benchmark of frameworks that train spiking networks on GPUs [1]. The batch of 16
    samples of 500 steps corresponds to a run of 8,000 steps, sample after sample, with one set of synapses.

    Parameters
    ----------
    neurons
        Number of neurons and also of inputs, even; the number of synapses is the square of this number.
    probability
        Probability that an input spikes in a step, in (0, 1]. The wall time is nearly proportional to it.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step; in units of steps the network does not depend on it.

    Returns
    -------
    Network
        Populations SE and SI (excitatory and inhibitory inputs, half each) and L (the layer).

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    The time of a run is not comparable with the published time, which is 0.26 s for the forward *and* backward pass of
    all 16 samples with SpikingJelly's CuPy backend [1]:

    - this model has neither a backward pass nor gradients;
    - the inputs of [1] are normal real numbers in every step, so that its layer is a dense matrix product whose time
      does not depend on activity; here they are spikes, and a step costs the synapses of the inputs that spike;
    - [1] ran on a GPU (an NVIDIA RTX 4090 by its text, an RTX 3090 by its list of edits), in single precision; here
      weights are whole multiples of a unit, 16 bits by default;
    - [1] resets the state between samples and evaluates all samples at once; here they follow each other and the
      state is kept, which has the same cost.

    Weights are uniform between a 64th of the largest and the largest, positive for one half of the inputs and negative
    for the other, whereas a layer of PyTorch has both signs for each input. They are chosen so that the potential would
    have a standard deviation of half the threshold.

    References
    ----------
    [1] Lenz, Heckel, Shrestha, Barker, Pedersen, SNN library benchmarks, open-neuromorphic.org, 2023, updated 2024.
    """
    whole = isinstance(neurons, int) and not isinstance(neurons, bool) and neurons % 2 == 0
    require(whole and 2 <= neurons <= MOST_NEURONS, "neurons", neurons, f"must be even, in [2, {MOST_NEURONS}]")
    possible = isinstance(probability, int | float) and 0.0 < probability <= 1.0
    require(possible, "probability", probability, "must be in (0, 1]")
    # The variance of the potential is that of a step's input, neurons probability bound^2 / 3, over 1 - DECAY^2.
    deviation = DEVIATION * THRESHOLD_MV * math.sqrt(1.0 - DECAY**2)
    bound = round(deviation * math.sqrt(3.0 / (neurons * probability)), 9)
    weights = {"SE": Uniform(low=bound * SMALLEST, high=bound), "SI": Uniform(low=-bound, high=-bound * SMALLEST)}
    params = {
        "tau_m": -resolution_ms / math.log(DECAY),
        "t_ref": 0.0,
        "E_L": 0.0,
        "V_reset": 0.0,
        "V_th": THRESHOLD_MV,
    }
    source = BernoulliTrains(probability / resolution_ms * 1e3)
    return Network(
        [
            *(Population(name, neurons // 2, source=source) for name in weights),
            Population("L", neurons, "iaf_psc_delta", params),
        ],
        [Projection(name, "L", AllToAll(), weight, resolution_ms) for name, weight in weights.items()],
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )
