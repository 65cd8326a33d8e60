"""A plastic random network of regular spiking, intrinsically bursting and fast spiking neurons under Poisson input."""

import math
from collections.abc import Mapping
from typing import Any

from simcore.network import (
    FixedIndegree,
    Network,
    PoissonTrains,
    Population,
    Projection,
    SpikeRecorder,
    Stdp,
    Uniform,
    require,
)
from simcore.sources import spike_trains_from_sonata

from .. import Declaration, WeakScaling

SIZES = {"RS": 6400, "IB": 1600, "FS": 2000}
"""Neurons of each type at scale 1: four excitatory for each inhibitory one [1], a fifth of them bursting (ours)."""
IN_DEGREES = {"RS": 64, "IB": 16, "FS": 20}
"""Inputs of each neuron from each type: 100, in the same proportion (ours)."""
NEURONS = {
    "RS": {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
    "IB": {"a": 0.02, "b": 0.2, "c": -55.0, "d": 4.0},
    "FS": {"a": 0.1, "b": 0.2, "c": -65.0, "d": 2.0},
}
"""Parameters of `izhikevich` [1, figure 2]."""
INPUT = "input"
"""Population of the Poisson sources."""
INPUT_SIZE, INPUT_IN_DEGREE, INPUT_RATE_HZ = 1000, 25, 40.0
"""Poisson sources at scale 1, number of inputs of each neuron from them, and rate of each, 1/s (ours)."""
INPUT_START_MS = 1.0
"""Start of the sources, ms, because NEST's generators cannot send in the first two steps."""
WMAX_MV = 2.5
"""Largest excitatory weight, mV: 80 such inputs sum up to 200 mV, as do the mean weights of 800 inputs in [1]."""
INITIAL_MV = WMAX_MV / 2.0
"""Initial excitatory weight, mV: in the middle of its range (ours)."""
INPUT_MV = WMAX_MV
"""Weight of the Poisson input, mV (ours), with which RS fires at 5 to 10 spikes/s, partly due to recurrent input."""
INHIBITORY_MV = -5.0
"""Inhibitory weight, mV: 20 inputs sum up to -100 mV, as do the mean weights of 200 inputs in [1]."""
EXCITATORY_DELAYS_MS = (1.0, 20.0)
"""Range of the uniformly distributed excitatory delays, ms [2]."""
SHORT_DELAY_MS = 1.0
"""Delay of inhibitory synapses [2] and of the input (ours), ms."""
INITIAL_V_MV = (-70.0, -60.0)
"""Range of the uniformly distributed initial potentials, mV (ours); in [1] all are -65 mV."""
TAU_PLUS_MS = TAU_MINUS_MS = 20.0
"""Time constants of the traces of sources and targets, ms [3]."""
LAMBDA, ALPHA = 0.005, 1.05
"""A pair of spikes facilitates by this share of the largest weight, and depresses by ALPHA times as much [3]."""
MU = 0.0
"""Exponent of the weights: the changes do not depend on them [3]."""

RATES_HZ = {"RS": 6.5, "IB": 8.0, "FS": 13.0, INPUT: INPUT_RATE_HZ}
"""Mean rates of the default network, 1/s, measured with this simulator; see `guide_10k`. The input's rate is given."""


def guide_10k(
    scale: float = 1.0,
    plastic: bool = True,
    input_file: str | None = None,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe 10,000 x `scale` Izhikevich neurons with 100 inputs each, 1 million synapses, 80 % of them plastic.

    Parameters
    ----------
    scale
        Factor of the neuron numbers, > 0; in-degrees are not scaled.
    plastic
        Whether excitatory synapses follow `stdp_synapse`; otherwise they keep their initial weights.
    input_file
        Spike file of a run of this model, such as ``spikes.h5``, whose input is replayed spike by spike, so that
        different simulators can receive the same input. By default the input is drawn.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Populations RS, IB (excitatory), FS (inhibitory) and input (1,000 x `scale` Poisson sources, with
        250,000 x `scale` additional static synapses).

    Raises
    ------
    InputError
        If a parameter is out of its range, or the file has no input.

    References
    ----------
    [1] Izhikevich (2003), Simple model of spiking neurons, IEEE Trans. Neural Netw. 14:1569.
    [2] Izhikevich (2006), Polychronization: computation with spikes, Neural Comput. 18:245.
    [3] Song, Miller, Abbott (2000), Competitive Hebbian learning through spike-timing-dependent synaptic plasticity,
    Nat. Neurosci. 3:919.
    """
    possible = isinstance(scale, (int, float)) and 0.0 < scale < math.inf
    require(possible, "scale", scale, "must be > 0 and finite")
    sizes = {name: round(size * scale) for name, size in SIZES.items()}
    n_input = round(INPUT_SIZE * scale)
    require(n_input > 0, "scale", scale, f"it leaves no Poisson sources; must be above {0.5 / INPUT_SIZE:g}")
    drawn = PoissonTrains(INPUT_RATE_HZ, INPUT_START_MS)
    source = drawn if input_file is None else spike_trains_from_sonata(input_file, INPUT)
    initial = {"V_m": Uniform(low=INITIAL_V_MV[0], high=INITIAL_V_MV[1])}
    return Network(
        [
            *(
                Population(name, size, "izhikevich", NEURONS[name], initial, tau_minus=TAU_MINUS_MS)
                for name, size in sizes.items()
            ),
            Population(INPUT, n_input, source=source),
        ],
        [
            *(_recurrent(source, target, plastic) for source in sizes for target in sizes),
            *(Projection(INPUT, target, FixedIndegree(INPUT_IN_DEGREE), INPUT_MV, SHORT_DELAY_MS) for target in sizes),
        ],
        [],
        [SpikeRecorder()] if record_spikes else [],
        resolution_ms,
    )


def _recurrent(source: str, target: str, plastic: bool) -> Projection:
    """The synapses of one type of neuron onto another."""
    rule = FixedIndegree(IN_DEGREES[source])
    if source == "FS":
        return Projection(source, target, rule, INHIBITORY_MV, SHORT_DELAY_MS)
    low, high = EXCITATORY_DELAYS_MS
    stdp = Stdp(tau_plus=TAU_PLUS_MS, lambda_=LAMBDA, alpha=ALPHA, mu_plus=MU, mu_minus=MU, Wmax=WMAX_MV)
    return Projection(
        source, target, rule, INITIAL_MV, Uniform(low=low, high=high), plasticity=stdp if plastic else None
    )


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many neurons with the same in-degrees."""
    return {"scale": parameters["scale"] * factor}


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The documented rates for the plastic network or a larger one, with drawn input; otherwise None."""
    default = parameters["plastic"] and parameters["input_file"] is None and parameters["resolution_ms"] == 0.1
    return dict(RATES_HZ) if default and parameters["scale"] >= 1.0 else None


DECLARATION = Declaration(
    WeakScaling("scale", "scale grows: more neurons, each with the same number of inputs and the same weights", grown),
    expected_rates_hz,
    "simulated with simcore, see the docstring of the model",
)
"""Weak scaling and expected rates."""
