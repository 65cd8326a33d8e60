"""The mapper `in_order`: one core after the other is filled, in order of global id."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    return np.arange(drawn.network.n_neurons, dtype=np.int64) // limits.neurons_per_core
