"""A surrogate of the multi-area model with its published counts, drawn by a seeded random procedure.

Rates, names of areas and the wiring between particular areas are not those of the published model.
"""

import math
from dataclasses import replace
from random import Random
from statistics import NormalDist

import numpy as np

from ..pd14 import network as pd14
from ..pd14 import parameters as column
from . import parameters as p
from .connectome import Connectome, FloatArray, IntArray
from .stationary import stationary_rate_hz

LAYER_4 = ("L4E", "L4I")
FORWARD = {"sources": ("L23E",), "targets": ("L23E", "L23I", "L4E", "L4I")}
"""Supragranular neurons project forwards, to layers 2/3 and 4."""
BACKWARD = {"sources": ("L5E", "L6E"), "targets": ("L23E", "L23I", "L5E", "L5I", "L6E", "L6I")}
"""Infragranular neurons project backwards, to all layers except 4."""


def surrogate(areas: int, seed: int) -> Connectome:
    """Draw a surrogate.

    1. Neurons: a geometric sequence of areas, A01 with the most; within an area the proportions of the cortical
       microcircuit. The last area has no layer 4.
    2. Synapses: the same number in each area. The share of [4] in `parameters` comes from other areas; those within
       an area are distributed as in the cortical microcircuit.
    3. Between areas: centres are random points of a ball. The densities of pairs are lognormal about an exponential of
       the distance, and the strongest pairs are kept. The share of supragranular sources increases with the rank of
       the target relative to that of the source; neurons of a target receive inputs in proportion to the
       cortico-cortical in-degrees of the background of the microcircuit.
    4. External in-degrees: those with which the neurons, in the diffusion approximation and in the ground state, fire
       at the rates of the cortical microcircuit.

    Parameters
    ----------
    areas
        Number of areas, at least 2; neurons and synapses are proportional to this number.
    seed
        Seed of positions and densities.
    """
    # The numbers of `random` are the same in all versions of Python, whereas those of NumPy's generators may change.
    generator = Random(seed)  # noqa: S311 - no secret
    populations = [
        (area, name)
        for area in range(areas)
        for name in range(len(column.POPULATIONS))
        if area < areas - 1 or column.POPULATIONS[name] not in LAYER_4
    ]
    area_of, name_of = (np.array(values) for values in zip(*populations, strict=True))
    shares = np.array([p.SIZE_RATIO ** (-area / (areas - 1)) for area in range(areas)])
    within = np.array(column.SIZES, dtype=np.float64)[name_of]
    within /= np.bincount(area_of, within)[area_of]
    sizes = _whole(shares[area_of] * within, round(p.NEURONS * areas / p.AREAS))
    distances = _distances(areas, generator)
    numbers = np.full((len(sizes), len(sizes)), 0.0)
    local = area_of[:, np.newaxis] == area_of
    numbers[local] = _local(sizes, name_of)[local]
    numbers *= ((1.0 - p.LONG_RANGE_SHARE) / np.bincount(area_of, numbers.sum(axis=1)))[area_of][:, np.newaxis]
    numbers += p.LONG_RANGE_SHARE * _long_range(area_of, name_of, sizes, _densities(distances, generator))
    numbers = _whole(numbers, round(p.SYNAPSES * areas / p.AREAS)).astype(np.float64)
    targets, sources = np.nonzero(numbers)
    return _connectome(area_of, name_of, sizes, numbers[targets, sources], targets, sources, distances)


def _whole(shares: FloatArray, total: int) -> IntArray:
    """Whole numbers in proportion to `shares` with this total: the largest remainders are rounded up."""
    exact = shares.ravel() * (total / shares.sum())
    numbers: IntArray = np.floor(exact).astype(np.int64)
    order = np.argsort(numbers - exact, kind="stable")
    numbers[order[: total - int(numbers.sum())]] += 1
    return numbers.reshape(shares.shape)


def _local(sizes: IntArray, name_of: IntArray) -> FloatArray:
    """Synapses between all populations in proportion to those of the microcircuit, as if all were in one area."""
    in_degrees = np.array(pd14.full_scale_synapses()) / np.array(column.SIZES)[:, np.newaxis]
    return np.asarray(in_degrees[np.ix_(name_of, name_of)] * sizes[:, np.newaxis])


def _distances(areas: int, generator: Random) -> FloatArray:
    """Distances between the centres of areas, mm."""
    points: list[tuple[float, ...]] = []
    while len(points) < areas:
        point = tuple(2.0 * generator.random() - 1.0 for _ in range(3))
        if sum(x * x for x in point) <= 1.0:
            points.append(point)
    centres = p.RADIUS_MM * np.array(points)
    return np.asarray(np.sqrt(((centres[:, np.newaxis] - centres) ** 2).sum(axis=2)))


