"""Common parts of update kernels: coefficients of one or many neurons, and blocks that stay in the L1 cache.

A kernel advances one block in a vectorised loop that marks the neurons that fire, then searches the block for them if
there are any.
"""

from typing import Any

import numpy as np
from numba import types

from simcore.jit.compilation import inlined, overloaded

BLOCK = 512
"""Number of neurons in a block."""


def at(coefficient: Any, i: Any) -> Any:
    """Return the value of a coefficient for neuron i: the coefficient itself if it is the same for all.

    For a named tuple of coefficients, return the named tuple of their values.
    """
    raise NotImplementedError("compiled only")


def row(coefficients: Any, k: Any, low: Any, high: Any) -> Any:
    """Return coefficient k for the neurons of a block: a number if it is the same for all."""
    raise NotImplementedError("compiled only")


@overloaded(at, forceinline=True)
def _overload_at(coefficient, i):  # type: ignore[no-untyped-def] # Numba compares annotations too
    if isinstance(coefficient, types.BaseNamedTuple):
        return _each_at(coefficient)
    if isinstance(coefficient, types.Array):
        return lambda coefficient, i: coefficient[i]
    return lambda coefficient, i: coefficient


def _each_at(coefficients: Any) -> Any:
    """Return `at` of each field, written out because kernels cannot loop over values of different types."""
    values = ", ".join(f"at(coefficient[{k}], i)" for k in range(len(coefficients)))
    named = {"named": coefficients.instance_class, "at": at}
    return eval(f"lambda coefficient, i: named({values})", named)  # noqa: S307 - of numbers only


@overloaded(row)
def _overload_row(coefficients, k, low, high):  # type: ignore[no-untyped-def]
    if coefficients.ndim == 2:
        return lambda coefficients, k, low, high: coefficients[k, low:high]
    return lambda coefficients, k, low, high: coefficients[k]


@inlined
def collect(fired: Any, low: Any, n: Any, spikes: Any, count: Any) -> Any:
    """Append the marked neurons of a block that starts at neuron `low` to the spikes; return their new number."""
    for i in range(n):
        if fired[i]:
            spikes[count] = low + i
            count += 1
    return count


@inlined
def collect_repeated(fired: Any, low: Any, n: Any, spikes: Any, count: Any) -> Any:
    """Like `collect`, for neurons that can send several spikes: the upper 16 bits contain their number minus one.

    If the number is too large, all of these bits are set, which ends the run.
    """
    for i in range(n):
        if fired[i] > 0:
            spikes[count] = np.uint32(low + i) | np.uint32(min(fired[i] - 1, 0xFFFF)) << np.uint32(16)
            count += 1
    return count
