"""Tables that are computed once from a network, in float64 or integers, and are equal on every rank.

Rank 0 computes the tables; their `digest` is part of a result's provenance.
"""

import hashlib
import math
import zlib
from dataclasses import dataclass, replace
from functools import cached_property, partial
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Column
from simcore.distributions import Distribution, quantile_table
from simcore.drives import CurrentDrive, EventDrive
from simcore.drives.drive import PreparedDrive
from simcore.errors import InputError, require
from simcore.network import Network
from simcore.plasticity.rule import Grid
from simcore.plasticity.tables import PreparedPlasticity
from simcore.quantisation import WEIGHT_BITS, WeightGrid, listed_codes, listed_steps, quantise_weights, weight_grid
from simcore.random import Purpose, digest_sum, philox
from simcore.registry.files import failures_of
from simcore.selection import selected
from simcore.values import Value, ValueLike

LISTED = "listed"
FEW_PROJECTIONS = 1000
"""Largest number of projections for which the digest includes tables directly, as in earlier versions."""
PLASTIC_BITS = 32
"""Number of weight bits that leaves no room for changes below the lsb."""
Int32Array = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LookUp:
    """Integers of a projection: one (`"constant"`), 65,536 (`"table"`) or one for each edge (`"edge"`).

    Integers of listed edges (`LISTED`) are computed in pieces when they are needed: `entries` is then empty, and
    `bounds` contains the smallest and the largest integer, if there are any edges.
    """

    kind: str
    entries: Int32Array
    bounds: tuple[int, int] | None = None

    @cached_property
    def ends(self) -> tuple[int, int] | None:
        """Smallest and largest integer; None without integers."""
        if self.kind == LISTED or not self.entries.size:
            return self.bounds
        return int(self.entries.min()), int(self.entries.max())

    def at(self, bits16: npt.NDArray[np.integer], edge_index: IntArray) -> Int32Array:
        """Return the value of each edge, from its 16 random bits or its index."""
        if self.kind == "constant":
            return np.full(len(bits16), self.entries[0], dtype=np.int32)
        return self.entries[bits16 if self.kind == "table" else edge_index]


def _listed(ends: npt.NDArray[np.integer]) -> LookUp:
    bounds = (int(ends.min()), int(ends.max())) if ends.size else None
    return LookUp(LISTED, np.zeros(0, dtype=np.int32), bounds)


class _SharedLookUps:
    """Merges equal look-ups, so that a table is sent to other ranks only once."""

    def __init__(self) -> None:
        self._by_content: dict[tuple[str, int, bytes], LookUp] = {}
        self._by_id: dict[tuple[str, int], tuple[npt.NDArray[np.integer], LookUp]] = {}

    def look_up(self, value: ValueLike | Column, entries: npt.NDArray[np.integer]) -> LookUp:
        """Return the look-up of a described value."""
        kind = "table" if isinstance(value, Distribution) else "edge" if isinstance(value, np.ndarray) else "constant"
        if (kind, id(entries)) not in self._by_id:
            own = np.ascontiguousarray(entries, dtype=np.int32)
            own.flags.writeable = False
            key = (kind, len(own), hashlib.sha256(own.data).digest())
            # The given array is kept, so that its id remains unique.
            self._by_id[kind, id(entries)] = entries, self._by_content.setdefault(key, LookUp(kind, own))
        return self._by_id[kind, id(entries)][1]


@dataclass(frozen=True)
class Tables:
    """Integer weights and delays of the projections, prepared inputs (`drives`), delay range and weight grid."""

    grid: WeightGrid
    weights: tuple[LookUp, ...]
    delays: tuple[LookUp, ...]
    drives: tuple[PreparedDrive | None, ...]
    min_delay: int
    max_delay: int
    selections: tuple[IntArray, ...] = ()
    """Position and population-local ids of each drive that acts only on selected neurons."""
    adaptations: tuple[str, ...] = ()
    """Accepted changes of weights by quantisation of more than 1 %."""
    plasticity: tuple[PreparedPlasticity | None, ...] = ()
    """Plasticity rule of each projection on the grids; None for static synapses."""
    digest: str = ""
    """SHA-256 of all numbers, including listed ones."""


