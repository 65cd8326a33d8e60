"""The mapper `round_robin`, which assigns neurons to the cores in turn."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    return np.arange(drawn.network.n_neurons, dtype=np.int64) % limits.cores
