"""Choice whether neurons at rest are skipped: if enough of a network is at rest at the start."""

import ctypes

import numpy as np
from numba import from_dtype, types

from simcore.backends.backend import Plan
from simcore.backends.cpu.resting import driven
from simcore.backends.cpu.state import kernel_of
from simcore.neurons.declared import coefficients_of, initial_state_of
from simcore.synapses.plastic import plastic_projections
from simcore.tables import population_values

SAMPLE = 4096
"""Number of neurons of a population from which the share at rest is estimated."""
LEAST_SHARE = 0.5
"""Smallest share of a network's neurons at rest at the start: with fewer, marking arrivals may not pay off."""
LEAST_NEURONS = 4096
"""Smallest number of neurons at rest at the start: fewer save only microseconds per step, less than compilation."""
UPDATE = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 10)
PLACE = 0xFFFF
"""Bits of a spike for the neuron, see `arrays.Neurons`."""


def skips_resting(plan: Plan) -> bool:
    """Whether neurons at rest are skipped; not with plastic synapses.

    The same on every rank; it changes the kernels and their run time, but no bit of their results.
    """
    if not may_skip(plan):
        return False
    sizes, least = _quiet(plan)
    return sum(size * share_at_rest(plan, number) for number, size in sizes.items()) >= least


def may_skip(plan: Plan) -> bool:
    """Whether neurons at rest would be skipped if all those without drives were at rest; compiles nothing."""
    if not plan.skip_resting or plastic_projections(plan.tables):
        return False
    sizes, least = _quiet(plan)
    return sum(sizes.values()) >= least


def _quiet(plan: Plan) -> tuple[dict[int, int], float]:
    """Sizes of the populations that no drive reaches, and the smallest worthwhile number of neurons at rest."""
    network = plan.network
    sizes = {number: one.size for number, one in enumerate(network.populations) if not driven(network, number)}
    return sizes, max(LEAST_SHARE * network.n_neurons, LEAST_NEURONS)


def share_at_rest(plan: Plan, number: int) -> float:
    """Share of a population's neurons that are at rest at the start, of evenly spaced ones."""
    network = plan.network
    population = network.populations[number]
    model, first = population.neuron_model, network.first_ids[population.name]
    ids = np.arange(first, first + population.size, -(-population.size // SAMPLE))
    n = len(ids)
    values = population_values(network, number, plan.seed, ids)
    state, counters = initial_state_of(model, values.params, values.initial, n)
    before = np.ascontiguousarray(state, dtype=plan.real), np.ascontiguousarray(counters)
    after = before[0].copy(), before[1].copy()
    coefficients = np.ascontiguousarray(
        coefficients_of(model, values.params, network.resolution_ms, n), dtype=plan.real
    )
    inputs, spikes = np.zeros((len(model.receptors), n), dtype=np.int32), np.zeros(n, dtype=np.uint32)
    lsb = plan.tables.grid.lsb[number].astype(plan.real)
    update = UPDATE(kernel_of(model, "UPDATE").address(from_dtype(np.dtype(plan.real)), types.int32))
    at = [array.ctypes.data for array in (*after, inputs, coefficients, lsb, spikes)]
    found = update(at[0], at[1], n, at[2], n, at[3], coefficients.shape[1], at[4], n, at[5])
    moved = np.zeros(n, dtype=np.bool_)
    moved[spikes[:found] & PLACE] = True
    for old, new in zip(before, after, strict=True):
        bits = np.dtype(f"u{old.itemsize}")
        moved |= (old.view(bits) != new.view(bits)).any(axis=0)
    return 1.0 - float(np.count_nonzero(moved)) / n
