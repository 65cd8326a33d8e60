"""The mapper `anneal`: neurons move to other cores and change places until the objective hardly falls any more.

A proposal moves a neuron, swaps two, or lets two whole cores change places where links are the objective. What it would
change is counted exactly, and it is accepted if the objective falls, or by chance, the more seldom the more it rises
and the later it comes (Kirkpatrick, Gelatt and Vecchi 1983, Science 220, 671-680). It begins with the better of
`greedy` and `in_order`, which keeps the neurons of a population together, and is never worse than these. With objective
`messages` it counts messages between cores, and anneals twice, of which the better counts; with `hops` the links that
they pass, of a tree each once if routers copy messages; with `link` those of the busiest link. Core k stands in
place k.
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
"""Cores that are to be even have so many neurons more or less than the mean."""
PER_NEURON = {"messages": 5000, "hops": 5000, "link": 5000}
MOST_VISITS = {"messages": 1 << 31, "hops": 1 << 27, "link": 1 << 27}
"""Proposals for each neuron, and visits of sources, which limit them: a few seconds, a minute for large networks."""
WARMEST = {"messages": (2.0, 5.0), "hops": (10.0,), "link": (10.0,)}
"""Temperatures at which annealing begins, in mean rates, with equal shares of the proposals: groups of neurons need a
cold start, neighbourhoods a warm one. Less where there are fewer than `ENOUGH` proposals a neuron."""
ENOUGH = 500


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    if limits.objective != "messages" and limits.chip is None:
        raise InputError(f"objective = {limits.objective!r} is not allowed without a chip: its links are not known")
    made = (split_to_fit(drawn, limits, mapper.map_neurons(drawn, limits, rates_hz, seed)) for mapper in STARTS)
    best = min(_valued(flow_of(drawn, limits, rates_hz, core_of), limits) for core_of in made)
    start = best.core_of
    for warmest in WARMEST[limits.objective]:
        flow = flow_of(drawn, limits, rates_hz, start.copy())
        best = min(best, _valued(improve(drawn, flow, limits, warmest, seed), limits))
    return best.core_of


@dataclass(frozen=True, order=True)
class _Valued:
    """A mapping, which is the better, the fewer cores it has and the less its objective is."""

    cores: int
    value: float
    core_of: IntArray = field(compare=False)


def _valued(flow: Flow, limits: CoreLimits) -> _Valued:
    return _Valued(flow.counts.shape[1], flow.objective(limits.objective), flow.core_of)


STARTS = (greedy, in_order)


def flow_of(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, core_of: IntArray) -> Flow:
    """What a mapping sends, as the objective counts it."""
    cores = int(core_of.max()) + 1
    on_links = limits.objective != "messages" and limits.chip is not None
    system = make_system(limits.chip, cores) if on_links and limits.chip is not None else None
    return make_flow(drawn.in_edges, rates_hz, core_of, cores, system)


def improve(drawn: DrawnNetwork, flow: Flow, limits: CoreLimits, warmest: float, seed: int) -> Flow:
    """Change a mapping, and the arrays of its flow, proposal by proposal; returns the flow with its new cost."""
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
    # Messages do not depend on where cores stand; elsewhere whole cores take as long as other proposals at most.
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
    """Fewest and most neurons of a core."""
    if not limits.even:
        return limits.fewest_neurons, limits.neurons_per_core
    mean = neurons / cores
    low, high = floor((1.0 - IMBALANCE) * mean), ceil((1.0 + IMBALANCE) * mean)
    return max(limits.fewest_neurons, low), min(limits.neurons_per_core, high)


def proposals_of(limits: CoreLimits, neurons: int, sources: int) -> int:
    """Proposals of each annealing, from the neurons and their distinct sources."""
    visits = 2 * (sources / neurons + 1)
    usual = min(PER_NEURON[limits.objective] * neurons, MOST_VISITS[limits.objective] / visits)
    effort = usual if limits.effort is None else limits.effort
    return max(1, int(effort / len(WARMEST[limits.objective])))