def _digest(tables: Tables, network: Network) -> str:
    """Return the SHA-256 of all numbers, in a fixed order.

    With more than `FEW_PROJECTIONS` projections, the SHA-256 of an array represents it, so that it is computed only
    once for a table that thousands of projections share.
    """
    sha = hashlib.sha256()
    many = len(network.projections) > FEW_PROJECTIONS
    known: dict[int, tuple[npt.NDArray[np.generic], bytes]] = {}

    def add(array: npt.NDArray[np.generic]) -> None:
        sha.update(f"{array.dtype}{array.shape}".encode())
        if not many:
            sha.update(np.ascontiguousarray(array).data)
            return
        if id(array) not in known:
            # The array is kept, so that its id remains unique.
            known[id(array)] = array, hashlib.sha256(np.ascontiguousarray(array).data).digest()
        sha.update(known[id(array)][1])

    for lsb in tables.grid.lsb:
        add(lsb)
    codes, steps = partial(listed_codes, network, tables.grid), partial(listed_steps, network)
    for look_ups, listed in ((tables.weights, codes), (tables.delays, steps)):
        for index, look_up in enumerate(look_ups):
            if look_up.kind != LISTED:
                add(look_up.entries)
                continue
            # As of one array.
            sha.update(
                f"int32({int(network.projections[index].rule.expected_synapses(network.wiring(index)))},)".encode()
            )
            for piece in listed(index):
                sha.update(np.ascontiguousarray(piece).data)
    for drive in tables.drives:
        if drive is not None:
            add(drive.header)
            add(drive.thresholds)
            if drive.values.size:
                add(drive.values)
    for selection in tables.selections:
        add(selection)
    # Networks without plasticity keep their earlier digests.
    for index, prepared in enumerate(tables.plasticity):
        if prepared is not None:
            sha.update(f"plasticity {index} {network.projections[index].plasticity!r}".encode())
            for numbers in prepared.arrays():
                add(numbers)
    return sha.hexdigest()


def with_digest(tables: Tables, network: Network) -> Tables:
    """Return the tables of a network with their digest."""
    return replace(tables, digest=_digest(tables, network))


def delay_range(network: Network) -> tuple[float | None, float | None]:
    """Return the smallest and largest possible delay of all projections, ms on the grid; None without projections."""
    steps = (network.delays(index) for index in range(len(network.projections)))
    ranges = [(int(values.min()), int(values.max())) for values in steps if values.size]
    if not ranges:
        return None, None
    tics = round(network.resolution_ms * 1000.0)
    return min(low for low, _ in ranges) * tics / 1000.0, max(high for _, high in ranges) * tics / 1000.0


def make_tables(network: Network, weight_bits: int = 16, accept_quantisation: bool = False) -> Tables:
    """Quantise weights, and round delays and drives to the grid.

    Parameters
    ----------
    network
        The description.
    weight_bits
        Number of bits of a weight: 8, 16 or 32.
    accept_quantisation
        Accept weights that rounding changes by more than 1 % or to zero.

    Raises
    ------
    InputError
        If the bits cannot represent the weights.
    """
    whole = isinstance(weight_bits, Integral) and weight_bits in WEIGHT_BITS
    require(whole, "weight_bits", weight_bits, "use 8, 16 or 32")
    grid = weight_grid(network, weight_bits)
    quantised = quantise_weights(network, grid)
    if quantised.adaptations and not accept_quantisation:
        first = quantised.adaptations[0]
        raise InputError(
            f"{first.field} = {first.value} is not allowed with {weight_bits} weight bits: {first.problem}; "
            f"{first.advice}"
        )
    weights, delays = [], []
    shared = _SharedLookUps()
    for index, projection in enumerate(network.projections):
        if projection.lists("weight"):
            population, ends = network.index(projection.target), np.array(projection.ends("weight"))
            codes = grid.quantise(ends[np.isfinite(ends)], population, network.receptors(projection))
            weights.append(_listed(codes))
        else:
            weights.append(shared.look_up(projection.value("weight"), quantised.integers[index]))
        if projection.lists("delay_ms"):
            delays.append(_listed(network.delays(index)))
        else:
            delays.append(shared.look_up(projection.value("delay_ms"), network.delays(index)))
    ranges = [ends for ends in (delay.ends for delay in delays) if ends is not None]
    driven = enumerate(selected(drive.target) for drive in network.drives)
    tables = Tables(
        grid,
        tuple(weights),
        tuple(delays),
        tuple(prepared_input(network, grid, index) for index in range(len(network.inputs))),
        min((low for low, _ in ranges), default=1),
        max((high for _, high in ranges), default=1),
        tuple(np.append(index, chosen.array) for index, chosen in driven if chosen is not None),
        tuple(str(adaptation) for adaptation in quantised.adaptations),
        tuple(_prepared_plasticity(network, grid, index) for index in range(len(network.projections))),
    )
    return with_digest(tables, network)


def _prepared_plasticity(network: Network, grid: WeightGrid, index: int) -> PreparedPlasticity | None:
    """Return the plasticity rule of a projection on the grids of time and weights; None for static synapses."""
    projection = network.projections[index]
    rule = projection.plasticity
    if rule is None:
        return None
    field = f"projection {projection.source}->{projection.target}.plasticity"
    allowed = f"use 8 or 16 bits with {rule.name}, so that weights can change by less than their unit"
    require(grid.bits < PLASTIC_BITS, f"weight_bits with {field}", grid.bits, allowed)
    low, high = projection.ends("weight")
    ends = (0.0, 0.0) if math.isnan(low) else rule.largest_weight(low, high)
    receptor = network.receptors(projection)[int(ends[0] < 0.0)]
    target = network.index(projection.target)
    largest = 0.0 if math.isnan(low) else max(abs(low), abs(high))
    lsb = float(grid.lsb[target][receptor])
    return rule.prepare(Grid(network.resolution_ms, lsb, network.populations[target].tau_minus, largest))


