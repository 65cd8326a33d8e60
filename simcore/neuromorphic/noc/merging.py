"""Merging of the entries of a routing table.

Software that maps networks onto SpiNNaker merges entries with equal routes by ignoring bits of the key, so that one
entry matches the keys of several cores. The first matching entry determines the route. An entry may therefore match
keys of other routes if entries above it match these keys first. This is the idea of ordered covering (Mundy, Heathcote,
Furber 2016, "On-chip order-exploiting routing table minimization for a multicast supercomputer network") and, with the
routes of fewest cores at the top, of the pair compressor of SpiNNaker's tools. Here each entry grows by the block of
its route that adds the most other blocks.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries over blocks of keys; the first matching entry determines the route.

    Parameters
    ----------
    keys, spans
        An entry matches the blocks that differ from its key only in bits of its span, int64 (entries,).
    routes
        Route of each entry, int64 (entries,).
    """

    keys: IntArray
    spans: IntArray
    routes: IntArray


def merged(blocks: IntArray, routes: IntArray, passes: BoolArray) -> Entries:
    """Merge entries so that every block keeps its route.

    Parameters
    ----------
    blocks
        Numbers of the blocks of keys that arrive at the router, each once, int64 (blocks,). Others may get any route.
    routes
        Route of each block, at least 0, int64 (blocks,).
    passes
        Whether a block gets its route without an entry, bool (blocks,). Entries of other routes do not match it.
    """
    from simcore.neuromorphic.noc.table_kernels import merge_entries

    n_routes = int(routes.max(initial=-1)) + 1
    users = np.bincount(routes[~passes], minlength=n_routes)
    place_of_route = np.empty(n_routes, np.int32)
    place_of_route[np.argsort(users, kind="stable")] = np.arange(n_routes)
    n_blocks = 1 << int(blocks.max(initial=0)).bit_length()
    route, place = np.full((2, n_blocks), -1, np.int32)
    route[blocks] = place_of_route[routes]
    place[blocks] = np.where(passes, n_routes, route[blocks])
    needed = np.flatnonzero((place >= 0) & (place < n_routes))
    needed = needed[np.argsort(place[needed], kind="stable")]
    starts = np.searchsorted(place[needed], np.arange(n_routes + 1))
    keys, spans = np.empty((2, len(needed)), np.int64)
    ends = np.zeros(n_routes, np.int64)
    merge_entries(needed, starts, place, route, keys, spans, ends)
    by_place = np.argsort(place_of_route)
    entries = int(ends[-1]) if n_routes else 0
    return Entries(keys[:entries], spans[:entries], np.repeat(by_place, np.diff(ends, prepend=0)))
