"""The mapper `random`, which fills cores with neurons in random order."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray
from simcore.random import Purpose, philox


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    ids = np.arange(drawn.network.n_neurons, dtype=np.int64)
    high, low, _, _ = philox((ids, 0, 0, 0), (seed, Purpose.RANDOM_MAPPER))
    core_of = np.empty_like(ids)
    core_of[np.lexsort((ids, low, high))] = limits.dealt(len(ids))
    return core_of
