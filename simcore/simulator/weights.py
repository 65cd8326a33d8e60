"""Reading and setting of the weights of plastic synapses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import cast

import numpy as np
import numpy.typing as npt

from simcore.backends import Engine, Plan
from simcore.checkpoint.plastic_snapshots import own_weights
from simcore.errors import InputError, require
from simcore.network import Network
from simcore.placement import Placement
from simcore.plasticity.tables import FRACTION_BITS, PairTables
from simcore.random import Purpose, digest_sum, philox
from simcore.synapses.plastic import (
    PlasticCounts,
    PlasticWeights,
    joined,
    paired_projections,
    plastic_projections,
    plastic_receptors,
    sum_of_counts,
)
from simcore.tables import Tables
from simcore.values import ValueLike, as_value

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Given = float | Sequence[float] | FloatArray | None


@dataclass(frozen=True, eq=False)
class SynapticWeights:
    """Weights of all synapses of a plastic projection, in order of (target, source, delay, weight).

    Parameters
    ----------
    sources, targets
        Global ids, shape (synapses,), int64.
    delays_ms
        Delays in ms, float64 of shape (synapses,).
    weights
        Weights in the unit of the target's model, float64 of shape (synapses,). They are settled: they include every
        facilitation so far. NEST's synapses include facilitations up to the latest spike of their source.
    units
        Weights as integers in units of the receptor's lsb 2^-15, int32 of shape (synapses,).
    """

    sources: IntArray
    targets: IntArray
    delays_ms: FloatArray
    weights: FloatArray
    units: npt.NDArray[np.int32]


def plastic_projection(network: Network, tables: Tables, projection: object, field: str = "projection") -> int:
    """Return the number of a plastic projection, given its number or SOURCE->TARGET.

    Raises
    ------
    InputError
        If the projection does not exist or is ambiguous.
    """
    named: dict[str, list[int]] = {}
    for index in plastic_projections(tables):
        described = network.projections[index]
        named.setdefault(f"{described.source}->{described.target}", []).append(index)
    known = ", ".join(f"{index} ({name})" for name, numbers in named.items() for index in numbers)
    allowed = f"use a plastic projection: {known}" if known else "the network has no plastic projections"
    if isinstance(projection, str):
        found = named.get(projection, [])
        require(len(found) == 1, field, projection, allowed)
        return found[0]
    is_number = isinstance(projection, Integral) and not isinstance(projection, bool)
    require(is_number and projection in plastic_projections(tables), field, projection, allowed)
    return int(projection)  # type: ignore[call-overload, no-any-return]


def weighted_projection(network: Network, tables: Tables, projection: object, field: str = "projection") -> int:
    """Return the number of a plastic projection whose synapses have weights that change."""
    index = plastic_projection(network, tables, projection, field)
    rule = network.projections[index].plasticity
    changes = rule is not None and rule.changes_weights
    require(changes, field, projection, f"{'' if rule is None else rule.name} does not change weights")
    return index


def unit_of(network: Network, tables: Tables, projection: int) -> float:
    """Return the unit of integer weights of a plastic projection, lsb 2^-15, in the unit of the target's model."""
    receptor, _ = plastic_receptors(network, tables, projection)
    target = network.index(network.projections[projection].target)
    return float(tables.grid.lsb[target][receptor]) * 2.0**-FRACTION_BITS


def read_weights(plan: Plan, engine: Engine, projection: object) -> SynapticWeights | None:
    """Return the weights of the whole network on rank 0, None elsewhere; all ranks call this together."""
    index = plan.comm.from_root(lambda: weighted_projection(plan.network, plan.tables, projection))
    parts = plan.comm.collect(engine.weights(index))
    if parts is None:
        return None
    whole, h = joined(parts), plan.network.resolution_ms
    weights = np.asarray(whole.units * unit_of(plan.network, plan.tables, index), dtype=np.float64)
    delays_ms = np.asarray(whole.delay_steps * h, dtype=np.float64)
    return SynapticWeights(whole.sources, whole.targets, delays_ms, weights, whole.units)


def write_weights(plan: Plan, engine: Engine, projection: object, values: Given) -> None:
    """Set the weights of the whole network, given on rank 0 in the order of `read_weights`.

    All ranks call this together; arguments of other ranks are ignored.
    """
    comm = plan.comm
    index = comm.from_root(lambda: weighted_projection(plan.network, plan.tables, projection))
    parts = comm.collect(engine.weights(index))
    whole, problem = None, None
    if parts is not None:
        try:
            whole = _changed(plan, index, parts, values)
        except InputError as error:
            problem = error
    comm.agree(problem)
    engine.set_weights(index, comm.scatter(lambda rank: _part(whole, plan.placement, rank)))


def _changed(plan: Plan, index: int, parts: Sequence[PlasticWeights], values: Given) -> PlasticWeights:
    """Return the synapses of all ranks with other weights."""
    network, tables = plan.network, plan.tables
    described, rule = network.projections[index], tables.plasticity[index]
    assert isinstance(rule, PairTables)  # noqa: S101 - its weights change
    where = f"weights of projection {described.source}->{described.target}"
    allowed = "use a number or an array with one value for each synapse"
    require(values is not None, where, values, allowed)
    given = as_value(cast(ValueLike, values), where)
    require(isinstance(given, float | np.ndarray), where, values, allowed)
    unit = unit_of(network, tables, index)
    units = np.rint(np.asarray(given) / unit)
    low, high = sorted((0, rule.sign * rule.ceiling))
    beyond = units[~((units >= low) & (units <= high))]
    require(not beyond.size, where, (beyond[:1] * unit).tolist(), f"must be in [{low * unit:g}, {high * unit:g}]")
    whole = joined(parts)
    fits = units.ndim == 0 or units.shape == whole.units.shape
    allowed = f"use one value for each of the {len(whole.units)} synapses"
    require(fits, f"{where}: shape", units.shape, allowed)
    return replace(whole, units=np.broadcast_to(units, whole.units.shape).astype(np.int32))


def _part(whole: PlasticWeights | None, placement: Placement, rank: int) -> PlasticWeights:
    assert whole is not None  # noqa: S101 - called on rank 0 only
    return own_weights(whole, placement, rank)


def counts_of(plan: Plan, engine: Engine, projection: object) -> PlasticCounts:
    """Return the numbers of updates of a plastic projection since step 0; all ranks call this together."""
    index = plan.comm.from_root(lambda: plastic_projection(plan.network, plan.tables, projection))
    return sum_of_counts(plan.comm.gather(engine.plastic_counts(index)))


def weight_digest(plan: Plan, engine: Engine) -> int | None:
    """Return the sum of Philox(source, target, delay, weight) over all changing weights; None if there are none.

    All ranks call this together.
    """
    paired = paired_projections(plan.tables)
    if not paired:
        return None
    total = 0
    for index in paired:
        for own in engine.weight_blocks(index):
            columns = (own.sources, own.targets, own.delay_steps.astype(np.int64), own.units.astype(np.int64))
            total += digest_sum(philox(columns, (index, Purpose.WEIGHT_DIGEST)))
    return sum(plan.comm.gather(total))
