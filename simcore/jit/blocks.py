"""What update kernels share: coefficients of one or of many neurons, and neurons in blocks that stay in the L1 cache.

A kernel advances one block in a vectorised loop that marks the neurons that fire, then searches the block for them if
there are any.
"""

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from simcore.jit.compilation import inlined

BLOCK = 512
"""Neurons in a block."""


def at(coefficient: Any, i: Any) -> Any:
    """Value of a coefficient for neuron i: the coefficient itself if it is the same for all.

    Of a named tuple of coefficients, the named tuple of their values.
    """
    raise NotImplementedError("compiled only")


def row(coefficients: Any, k: Any, low: Any, high: Any) -> Any:
    """Coefficient k for the neurons of a block: a number if all neurons have the same."""
    raise NotImplementedError("compiled only")


@overload(at, jit_options={"forceinline": True})
def _overload_at(coefficient, i):  # type: ignore[no-untyped-def] # Numba compares annotations too
    if isinstance(coefficient, types.BaseNamedTuple):
        return _each_at(coefficient)
    if isinstance(coefficient, types.Array):
        return lambda coefficient, i: coefficient[i]
    return lambda coefficient, i: coefficient


def _each_at(coefficients: Any) -> Any:
    """`at` of each field: kernels cannot loop over values of different types, so that the fields are written out."""
    values = ", ".join(f"at(coefficient[{k}], i)" for k in range(len(coefficients)))
    named = {"named": coefficients.instance_class, "at": at}
    return eval(f"lambda coefficient, i: named({values})", named)  # noqa: S307 - of numbers only


@overload(row)
def _overload_row(coefficients, k, low, high):  # type: ignore[no-untyped-def]
    if coefficients.ndim == 2:
        return lambda coefficients, k, low, high: coefficients[k, low:high]
    return lambda coefficients, k, low, high: coefficients[k]


@inlined
def collect(fired: Any, low: Any, n: Any, spikes: Any, count: Any) -> Any:
    """Append the marked neurons of a block that begins at neuron `low` to the spikes; returns their new number."""
    for i in range(n):
        if fired[i]:
            spikes[count] = low + i
            count += 1
    return count


@inlined
def collect_repeated(fired: Any, low: Any, n: Any, spikes: Any, count: Any) -> Any:
    """As `collect`, of neurons that may send several spikes: the upper 16 bits hold their number minus one.

    Too large a number takes all of these bits, which ends the run.
    """
    for i in range(n):
        if fired[i] > 0:
            spikes[count] = np.uint32(low + i) | np.uint32(min(fired[i] - 1, 0xFFFF)) << np.uint32(16)
            count += 1
    return count
