"""Snapshots of ranks and of the whole network."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np

from simcore.backends import Snapshot
from simcore.errors import InputError, shown
from simcore.network import Network


def whole_network(parts: list[Snapshot], identity: Mapping[str, Any]) -> Snapshot:
    """The snapshots of all ranks as one: neurons in order of id, spikes in order of (stamp, id).

    `identity` is that of `refusal`.
    """
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
        **identity,
    )


def refusal(whole: object, identity: Mapping[str, Any], network: Network) -> InputError | None:
    """Why a simulation cannot be restored from a snapshot, if it cannot.

    Parameters
    ----------
    whole
        A snapshot, or None, which another rank may have.
    identity
        `seed`, `precision`, `weight_bits` and `network_digest` of the simulation.
    network
        Its network.
    """
    if whole is None:
        return None
    if not isinstance(whole, Snapshot):
        return InputError(f"snapshot = {shown(whole)} is not allowed: use what Simulator.snapshot returned")
    for name, own in identity.items():
        kept = getattr(whole, name)
        if kept not in (None, own):
            return InputError(
                f"snapshot.{name} = {kept} is not allowed: this simulation has {own}; restore in a network of the same "
                "description, seed, precision and weight bits, after the same set_parameters"
            )
    models = [population.neuron_model for population in network.populations]
    sizes = [population.size for population in network.populations]
    expected = [
        [(len(model.variables), size) for model, size in zip(models, sizes, strict=True)],
        [(model.n_counters, size) for model, size in zip(models, sizes, strict=True)],
    ]
    found = [[np.shape(values) for values in part] for part in (whole.state, whole.counters)]
    if found != expected:
        return InputError(
            f"snapshot: state and counters of shapes {found[0]} and {found[1]} are not allowed: "
            f"the populations of this network have {expected[0]} and {expected[1]}"
        )
    return None


def part_of_rank(whole: Snapshot | None, sizes: dict[str, int], rank: int, ranks: int) -> Snapshot:
    """The neurons of a rank, with all recent spikes, from a snapshot of the whole network with populations of `sizes`.

    Raises
    ------
    InputError
        If there is no snapshot: rank 0 needs one.
    """
    if whole is None:
        raise InputError("snapshot = None is not allowed: a simulator is restored from a snapshot of the whole network")
    firsts = [0, *accumulate(sizes.values())]
    own = [slice((rank - first) % ranks, None, ranks) for first in firsts[:-1]]
    return replace(
        whole,
        neurons=[np.arange(size)[part] for size, part in zip(sizes.values(), own, strict=True)],
        state=[values[:, part] for values, part in zip(whole.state, own, strict=True)],
        counters=[values[:, part] for values, part in zip(whole.counters, own, strict=True)],
    )
