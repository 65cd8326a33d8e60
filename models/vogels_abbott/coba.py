"""The network with exponential synaptic conductances of Brette et al. (2007), benchmark 1: "COBA"."""

from collections.abc import Mapping
from typing import Any

from simcore.network import Network, Poisson, Population, SpikeRecorder, Uniform

from .. import Declaration
from .structure import SIZE, WEAK_SCALING, P, has_published_inputs, population_sizes, random_projections

NEURON = {
    "C_m": 200.0,
    "g_L": 10.0,
    "tau_syn_ex": 5.0,
    "tau_syn_in": 10.0,
    "t_ref": 5.0,
    "E_L": -60.0,
    "E_ex": 0.0,
    "E_in": -80.0,
    "V_reset": -60.0,
    "V_th": -50.0,
}
"""Parameters of `iaf_cond_exp` (Brette et al. 2007, appendix 1): 1 uF/cm2 and 5e-5 S/cm2 on 20,000 um2."""
WEIGHTS_NS = {"E": 6.0, "I": -67.0}
"""Weights, nS; the sign selects the conductance (Brette et al. 2007, appendix 1)."""
STIMULUS_HZ = 300.0
"""Rate of the excitatory spikes that start the activity, 1/s (NEST's pynest/examples/brette_et_al_2007/coba.py)."""
STIMULUS_MS = 50.0
"""Duration of this stimulus, ms (Brette et al. 2007, appendix 1)."""

RATES_HZ = {"E": 18.8, "I": 18.9}
"""Mean rates of the default network, 1/s, measured with this simulator; see `coba`."""


def coba(
    size: int = SIZE,
    p: float = P,
    delay_ms: float = 0.1,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe the conductance-based network of Vogels and Abbott (2005) as in Brette et al. (2007): 4,000 neurons.

    E fires at 18.8 and I at 18.9 spikes/s (means of 20 seeds, 0.8 s after 0.2 s; the standard deviation between
    networks is 1.3 and 0.7), with a CV of the intervals of 1.5. NEST 3.10 gives 18.9 for both (6 seeds), and Brian 2.9
    without delays gives 18.6 for E (8 seeds).

    Parameters
    ----------
    size
        Number of neurons, a multiple of 5; four fifths are excitatory.
    p
        Probability that two neurons are connected, in (0, 1].
    delay_ms
        Delay of all synapses. The published network has no delays, whereas the shortest delay here is a time step.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Populations E and I, with external input only in the first 50 ms.

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    The network has no external drive: the activity must be started and may end, which happens earlier in smaller
    networks. As in Brette et al. (2007), random spikes start the activity in the first 50 ms. Here they reach every
    neuron (in NEST's example, 50 neurons) through a synapse of the excitatory weight, and the initial potentials are
    uniform between reset and threshold. The activity persisted in 40 of 40 networks.
    """
    sizes = population_sizes(size)
    initial = {"V_m": Uniform(low=NEURON["V_reset"], high=NEURON["V_th"])}
    return Network(
        [Population(name, number, "iaf_cond_exp", NEURON, initial) for name, number in sizes.items()],
        random_projections(sizes, p, WEIGHTS_NS, delay_ms),
        [Poisson(target, STIMULUS_HZ, WEIGHTS_NS["E"], delay_ms, stop_ms=STIMULUS_MS) for target in sizes],
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The documented rates for the default network, or a larger one with its mean in-degrees; otherwise None."""
    return dict(RATES_HZ) if has_published_inputs(parameters) else None


DECLARATION = Declaration(WEAK_SCALING, expected_rates_hz, "simulated with simcore, see the docstring of the model")
"""Weak scaling and expected rates."""
