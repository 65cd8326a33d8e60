"""The load of the links of a chip by one spike of each neuron."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.memory import require_memory
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.system import System

CHUNK = 1 << 16
"""Axons whose runs are computed at a time, so that they stay in a cache."""


@dataclass(frozen=True, eq=False)
class Routes:
    """Loads of links as differences over their numbering: a message that passes links p to q is 1 at p, -1 at q + 1.

    Differences may be summed over spikes; their cumulative sum over the links is the load of each link. With multicast,
    a spike passes each link of its tree once; otherwise once for each destination core behind the link.

    Parameters
    ----------
    starts
        Index of the first entry of each source of the axons, int64 (m + 1,).
    positions, changes
        Links and differences, int32 (d,); links are distinct and ascend within a source, and differences are not 0. A
        position may equal the number of links.
    hops
        Number of links that the messages of one spike pass, int64 (m,).
    injected
        Number of messages that leave the core of the source, int32 (m,): one per destination core, or with multicast at
        most one.
    within_tile
        Number of destination cores at the router of the source, including its own core, int32 (m,).
    """

    starts: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int32]
    changes: npt.NDArray[np.int32]
    hops: npt.NDArray[np.int64]
    injected: npt.NDArray[np.int32]
    within_tile: npt.NDArray[np.int32]


def make_routes(system: System, axons: Axons, core_of: npt.NDArray[np.int64]) -> Routes:
    """Compute the routes of the messages of each source to all its cores.

    Parameters
    ----------
    system
        Routers and links.
    axons
        Axons of the neurons of this rank.
    core_of
        Core of each neuron of the network, int64.

    Raises
    ------
    ResourceError
        If the routes do not fit into memory.
    """
    from simcore.neuromorphic.noc.route_kernels import merge_runs

    m, n_links = len(axons.sources), len(system.link_origin)
    starts = np.zeros(m + 1, np.int64)
    hops = np.zeros(m, np.int64)
    within_tile = np.zeros(m, np.int32)
    scratch = np.zeros((4, n_links + 2), np.int32)
    positions, changes = np.empty(0, np.int32), np.empty(0, np.int32)
    for sent in messages(system, axons, core_of):
        low, high = sent.low, sent.high
        first, end = system.runs(sent.origins, sent.targets)
        entries = int(starts[low])
        for column in (positions, changes):
            _make_room(column, entries + 2 * first.size)
        within_tile[low:high] = np.bincount(sent.source[sent.origins == sent.targets], minlength=high - low)
        ends = starts[low + 1 : high + 1]
        free = positions[entries:], changes[entries:]
        merge_runs(sent.starts, first, end, system.multicast, scratch, *free, ends, hops[low:high])
        ends += entries
    for column in (positions, changes):
        column.resize(int(starts[-1]), refcheck=False)
    injected = np.diff(axons.starts).astype(np.int32)
    if system.multicast:
        injected = np.minimum(injected, 1)
    return Routes(starts, positions, changes, hops, injected, within_tile)


def _make_room(column: npt.NDArray[np.int32], needed: int) -> None:
    """Grow in place, by at least an eighth, because a copy of the entries might not fit into memory."""
    if needed > len(column):
        room = max(needed, len(column) + len(column) // 8)
        require_memory({"routes": 4.0 * (room - len(column))}, "the routes of a mapped network")
        column.resize(room, refcheck=False)


@dataclass(frozen=True, eq=False)
class Messages:
    """The messages of one spike of each of some sources, one per axon.

    Parameters
    ----------
    low, high
        The range of the sources.
    starts
        Index of the first message of each source, int64 (high - low + 1,).
    source
        Source of each message, relative to `low`, int64 (messages,).
    origins, targets
        Routers between which each message travels, int32 (messages,).
    """

    low: int
    high: int
    starts: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    origins: npt.NDArray[np.int32]
    targets: npt.NDArray[np.int32]


def messages(system: System, axons: Axons, core_of: npt.NDArray[np.int64]) -> Iterator[Messages]:
    """Yield the messages of all sources, some sources at a time."""
    routers = system.router_of_core
    home = routers[core_of[axons.sources]]
    low, m = 0, len(axons.sources)
    while low < m:
        full = int(np.searchsorted(axons.starts, axons.starts[low] + CHUNK, side="right")) - 1
        high = min(max(full, low + 1), m)
        begin, stop = axons.starts[low], axons.starts[high]
        starts = axons.starts[low : high + 1] - begin
        source = np.repeat(np.arange(high - low), np.diff(starts))
        yield Messages(low, high, starts, source, home[low:high][source], routers[axons.cores[begin:stop]])
        low = high
