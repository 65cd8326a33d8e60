"""Everything that is computed from a network once, in float64 or integers, and is the same on every rank.

Rank 0 makes the tables; their `digest` is part of a result's provenance.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution, quantile_table
from simcore.drives import CurrentDrive, EventDrive
from simcore.drives.drive import PreparedDrive
from simcore.errors import InputError, require
from simcore.network import Network
from simcore.quantisation import WEIGHT_BITS, WeightGrid, quantise_weights, weight_grid
from simcore.random import Purpose, digest_sum, philox
from simcore.registry.files import failures_of
from simcore.selection import selected
from simcore.values import Value, ValueLike

Int32Array = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LookUp:
    """Integers of a projection: one (`"constant"`), 65,536 (`"table"`) or one for each edge (`"edge"`)."""

    kind: str
    entries: Int32Array

    def at(self, bits16: npt.NDArray[np.integer], edge_index: IntArray) -> Int32Array:
        """Value of each edge, from its 16 random bits or its index."""
        if self.kind == "constant":
            return np.full(len(bits16), self.entries[0], dtype=np.int32)
        return self.entries[bits16 if self.kind == "table" else edge_index]


class _SharedArrays:
    """Makes equal tables one array, which is sent to other ranks once."""

    def __init__(self) -> None:
        self._by_content: dict[tuple[int, bytes], Int32Array] = {}
        self._by_id: dict[int, tuple[npt.NDArray[np.integer], Int32Array]] = {}

    def look_up(self, value: ValueLike, entries: npt.NDArray[np.integer]) -> LookUp:
        """The look-up of a described value."""
        kind = "table" if isinstance(value, Distribution) else "edge" if isinstance(value, np.ndarray) else "constant"
        if id(entries) not in self._by_id:
            shared = np.ascontiguousarray(entries, dtype=np.int32)
            shared.flags.writeable = False
            key = (len(shared), hashlib.sha256(shared.data).digest())
            # The given array is kept, so that its id stays its own.
            self._by_id[id(entries)] = entries, self._by_content.setdefault(key, shared)
        return LookUp(kind, self._by_id[id(entries)][1])


@dataclass(frozen=True)
class Tables:
    """Integer weights and delays of the projections, prepared drives, delay range and weight grid."""

    grid: WeightGrid
    weights: tuple[LookUp, ...]
    delays: tuple[LookUp, ...]
    drives: tuple[PreparedDrive | None, ...]
    min_delay: int
    max_delay: int
    selections: tuple[IntArray, ...] = ()
    """Position and population-local ids of each drive that acts on selected neurons alone."""
    adaptations: tuple[str, ...] = ()
    """What quantisation did to weights beyond 1 %, if that was accepted."""

    def arrays(self) -> Iterator[npt.NDArray[np.generic]]:
        """All numbers, in a fixed order."""
        yield from self.grid.lsb
        for look_up in (*self.weights, *self.delays):
            yield look_up.entries
        for drive in self.drives:
            if drive is not None:
                yield drive.header
                yield drive.thresholds
                if drive.values.size:
                    yield drive.values
        yield from self.selections

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all numbers."""
        sha = hashlib.sha256()
        for array in self.arrays():
            sha.update(f"{array.dtype}{array.shape}".encode())
            sha.update(np.ascontiguousarray(array).data)
        return sha.hexdigest()


def delay_range(network: Network) -> tuple[float | None, float | None]:
    """Smallest and largest delay that a projection can have, ms on the grid; None without projections."""
    steps = (network.delays(index) for index in range(len(network.projections)))
    ranges = [(int(values.min()), int(values.max())) for values in steps if values.size]
    if not ranges:
        return None, None
    tics = round(network.resolution_ms * 1000.0)
    return min(low for low, _ in ranges) * tics / 1000.0, max(high for _, high in ranges) * tics / 1000.0


