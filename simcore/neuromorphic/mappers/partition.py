"""Input of external partitioners, and conversion of their parts to cores."""

import heapq
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mappers.flow import Flow, make_flow
from simcore.neuromorphic.mappers.held import split_to_fit
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray

EVEN_IMBALANCE = 0.03
"""Largest imbalance of even cores, the default of partitioners."""
ROUNDS = 8
"""Number of attempts with more cores until all have room."""

Partitioner = Callable[[Flow, int, int, int], npt.NDArray[np.int64]]
"""Function of flow, number of parts, largest number of neurons of a part, and seed: the part of each neuron."""


def partitioned(
    partition: Partitioner, drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int
) -> IntArray:
    """Core of each neuron: one part per core; if cores have no room, more parts, which are finally split."""
    n, cores = len(rates_hz), limits.cores
    flow = make_flow(drawn.in_edges, rates_hz, np.zeros(n, dtype=np.int64), 1, None)
    split = np.zeros(n, dtype=np.int64)
    for _ in range(ROUNDS):
        most = limits.neurons_per_core
        if limits.even:
            most = min(most, max(-(-n // cores), int((1.0 + EVEN_IMBALANCE) * n / cores)))
        parts = np.arange(n, dtype=np.int64) if cores == n else partition(flow, cores, most, seed)
        core_of = with_sizes(parts, cores, most)
        split = split_to_fit(drawn, limits, core_of)
        needed = int(split.max()) + 1
        if needed == cores:
            return core_of
        cores = needed
    return split


def with_sizes(part_of: IntArray, parts: int, most: int) -> IntArray:
    """The parts, none empty or above `most` neurons: the last neurons of the largest move to the smallest."""
    sizes = np.bincount(part_of, minlength=parts)
    over = [int(part) for part in np.flatnonzero(sizes > most)]
    part_of = part_of.copy()
    smallest = [(int(size), part) for part, size in enumerate(sizes) if size < most]
    heapq.heapify(smallest)
    moving = [int(neuron) for part in over for neuron in np.flatnonzero(part_of == part)[most:]]
    while moving or (smallest and smallest[0][0] == 0):
        size, part = heapq.heappop(smallest)
        if moving:
            neuron = moving.pop()
        else:
            neuron = int(np.flatnonzero(part_of == np.bincount(part_of, minlength=parts).argmax())[-1])
        part_of[neuron] = part
        if size + 1 < most:
            heapq.heappush(smallest, (size + 1, part))
    return part_of