def prepared_input(network: Network, grid: WeightGrid, index: int) -> PreparedDrive | None:
    """Return input `index` on the time grid, with integer weights; None for an input that changes parameters only."""
    drive = network.inputs[index].drive
    with failures_of(drive):
        if isinstance(drive, EventDrive):
            codes = grid.quantise(drive.weight, network.index(drive.target), network.receptors(drive))
            return drive.prepare(codes if codes.ndim else int(codes), network.resolution_ms)
        if isinstance(drive, CurrentDrive):
            return drive.prepare(network.resolution_ms)
    return None


def neuron_values(value: Value, name: str, population: int, seed: int, global_ids: IntArray, first: int) -> FloatArray:
    """Return values of a parameter or initial state for some neurons of a population: shape () if constant.

    Drawn values are rounded to float32, so that they are the same in both precisions and on every machine.
    """
    if isinstance(value, Distribution):
        words = philox((population, zlib.crc32(name.encode()), global_ids, 0), (seed, Purpose.PARAMETER))
        table = quantile_table(value, name).astype(np.float32).astype(np.float64)
        return np.asarray(table[words[0] >> 16])
    if isinstance(value, np.ndarray):
        return value[global_ids - first]
    return np.array(value, dtype=np.float64)


@dataclass(frozen=True)
class PopulationValues:
    """Parameters and initial values of some neurons of a population, by name; shape () or (neurons,)."""

    params: dict[str, FloatArray]
    initial: dict[str, FloatArray]

    def digest(self, population: int, global_ids: IntArray, with_constants: bool) -> int:
        """Return the contribution to the network digest; constants count once (`with_constants` on one rank only)."""
        total = 0
        for name, values in (*self.params.items(), *self.initial.items()):
            code = zlib.crc32(name.encode())
            bits = values.view(np.uint64)
            if values.ndim == 1:
                words = philox((global_ids, code, bits, bits >> np.uint64(32)), (0, Purpose.NETWORK_DIGEST))
            elif with_constants:
                words = philox((population, code, bits, bits >> np.uint64(32)), (1, Purpose.NETWORK_DIGEST))
            else:
                continue
            total += digest_sum(words)
        return total % 2**128


def parameter_values(network: Network, population: int, seed: int, global_ids: IntArray) -> dict[str, FloatArray]:
    """Return parameters of given neurons, with the currents of dc drives in I_e; shape () or (neurons,)."""
    described = network.populations[population]
    first = network.first_ids[described.name]
    params = {
        p.name: neuron_values(described.value(p.name), p.name, population, seed, global_ids, first)
        for p in described.neuron_model.parameters
    }
    for _, drive in network.drives_of(described.name):
        current, chosen = drive.constant_current(), selected(drive.target)
        if np.any(current != 0.0):
            own = current[global_ids - first] if isinstance(current, np.ndarray) else current
            here = 1.0 if chosen is None else np.isin(global_ids - first, chosen.array)
            params["I_e"] = params["I_e"] + here * own
    return params


def population_values(network: Network, population: int, seed: int, global_ids: IntArray) -> PopulationValues:
    """Return parameters (with the currents of dc drives in I_e) and initial values of given neurons."""
    described = network.populations[population]
    first = network.first_ids[described.name]
    params = parameter_values(network, population, seed, global_ids)
    initial = {}
    for v in described.neuron_model.variables:
        if v.name not in described.initial and isinstance(v.initial, str):
            # A neuron that starts at rest starts at its E_L.
            initial[v.name] = params[v.initial]
        else:
            value = described.initial_value(v.name)
            initial[v.name] = neuron_values(value, v.name, population, seed, global_ids, first)
    return PopulationValues(params, initial)


def moved_state(
    before: Network, after: Network, population: int, seed: int, global_ids: IntArray, state: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Return the state of neurons after a change of parameters, with unchanged absolute potentials.

    Parameters
    ----------
    before, after
        Network with the old and with the new parameters.
    population, seed, global_ids
        Population, seed and global ids of the neurons.
    state
        Their state, shape (variables, neurons).
    """
    model = after.populations[population].neuron_model
    old, new = (population_values(network, population, seed, global_ids).params for network in (before, after))
    moved = state.astype(np.float64)
    for row, variable in enumerate(model.variables):
        moved[row] += model.offset(variable.name, old) - model.offset(variable.name, new)
    return moved.astype(state.dtype)
