"""The loads of cores and links in closed form, without drawing synapses, for populations of exchangeable neurons."""

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.expectation import Expectation
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.traffic.expected_loads import ExpectedLoads

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def population_loads(
    expectation: Expectation, composition: IntArray, system: System, resolution_ms: float
) -> ExpectedLoads:
    """The expected loads of cores that hold given numbers of neurons of each population.

    Parameters
    ----------
    expectation
        Expectation of the network.
    composition
        Number of neurons of each population in each core, int64 (cores, populations).
    system
        Cores, routers and links.
    resolution_ms
        Model time of a step.
    """
    sent = composition * expectation.rates_hz
    flows = expectation.flows(composition)
    left = flows.sum(axis=1)
    if system.multicast:
        left = sent @ expectation.reached(expectation.sizes[None])[:, 0]
    links = _multicast if system.multicast else _unicast
    routers = system.router_of_core
    return ExpectedLoads(
        steps=1e3 / resolution_ms,
        neurons=composition.sum(axis=1),
        synops=expectation.synaptic_events_per_s(composition),
        spikes=sent.sum(axis=1),
        messages_in=flows.sum(axis=0),
        messages_out=left,
        within_tile=float(flows[routers[:, None] == routers].sum()),
        link_messages=links(expectation, composition, system),
        weight_updates=expectation.weight_updates_per_s(composition) if expectation.any_plastic else None,
        resource_updates=sent @ expectation.resources if expectation.any_plastic else None,
    )


def _unicast(expectation: Expectation, composition: IntArray, system: System) -> FloatArray:
    """Messages of each link per second, one for each destination core behind it."""
    sent = _by_router(composition, system) * expectation.rates_hz
    reached = _by_router(expectation.reached(composition).T, system)
    changes = np.zeros(len(system.link_origin) + 1)
    targets = np.arange(len(sent), dtype=np.int32)
    for origin in range(len(sent)):
        flow = reached @ sent[origin]
        first, end = system.runs(np.full_like(targets, origin), targets)
        for run in range(len(first)):
            np.add.at(changes, first[run], flow)
            np.subtract.at(changes, end[run], flow)
    # Differences leave rounding errors on links without messages.
    loads = np.cumsum(changes)[:-1]
    return np.where(loads < 1e-9 * np.abs(changes).max(initial=0.0), 0.0, loads)


def _multicast(expectation: Expectation, composition: IntArray, system: System) -> FloatArray:
    """Messages of each link per second: a spike passes a link once if it has any target behind it."""
    held = _by_router(composition, system).astype(np.int64)
    links = len(system.link_origin)
    loads = np.zeros(links)
    targets = np.arange(len(held), dtype=np.int32)
    for origin in range(len(held)):
        first, end = system.runs(np.full_like(targets, origin), targets)
        passed = np.zeros((links + 1, len(targets)), dtype=np.int64)
        for run in range(len(first)):
            np.add.at(passed, (first[run], targets), 1)
            np.subtract.at(passed, (end[run], targets), 1)
        behind = np.cumsum(passed, axis=0)[:-1] @ held
        loads += (held[origin] * expectation.rates_hz) @ expectation.reached(behind)
    return loads


def _by_router(of_cores: npt.NDArray[np.float64] | IntArray, system: System) -> FloatArray:
    """Sums over the cores of each router that has any."""
    sums = np.zeros((int(system.router_of_core.max()) + 1, of_cores.shape[1]))
    np.add.at(sums, system.router_of_core, of_cores)
    return sums
