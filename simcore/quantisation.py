"""Weights as integers: one power of two (`lsb`) for each population and receptor.

The lsb follows from the description alone: it is the smallest power of two with which the largest weight that the
description can yield there, drives included, fits the bits, and no finer than the neuron model allows.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution, quantile_table
from simcore.drives import EventDrive
from simcore.errors import require
from simcore.network import Network
from simcore.values import Value, as_value

FloatArray = npt.NDArray[np.float64]
Int32Array = npt.NDArray[np.int32]

WEIGHT_BITS = (8, 16, 32)
MAX_MOVE = 0.01
"""Mean and standard deviation of a projection's weights may move by this share."""


@dataclass(frozen=True)
class WeightGrid:
    """Bits of a weight and the lsb of each (population, receptor), in the unit of the population's model."""

    bits: int
    lsb: tuple[FloatArray, ...]

    def quantise(self, weights: npt.ArrayLike, population: int) -> Int32Array:
        """Integers nearest to `weights` (ties to even) in units of the receptor that the sign selects."""
        values = np.asarray(weights, dtype=np.float64)
        lsb = self.lsb[population]
        return np.asarray(np.rint(values / np.where(values < 0.0, lsb[-1], lsb[0])), dtype=np.int32)

    def value(self, integers: npt.ArrayLike, population: int) -> FloatArray:
        """Weights in the unit of the population's model."""
        codes = np.asarray(integers)
        lsb = self.lsb[population]
        return np.asarray(codes * np.where(codes < 0, lsb[-1], lsb[0]), dtype=np.float64)


def weight_values(weight: Value, field: str) -> FloatArray:
    """All weights that a description can yield: one, the 65,536 of a table, or one for each edge."""
    if isinstance(weight, Distribution):
        return quantile_table(weight, field)
    return np.atleast_1d(np.asarray(weight, dtype=np.float64))


def smallest_lsb(largest: float, bits: int) -> float:
    """Smallest power of two with which `largest` (> 0) fits a signed integer of `bits`; 1.0 for 0."""
    if largest == 0.0:
        return 1.0
    limit = 2 ** (bits - 1) - 1
    exponent = math.frexp(largest / limit)[1] - 1
    while np.rint(largest / 2.0**exponent) > limit:
        exponent += 1
    return 2.0**exponent


def weight_grid(network: Network, bits: int) -> WeightGrid:
    """Derive the lsb of each (population, receptor) from the description."""
    largest = [np.zeros(len(population.neuron_model.receptors)) for population in network.populations]

    def include(values: FloatArray, target: str) -> None:
        if values.size:
            receptors = largest[network.index(target)]
            receptors[0] = max(receptors[0], float(values.max()))
            receptors[-1] = max(receptors[-1], -float(values.min()))

    for projection in network.projections:
        field = f"projection {projection.source}->{projection.target}.weight"
        include(weight_values(as_value(projection.weight, field), field), projection.target)
    for drive in network.drives:
        if isinstance(drive, EventDrive):
            include(np.array([drive.weight]), drive.target)
    for population, row in zip(network.populations, largest, strict=True):
        for value in row.tolist():
            allowed = "its magnitude must lie between 1e-30 and 1e30, the range of float32"
            require(value == 0.0 or 1e-30 <= value <= 1e30, f"weight onto {population.name}", value, allowed)
    lsb = []
    for population, row in zip(network.populations, largest, strict=True):
        finest = population.neuron_model.finest_lsb
        lsb.append(np.array([max(smallest_lsb(value, bits), finest) for value in row]))
    return WeightGrid(bits, tuple(lsb))


def _moves(weights: FloatArray, quantised: FloatArray) -> str | None:
    """What quantisation moves too far, or None."""
    if np.any((quantised == 0.0) & (weights != 0.0)):
        return "weights would become 0"
    mean, std = float(np.mean(weights)), float(np.std(weights))
    if mean != 0.0 and abs(float(np.mean(quantised)) - mean) > MAX_MOVE * max(abs(mean), std):
        return f"the mean would move by more than {100 * MAX_MOVE:g} %"
    if std > 1e-9 * abs(mean) and abs(float(np.std(quantised)) - std) > MAX_MOVE * std:
        return f"the standard deviation would move by more than {100 * MAX_MOVE:g} %"
    return None


@dataclass(frozen=True)
class Adaptation:
    """A weight that the bits do not hold well: its field, its value as described, and what quantisation does to it."""

    field: str
    value: str
    problem: str
    advice: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value}: {self.problem}"


def adaptations(network: Network, grid: WeightGrid) -> tuple[Adaptation, ...]:
    """Weights that would become 0, or whose mean or standard deviation would move by more than 1 %."""
    described = [
        (f"projection {p.source}->{p.target}.weight", as_value(p.weight, "weight"), p.target)
        for p in network.projections
    ]
    described += [
        (f"drive {drive.name}->{drive.target}.weight", as_value(drive.weight, "weight"), drive.target)
        for drive in network.drives
        if isinstance(drive, EventDrive)
    ]
    found = []
    for field, value, target in described:
        weights = weight_values(value, field)
        if weights.size:
            population = network.index(target)
            problem = _moves(weights, grid.value(grid.quantise(weights, population), population))
            if problem is not None:
                found.append(Adaptation(field, repr(value), problem, _advice(network, weights, population)))
    return tuple(found)


def _advice(network: Network, weights: FloatArray, population: int) -> str:
    for bits in WEIGHT_BITS:
        grid = weight_grid(network, bits)
        if _moves(weights, grid.value(grid.quantise(weights, population), population)) is None:
            return f"{bits} bits would do"
    model = network.populations[population].neuron_model
    if model.finest_lsb > 0.0:
        return f"weights of {model.name} are multiples of {model.finest_lsb:g}"
    return "no supported width holds weights of so different size"
