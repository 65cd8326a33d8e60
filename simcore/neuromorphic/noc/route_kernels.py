"""Compiled merging of the runs of all messages of a spike."""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel


@inlined
def _change(position: Any, by: Any, total: Any, seen: Any, touched: Any, n: Any) -> Any:
    total[position] += by
    touched[n] = position
    added = 1 - seen[position]
    seen[position] = 1
    return n + added


@kernel
def merge_runs(
    starts: Any, first: Any, end: Any, multicast: Any, scratch: Any, positions: Any, changes: Any, ends: Any, hops: Any
) -> None:
    """Write the loads of each source as differences over the numbering of links.

    Parameters
    ----------
    starts
        Start of the messages of each source, int64 (sources + 1).
    first, end
        Runs of the messages, int32 (runs, messages).
    multicast
        Whether messages of a source share the common parts of their runs.
    scratch
        int32 (4, links + 2), zeros before and after, except for the last row.
    positions, changes
        Receive the entries, int32, with room for two for each run; the positions of a source ascend.
    ends
        Receives the end of the entries of each source, int64 (sources).
    hops
        Receives the sum of the loads of each source, int64 (sources).
    """
    total, reach, seen, touched = scratch
    entry = 0
    for source in range(len(ends)):
        n = 0
        passages = np.int64(0)
        for message in range(starts[source], starts[source + 1]):
            for run in range(len(first)):
                link, stop = first[run, message], end[run, message]
                # In a tree what an earlier message has passed already is not passed again.
                begin = max(link, reach[link]) if multicast else link
                if stop > begin:
                    n = _change(begin, 1, total, seen, touched, n)
                    n = _change(stop, -1, total, seen, touched, n)
                    passages += stop - begin
                    if multicast:
                        reach[link] = stop
        touched[:n].sort()
        for position in touched[:n]:
            if total[position] != 0:
                positions[entry], changes[entry] = position, total[position]
                entry += 1
            total[position] = reach[position] = seen[position] = 0
        ends[source], hops[source] = entry, passages


@kernel
def add_loads(starts: Any, first: Any, end: Any, rates: Any, multicast: Any, reach: Any, changes: Any) -> None:
    """Add the loads of the links by spikes of these rates, as differences over their numbering.

    Parameters
    ----------
    starts, first, end, multicast
        See `merge_runs`.
    rates
        Rate of each source, int64 (sources).
    reach
        int32 (links + 2), zeros before and after.
    changes
        Receives the differences, int64 (links + 1).
    """
    for source in range(len(rates)):
        rate = rates[source]
        for message in range(starts[source], starts[source + 1]):
            for run in range(len(first)):
                link, stop = first[run, message], end[run, message]
                begin = max(link, reach[link]) if multicast else link
                if stop > begin:
                    changes[begin] += rate
                    changes[stop] -= rate
                    if multicast:
                        reach[link] = stop
        if multicast:
            for message in range(starts[source], starts[source + 1]):
                for run in range(len(first)):
                    reach[first[run, message]] = 0
