"""The mapper `random`: cores are filled in order of random numbers."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray
from simcore.random import philox

SHUFFLED = 8
"""Purpose of the random numbers; streams of the simulation have others."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    ids = np.arange(drawn.network.n_neurons, dtype=np.int64)
    high, low, _, _ = philox((ids, 0, 0, 0), (seed, SHUFFLED))
    core_of = np.empty_like(ids)
    core_of[np.lexsort((ids, low, high))] = ids // limits.neurons_per_core
    return core_of
