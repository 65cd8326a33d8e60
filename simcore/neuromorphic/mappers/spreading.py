"""Spreads populations over cores so that the core that costs most costs as little as can be."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import FloatArray, IntArray

HALVINGS = 60
ROUNDING = 1e-9


def spread(seconds: FloatArray, sizes: IntArray, cores: int, most_neurons: int, packed: bool) -> IntArray | None:
    """Neurons of each population in each core, int64 (cores, populations); None if the cores do not hold them.

    The dearest population is first and divided evenly; each later one fills what earlier ones leave.

    Parameters
    ----------
    seconds
        What a neuron of each population costs of each kind, float64 (kinds, populations).
    sizes
        Neurons of each population, int64.
    cores
        All get a neuron.
    most_neurons
        Of a core.
    packed
        Whether a population that makes no core cost more than the dearest lies in as few cores as can be, so that fewer
        messages reach it, or in all in proportion to what they leave, so that the messages that it sends spread.
    """
    if int(sizes.sum()) > cores * most_neurons or int(sizes.sum()) < cores:
        return None
    composition = np.zeros((cores, len(sizes)), dtype=np.int64)
    load = np.zeros((len(seconds), cores))
    for population in np.argsort(-seconds.max(axis=0), kind="stable"):
        each, size = seconds[:, population, None], int(sizes[population])
        room = most_neurons - composition.sum(axis=1)
        given = _filled(load, each, room, size, packed)
        composition[:, population] = given
        load += each * given
    return _without_empty_cores(composition)


def _filled(load: FloatArray, each: FloatArray, room: IntArray, size: int, packed: bool) -> IntArray:
    """How many neurons each core gets: at most as many as keep it within the least cost at which all fit."""

    def capacity(cost: float) -> IntArray:
        free = np.maximum(cost * (1.0 + ROUNDING) - load, 0.0)
        fits = np.where(each > 0.0, free / np.where(each > 0.0, each, 1.0), np.inf).min(axis=0)
        return np.asarray(np.minimum(fits, room), dtype=np.int64)

    low = float(load.max())
    if capacity(low).sum() >= size:
        return _trimmed(capacity(low), size, packed)
    high = low + float(each.max()) * size
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if capacity(middle).sum() >= size else (middle, high)
    given, sure = capacity(high), capacity(low)
    # Some of those that gain a neuron at this cost do without it.
    gain = np.flatnonzero(given > sure)
    given[gain[len(gain) - (int(given.sum()) - size) :]] -= 1
    return given if given.sum() == size else _trimmed(capacity(high), size, packed)


def _trimmed(given: IntArray, size: int, packed: bool) -> IntArray:
    """As many as there are: the first cores, or all in proportion."""
    if packed:
        before = np.cumsum(given) - given
        return np.clip(size - before, 0, given)
    ends = np.cumsum(given)
    reached: IntArray = ends * size // max(int(ends[-1]), 1)
    return np.diff(reached, prepend=0)


def _without_empty_cores(composition: IntArray) -> IntArray:
    """Cores without a neuron take one of the fullest."""
    for core in np.flatnonzero(composition.sum(axis=1) == 0):
        fullest = int(composition.sum(axis=1).argmax())
        population = int(composition[fullest].argmax())
        composition[fullest, population] -= 1
        composition[core, population] += 1
    return composition
