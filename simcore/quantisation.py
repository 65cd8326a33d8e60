"""Integer weights in units of one power of two (`lsb`) for each population and receptor.

The lsb depends only on the description: it is the smallest power of two with which the largest possible weight at the
receptor, including drives, fits the bits, and not finer than the neuron model allows.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Column, EdgeFiles, ListedRule
from simcore.connectivity.moments import Moments
from simcore.distributions import Distribution, quantile_table, table_ends
from simcore.drives import EventDrive
from simcore.errors import require
from simcore.network import Network, Projection
from simcore.neurons import NeuronModel
from simcore.values import Value, as_value, delay_steps

FloatArray = npt.NDArray[np.float64]
Int32Array = npt.NDArray[np.int32]

WEIGHT_BITS = (8, 16, 32)
Receptors = tuple[int, int]
BY_SIGN: Receptors = (0, -1)
"""Receptors for weights >= 0 and < 0."""
MAX_MOVE = 0.01
"""Share by which rounding may change mean and standard deviation of a projection's weights."""


@dataclass(frozen=True)
class WeightGrid:
    """Grid of weights: bits of a weight and the lsb of each (population, receptor), in the unit of the model.

    `relaying` contains the indices of populations that relay spikes, for which every weight is the integer 1.
    """

    bits: int
    lsb: tuple[FloatArray, ...]
    relaying: frozenset[int] = frozenset()

    def quantise(self, weights: npt.ArrayLike, population: int, receptors: Receptors = BY_SIGN) -> Int32Array:
        """Round `weights` to integers (ties to even) in units of their receptor; see `Network.receptors`."""
        values = np.asarray(weights, dtype=np.float64)
        if population in self.relaying:
            return np.ones(values.shape, dtype=np.int32)
        positive, negative = (self.lsb[population][receptor] for receptor in receptors)
        # An array of units would take several times as long for millions of listed weights.
        with np.errstate(over="ignore"):
            codes = np.asarray(values / positive)
        if positive != negative and np.any(values < 0.0):
            np.divide(values, negative, out=codes, where=values < 0.0)
        return np.asarray(np.rint(codes, out=codes), dtype=np.int32)

    def value(self, integers: npt.ArrayLike, population: int, receptors: Receptors = BY_SIGN) -> FloatArray:
        """Return weights in the unit of the population's model."""
        codes = np.asarray(integers)
        lsb = self.lsb[population]
        units = np.where(codes < 0, lsb[receptors[1]], lsb[receptors[0]])
        return np.asarray(codes * units, dtype=np.float64)


def weight_values(weight: Value, field: str) -> FloatArray:
    """Return all possible weights of a description: one, the 65,536 of a table, or one for each edge."""
    if isinstance(weight, Distribution):
        return quantile_table(weight, field)
    return np.atleast_1d(np.asarray(weight, dtype=np.float64))


def smallest_lsb(largest: float, bits: int) -> float:
    """Return the smallest power of two with which `largest` (> 0) fits a signed integer of `bits`; 1.0 for 0."""
    if largest == 0.0:
        return 1.0
    limit = 2 ** (bits - 1) - 1
    exponent = math.frexp(largest / limit)[1] - 1
    while np.rint(largest / 2.0**exponent) > limit:
        exponent += 1
    return 2.0**exponent


def weight_grid(network: Network, bits: int) -> WeightGrid:
    """Derive the lsb of each (population, receptor) from the description."""
    rows = zip(network.populations, _largest_weights(network), strict=True)
    lsb = tuple(_lsb(row, population.neuron_model, bits) for population, row in rows)
    relaying = (index for index, population in enumerate(network.populations) if population.neuron_model.relays)
    return WeightGrid(bits, lsb, frozenset(relaying))


