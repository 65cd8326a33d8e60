"""Distribution of populations over cores such that the largest cost of a core is small."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import FloatArray, IntArray

HALVINGS = 60
ROUNDING = 1e-9


def spread(seconds: FloatArray, sizes: IntArray, cores: int, most_neurons: int, packed: bool) -> IntArray | None:
    """Number of neurons of each population in each core, int64 (cores, populations); None if they do not fit.

    The population with the largest cost is first and divided evenly; each further population fills the remaining space.

    Parameters
    ----------
    seconds
        Cost of a neuron of each population, of each kind, float64 (kinds, populations).
    sizes
        Neurons of each population, int64.
    cores
        Number of cores; each gets at least one neuron.
    most_neurons
        Largest number of neurons of a core.
    packed
        Whether a population that does not increase the largest cost is placed in as few cores as possible, so that
        fewer messages reach it, or in all cores in proportion to the remaining space, so that its messages are
        distributed.
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
    """Number of neurons of each core, within the smallest cost at which all neurons fit."""

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
    # Some of the cores that gain a neuron at this cost do not need it.
    gain = np.flatnonzero(given > sure)
    given[gain[len(gain) - (int(given.sum()) - size) :]] -= 1
    return given if given.sum() == size else _trimmed(capacity(high), size, packed)


def _trimmed(given: IntArray, size: int, packed: bool) -> IntArray:
    """The numbers reduced to the size of the population: the first cores, or all in proportion."""
    if packed:
        before = np.cumsum(given) - given
        return np.clip(size - before, 0, given)
    ends = np.cumsum(given)
    reached: IntArray = ends * size // max(int(ends[-1]), 1)
    return np.diff(reached, prepend=0)


def _without_empty_cores(composition: IntArray) -> IntArray:
    """Give each empty core a neuron of the fullest core."""
    for core in np.flatnonzero(composition.sum(axis=1) == 0):
        fullest = int(composition.sum(axis=1).argmax())
        population = int(composition[fullest].argmax())
        composition[fullest, population] -= 1
        composition[core, population] += 1
    return composition
