"""Snapshots of ranks and of the whole network."""

from dataclasses import replace
from itertools import accumulate

import numpy as np

from simcore.backends import Snapshot
from simcore.errors import InputError


def whole_network(parts: list[Snapshot], network_digest: str) -> Snapshot:
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
        network_digest,
    )


def other_network(whole: Snapshot | None, network_digest: str) -> InputError | None:
    """Why a snapshot cannot be gone on from in the network of that digest, if it cannot."""
    if whole is None or whole.network_digest in (None, network_digest):
        return None
    return InputError(
        f"snapshot.network_digest = {whole.network_digest} is not allowed: the network has {network_digest}; restore "
        "in a network of the same description, seed and weight bits, after the same set_parameters"
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
