"""Compiled update of `lif_fixed_point`.

The kernel computes in float64, in which all numbers of the model are exact (products have at most 37 bits, and a sum of
weights beyond 53 bits saturates regardless of its last bits). Conversions between float64 and float32 and truncation of
float64 are vector instructions on every processor; those of 64-bit integers are not.
"""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import inlined, kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.lif_fixed_point import model

LARGEST = float(model.LARGEST)
SHARE = 1.0 / model.UNITY


@inlined
def _bounded(x: Any) -> Any:
    above = LARGEST if x > LARGEST else x
    return -LARGEST if above < -LARGEST else above


@kernel
def _step(
    v: Any, u: Any, held: Any, in_ex: Any, in_in: Any, fired: Any, keep_u: Any, keep_v: Any, bias: Any,
    threshold: Any, hold: Any, scale: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    real = v.dtype.type
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(v)):
        weights = np.float64(in_ex[i]) * np.float64(lsb_ex) + np.float64(in_in[i]) * np.float64(lsb_in)
        in_ex[i] = zero
        in_in[i] = zero
        arrived = weights * np.float64(at(scale, i))
        current = _bounded(np.trunc(np.float64(u[i]) * np.float64(at(keep_u, i)) * SHARE) + arrived)
        decayed = np.trunc(np.float64(v[i]) * np.float64(at(keep_v, i)) * SHARE)
        integrated = _bounded(decayed + current + np.float64(at(bias, i)))
        left = held[i]
        potential = integrated if left == 0 else 0.0
        left = np.int32(left - np.int32(left != 0))
        fires = potential > np.float64(at(threshold, i))
        v[i] = real(0.0) if fires else real(potential)
        u[i] = real(current)
        held[i] = np.int32(at(hold, i)) if fires else left
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


UPDATE = population_update(model.MODEL, _step)
