"""The mapper `anneal`: neurons are moved and swapped until the objective hardly decreases any more.

A proposal moves a neuron, swaps two neurons, or swaps two whole cores if links are the objective. The change of the
objective is exact. A proposal is accepted if the objective decreases, or by chance, with a probability that falls with
the increase and with time (Kirkpatrick, Gelatt and Vecchi 1983, Science 220, 671-680). Annealing begins with the better
of `greedy` and `in_order`, which keeps the neurons of a population together, and is never worse than these. The
objective `messages` counts messages between cores; annealing then runs twice, and the better result is used. The
objective `hops` counts the links that messages traverse, with each link of a tree once if routers copy messages, and
`link` counts the messages of the busiest link. Core k is in slot k.
"""

from dataclasses import dataclass, field, replace
from math import ceil, floor

import numpy as np

from simcore.errors import InputError
from simcore.neuromorphic.mappers import greedy, in_order
from simcore.neuromorphic.mappers.flow import Flow, make_flow
from simcore.neuromorphic.mappers.held import hold_all, split_to_fit
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray
from simcore.neuromorphic.noc.system import make_system

IMBALANCE = 0.15
"""Largest relative difference of the neurons of a core from the mean, for even cores."""
PER_NEURON = {"messages": 5000, "hops": 5000, "link": 5000}
MOST_VISITS = {"messages": 1 << 31, "hops": 1 << 27, "link": 1 << 27}
"""Proposals per neuron, and the limit of visits of sources: a few seconds, or a minute for large networks."""
WARMEST = {"messages": (2.0, 5.0), "hops": (10.0,), "link": (10.0,)}
"""Initial temperatures of annealing, in mean rates, with equal shares of the proposals: groups of neurons need a cold
start, neighbourhoods a warm start. They are lower with fewer than `ENOUGH` proposals per neuron."""
ENOUGH = 500


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    if limits.objective != "messages" and limits.chip is None:
        raise InputError(f"objective = {limits.objective!r} needs a chip; add --chip NAME")
    made = (split_to_fit(drawn, limits, mapper.map_neurons(drawn, limits, rates_hz, seed)) for mapper in STARTS)
    best = min(_valued(flow_of(drawn, limits, rates_hz, core_of), limits) for core_of in made)
    start = best.core_of
    for warmest in WARMEST[limits.objective]:
        flow = flow_of(drawn, limits, rates_hz, start.copy())
        best = min(best, _valued(improve(drawn, flow, limits, warmest, seed), limits))
    return best.core_of


@dataclass(frozen=True, order=True)
class _Valued:
    """A mapping, ordered by its number of cores and its objective; smaller is better."""

    cores: int
    value: float
    core_of: IntArray = field(compare=False)


def _valued(flow: Flow, limits: CoreLimits) -> _Valued:
    return _Valued(flow.counts.shape[1], flow.objective(limits.objective), flow.core_of)


STARTS = (greedy, in_order)


def flow_of(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, core_of: IntArray) -> Flow:
    """The messages of a mapping, as counted by the objective."""
    cores = int(core_of.max()) + 1
    on_links = limits.objective != "messages" and limits.chip is not None
    system = make_system(limits.chip, cores) if on_links and limits.chip is not None else None
    return make_flow(drawn.in_edges, rates_hz, core_of, cores, system)


def improve(drawn: DrawnNetwork, flow: Flow, limits: CoreLimits, warmest: float, seed: int) -> Flow:
    """Improve a mapping and the arrays of its flow by proposals, and return the flow with its new cost."""
    from simcore.neuromorphic.mappers.anneal_kernels import anneal

    n, cores = flow.counts.shape
    fewest, most = sizes_allowed(limits, n, cores)
    size = np.bincount(flow.core_of, minlength=cores)
    order = np.argsort(flow.core_of, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n) - np.repeat(np.cumsum(size) - size, size)
    members = np.zeros((cores, max(most, int(size.max()))), dtype=np.uint32)
    members[flow.core_of, place] = np.arange(n)
    proposals = proposals_of(limits, n, len(flow.sources))
    temperature = warmest * float(flow.weight.mean()) * min(1.0, proposals / (ENOUGH * n))
    # Messages do not depend on the slots of cores; otherwise, whole cores take at most as long as other proposals.
    whole = 0.0 if limits.objective == "messages" else 1.0 / max(100.0, n / cores)
    held = hold_all(drawn, limits, flow.core_of, cores)
    cost = anneal(
        np.uint32(seed),
        proposals,
        max(temperature, 1.0),
        fewest,
        most,
        np.uint32(2**32 * whole),
        limits.objective == "link",
        *flow.state,
        members,
        place,
        size,
        flow.cost,
        drawn.in_edges.starts,
        drawn.in_edges.sources,
        held.limited,
        held.limits,
        held.table,
        held.state,
    )
    return replace(flow, cost=int(cost))


def sizes_allowed(limits: CoreLimits, neurons: int, cores: int) -> tuple[int, int]:
    """Smallest and largest number of neurons of a core."""
    if not limits.even:
        return limits.fewest_neurons, limits.neurons_per_core
    mean = neurons / cores
    low, high = floor((1.0 - IMBALANCE) * mean), ceil((1.0 + IMBALANCE) * mean)
    return max(limits.fewest_neurons, low), min(limits.neurons_per_core, high)


def proposals_of(limits: CoreLimits, neurons: int, sources: int) -> int:
    """Number of proposals of each annealing, from the neurons and their distinct sources."""
    visits = 2 * (sources / neurons + 1)
    usual = min(PER_NEURON[limits.objective] * neurons, MOST_VISITS[limits.objective] / visits)
    effort = usual if limits.effort is None else limits.effort
    return max(1, int(effort / len(WARMEST[limits.objective])))