def _densities(distances: FloatArray, generator: Random) -> FloatArray:
    """Share of the long-range synapses of each area (row) that comes from each other area; rows sum to 1."""
    areas = len(distances)
    quantile = NormalDist().inv_cdf
    drawn = [[quantile(max(generator.random(), 2.0**-53)) for _ in range(areas)] for _ in range(areas)]
    densities = np.exp(p.LOG_STD * np.array(drawn) - p.DECAY_PER_MM * distances)
    np.fill_diagonal(densities, 0.0)
    ordered = np.sort(densities, axis=None)[::-1]
    kept = densities >= ordered[max(1, math.ceil(p.DENSITY * areas * (areas - 1))) - 1]
    # An area that would have no input keeps its strongest pair.
    kept |= densities == densities.max(axis=1, keepdims=True)
    densities[~kept] = 0.0
    return np.asarray(densities / densities.sum(axis=1, keepdims=True))


def _long_range(area_of: IntArray, name_of: IntArray, sizes: IntArray, densities: FloatArray) -> FloatArray:
    """Share of the long-range synapses of the target's area, by target and source population; sums over areas are 1."""
    areas = len(densities)
    rank = np.arange(areas) / (areas - 1)
    supragranular = 1.0 / (1.0 + np.exp(-p.HIERARCHY_SLOPE * (rank[:, np.newaxis] - rank)))
    shares = np.zeros((len(sizes), len(sizes)))
    received = sizes * np.array(column.EXTERNAL_IN_DEGREES, dtype=np.float64)[name_of]
    for pattern, part in ((FORWARD, supragranular), (BACKWARD, 1.0 - supragranular)):
        ends = []
        for side, strength in (("targets", received), ("sources", sizes.astype(np.float64))):
            own = np.isin(name_of, [column.POPULATIONS.index(name) for name in pattern[side]]) * strength
            ends.append(own / np.bincount(area_of, own)[area_of])
        shares += np.outer(*ends) * (densities * part)[np.ix_(area_of, area_of)]
    return shares


def _connectome(
    area_of: IntArray, name_of: IntArray, sizes: IntArray, synapses: FloatArray, targets: IntArray, sources: IntArray,
    distances: FloatArray,
) -> Connectome:  # fmt: skip
    """The connectome with weights, delays and external input."""
    rates = np.array(column.FULL_MEAN_RATES_HZ)[name_of]
    weights = np.round(np.array(pd14.full_scale_weights_pa()), 9)
    inside = area_of[targets] == area_of[sources]
    means = np.where(inside, weights[name_of[targets], name_of[sources]], weights[0, 0])
    inhibitory = np.array([name.endswith("I") for name in column.POPULATIONS])[name_of[sources]]
    between = distances[area_of[targets], area_of[sources]] / p.SPEED_MM_PER_MS
    between = np.maximum(np.round(between / p.DELAY_UNIT_MS), 1.0) * p.DELAY_UNIT_MS
    delays = np.where(inside, np.where(inhibitory, column.DELAY_IN_MS, column.DELAY_EX_MS), between)
    found = Connectome(
        tuple(f"A{area + 1:02d}" for area in area_of),
        tuple(column.POPULATIONS[name] for name in name_of),
        sizes,
        np.zeros(len(sizes)),
        np.full(len(sizes), weights[0, 0]),
        p.EXTERNAL_RATE_HZ,
        rates,
        targets,
        sources,
        synapses,
        means,
        np.round(p.WEIGHT_RELATIVE_STD * np.abs(means), 9),
        delays,
        p.DELAY_RELATIVE_STD * delays,
    )
    return with_external_in_degrees(found, rates)


def with_external_in_degrees(connectome: Connectome, rates_hz: FloatArray) -> Connectome:
    """Whole external in-degrees for which the populations fire at given rates in the diffusion approximation."""
    mean_factor = column.TAU_M_MS / column.C_M_PF
    jump = column.TAU_SYN_MS / column.C_M_PF
    recurrent = mean_factor * connectome.input_pa(rates_hz, column.TAU_SYN_MS)
    squares = connectome.weights_pa**2 + connectome.weights_sd_pa**2
    received = connectome.synapses / connectome.sizes[connectome.targets] * squares * rates_hz[connectome.sources]
    unit = column.TAU_M_MS * 1e-3 * jump**2
    variance = unit * np.bincount(connectome.targets, received, minlength=len(rates_hz))
    weights, rate = connectome.external_weights_pa, connectome.external_rate_hz
    mean_each = mean_factor * column.TAU_SYN_MS * 1e-3 * weights * rate
    variance_each = unit * weights**2 * rate
    low, high = np.zeros(len(rates_hz)), np.full(len(rates_hz), 20_000.0)
    for _ in range(25):
        middle = 0.5 * (low + high)
        found = stationary_rate_hz(recurrent + middle * mean_each, np.sqrt(variance + middle * variance_each))
        low, high = np.where(found < rates_hz, middle, low), np.where(found < rates_hz, high, middle)
    return replace(connectome, external_in_degrees=np.round(high))
