"""Compiled filling and merging of routing tables.

An entry consists of a key and a span, and matches the blocks of keys that differ from its key only in bits of the span.
"""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel

NO_MESSAGE = -1
"""Route of a block of keys without messages at a router."""


@kernel
def mark_targets(cores: Any, starts: Any, targets: Any, leads_to: Any) -> None:
    """Mark the destination cores of each core.

    Parameters
    ----------
    cores
        Core of each source, int64 (sources).
    starts, targets
        Destination cores of each source, int64 (sources + 1) and int32.
    leads_to
        Output: the marks, bool (cores, cores).
    """
    for source in range(len(cores)):
        row = leads_to[cores[source]]
        for axon in range(starts[source], starts[source + 1]):
            row[targets[axon]] = True


@inlined
def _gain(key: Any, span: Any, place: Any, route: Any, waiting: Any) -> Any:
    """Number of waiting blocks that an entry of a route would match; -1 if it also matched a forbidden block."""
    gained, member = 0, span
    while True:
        block = key ^ member
        if place[block] > place[key] and route[block] != route[key]:
            return -1
        gained += waiting[block]
        if member == 0:
            return gained
        member = (member - 1) & span


@inlined
def _settle(key: Any, span: Any, waiting: Any) -> None:
    """Mark all blocks that an entry matches as not waiting."""
    member = span
    while True:
        waiting[key ^ member] = False
        if member == 0:
            break
        member = (member - 1) & span


@inlined
def _bits(span: Any) -> Any:
    """Number of bits that are set."""
    n = 0
    while span:
        span &= span - 1
        n += 1
    return n


@inlined
def _grown(seed: Any, blocks: Any, place: Any, route: Any, waiting: Any) -> Any:
    """The span of an entry that starts from a block and adds blocks of its route, each time with the largest gain."""
    span, most = 0, 1
    while True:
        wider = span
        for other in blocks:
            candidate = span | (seed ^ other)
            if not waiting[other] or candidate == span:
                continue
            gained = _gain(seed, candidate, place, route, waiting)
            if gained > most or (gained == most and wider != span and _bits(candidate) < _bits(wider)):
                wider, most = candidate, gained
        if wider == span:
            return span
        span = wider


@kernel
def merge_entries(blocks: Any, starts: Any, place: Any, route: Any, keys: Any, spans: Any, ends: Any) -> None:
    """Cover the blocks of each route by few entries, so that the first entry that matches a block has its route.

    Entries of a route are contiguous. They may match blocks without messages, and blocks of routes above, which other
    entries match first.

    Parameters
    ----------
    blocks, starts
        Blocks that need an entry, route by route from the top of the table down, int64, and the start of the blocks of
        each route, int64 (routes + 1).
    place
        Place of the route of each block, 0 at the top, int32 (blocks of all keys). It is -1 for a block without
        messages, and the number of routes for a block that needs no entry, which entries of other routes must not
        match.
    route
        Place of the entries that may match a block that needs no entry, int32; as `place` for the other blocks.
    keys, spans
        Receive the entries, int64, with room for an entry for each block that needs one.
    ends
        Receives the end of the entries of each route, int64 (routes).
    """
    waiting = np.zeros(len(place), np.bool_)
    entry = 0
    for row in range(len(ends)):
        own = blocks[starts[row] : starts[row + 1]]
        for block in own:
            waiting[block] = True
        for seed in own:
            if waiting[seed]:
                span = _grown(seed, own, place, route, waiting)
                _settle(seed, span, waiting)
                keys[entry], spans[entry] = seed & ~span, span
                entry += 1
        ends[row] = entry
