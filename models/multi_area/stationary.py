"""Stationary rate of a leaky integrate-and-fire neuron with many independent inputs.

References
----------
[1] Siegert (1951), Phys. Rev. 81:617. Amit, Brunel (1997), Cereb. Cortex 7:237.
[2] Fourcaud, Brunel (2002), Dynamics of the firing probability of noisy integrate-and-fire neurons, Neural Comput.
    14:2057: the correction for synaptic currents of finite duration.
"""

import math

import numpy as np
import numpy.typing as npt

from ..pd14 import parameters as p

FloatArray = npt.NDArray[np.float64]

POINTS = 101
"""Number of points of the integral, by Simpson's rule."""
SHIFT = math.sqrt(2.0) * 1.4603545088095868 / 2.0
"""Half of sqrt(2) times the magnitude of the Riemann zeta function at 1/2 [2]."""


def stationary_rate_hz(mean_mv: FloatArray, std_mv: FloatArray) -> FloatArray:
    """Rate of neurons of the cortical microcircuit as a function of mean and fluctuations of their free potential.

    Parameters
    ----------
    mean_mv
        Mean above the resting potential, mV.
    std_mv
        sqrt(2) times the standard deviation, mV: sigma of [1].

    Returns
    -------
    Rates, 1/s, of the same shape.
    """
    shift = SHIFT * math.sqrt(p.TAU_SYN_MS / p.TAU_M_MS)
    low = (p.V_RESET_MV - p.E_L_MV - mean_mv) / std_mv + shift
    high = (p.V_TH_MV - p.E_L_MV - mean_mv) / std_mv + shift
    points = low + (high - low) * np.linspace(0.0, 1.0, POINTS)[:, np.newaxis]
    values = np.vectorize(_integrand)(points)
    weights = np.full(POINTS, 2.0)
    weights[1::2], weights[[0, -1]] = 4.0, 1.0
    integral = (high - low) / (3.0 * (POINTS - 1)) * (weights @ values)
    return np.asarray(1e3 / (p.T_REF_MS + p.TAU_M_MS * math.sqrt(math.pi) * integral))


def _integrand(u: float) -> float:
    """exp(u^2) (1 + erf(u)); beyond the range of float64, its asymptote for u < 0 and infinity for u > 0."""
    if u < -25.0:
        return -1.0 / (math.sqrt(math.pi) * u)
    return math.exp(u * u) * math.erfc(-u) if u < 25.0 else math.inf
