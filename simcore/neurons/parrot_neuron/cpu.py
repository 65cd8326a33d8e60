"""Compiled update of `parrot_neuron`."""

from typing import Any

from numba import carray

from simcore.jit.compilation import update_kernel


def _update(
    state: Any,
    counters: Any,
    inputs: Any,
    input_stride: Any,
    coefficients: Any,
    n_coefficients: Any,
    lsb: Any,
    n: Any,
    spikes: Any,
) -> Any:
    arrivals = carray(inputs, 2 * input_stride)
    spike_ids = carray(spikes, n)
    count = 0
    for i in range(n):
        if arrivals[i] > 0:
            spike_ids[count] = i
            count += 1
        arrivals[i] = 0
        arrivals[input_stride + i] = 0
    return count


UPDATE = update_kernel(_update)
