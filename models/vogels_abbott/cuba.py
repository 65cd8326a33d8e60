"""The network with exponential synaptic currents of Brette et al. (2007), benchmark 2: "CUBA"."""

from collections.abc import Mapping
from typing import Any

from simcore.network import Network, Population, SpikeRecorder, Uniform

from .. import Declaration
from .structure import SIZE, WEAK_SCALING, P, has_published_inputs, population_sizes, random_projections

C_M_PF = 200.0
"""Membrane capacitance, pF: 1 uF/cm2 on 20,000 um2 (Brette et al. 2007, appendix 1)."""
G_L_NS = 10.0
"""Leak conductance, nS: 5e-5 S/cm2 on the same area; with the capacitance it gives a time constant of 20 ms."""
TAU_SYN_EX_MS = 5.0
"""Time constant of excitatory currents, ms."""
TAU_SYN_IN_MS = 10.0
"""Time constant of inhibitory currents, ms."""
E_L_MV = -49.0
"""Resting potential, mV, above the threshold, so that the network does not need input."""
V_TH_MV = -50.0
"""Threshold, mV."""
V_RESET_MV = -60.0
"""Potential after a spike, mV, and lower end of the initial potentials."""
T_REF_MS = 5.0
"""Refractory period, ms."""
WEIGHTS_MV = {"E": 0.27 * 60.0 / G_L_NS, "I": -4.5 * 20.0 / G_L_NS}
"""Weights, mV: conductances of 0.27 and 4.5 nS times the distances of 60 and 20 mV between the potential of -60 mV and
the reversal potentials, over the leak conductance; a spike adds this to g in tau_m dV/dt = E_L - V + g."""

RATES_HZ = {"E": 5.6, "I": 5.6}
"""Mean rates of the default network, 1/s, measured with this simulator; see `cuba`."""


def cuba(
    size: int = SIZE,
    p: float = P,
    delay_ms: float = 0.1,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe the current-based network of Vogels and Abbott (2005) as in Brette et al. (2007): 4,000 neurons.

    Both populations fire at 5.6 spikes/s (mean of 20 seeds, 0.8 s after 0.2 s; the standard deviation between networks
    is 0.2 for E and 0.1 for I), with a CV of the intervals of 0.5. NEST 3.10 gives 5.6 (6 seeds), and Brian 2.9 without
    delays gives 5.7 for E and 5.6 for I (8 seeds).

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
        Populations E and I, without external input.

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    Benchmark 2 is defined as tau_m dV/dt = E_L - V + g_e + g_i with weights in mV; `iaf_psc_exp` divides the current by
    C_m, so that g = I tau_m / C_m and a weight of w mV is the current w C_m / tau_m: 1.62 mV are 16.2 pA, -9 mV are
    -90 pA. The integration is exact in both forms.
    """
    sizes = population_sizes(size)
    tau_m_ms = C_M_PF / G_L_NS
    params = {
        "C_m": C_M_PF,
        "tau_m": tau_m_ms,
        "tau_syn_ex": TAU_SYN_EX_MS,
        "tau_syn_in": TAU_SYN_IN_MS,
        "t_ref": T_REF_MS,
        "E_L": E_L_MV,
        "V_reset": V_RESET_MV,
        "V_th": V_TH_MV,
    }
    initial = {"V_m": Uniform(low=V_RESET_MV, high=V_TH_MV)}
    weights_pa = {name: round(weight * C_M_PF / tau_m_ms, 9) for name, weight in WEIGHTS_MV.items()}
    return Network(
        [Population(name, number, "iaf_psc_exp", params, initial) for name, number in sizes.items()],
        random_projections(sizes, p, weights_pa, delay_ms),
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The documented rates for the default network, or a larger one with its mean in-degrees; otherwise None."""
    return dict(RATES_HZ) if has_published_inputs(parameters) else None


DECLARATION = Declaration(WEAK_SCALING, expected_rates_hz, "simulated with simcore, see the docstring of the model")
"""Weak scaling and expected rates."""