def _largest_weights(network: Network) -> list[FloatArray]:
    """Return the largest magnitude of possible weights, by population and receptor."""
    largest = [np.zeros(len(population.neuron_model.receptors)) for population in network.populations]
    ends: dict[Distribution, tuple[float, float]] = {}
    for field, value, described in _described(network):
        if isinstance(described, Projection) and described.plasticity is not None:
            low, high = described.ends("weight")
            if math.isnan(low):
                continue
            low, high = described.plasticity.largest_weight(low, high)
        elif isinstance(value, Projection):
            low, high = value.ends("weight")
            if math.isnan(low):
                continue
        elif isinstance(value, Distribution):
            # With many distributions, the cache would lose complete tables before they are quantised.
            low, high = ends[value] if value in ends else ends.setdefault(value, table_ends(value, field))
        elif np.size(value):
            low, high = float(np.min(value)), float(np.max(value))
        else:
            continue
        own, (plus, minus) = largest[network.index(described.target)], network.receptors(described)
        own[plus] = max(own[plus], high)
        own[minus] = max(own[minus], -low)
    for population, row in zip(network.populations, largest, strict=True):
        for size in row.tolist():
            allowed = "its magnitude must be between 1e-30 and 1e30, which float32 can represent"
            require(size == 0.0 or 1e-30 <= size <= 1e30, f"weight onto {population.name}", size, allowed)
    return largest


def _lsb(largest: FloatArray, model: NeuronModel, bits: int) -> FloatArray:
    if model.relays:
        return np.ones(len(largest))
    return np.array([max(smallest_lsb(value, bits), model.finest_lsb) for value in largest.tolist()])


def _described(network: Network) -> Iterator[tuple[str, Value | Projection, Projection | EventDrive]]:
    """Yield field and value of the weight, and the description, of every projection and every drive with a weight.

    A list of weights, which may be long, is represented by its projection.
    """
    for projection in network.projections:
        field = f"projection {projection.source}->{projection.target}.weight"
        value = projection.value("weight")
        if isinstance(value, Column) or projection.lists("weight"):
            yield field, projection, projection
        else:
            yield field, value, projection
    for drive in network.drives:
        if isinstance(drive, EventDrive):
            field = f"drive {drive.name}->{drive.target}.weight"
            yield field, as_value(drive.weight, field), drive


def _moves(pieces: Iterable[FloatArray], held: Callable[[FloatArray], FloatArray]) -> str | None:
    """Return which property quantisation to `held` weights changes too much, or None."""
    before, after = Moments(), Moments()
    for weights in pieces:
        quantised = held(weights)
        if np.any((quantised == 0.0) & (weights != 0.0)):
            return "weights would become 0"
        before.add(weights)
        after.add(quantised)
    mean, std = before.mean, before.std
    if mean != 0.0 and abs(after.mean - mean) > MAX_MOVE * max(abs(mean), std):
        return f"the mean would change by more than {100 * MAX_MOVE:g} %"
    if std > 1e-9 * abs(mean) and abs(after.std - std) > MAX_MOVE * std:
        return f"the standard deviation would change by more than {100 * MAX_MOVE:g} %"
    return None


@dataclass(frozen=True)
class Adaptation:
    """Weight that the bits cannot represent well: its field, described value, and the effect of quantisation."""

    field: str
    value: str
    problem: str
    advice: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value}: {self.problem}"


@dataclass(frozen=True)
class QuantisedWeights:
    """Integer weights of each projection (one array for equal distribution and lsb), then of each drive.

    Listed weights are not included; `listed_codes` yields them in pieces. `adaptations` lists weights that would become
    0, or whose mean or standard deviation would change by more than 1 %.
    """

    integers: tuple[Int32Array, ...]
    adaptations: tuple[Adaptation, ...]


