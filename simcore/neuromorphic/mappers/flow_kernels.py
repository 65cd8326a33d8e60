"""The compiled part of `flow`: messages of neurons between cores, updated while neurons move.

The cost is an integer: rates are in integer units, so that sums do not depend on their order. Counts are the numbers of
distinct targets of each source in each core. Paths from one router form a tree; if routers copy messages, `use` counts
the destinations behind each link for each source.
"""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel

MESSAGES, UNICAST, MULTICAST = 0, 1, 2
"""Cost of a message: one if it leaves its core, one per link, or one per link of a tree."""


@kernel
def keep_distinct(starts: Any, sources: Any, itself: Any, latest: Any, kept_starts: Any, kept: Any) -> None:
    """Write each source of a neuron once, and optionally the neuron itself; `latest` is -1 for each source."""
    end = 0
    for target in range(len(starts) - 1):
        if itself:
            latest[target] = target
            kept[end] = target
            end += 1
        for source in sources[starts[target] : starts[target + 1]]:
            if latest[source] != target:
                latest[source] = target
                kept[end] = source
                end += 1
        kept_starts[target + 1] = end


@kernel
def count_targets(starts: Any, sources: Any, core_of: Any, counts: Any) -> None:
    """Add up the targets of each source in each core."""
    for target in range(len(starts) - 1):
        core = core_of[target]
        for source in sources[starts[target] : starts[target + 1]]:
            counts[source, core] += 1


@inlined
def _sent(source: Any, origin: Any, core: Any, by: Any, weight: Any, way: Any, use: Any, load: Any) -> Any:
    """Change of the cost if a source begins (`by` = 1) or stops (-1) sending from a core to another."""
    kind, router, path_first, path_end, path_links = way
    each = by * weight[source]
    if kind == MESSAGES:
        return each
    cost = np.int64(0)
    here, there = router[origin], router[core]
    for k in range(path_first[here, there], path_end[here, there]):
        link = path_links[k]
        passed = each
        if kind == MULTICAST:
            # The first destination behind a link starts its use, the last one ends it.
            behind = np.int64(use[source, link])
            use[source, link] = behind + by
            passed = each * np.int64(min(behind, behind + by) == 0)
        load[link] += passed
        cost += passed
    return cost


@kernel
def send_all(core_of: Any, counts: Any, weight: Any, way: Any, use: Any, load: Any) -> Any:
    """The cost of a mapping; `use` and `load` must be zeros and are filled."""
    cost = np.int64(0)
    for source in range(len(core_of)):
        for core in range(counts.shape[1]):
            if counts[source, core] > 0:
                cost += _sent(source, core_of[source], core, 1, weight, way, use, load)
        # A source does not send messages to its own core, although it counts as a target there.
        cost -= weight[source] if way[0] == MESSAGES else 0
    return cost


@kernel
def shift(
    neuron: Any,
    core: Any,
    starts: Any,
    sources: Any,
    core_of: Any,
    counts: Any,
    weight: Any,
    way: Any,
    use: Any,
    load: Any,
) -> Any:
    """Move a neuron to another core, and return the change of the cost."""
    before = core_of[neuron]
    cost = np.int64(0)
    for source in sources[starts[neuron] : starts[neuron + 1]]:
        for by in (-1, 1):
            at = before if by < 0 else core
            left = counts[source, at] - (1 if by < 0 else 0)
            counts[source, at] += by
            if left == 0:
                cost += _sent(source, core_of[source], at, by, weight, way, use, load)
    core_of[neuron] = core
    if way[0] != MESSAGES and way[1][before] != way[1][core]:
        for other in range(counts.shape[1]):
            if counts[neuron, other] > 0:
                for by in (-1, 1):
                    cost += _sent(neuron, before if by < 0 else core, other, by, weight, way, use, load)
    return cost


@kernel
def shift_all(neurons: Any, cores: Any, n: Any, state: Any) -> Any:
    """Move the first `n` neurons to one core each, and return the change of the cost."""
    cost = np.int64(0)
    for k in range(n):
        cost += shift(np.int64(neurons[k]), np.int64(cores[k]), *state)
    return cost


@kernel
def message_change(
    neuron: Any,
    other: Any,
    before: Any,
    core: Any,
    starts: Any,
    sources: Any,
    counts: Any,
    weight: Any,
    latest: Any,
    stamp: Any,
) -> Any:
    """Change of the number of messages if a neuron moved to another core, and another neuron back; -1 for none.

    `latest` holds a stamp for each source; each call uses a new stamp.
    """
    cost = np.int64(0)
    for source in sources[starts[neuron] : starts[neuron + 1]]:
        latest[source] = stamp
        cost += weight[source] * (np.int64(counts[source, core] == 0) - np.int64(counts[source, before] == 1))
    if other < 0:
        return cost
    for source in sources[starts[other] : starts[other + 1]]:
        if latest[source] == stamp:
            # A common source keeps its number of targets in both cores.
            cost -= weight[source] * (np.int64(counts[source, core] == 0) - np.int64(counts[source, before] == 1))
        else:
            cost += weight[source] * (np.int64(counts[source, before] == 0) - np.int64(counts[source, core] == 1))
    return cost
