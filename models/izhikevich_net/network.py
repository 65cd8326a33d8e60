"""A random network of regular spiking, intrinsically bursting and fast spiking neurons, after Izhikevich (2003)."""

from collections.abc import Mapping
from typing import Any

from simcore.network import (
    FixedIndegree,
    Network,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    Uniform,
    require,
)

from .. import Declaration, WeakScaling

SIZE = 10_000
"""Neurons of the default network (ours); 1,000 in [1]."""
IN_DEGREE = 1000
"""Inputs of each neuron of the default network: as many as in [1], where all neurons are connected."""
SHARES = {"RS": 16, "IB": 4, "FS": 5}
"""Neurons of each type out of 25: four excitatory for each inhibitory neuron [1], a fifth of them bursting (ours)."""
NEURONS = {
    "RS": {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
    "IB": {"a": 0.02, "b": 0.2, "c": -55.0, "d": 4.0},
    "FS": {"a": 0.1, "b": 0.2, "c": -65.0, "d": 2.0},
}
"""Parameters of `izhikevich` [1, figure 2]: one set for each type, whereas in [1] they vary between neurons."""
WEIGHTS_MV = {"RS": 0.25, "IB": 0.25, "FS": -0.5}
"""Weights with `IN_DEGREE` inputs, mV: the means of the distributions in [1], uniform in [0, 0.5] and [-1, 0]."""
EXCITATORY_DELAYS_MS = (1.0, 20.0)
"""Range of the uniformly distributed excitatory delays, ms [2]."""
INHIBITORY_DELAY_MS = 1.0
"""Delay of inhibitory synapses and of the noise, ms [2]."""
NOISE_VARIANCE_MV2_PER_MS = {"RS": 25.0, "IB": 25.0, "FS": 4.0}
"""Variance of the noise, mV2 in 1 ms: [1] adds normal numbers with standard deviations of 5 and 2 mV every 1 ms."""
NOISE_WEIGHT_MV = 1.0
"""Weight of the noise, mV (ours): two Poisson spike trains of equal rate with this weight and its opposite."""
INITIAL_V_MV = (-70.0, -60.0)
"""Range of the uniformly distributed initial potentials, mV (ours); in [1] all are -65 mV."""

RATES_HZ = {"RS": 8.5, "IB": 12.0, "FS": 4.6}
"""Mean rates of the default network, 1/s, measured with this simulator; see `izhikevich_net`."""


def izhikevich_net(
    size: int = SIZE,
    in_degree: int = IN_DEGREE,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe a random network of `size` Izhikevich neurons with `in_degree` inputs each: 10 million synapses.

    RS fires at 8.5, IB at 12.0 and FS at 4.6 spikes/s (3 seeds, 2 s after 0.3 s; equal within 0.1 between seeds and
    with four times as many neurons), in a rhythm that waxes and wanes. NEST 3.10 gives 8.5, 11.9 and 4.6 (1 s).

    Parameters
    ----------
    size
        Number of neurons, a multiple of 25: 16 of 25 are regular spiking, 4 intrinsically bursting, and 5 fast spiking.
    in_degree
        Inputs of each neuron, a multiple of 25, from the types in the same proportion. Weights are inversely
        proportional to it, which keeps the mean input, but not its fluctuations.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Populations RS, IB (excitatory) and FS (inhibitory).

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    Differences from [1]: ten times as many neurons, with random sources for as many inputs; one set of parameters for
    each type; constant weights; delays as in [2]; the forward Euler method with the step of the grid instead of 1 ms
    with two half steps for the potential; a spike makes the potential jump, whereas [1] adds a current for 1 ms.

    References
    ----------
    [1] Izhikevich (2003), Simple model of spiking neurons, IEEE Trans. Neural Netw. 14:1569.
    [2] Izhikevich (2006), Polychronization: computation with spikes, Neural Comput. 18:245.
    """
    sizes = _divided(size, "size")
    in_degrees = _divided(in_degree, "in_degree")
    initial = {"V_m": Uniform(low=INITIAL_V_MV[0], high=INITIAL_V_MV[1])}
    low, high = EXCITATORY_DELAYS_MS
    projections = []
    for source, weight in WEIGHTS_MV.items():
        delay_ms = Uniform(low=low, high=high) if weight > 0.0 else INHIBITORY_DELAY_MS
        rule = FixedIndegree(in_degrees[source])
        scaled = round(weight * IN_DEGREE / in_degree, 9)
        projections += [Projection(source, target, rule, scaled, delay_ms) for target in sizes]
    return Network(
        [Population(name, number, "izhikevich", NEURONS[name], initial) for name, number in sizes.items()],
        projections,
        [
            Poisson(target, variance / (2.0 * NOISE_WEIGHT_MV**2) * 1e3, weight, INHIBITORY_DELAY_MS)
            for target, variance in NOISE_VARIANCE_MV2_PER_MS.items()
            for weight in (NOISE_WEIGHT_MV, -NOISE_WEIGHT_MV)
        ],
        [SpikeRecorder()] if record_spikes else [],
        resolution_ms,
    )


def _divided(total: int, field: str) -> dict[str, int]:
    """The number of each type of neuron."""
    parts = sum(SHARES.values())
    possible = isinstance(total, int) and not isinstance(total, bool) and total >= parts and total % parts == 0
    require(possible, field, total, f"must be a multiple of {parts}, at least {parts}")
    return {name: total // parts * share for name, share in SHARES.items()}


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many neurons with the same in-degrees."""
    parts = sum(SHARES.values())
    return {"size": parts * max(1, round(parameters["size"] * factor / parts))}


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The documented rates for the default network, or a larger one with its in-degrees; otherwise None."""
    default = parameters["in_degree"] == IN_DEGREE and parameters["resolution_ms"] == 0.1
    return dict(RATES_HZ) if default and parameters["size"] >= SIZE else None


DECLARATION = Declaration(
    WeakScaling("size", "size grows: more neurons, each with the same number of inputs and the same weights", grown),
    expected_rates_hz,
    "simulated with simcore, see the docstring of the model",
)
"""Weak scaling and expected rates."""
