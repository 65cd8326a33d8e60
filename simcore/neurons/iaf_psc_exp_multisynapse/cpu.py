"""Compiled update of `iaf_psc_exp_multisynapse`: the arithmetic of the oracle in `model.py`, in the same order.

One kernel handles any number of receptors, which is the first coefficient. It loops over the receptors within each
block of neurons, so that potentials stay in the L1 cache.
"""

from typing import Any

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, at, collect, row
from simcore.jit.compilation import kernel, update_kernel
from simcore.neurons.iaf_psc_exp_multisynapse.model import FIRST_RECEPTOR


@kernel
def _decay(V_m: Any, integrated: Any, p22: Any, drift: Any) -> None:
    """Advance the membrane without synaptic currents."""
    for i in range(len(V_m)):
        integrated[i] = V_m[i] * at(p22, i) + at(drift, i)


@kernel
def _receive(current: Any, integrated: Any, arrived: Any, lsb: Any, p21: Any, p11: Any) -> None:
    """Add a receptor's current to the potentials, then let it decay and add the arriving weights."""
    real = current.dtype.type
    zero = arrived.dtype.type(0)
    for i in range(len(current)):
        integrated[i] = integrated[i] + at(p21, i) * current[i]
        current[i] = current[i] * at(p11, i) + real(arrived[i]) * lsb
        arrived[i] = zero


@kernel
def _fire(V_m: Any, integrated: Any, refractory: Any, fired: Any, theta: Any, reset: Any, refractory_steps: Any) -> Any:
    """Mark the neurons that fire; return their number."""
    total = np.int32(0)
    for i in range(len(V_m)):
        # Loaded unconditionally, because the loop would otherwise branch instead of being vectorised.
        left, free, held = refractory[i], integrated[i], V_m[i]
        potential = free if left == 0 else held
        left = np.int32(left - np.int32(left != 0))
        fires = potential >= at(theta, i)
        V_m[i] = at(reset, i) if fires else potential
        refractory[i] = np.int32(at(refractory_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


@kernel
def _advance(
    state: Any, refractory: Any, inputs: Any, input_stride: Any, coefficients: Any, lsb: Any, n_receptors: Any, n: Any,
    spikes: Any,
) -> Any:  # fmt: skip
    integrated, fired = np.empty(BLOCK, dtype=state.dtype), np.empty(BLOCK, dtype=np.int32)
    count = 0
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        own = integrated[: high - low]
        _decay(state[0, low:high], own, row(coefficients, 1, low, high), row(coefficients, 2, low, high))
        for k in range(n_receptors):
            place, start = FIRST_RECEPTOR + 2 * k, k * input_stride
            p21, p11 = row(coefficients, place, low, high), row(coefficients, place + 1, low, high)
            _receive(state[1 + k, low:high], own, inputs[start + low : start + high], lsb[k], p21, p11)
        found = _fire(
            state[0, low:high], own, refractory[low:high], fired[: high - low], row(coefficients, 3, low, high),
            row(coefficients, 4, low, high), row(coefficients, 5, low, high),
        )  # fmt: skip
        if found > 0:
            count = collect(fired, low, high - low, spikes, count)
    return count


def _update(
    state: Any,
    counters: Any,
    stride: Any,
    inputs: Any,
    input_stride: Any,
    coefficients: Any,
    n_coefficients: Any,
    lsb: Any,
    n: Any,
    spikes: Any,
) -> Any:
    n_receptors = np.int64(carray(coefficients, 1)[0])
    rows, refractory = carray(state, (1 + n_receptors, stride)), carray(counters, n)
    arrivals = carray(inputs, (n_receptors - 1) * input_stride + n)
    units, found = carray(lsb, n_receptors), carray(spikes, n)
    n_rows = FIRST_RECEPTOR + 2 * n_receptors
    if n_coefficients == 1:
        same = carray(coefficients, n_rows)
        return _advance(rows, refractory, arrivals, input_stride, same, units, n_receptors, n, found)
    each = carray(coefficients, (n_rows, stride))
    return _advance(rows, refractory, arrivals, input_stride, each, units, n_receptors, n, found)


UPDATE = update_kernel(_update)