def make_tables(network: Network, weight_bits: int = 16, accept_quantisation: bool = False) -> Tables:
    """Quantise weights, put delays and drives on the grid.

    Parameters
    ----------
    network
        The description.
    weight_bits
        8, 16 or 32.
    accept_quantisation
        Accept weights that the bits move by more than 1 % or to zero.

    Raises
    ------
    InputError
        If the bits cannot hold the weights.
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
    arrays = _SharedArrays()
    for index, projection in enumerate(network.projections):
        weights.append(arrays.look_up(projection.weight, quantised.integers[index]))
        delays.append(arrays.look_up(projection.delay_ms, network.delays(index)))
    drives: list[PreparedDrive | None] = []
    for drive in network.drives:
        if isinstance(drive, EventDrive):
            weight_code = int(grid.quantise(drive.weight, network.index(drive.target)))
            with failures_of(drive):
                drives.append(drive.prepare(weight_code, network.resolution_ms))
        elif isinstance(drive, CurrentDrive):
            with failures_of(drive):
                drives.append(drive.prepare(network.resolution_ms))
        else:
            drives.append(None)
    ranges = [(int(d.entries.min()), int(d.entries.max())) for d in delays if d.entries.size]
    driven = enumerate(selected(drive.target) for drive in network.drives)
    return Tables(
        grid,
        tuple(weights),
        tuple(delays),
        tuple(drives),
        min((low for low, _ in ranges), default=1),
        max((high for _, high in ranges), default=1),
        tuple(np.append(index, chosen.array) for index, chosen in driven if chosen is not None),
        tuple(str(adaptation) for adaptation in quantised.adaptations),
    )


def neuron_values(value: Value, name: str, population: int, seed: int, global_ids: IntArray, first: int) -> FloatArray:
    """Values of a parameter or initial state for some neurons of a population: shape () if constant.

    A drawn value is rounded to float32, so that it is the same in both precisions and on every machine.
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
        """Contribution to the network digest; constants count once (`with_constants` on one rank only)."""
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
    """Parameters of the given neurons, with the currents of dc drives in I_e; shape () or (neurons,)."""
    described = network.populations[population]
    first = network.first_ids[described.name]
    params = {
        p.name: neuron_values(described.value(p.name), p.name, population, seed, global_ids, first)
        for p in described.neuron_model.parameters
    }
    for _, drive in network.drives_of(described.name):
        if drive.constant_current() != 0.0:
            chosen = selected(drive.target)
            here = 1.0 if chosen is None else np.isin(global_ids - first, chosen.array)
            params["I_e"] = params["I_e"] + here * drive.constant_current()
    return params


def population_values(network: Network, population: int, seed: int, global_ids: IntArray) -> PopulationValues:
    """Parameters (with the currents of dc drives in I_e) and initial values of the given neurons."""
    described = network.populations[population]
    first = network.first_ids[described.name]
    params = parameter_values(network, population, seed, global_ids)
    initial = {}
    for v in described.neuron_model.variables:
        if v.name not in described.initial and isinstance(v.initial, str):
            # A neuron that starts at rest starts at its own E_L.
            initial[v.name] = params[v.initial]
        else:
            value = described.initial_value(v.name)
            initial[v.name] = neuron_values(value, v.name, population, seed, global_ids, first)
    return PopulationValues(params, initial)


def moved_state(
    before: Network, after: Network, population: int, seed: int, global_ids: IntArray, state: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """State of neurons whose parameters change: a potential that is kept relative to E_L keeps its absolute value.

    Parameters
    ----------
    before, after
        The network with the old and the new parameters.
    population, seed, global_ids
        Which neurons.
    state
        Their state, shape (variables, neurons).
    """
    model = after.populations[population].neuron_model
    old, new = (population_values(network, population, seed, global_ids).params for network in (before, after))
    moved = state.astype(np.float64)
    for row, variable in enumerate(model.variables):
        moved[row] += model.offset(variable.name, old) - model.offset(variable.name, new)
    return moved.astype(state.dtype)
