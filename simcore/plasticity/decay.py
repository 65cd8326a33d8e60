"""exp(-k h / tau) for integers k as the product of two numbers from short tables, the same on every backend.

A table is one array: FINE numbers exp(-k h / tau), k = 0 ... FINE - 1, then exp(-k FINE h / tau) for k = 0, 1, ... The
exponential of steps beyond the table is 0; the last number of the table is below 2^-75.
"""

import math

import numpy as np
import numpy.typing as npt

from simcore.propagators import exp

FloatArray = npt.NDArray[np.float64]

FINE = 64
"""Length of the first part, a power of two."""
FINE_BITS = 6
NEGLIGIBLE = 75.0 * math.log(2.0)


def decay_table(tau_ms: float, resolution_ms: float) -> FloatArray:
    """Return the table of a time constant; for 0, of the function that is 1 at k = 0 and 0 beyond."""
    if tau_ms == 0.0:
        table = np.zeros(FINE + 1)
        table[[0, FINE]] = 1.0
        return table
    per_step = resolution_ms / tau_ms
    n_coarse = max(1, math.ceil(NEGLIGIBLE / (FINE * per_step)))
    fine, coarse = np.arange(FINE) * per_step, np.arange(n_coarse) * FINE * per_step
    return np.concatenate((exp(-fine), exp(-coarse)))


def decay(table: FloatArray, steps: npt.NDArray[np.int64]) -> FloatArray:
    """Return exp(-steps h / tau) for steps >= 0, computed as in the kernels."""
    n_coarse = len(table) - FINE
    coarse = steps >> FINE_BITS
    beyond = coarse >= n_coarse
    product = table[FINE + np.where(beyond, 0, coarse)] * table[steps & (FINE - 1)]
    return np.where(beyond, 0.0, product)
