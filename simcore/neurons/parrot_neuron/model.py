"""Neuron that repeats every arriving spike regardless of its weight, and several spikes in a step separately.

References
----------
NEST 3.10, models/parrot_neuron.h. NEST's second receptor, whose spikes are not repeated, is not supported.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.neurons.model import FloatArray, IntArray, NeuronModel, RealArray, stacked


class Coefficients(NamedTuple):
    """The model has no coefficients."""


class ParrotNeuron(NeuronModel):
    """`parrot_neuron`: no state, no parameters."""

    name = "parrot_neuron"
    parameters = ()
    variables = ()
    receptors = ("in",)
    weight_unit = "1"
    relays = True
    at_most_arrivals = True
    finest_lsb = 1.0
    Coefficients = Coefficients
    cpu_kernels = "simcore.neurons.parrot_neuron.cpu"

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        return stacked(Coefficients())

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        return np.zeros((0, n)), np.zeros((0, n), dtype=np.int32)

    def update(
        self,
        state: RealArray,
        counters: npt.NDArray[np.int32],
        inputs: IntArray,
        coefficients: RealArray,
        lsb: RealArray,
    ) -> IntArray:
        return np.array(inputs[0])


MODEL = ParrotNeuron()
