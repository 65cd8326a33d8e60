"""Plastic synapses as the kernels read them: the structures in ``kernels/plasticity.cuh``, member by member.

The synapses of all plastic projections are one table. Its rows are the neurons of each projection's source population,
one projection after the other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.gpu.layout import DeviceLayout
from simcore.backends.gpu.ranks import targets_of_rank
from simcore.backends.gpu.structure import Structure
from simcore.backends.gpu.synapses import Table
from simcore.connectivity.rule import Targets
from simcore.errors import ResourceError
from simcore.plasticity.decay import FINE
from simcore.plasticity.tables import Change, PairTables, PreparedPlasticity
from simcore.synapses.layout import JUST_IN_TIME
from simcore.synapses.plastic import (
    paired_populations,
    plastic_projections,
    plastic_receptors,
    plastic_timing,
    trace_decays,
)
from simcore.synapses.rows import NO_ROWS, Channel, Rows

WORD_BITS = 32
"""Bits of a word for target and delay."""
FROM_POWERS = 2
"""Marks an exponent that is neither 0 nor 1."""
Place = Callable[[npt.NDArray[Any]], int]
"""Uploads an array, and returns its address."""


@dataclass(frozen=True)
class DecayNumbers(Structure):
    """The structure ``Decay``."""

    numbers: int = 0
    n_coarse: int = 0


@dataclass(frozen=True)
class ChangeNumbers(Structure):
    """The structure ``Change``."""

    coefficient: int = 0
    exponent: int = 0
    from_ceiling: int = 0
    powers: int = 0


@dataclass(frozen=True)
class PlasticProjection(Structure):
    """The structure of this name."""

    first_source: int
    n_sources: int
    first_row: int
    lag: int
    axonal: int
    receptor: int
    negative_receptor: int
    pairs: int
    first_history: int
    counts: int
    sign: int = 1
    ceiling: int = 0
    bounded: int = 0
    facilitation: ChangeNumbers = field(default_factory=ChangeNumbers)
    depression: ChangeNumbers = field(default_factory=ChangeNumbers)
    plus: DecayNumbers = field(default_factory=DecayNumbers)
    minus: DecayNumbers = field(default_factory=DecayNumbers)
    use: int = 0


@dataclass(frozen=True)
class Histories(Structure):
    """The structure of this name."""

    first: int = 0
    n: int = 0
    depth: int = 0
    minus: DecayNumbers = field(default_factory=DecayNumbers)


@dataclass(frozen=True)
class Plasticity(Structure):
    """The structure of this name."""

    n_projections: int
    n_delays: int
    min_delay: int
    target_bits: int
    projections: int
    populations: int
    n_populations: int
    words: int
    index: int
    last: int
    values: int
    n_rows: int
    length: int
    reserve: int
    ends_early: int
    held: int
    stamps: int
    traces: int
    n_slots: int
    pending: int
    pending_events: int
    status: int


@dataclass(frozen=True)
class Shape:
    """Shape of the table of plastic synapses: smallest delay, delays and rows, bits of a target, and first rows."""

    min_delay: int
    n_delays: int
    n_rows: int
    target_bits: int
    first_rows: dict[int, int]


def plastic_shape(plan: Plan) -> Shape:
    """Shape of the table, from the description.

    Raises
    ------
    ResourceError
        If a word has too few bits for targets and delays.
    """
    network, tables = plan.network, plan.tables
    first_rows, n_rows = {}, 0
    for index in plastic_projections(tables):
        first_rows[index] = n_rows
        n_rows += network.population(network.projections[index].source).size
    timings = [plastic_timing(tables, index) for index in first_rows]
    low, high = min(timing.min_delay for timing in timings), max(timing.max_delay for timing in timings)
    own = -(-network.n_neurons // plan.placement.ranks)
    target_bits, delay_bits = (own - 1).bit_length(), (high - low).bit_length()
    if target_bits + delay_bits > WORD_BITS:
        raise ResourceError(
            f"{own} neurons per rank and {high - low + 1} delays of plastic synapses need "
            f"{target_bits + delay_bits} bits per synapse, but a synapse has {WORD_BITS}; use more ranks"
        )
    return Shape(low, high - low + 1, n_rows, target_bits, first_rows)


def plastic_table(plan: Plan, shape: Shape) -> Table:
    """The plastic synapses, for `simcore.backends.gpu.synapses.SynapseBuilder`."""
    network = plan.network
    channels: list[list[Channel]] = [[] for _ in network.populations]
    of_projections = [NO_ROWS] * len(network.projections)
    for index, first in shape.first_rows.items():
        channels[network.index(network.projections[index].source)].append(Channel(0, None, first))
        of_projections[index] = first, first
    first_ids = tuple(network.first_ids.values())
    rows = Rows(first_ids, tuple(map(tuple, channels)), tuple(of_projections), shape.n_rows, False)
    layout = DeviceLayout(JUST_IN_TIME, shape.min_delay, shape.n_delays, np.int64)
    return Table(tuple(shape.first_rows), rows, layout, 1)


def joined_rows(static: Rows, plastic: Rows) -> Rows:
    """Rows of both: those of plastic synapses follow after the others."""
    shifted = [[replace(one, first_row=static.total + one.first_row) for one in own] for own in plastic.channels]
    channels = tuple((*own, *after) for own, after in zip(static.channels, shifted, strict=True))
    return replace(static, channels=channels, total=static.total + plastic.total)


def all_histories(plan: Plan, place: Place) -> list[Histories]:
    """Histories of the neurons of each population on this rank."""
    network, tables = plan.network, plan.tables
    depths, minus = paired_populations(network, tables), trace_decays(network, tables)
    first, histories = 0, []
    for number in range(len(network.populations)):
        n = _own(plan, number).count if number in depths else 0
        decays = _decay(minus[number], place) if number in minus else DecayNumbers()
        histories.append(Histories(first, n, depths.get(number, 0), decays))
        first += n
    return histories


def plastic_projection(
    plan: Plan, index: int, first_row: int, histories: list[Histories], counts: int, place: Place
) -> PlasticProjection:
    """A projection as the kernels read it; `counts` is the address of its counts."""
    network, tables = plan.network, plan.tables
    described, rule, timing = network.projections[index], tables.plasticity[index], plastic_timing(tables, index)
    source, target = network.index(described.source), network.index(described.target)
    plus_receptor, minus_receptor = plastic_receptors(network, tables, index)
    shared = PlasticProjection(
        first_source=network.first_ids[network.populations[source].name],
        n_sources=network.populations[source].size,
        first_row=first_row,
        lag=timing.lag,
        axonal=timing.axonal,
        receptor=plus_receptor,
        negative_receptor=minus_receptor,
        pairs=int(isinstance(rule, PairTables)),
        first_history=histories[target].first - _own(plan, target).local_first,
        counts=counts,
    )
    assert rule is not None  # noqa: S101 - the projection is plastic
    return _with_rule(shared, rule, place)


def _with_rule(shared: PlasticProjection, rule: PreparedPlasticity, place: Place) -> PlasticProjection:
    if not isinstance(rule, PairTables):
        plus, minus = _decay(rule.recovery, place), _decay(rule.facilitation, place)
        return replace(shared, plus=plus, minus=minus, use=place(np.array([rule.U])))
    return replace(
        shared,
        sign=rule.sign,
        ceiling=rule.ceiling,
        bounded=int(rule.bounded),
        facilitation=_change(rule.facilitation, place),
        depression=_change(rule.depression, place),
        plus=_decay(rule.plus, place),
        minus=_decay(rule.minus, place),
    )


def _change(change: Change, place: Place) -> ChangeNumbers:
    exponent = int(change.exponent) if change.exponent in (0.0, 1.0) else FROM_POWERS
    coefficient = place(np.array([change.coefficient]))
    return ChangeNumbers(coefficient, exponent, int(change.from_ceiling), place(change.powers))


def _decay(table: npt.NDArray[np.float64], place: Place) -> DecayNumbers:
    return DecayNumbers(place(table), len(table) - FINE)


def _own(plan: Plan, population: int) -> Targets:
    described = plan.network.populations[population]
    return targets_of_rank(plan, plan.network.first_ids[described.name], described.size)
