"""A random network in which inhibition balances excitation, after Brunel (2000), with exponential currents."""

import math
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

C_M_PF = 250.0
"""Membrane capacitance, pF: only the ratio of weight and capacitance matters."""
TAU_M_MS = 20.0
"""Membrane time constant, ms (Brunel 2000, section 2)."""
T_REF_MS = 2.0
"""Refractory period, ms (Brunel 2000, section 2)."""
E_L_MV = 0.0
"""Resting potential, mV: the origin of the scale."""
V_RESET_MV = 10.0
"""Potential after a spike, mV above rest (Brunel 2000, section 2)."""
V_TH_MV = 20.0
"""Threshold, mV above rest (Brunel 2000, section 2)."""
EXCITATORY_PER_INHIBITORY = 4
"""Excitatory neurons for each inhibitory one (Brunel 2000, section 2)."""


DEFAULT_RATE_HZ = 24.0
"""Mean rate of the default network, 1/s, measured with this simulator; see `brunel`."""


def brunel(
    order: int = 2500,
    g: float = 5.0,
    eta: float = 2.0,
    epsilon: float = 0.1,
    in_degree: int | None = None,
    j_mv: float = 0.2,
    delay_ms: float = 1.5,
    tau_syn_ms: float = 0.5,
    t_ref_ms: float = T_REF_MS,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe a balanced random network of 5 x `order` neurons (12,500), four fifths of them excitatory.

    With the default parameters it is in the asynchronous irregular state, with 24 spikes/s, a CV of the intervals of
    0.8, and a mean correlation of the spike counts in 3 ms of 0.01. A smaller network stays in this state if `j_mv`
    increases by the square root of the factor by which the in-degree decreases: with an order of 250 and 0.63 mV, the
    values are 52 spikes/s, 0.9 and 0.02.

    Parameters
    ----------
    order
        Number of inhibitory neurons, >= 1; there are four times as many excitatory ones.
    g
        Ratio of inhibitory to excitatory weight, >= 0; above 4, inhibition dominates.
    eta
        Rate of the external input relative to the rate that drives the mean potential to the threshold, >= 0.
    epsilon
        In-degree from each population divided by the size of this population, in (0, 1].
    in_degree
        Excitatory in-degree instead of `epsilon`, a multiple of 4; the inhibitory in-degree is a quarter of it.
    j_mv
        Excitatory weight > 0: the jump of the potential (mV) if the whole charge arrived at once.
    delay_ms
        Delay of all synapses.
    tau_syn_ms
        Time constant of the synaptic currents, > 0.
    t_ref_ms
        Refractory period.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Populations E and I.

    Raises
    ------
    InputError
        If a parameter is out of its range, or the in-degree would be 0.

    Notes
    -----
    Differences from Brunel (2000): a synapse injects an exponentially decaying current, whereas in the publication the
    potential jumps. The charge and thus the mean input are the same, but the fastest fluctuations are weaker: with the
    0.1 mV of Brunel's figures the intervals are more regular (CV 0.36). The sources of a neuron are drawn with
    replacement, and may include the neuron itself. Initial potentials are uniform between rest and threshold, so that
    the network does not start in synchrony.

    References
    ----------
    Brunel (2000), Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons, J. Comput.
    Neurosci. 8:183, doi:10.1023/A:1008925309027.
    """
    require(isinstance(order, int) and order >= 1, "order", order, "must be an integer >= 1")
    for name, value in (("g", g), ("eta", eta)):
        require(0.0 <= value < math.inf, name, value, "must be >= 0 and finite")
    for name, value in (("j_mv", j_mv), ("tau_syn_ms", tau_syn_ms)):
        require(0.0 < value < math.inf, name, value, "must be > 0 and finite")
    require(0.0 < epsilon <= 1.0, "epsilon", epsilon, "must be in (0, 1]")
    sizes = {"E": EXCITATORY_PER_INHIBITORY * order, "I": order}
    in_degrees = _in_degrees(sizes, epsilon, in_degree)

    weight = j_mv * C_M_PF / tau_syn_ms
    weights = {"E": weight, "I": -g * weight}
    threshold_rate_hz = (V_TH_MV - E_L_MV) / (j_mv * TAU_M_MS) * 1e3
    params = {
        "C_m": C_M_PF,
        "tau_m": TAU_M_MS,
        "tau_syn_ex": tau_syn_ms,
        "tau_syn_in": tau_syn_ms,
        "t_ref": t_ref_ms,
        "E_L": E_L_MV,
        "V_reset": V_RESET_MV,
        "V_th": V_TH_MV,
    }
    initial = {"V_m": Uniform(low=E_L_MV, high=V_TH_MV)}
    return Network(
        [Population(name, size, "iaf_psc_exp", params, initial) for name, size in sizes.items()],
        [
            Projection(source, target, FixedIndegree(in_degrees[source]), weights[source], delay_ms)
            for source in sizes
            for target in sizes
        ],
        [Poisson(target, eta * threshold_rate_hz, weight, delay_ms) for target in sizes],
        [SpikeRecorder()] if record_spikes else [],
        resolution_ms,
    )


def _in_degrees(sizes: dict[str, int], epsilon: float, in_degree: int | None) -> dict[str, int]:
    """Number of inputs from each population."""
    if in_degree is None:
        least = 0.5 / sizes["I"]
        allowed = f"it leaves an inhibitory in-degree of 0 with order = {sizes['I']}; must be above {least:.2g}"
        require(round(epsilon * sizes["I"]) > 0, "epsilon", epsilon, allowed)
        return {name: round(epsilon * size) for name, size in sizes.items()}
    whole = isinstance(in_degree, int) and in_degree > 0 and in_degree % EXCITATORY_PER_INHIBITORY == 0
    allowed = f"must be a multiple of {EXCITATORY_PER_INHIBITORY} in [{EXCITATORY_PER_INHIBITORY}, {sizes['E']}]"
    require(whole and in_degree <= sizes["E"], "in_degree", in_degree, allowed)
    return {"E": in_degree, "I": in_degree // EXCITATORY_PER_INHIBITORY}


def _excitatory_in_degree(parameters: Mapping[str, Any]) -> int:
    if parameters["in_degree"] is not None:
        return int(parameters["in_degree"])
    excitatory: int = EXCITATORY_PER_INHIBITORY * parameters["order"]
    return round(float(parameters["epsilon"]) * excitatory)


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many neurons with the same in-degrees."""
    return {"order": round(parameters["order"] * factor), "in_degree": _excitatory_in_degree(parameters)}


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The documented rate for the default network, or for a larger network with its in-degrees; otherwise None.

    Twice as many neurons changed it by less than 1 % (1 s of model time).
    """
    default = {"g": 5.0, "eta": 2.0, "j_mv": 0.2, "delay_ms": 1.5, "tau_syn_ms": 0.5, "t_ref_ms": T_REF_MS}
    default |= {"resolution_ms": 0.1}
    same = all(parameters[name] == value for name, value in default.items())
    if not same or parameters["order"] < 2500 or _excitatory_in_degree(parameters) != 1000:
        return None
    return {"E": DEFAULT_RATE_HZ, "I": DEFAULT_RATE_HZ}


DECLARATION = Declaration(
    WeakScaling(
        "order",
        "order grows and in_degree is fixed: more neurons, each with the same number of inputs and the same weights",
        grown,
    ),
    expected_rates_hz,
    "simulated with simcore, see the docstring of the model",
)
"""Weak scaling and expected rates."""
