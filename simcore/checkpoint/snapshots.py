"""Snapshots of ranks and of the whole network."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from simcore.backends import Snapshot
from simcore.checkpoint.file import MAX_STEP
from simcore.checkpoint.plastic_snapshots import check_state, part_of_state, whole_state
from simcore.errors import InputError, integer, require, shown
from simcore.network import Network
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.placement import Placement
from simcore.synapses.spike_words import counted
from simcore.tables import Tables


def whole_network(parts: list[Snapshot], identity: Mapping[str, Any], network: Network) -> Snapshot:
    """Merge the snapshots of all ranks: neurons in order of id, spikes in order of (stamp, id).

    `identity` and `network` are as in `refusal`.
    """
    populations = range(len(parts[0].neurons))
    neurons = [np.concatenate([part.neurons[p] for part in parts]) for p in populations]
    orders = [np.argsort(ids) for ids in neurons]
    stamps, ids = (np.concatenate([getattr(part, name) for part in parts]) for name in ("stamps", "ids"))
    order = np.lexsort((ids, stamps))
    plastic = [part.plastic for part in parts if part.plastic is not None]
    return Snapshot(
        parts[0].step,
        [neurons[p][orders[p]] for p in populations],
        [np.concatenate([part.state[p] for part in parts], axis=1)[:, orders[p]] for p in populations],
        [np.concatenate([part.counters[p] for part in parts], axis=1)[:, orders[p]] for p in populations],
        stamps[order],
        ids[order],
        plastic=whole_state(plastic, orders, network) if plastic else None,
        **identity,
    )


def refusal(whole: object, identity: Mapping[str, Any], network: Network, tables: Tables) -> InputError | None:
    """Return the error if a simulation cannot be restored from a snapshot, or None.

    Parameters
    ----------
    whole
        A snapshot, or None on ranks without one.
    identity
        `seed`, `precision`, `weight_bits` and `network_digest` of the simulation.
    network, tables
        Its network and tables.
    """
    if whole is None:
        return None
    if not isinstance(whole, Snapshot):
        return InputError(f"snapshot = {shown(whole)} is not allowed: use the return value of Simulator.snapshot")
    for name, own in identity.items():
        kept = getattr(whole, name)
        if kept not in (None, own):
            return InputError(
                f"snapshot.{name} = {kept} is not allowed: this simulation has {own}; restore to a simulator with the "
                "same description, seed, precision and weight bits, after the same calls of set_parameters"
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
    try:
        _check_spikes(whole, network)
        check_state(whole.plastic, whole.step, network, tables)
    except InputError as error:
        return error
    return None


def _check_spikes(whole: Snapshot, network: Network) -> None:
    """Require spikes that the network's neurons can have sent, because words and buffers rely on it."""
    integer(whole.step, "snapshot.step", 0, MAX_STEP)
    for name in ("stamps", "ids"):
        values = getattr(whole, name)
        listed = isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "iu"
        require(listed, f"snapshot.{name}", values, "use a one-dimensional array of integers")
    lengths = len(whole.stamps), len(whole.ids)
    require(lengths[0] == lengths[1], "len(snapshot.ids)", lengths[1], f"must equal the number of stamps, {lengths[0]}")
    for name, values, low, high in (
        ("stamps", whole.stamps, 1, whole.step),
        ("ids", whole.ids, 0, network.n_neurons - 1),
    ):
        beyond = values[(values < low) | (values > high)]
        require(not len(beyond), f"snapshot.{name}", beyond[:1].tolist(), f"must be in [{low}, {high}]")
    stamps, ids, times = counted(whole.stamps, whole.ids)
    populations = np.searchsorted(list(network.first_ids.values()), ids, side="right") - 1
    relays = np.array([population.relays for population in network.populations])
    most = np.where(relays, MAX_MULTIPLICITY, 1)[populations]
    for k in np.flatnonzero(times > most)[:1]:
        sent = f"neuron {ids[k]}, {times[k]} times with stamp {stamps[k]}"
        allowed = f"this neuron can send at most {most[k]} spike{'s' if most[k] > 1 else ''} in a step"
        require(False, "snapshot.ids", sent, allowed)


def part_of_rank(whole: Snapshot | None, network: Network, placement: Placement, rank: int) -> Snapshot:
    """Return the neurons of a rank, with all recent spikes, from a snapshot of the whole network.

    Raises
    ------
    InputError
        If rank 0 does not have a snapshot.
    """
    if whole is None:
        raise InputError("snapshot = None is not allowed: use the snapshot of the whole network")
    sizes = [population.size for population in network.populations]
    pairs = zip(network.first_ids.values(), sizes, strict=True)
    targets = [placement.targets_of_rank(rank, first, size) for first, size in pairs]
    own = [slice(one.first, None, one.stride) for one in targets]
    return replace(
        whole,
        plastic=None if whole.plastic is None else part_of_state(whole.plastic, own, placement, rank),
        neurons=[np.arange(size)[part] for size, part in zip(sizes, own, strict=True)],
        state=[values[:, part] for values, part in zip(whole.state, own, strict=True)],
        counters=[values[:, part] for values, part in zip(whole.counters, own, strict=True)],
    )