def quantise_weights(network: Network, grid: WeightGrid) -> QuantisedWeights:
    """Round all weights to the grid, each constant and distribution once for each lsb."""
    largest = _largest_weights(network)
    known: dict[object, tuple[Int32Array, str | None, str]] = {}
    integers: list[Int32Array] = []
    found = []
    for field, value, described in _described(network):
        population, receptors = network.index(described.target), network.receptors(described)
        model = network.populations[population].neuron_model
        # Arrays are quantised one by one; equal constants and distributions have the same integers and advice.
        key: object = len(integers)
        if not isinstance(value, np.ndarray | Projection):
            key = (value, model.name, *grid.lsb[population], *largest[population], *receptors)
        if key not in known:
            pieces: Callable[[], Iterable[FloatArray]]
            if isinstance(value, Projection):
                held, pieces = np.zeros(0, dtype=np.int32), partial(value.pieces, "weight")
                surely = _surely_held(value, grid.lsb[population], receptors)
                moved = not (math.isnan(value.ends("weight")[0]) or surely)
            else:
                weights = weight_values(value, field)
                held, pieces = grid.quantise(weights, population, receptors), partial(_once, weights)
                moved = weights.size > 0
            problem = None
            if moved and population not in grid.relaying:
                problem = _moves(pieces(), partial(_held, grid, population, receptors))
            advice = "" if problem is None else _advice(model, largest[population], pieces, receptors)
            if problem is not None and isinstance(described, Projection) and described.plasticity is not None:
                advice = "use larger weights, or a smaller Wmax or ceiling of the projections onto the same receptor"
            known[key] = held, problem, advice
        held, problem, advice = known[key]
        integers.append(held)
        if problem is not None:
            given = value.weight if isinstance(value, Projection) else value
            found.append(Adaptation(field, repr(given), problem, advice))
    return QuantisedWeights(tuple(integers), tuple(found))


def adaptations(network: Network, grid: WeightGrid) -> tuple[Adaptation, ...]:
    """Return weights that would become 0, or whose mean or standard deviation would change by more than 1 %."""
    return quantise_weights(network, grid).adaptations


def _surely_held(projection: Projection, lsb: FloatArray, receptors: Receptors) -> bool:
    """Whether the known properties of a column exclude changes that are too large, without reading its values."""
    if not (isinstance(projection.weight, Column) and isinstance(projection.rule, ListedRule)):
        return False
    unit = projection.rule.unit(projection.weight)
    if unit is not None and all(unit % lsb[receptor] == 0.0 for receptor in receptors):
        # All weights are on the grid.
        return True
    if not isinstance(projection.rule, EdgeFiles):
        return False
    known = projection.rule.facts((projection.weight,)).columns[projection.weight]
    signs = (known.high.value > 0.0, known.low.value < 0.0)
    # No weight changes by more than half of the lsb of its receptor.
    units = (lsb[receptors[0]], lsb[receptors[1]])
    most = max((unit / 2.0 for unit, there in zip(units, signs, strict=True) if there), default=0.0)
    return bool(most < known.smallest and most <= MAX_MOVE * known.std)


def _once(weights: FloatArray) -> tuple[FloatArray]:
    return (weights,)


def _held(grid: WeightGrid, population: int, receptors: Receptors, weights: FloatArray) -> FloatArray:
    return grid.value(grid.quantise(weights, population, receptors), population, receptors)


def listed_codes(network: Network, grid: WeightGrid, index: int) -> Iterator[Int32Array]:
    """Yield the integer weights of a projection with listed weights, in pieces."""
    projection = network.projections[index]
    population, receptors = network.index(projection.target), network.receptors(projection)
    for weights in projection.pieces("weight"):
        yield grid.quantise(weights, population, receptors)


def listed_steps(network: Network, index: int) -> Iterator[Int32Array]:
    """Yield the delays in steps of a projection with listed delays, in pieces."""
    for delays in network.projections[index].pieces("delay_ms"):
        yield delay_steps(delays, network.resolution_ms).astype(np.int32)


def _advice(
    model: NeuronModel, largest: FloatArray, pieces: Callable[[], Iterable[FloatArray]], receptors: Receptors
) -> str:
    for bits in WEIGHT_BITS:
        grid = WeightGrid(bits, (_lsb(largest, model, bits),))
        if _moves(pieces(), partial(_held, grid, 0, receptors)) is None:
            return f"use {bits} weight bits"
    if model.finest_lsb > 0.0:
        return f"weights of {model.name} are multiples of {model.finest_lsb:g}"
    return "the weights differ too much in size for any supported number of bits"
