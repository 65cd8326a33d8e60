"""Snapshots of ranks and of the whole network."""

from dataclasses import replace
from itertools import accumulate

import numpy as np

from simcore.backends import Snapshot


def whole_network(parts: list[Snapshot]) -> Snapshot:
    """The snapshots of all ranks as one: neurons in order of id, spikes in order of (stamp, id)."""
    populations = range(len(parts[0].neurons))
    neurons = [np.concatenate([part.neurons[p] for part in parts]) for p in populations]
    orders = [np.argsort(ids) for ids in neurons]
    stamps, ids = (np.concatenate([getattr(part, name) for part in parts]) for name in ("stamps", "ids"))
    order = np.lexsort((ids, stamps))
    return Snapshot(
        parts[0].step,
        [neurons[p][orders[p]] for p in populations],
        [np.concatenate([part.state[p] for part in parts], axis=1)[:, orders[p]] for p in populations],
        [np.concatenate([part.counters[p] for part in parts], axis=1)[:, orders[p]] for p in populations],
        stamps[order],
        ids[order],
    )


def part_of_rank(whole: Snapshot | None, sizes: dict[str, int], rank: int, ranks: int) -> Snapshot:
    """The neurons of a rank, with all recent spikes, from a snapshot of the whole network with populations of `sizes`.

    Raises
    ------
    ValueError
        If there is no snapshot: rank 0 needs one.
    """
    if whole is None:
        raise ValueError("a simulator is restored from a snapshot of the whole network")
    firsts = [0, *accumulate(sizes.values())]
    own = [slice((rank - first) % ranks, None, ranks) for first in firsts[:-1]]
    return replace(
        whole,
        neurons=[np.arange(size)[part] for size, part in zip(sizes.values(), own, strict=True)],
        state=[values[:, part] for values, part in zip(whole.state, own, strict=True)],
        counters=[values[:, part] for values, part in zip(whole.counters, own, strict=True)],
    )
