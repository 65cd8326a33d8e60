"""Compiled tables of exponentials and powers, and changes of weights, as in `decay`, `powers` and `changes`.

Magnitudes of weights are float64 numbers with integer values: each operation is exact or rounds as in these modules.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.jit.compilation import inlined
from simcore.jit.intrinsics import float_bits
from simcore.plasticity.decay import FINE, FINE_BITS
from simcore.plasticity.powers import EXPONENTS, KNOT_BITS

CONSTANT, PROPORTIONAL, POWER = 0, 1, 2
"""Dependence of a change on the weight: exponent 0, 1, or in between."""

FINE_MASK = np.uint64(FINE - 1)
COARSE_SHIFT = np.uint64(FINE_BITS)
COARSE = np.uint64(FINE)
MANTISSA_BITS = np.uint64(52)
EXPONENT_BIAS = np.uint64(1023)
FRACTION_SHIFT = np.uint64(20)
FRACTION_MASK = np.uint64(0xFFFFFFFF)
REST_BITS = np.uint64(32 - KNOT_BITS)
REST_MASK = np.uint64((1 << 32 - KNOT_BITS) - 1)
REST_UNIT = 2.0 ** -(32 - KNOT_BITS)
FIRST_KNOT = np.uint64(EXPONENTS)
ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)


class Change(NamedTuple):
    """Form of a `simcore.plasticity.tables.Change` for kernels.

    Parameters
    ----------
    coefficient, powers
        As in `simcore.plasticity.tables.Change`.
    kind
        CONSTANT, PROPORTIONAL or POWER.
    offset, slope
        The base of the power is offset + slope w: w, or ceiling - w.
    """

    coefficient: float
    kind: int
    offset: float
    slope: float
    powers: npt.NDArray[np.float64]


@inlined
def decay(table: Any, steps: Any) -> Any:
    """Return exp(-steps h / tau) for steps >= 0."""
    coarse, n_coarse = np.uint64(steps) >> COARSE_SHIFT, np.uint64(len(table)) - COARSE
    if coarse >= n_coarse:
        return 0.0
    return table[coarse + COARSE] * table[np.uint64(steps) & FINE_MASK]


@inlined
def power(table: Any, x: Any) -> Any:
    """Return x^mu of an integer."""
    bits = float_bits(x if x > 1.0 else 1.0)
    fraction = (bits >> FRACTION_SHIFT) & FRACTION_MASK
    place = FIRST_KNOT + THREE * (fraction >> REST_BITS)
    t = np.float64(np.int64(fraction & REST_MASK)) * REST_UNIT
    value = table[(bits >> MANTISSA_BITS) - EXPONENT_BIAS] * (
        table[place] + t * (table[place + ONE] + t * table[place + TWO])
    )
    return value * (x if x < 1.0 else 1.0)


@inlined
def amount(change: Change, weight: Any, trace: Any) -> Any:
    """Return the change of a weight by a pair of spikes."""
    scaled = change.coefficient * trace
    if change.kind == CONSTANT:
        return scaled
    x = change.offset + change.slope * weight
    return scaled * (x if change.kind == PROPORTIONAL else power(change.powers, x))


@inlined
def trace_after(table: Any, trace: Any, steps: Any) -> Any:
    """Return the trace just after a spike, a number of steps after the preceding spike."""
    return trace * decay(table, steps) + 1.0
