"""Changes of weights by pairs of spikes, and of resources, in NumPy, as the reference for all kernels."""

import numpy as np
import numpy.typing as npt

from simcore.plasticity.decay import decay
from simcore.plasticity.powers import power
from simcore.plasticity.tables import Change, PairTables, ResourceTables

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

FULL_USE = 32768.0
"""The factor F of a weight when all resources are used."""


def facilitated(tables: PairTables, weights: IntArray, traces: FloatArray) -> tuple[IntArray, int]:
    """Return the magnitudes of weights after one facilitation each, and the number limited by the ceiling.

    Parameters
    ----------
    tables
        Tables of the rule.
    weights
        Magnitudes in units of lsb 2^-15.
    traces
        K_plus of the source at the synapse.
    """
    moved = weights + _amount(tables.facilitation, tables.ceiling, weights, traces)
    beyond = moved > tables.ceiling
    return np.rint(np.where(beyond, float(tables.ceiling), moved)).astype(np.int64), int(beyond.sum())


def depressed(tables: PairTables, weights: IntArray, traces: FloatArray) -> tuple[IntArray, int]:
    """Return the magnitudes of weights after one depression each, and the number limited by 0; `traces` are K_minus."""
    moved = weights - _amount(tables.depression, tables.ceiling, weights, traces)
    beyond = moved < 0.0
    return np.rint(np.where(beyond, 0.0, moved)).astype(np.int64), int(beyond.sum())


def _amount(change: Change, ceiling: int, weights: IntArray, traces: FloatArray) -> FloatArray:
    x = ceiling - weights if change.from_ceiling else weights
    scaled = change.coefficient * traces
    if change.exponent == 0.0:
        return scaled
    return scaled * (x if change.exponent == 1.0 else power(change.powers, x))


def trace_after(table: FloatArray, traces: FloatArray, steps: IntArray) -> FloatArray:
    """Return the traces just after a spike, a number of steps after the preceding spike."""
    return traces * decay(table, steps) + 1.0


def recovered(tables: ResourceTables, x: FloatArray, u: FloatArray, steps: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return resources and their use at a spike, a number of steps after the preceding spike."""
    resources = 1.0 + ((x - x * u) - 1.0) * decay(tables.recovery, steps)
    use = tables.U + (u * (1.0 - tables.U)) * decay(tables.facilitation, steps)
    return resources, use


def transmitted_share(x: FloatArray, u: FloatArray) -> IntArray:
    """Return the factor F = rint(x u 2^15) of the weights."""
    return np.rint((x * u) * FULL_USE).astype(np.int64)
