"""Schedule groups of a segmented bus: the messages of a step that may pass together.

Two messages that need the same segment conflict. Messages of one lane must not conflict; a group has as many lanes as a
rail. The smallest number of groups is therefore the smallest number of colours of the conflict graph, divided by the
number of lanes: each lane has its own colours, because a message stays in its lane.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.system import System
from simcore.random import Purpose, philox

IntArray = npt.NDArray[np.int64]
MOST_EXACT = 10
"""Largest number of messages for which the smallest number of groups is searched; beyond, colouring is greedy."""


@dataclass(frozen=True, eq=False)
class Passages:
    """Segments that each of some messages uses.

    Parameters
    ----------
    starts
        Index of the first segment of each message, int64 (messages + 1,).
    segments
        Distinct segments of each message, ascending, int64.
    n_segments
        Number of segments of the bus.
    """

    starts: IntArray
    segments: IntArray
    n_segments: int


def segments_of(system: System) -> IntArray:
    """Segment of each link, int64 (links,); the links between two switches, in both directions, form one segment."""
    ends = np.sort(np.stack([system.link_origin, system.link_target], axis=1).astype(np.int64), axis=1)
    return np.unique(ends, axis=0, return_inverse=True)[1].reshape(-1) if len(ends) else np.zeros(0, np.int64)


def passages(system: System, message: IntArray, origins: IntArray, targets: IntArray) -> Passages:
    """The segments of messages that may have several targets.

    Parameters
    ----------
    system
        Routers and links.
    message
        Message of each way, ascending from 0, int64 (ways,). With multicast, the ways of a spike form one message;
        otherwise, each way is a message.
    origins, targets
        Start and end router of each way, integers (ways,).
    """
    segment, n = segments_of(system), int(message.max(initial=-1)) + 1
    first, end = system.runs(np.asarray(origins, np.int32), np.asarray(targets, np.int32))
    lengths = (end - first).astype(np.int64)
    owner = np.broadcast_to(message, lengths.shape)
    before = np.cumsum(lengths.ravel()) - lengths.ravel()
    steps = np.arange(int(lengths.sum())) - np.repeat(before, lengths.ravel())
    links = np.repeat(first.ravel(), lengths.ravel()) + steps
    size = int(segment.max(initial=-1)) + 1
    taken = np.unique(np.repeat(owner.ravel(), lengths.ravel()) * max(size, 1) + segment[links])
    by_message = np.bincount(taken // max(size, 1), minlength=n)
    return Passages(np.concatenate(([0], np.cumsum(by_message))), taken % max(size, 1), size)


def schedule_groups(taken: Passages, lanes: int = 1) -> IntArray:
    """Schedule group of each message, int64 (messages,), numbered from 0.

    Messages are coloured in order of their first segment, each with the first colour that is free in all its segments.
    Along a rail this needs the fewest colours. If rungs are used, a search finds the fewest colours for up to
    `MOST_EXACT` messages. Messages without a segment are in group 0.

    Parameters
    ----------
    taken
        Segments of the messages of a step.
    lanes
        Number of messages that can traverse a segment at once.
    """
    from simcore.neuromorphic.noc.schedule_kernels import colour, recolour

    n = len(taken.starts) - 1
    lengths = np.diff(taken.starts)
    firsts = np.full(n, -1, np.int64)
    firsts[lengths > 0] = taken.segments[taken.starts[:-1][lengths > 0]]
    order = np.lexsort((np.arange(n), firsts))
    colours = np.zeros(n, np.int64)
    most = int(np.bincount(taken.segments, minlength=1).max(initial=0))
    used = colour(order, taken.starts, taken.segments, taken.n_segments, colours)
    if n <= MOST_EXACT:
        for fewer in range(most, used):
            tried = np.full(n, -1, np.int64)
            if recolour(order, taken.starts, taken.segments, fewer, tried):
                colours = tried
                break
    return colours // lanes


def unscheduled(groups: IntArray, groups_per_step: int) -> int:
    """Number of messages that exceed `groups_per_step` schedule groups."""
    return int(np.count_nonzero(groups >= groups_per_step))


def unscheduled_share(
    system: System,
    axons: Axons,
    core_of: IntArray,
    chances: npt.NDArray[np.float64],
    groups_per_step: int,
    lanes: int,
    seed: int,
    steps: int = 50,
) -> float | None:
    """Share of messages without a schedule group, in steps with randomly drawn spikes.

    Parameters
    ----------
    system
        Routers and links.
    axons
        Destinations of all neurons.
    core_of
        Core of each neuron, int64 (neurons,).
    chances
        Probability that each neuron fires in a step, float64 (neurons,).
    groups_per_step, lanes
        Figures of the chip.
    seed
        Seed of the spikes.
    steps
        Number of steps to draw.

    Returns
    -------
    float or None
        None if no messages traverse a link.
    """
    lost = sent = 0
    words = philox((axons.sources[None, :], np.arange(steps)[:, None], 0, 0), (seed, Purpose.SCHEDULE))[0]
    routers = system.router_of_core
    for fired in words < (chances[axons.sources] * 2.0**32)[None, :]:
        rows = np.flatnonzero(fired)
        counts = np.diff(axons.starts)[rows]
        own = (
            np.repeat(axons.starts[rows], counts)
            + np.arange(int(counts.sum()))
            - np.repeat(np.cumsum(counts) - counts, counts)
        )
        origins, targets = routers[np.repeat(core_of[axons.sources[rows]], counts)], routers[axons.cores[own]]
        message = np.repeat(np.arange(len(rows)), counts) if system.multicast else np.arange(len(own))
        taken = passages(system, message, origins.astype(np.int64), targets.astype(np.int64))
        moving = np.diff(taken.starts) > 0
        lost += unscheduled(schedule_groups(taken, lanes)[moving], groups_per_step)
        sent += int(np.count_nonzero(moving))
    return lost / sent if sent else None
