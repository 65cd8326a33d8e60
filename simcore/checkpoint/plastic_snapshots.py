"""State of plastic synapses of ranks and of the whole network."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.network import Network
from simcore.placement import Placement
from simcore.plasticity.tables import PairTables
from simcore.synapses.plastic import (
    NEVER,
    History,
    PlasticCounts,
    PlasticState,
    PlasticWeights,
    SourceTraces,
    joined,
    paired_populations,
    plastic_projections,
    plastic_slots,
    sum_of_counts,
)
from simcore.tables import Tables

IntArray = npt.NDArray[np.int64]
BLOCK = 1 << 20
"""Number of weights that are checked at a time."""


def whole_state(parts: Sequence[PlasticState], orders: Sequence[IntArray], network: Network) -> PlasticState:
    """Merge the states of all ranks.

    Parameters
    ----------
    parts
        State of each rank.
    orders
        For each population, the order by id of the concatenated neurons of all ranks.
    network
        The description.
    """
    first = parts[0]
    sources = {
        index: SourceTraces(
            np.concatenate([part.sources[index].last for part in parts])[order],
            np.concatenate([part.sources[index].values for part in parts], axis=1)[:, order],
        )
        for index in first.sources
        for order in [orders[network.index(network.projections[index].source)]]
    }
    histories = {
        population: History(
            np.concatenate([part.histories[population].last for part in parts])[orders[population]],
            np.concatenate([part.histories[population].trace for part in parts])[orders[population]],
        )
        for population in first.histories
    }
    pending = {
        population: np.concatenate([part.pending[population] for part in parts], axis=2)[:, :, orders[population]]
        for population in first.pending
    }
    return PlasticState(
        {index: joined([part.weights[index] for part in parts]) for index in first.weights},
        sources,
        histories,
        pending,
        np.sum([part.pending_events for part in parts], axis=0),
        {index: sum_of_counts([part.counts[index] for part in parts]) for index in first.counts},
    )


def own_weights(whole: PlasticWeights, placement: Placement, rank: int) -> PlasticWeights:
    """Return the synapses onto the neurons of a rank."""
    own = placement.owners(whole.targets) == rank
    return PlasticWeights(whole.sources[own], whole.targets[own], whole.delay_steps[own], whole.units[own])


def part_of_state(whole: PlasticState, own: Sequence[slice], placement: Placement, rank: int) -> PlasticState:
    """Return the part of the whole network's state that a rank needs.

    It contains all sources, because their spikes can arrive on every rank.

    Parameters
    ----------
    whole
        State of the whole network.
    own
        Neurons of each population on the rank.
    placement, rank
        Placement, and number of the rank.
    """
    # Values that are only summed over ranks are assigned to the first rank.
    counts = {index: count if rank == 0 else PlasticCounts() for index, count in whole.counts.items()}
    return PlasticState(
        {index: own_weights(weights, placement, rank) for index, weights in whole.weights.items()},
        whole.sources,
        {p: History(history.last[own[p]], history.trace[own[p]]) for p, history in whole.histories.items()},
        {p: amounts[:, :, own[p]] for p, amounts in whole.pending.items()},
        whole.pending_events if rank == 0 else np.zeros_like(whole.pending_events),
        counts,
    )


def check_state(state: PlasticState | None, step: int, network: Network, tables: Tables) -> None:
    """Require a possible state of the network's plastic synapses; the synapses themselves are checked elsewhere.

    Raises
    ------
    InputError
        Naming the part, the value and the allowed values.
    """
    projections = plastic_projections(tables)
    if not projections:
        require(state is None, "snapshot.plastic", state, "this network has no plastic synapses")
        return
    require(isinstance(state, PlasticState), "snapshot.plastic", state, "this network has plastic synapses")
    assert state is not None  # noqa: S101 - for the type checker
    paired = {index for index in projections if isinstance(tables.plasticity[index], PairTables)}
    populations = paired_populations(network, tables)
    targets = {network.index(network.projections[index].target) for index in projections}
    for name, keys, expected in (
        ("weights", [*state.weights, *state.units], paired),
        ("sources", state.sources, set(projections)),
        ("histories", state.histories, set(populations)),
        ("pending", state.pending, targets),
        ("counts", state.counts, set(projections)),
    ):
        found = set(keys)
        allowed = f"must be {sorted(expected)} for this network"
        require(found == expected, f"snapshot.plastic.{name}", sorted(found), allowed)
    for name, kind in (("weights", PlasticWeights), ("sources", SourceTraces), ("histories", History)):
        for index, part in getattr(state, name).items():
            require(isinstance(part, kind), f"snapshot.plastic.{name}[{index}]", part, f"use a {kind.__name__}")
    for index in projections:
        _check_sources(state.sources[index], index, step, network, tables)
    for index, weights in state.weights.items():
        _check_units(weights.units, np.shape(weights.targets), index, tables)
    for index, units in state.units.items():
        listed = isinstance(units, np.ndarray) and units.ndim == 1
        require(listed, f"snapshot.plastic.units[{index}]", units, "use a one-dimensional array")
        # Weights of a file remain in it.
        for start in range(0, len(units), BLOCK):
            piece = units[start : start + BLOCK]
            _check_units(piece, (len(piece),), index, tables)
    for population in populations:
        size = network.populations[population].size
        history, where = state.histories[population], f"snapshot.plastic.histories[{population}]"
        latest = max(NEVER, step - populations[population])
        _check_array(history.last, (size,), "i", f"{where}.last", NEVER, latest)
        _check_array(history.trace, (size,), "f", f"{where}.trace", 0.0, step + 1.0)
    slots = plastic_slots(tables)
    for population in targets:
        shape = (slots, network.most_receptors, network.populations[population].size)
        _check_array(state.pending[population], shape, "i", f"snapshot.plastic.pending[{population}]", *_INT64)
    _check_array(state.pending_events, (slots,), "i", "snapshot.plastic.pending_events", 0, _INT64[1])


_INT64 = (-(2**62), 2**62)


def _check_sources(sources: SourceTraces, index: int, step: int, network: Network, tables: Tables) -> None:
    size = network.population(network.projections[index].source).size
    where, paired = f"snapshot.plastic.sources[{index}]", isinstance(tables.plasticity[index], PairTables)
    _check_array(sources.last, (size,), "i", f"{where}.last", NEVER, step)
    shape, most = ((1, size), 2.0**16 * (step + 1.0)) if paired else ((2, size), 1.0)
    _check_array(sources.values, shape, "f", f"{where}.values", 0.0, most)


def _check_units(units: object, shape: tuple[int, ...], index: int, tables: Tables) -> None:
    rule = tables.plasticity[index]
    assert isinstance(rule, PairTables)  # noqa: S101 - for the type checker
    low, high = sorted((0, rule.sign * rule.ceiling))
    _check_array(units, shape, "i", f"snapshot.plastic.weights[{index}].units", low, high)


def _check_array(values: object, shape: tuple[int, ...], kind: str, where: str, low: float, high: float) -> None:
    right = isinstance(values, np.ndarray) and values.dtype.kind == kind and values.shape == shape
    what = values.shape if isinstance(values, np.ndarray) else values
    require(right, where, what, f"use an array of shape {shape} of {'integers' if kind == 'i' else 'real numbers'}")
    assert isinstance(values, np.ndarray)  # noqa: S101 - for the type checker
    beyond = values[~((values >= low) & (values <= high))]
    require(not beyond.size, where, beyond.ravel()[:1].tolist(), f"must be in [{low:g}, {high:g}]")
