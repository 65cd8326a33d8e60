"""The mapper `halve`: each population is a core, and is halved until its parts fit, as in tools of vendors.

Halves keep the order of ids, and the first has the odd neuron. The mapper uses one core per part, and at least one for
each population; if a number of cores is given, the largest parts are halved further until this number is reached.
"""

import heapq
from collections.abc import Callable

import numpy as np

from simcore.errors import InputError
from simcore.neuromorphic.mappers.held import hold_nothing, split_to_fit
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray

Part = tuple[int, int]
"""First neuron, and the neuron after the last one."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    ends = np.cumsum([population.size for population in drawn.network.populations]).tolist()
    fits = _fits(drawn, limits)
    parts: list[Part] = []
    waiting = [part for part in zip([0, *ends[:-1]], ends, strict=True) if part[1] > part[0]]
    while waiting:
        part = waiting.pop()
        if part[1] - part[0] == 1 or fits(part):
            parts.append(part)
        else:
            waiting += _halves(part)
    parts = sorted(_more(parts, limits))
    core_of = np.repeat(np.arange(len(parts)), [high - low for low, high in parts]).astype(np.int64)
    return split_to_fit(drawn, limits, core_of)


def _halves(part: Part) -> tuple[Part, Part]:
    low, high = part
    middle = (low + high + 1) // 2
    return (low, middle), (middle, high)


def _more(parts: list[Part], limits: CoreLimits) -> list[Part]:
    """The parts, with the largest halved until the requested number is reached."""
    if not limits.even:
        return parts
    if len(parts) > limits.cores and not limits.more_cores:
        raise InputError(
            f"cores = {limits.cores} is not allowed: mapper halve needs at least {len(parts)}, one for each population "
            "or part of a population"
        )
    largest = [(low - high, low, high) for low, high in parts]
    heapq.heapify(largest)
    while len(largest) < limits.cores:
        _, low, high = heapq.heappop(largest)
        for first, end in _halves((low, high)):
            heapq.heappush(largest, (first - end, first, end))
    return [(low, high) for _, low, high in largest]


def _fits(drawn: DrawnNetwork, limits: CoreLimits) -> Callable[[Part], bool]:
    """Whether a core has room for a part; the number of destination cores is not known yet."""
    from simcore.neuromorphic.mappers.held_kernels import fill_alone

    held = hold_nothing(drawn, limits, 1)
    if not held.limited:
        return lambda part: part[1] - part[0] <= limits.neurons_per_core
    starts, sources = drawn.in_edges.starts, drawn.in_edges.sources

    def fits(part: Part) -> bool:
        within = part[1] - part[0] <= limits.neurons_per_core
        return within and bool(fill_alone(*part, starts, sources, held.limits, held.table, held.state))

    return fits
