"""A balanced random network on a periodic sheet, in which neurons connect to neurons nearby: an example."""

import math
from collections.abc import Mapping
from typing import Any

from simcore.network import (
    CircularMask,
    GaussianKernel,
    LinearKernel,
    Network,
    Poisson,
    Population,
    Projection,
    RandomPositions,
    SpatialPairwiseBernoulli,
    SpikeRecorder,
    Uniform,
    require,
)

from .. import Declaration, WeakScaling
from ..brunel.network import C_M_PF, E_L_MV, EXCITATORY_PER_INHIBITORY, T_REF_MS, TAU_M_MS, V_RESET_MV, V_TH_MV

TAU_SYN_MS = 0.5
"""Time constant of the synaptic currents, ms."""
SIGMAS = 3.0
"""Radius of the masks in standard deviations of the kernels."""
SYNAPTIC_DELAY_MS = 0.5
"""Part of a delay in addition to the time along the axon, ms."""
SPEED_MM_PER_MS = 0.3
"""Speed along axons, mm/ms."""
DEFAULT_RATE_HZ = 47.7
"""Mean rate of the default network, 1/s, measured with this simulator for 1 s after 0.5 s."""


def spatial(
    neurons: int = 10_000,
    extent_mm: float = 1.0,
    sigma_e_mm: float = 0.1,
    sigma_i_mm: float = 0.1,
    in_degree: float = 250.0,
    g: float = 5.0,
    eta: float = 2.0,
    j_mv: float = 0.4,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe an example of a balanced network on a square sheet with periodic boundaries and random positions.

    Neurons, external input and the ratios of weights and numbers are those of the model `brunel`. A pair is connected
    with a probability that decreases with distance as a Gaussian up to three standard deviations; a part of the delay
    is proportional to the distance. Extents, widths and delays were chosen to demonstrate the rules and do not describe
    a particular piece of cortex. With the default parameters, neurons fire at 48 spikes/s.

    Parameters
    ----------
    neurons
        Number of neurons, four fifths of them excitatory; a multiple of 5.
    extent_mm
        Side of the sheet, > 0.
    sigma_e_mm
        Standard deviation of the kernel of excitatory sources, at most a sixth of the side.
    sigma_i_mm
        Standard deviation of the kernel of inhibitory sources, with the same limit.
    in_degree
        Expected number of inputs of a neuron, four fifths of them excitatory.
    g
        Ratio of inhibitory to excitatory weight, >= 0.
    eta
        Rate of the external input relative to the rate that drives the mean potential to the threshold, >= 0.
    j_mv
        Excitatory weight > 0: the jump of the potential (mV) if the whole charge arrived at once.
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
        If a parameter is out of its range, or the in-degree would need a probability above 1.
    """
    parts = EXCITATORY_PER_INHIBITORY + 1
    whole = isinstance(neurons, int) and neurons >= parts and neurons % parts == 0
    require(whole, "neurons", neurons, f"must be a multiple of {parts}")
    for name, value in (("g", g), ("eta", eta)):
        require(0.0 <= value < math.inf, name, value, "must be >= 0 and finite")
    for name, value in (("extent_mm", extent_mm), ("in_degree", in_degree), ("j_mv", j_mv)):
        require(0.0 < value < math.inf, name, value, "must be > 0 and finite")
    sigmas = {"E": sigma_e_mm, "I": sigma_i_mm}
    for name, sigma in sigmas.items():
        widest = 0.5 * extent_mm / SIGMAS
        allowed = f"must be > 0 and at most {widest:g}, a sixth of the side"
        require(0.0 < sigma <= widest, f"sigma_{name.lower()}_mm", sigma, allowed)
    sizes = {"E": neurons - neurons // parts, "I": neurons // parts}
    weight = j_mv * C_M_PF / TAU_SYN_MS
    weights = {"E": weight, "I": -g * weight}
    params = {
        "C_m": C_M_PF,
        "tau_m": TAU_M_MS,
        "tau_syn_ex": TAU_SYN_MS,
        "tau_syn_in": TAU_SYN_MS,
        "t_ref": T_REF_MS,
        "E_L": E_L_MV,
        "V_reset": V_RESET_MV,
        "V_th": V_TH_MV,
    }
    initial = {"V_m": Uniform(low=E_L_MV, high=V_TH_MV)}
    positions = RandomPositions((extent_mm, extent_mm), edge_wrap=True)
    rules = {name: _rule(sigma, in_degree, neurons / extent_mm**2) for name, sigma in sigmas.items()}
    delay = LinearKernel(1.0 / SPEED_MM_PER_MS, SYNAPTIC_DELAY_MS)
    threshold_rate_hz = (V_TH_MV - E_L_MV) / (j_mv * TAU_M_MS) * 1e3
    return Network(
        [Population(name, size, "iaf_psc_exp", params, initial, positions=positions) for name, size in sizes.items()],
        [Projection(source, target, rules[source], weights[source], delay) for source in sizes for target in sizes],
        [Poisson(target, eta * threshold_rate_hz, weight, 1.5) for target in sizes],
        [SpikeRecorder()] if record_spikes else [],
        resolution_ms,
    )


def _rule(sigma_mm: float, in_degree: float, density: float) -> SpatialPairwiseBernoulli:
    """The rule with a given in-degree from nearby neurons, of which there are `density` per mm2."""
    nearby = density * 2.0 * math.pi * sigma_mm * sigma_mm * (1.0 - math.exp(-0.5 * SIGMAS * SIGMAS))
    allowed = f"must be at most {nearby:.4g}, unless the density of neurons is larger"
    require(in_degree <= nearby, "in_degree", in_degree, allowed)
    kernel = GaussianKernel(sigma_mm, scale=in_degree / nearby)
    return SpatialPairwiseBernoulli(kernel, CircularMask(SIGMAS * sigma_mm), allow_autapses=False)


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a larger sheet with the same density of neurons."""
    parts = EXCITATORY_PER_INHIBITORY + 1
    neurons = parts * max(1, round(parameters["neurons"] * factor / parts))
    side = float(parameters["extent_mm"]) * math.sqrt(neurons / parameters["neurons"])
    return {"neurons": neurons, "extent_mm": side}


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The rate measured with the default parameters and density; otherwise None."""
    default = {"sigma_e_mm": 0.1, "sigma_i_mm": 0.1, "in_degree": 250.0, "g": 5.0, "eta": 2.0, "j_mv": 0.4}
    default |= {"resolution_ms": 0.1}
    same = all(parameters[name] == value for name, value in default.items())
    dense = math.isclose(parameters["neurons"], 10_000 * float(parameters["extent_mm"]) ** 2, rel_tol=1e-3)
    return {"E": DEFAULT_RATE_HZ, "I": DEFAULT_RATE_HZ} if same and dense and parameters["neurons"] >= 10_000 else None


DECLARATION = Declaration(
    WeakScaling("neurons", "neurons and the sheet grow: the same density and number of inputs of each neuron", grown),
    expected_rates_hz,
    "simulated with simcore, see the docstring of the model",
)
"""Weak scaling and expected rates."""
