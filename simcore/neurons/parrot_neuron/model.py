"""Neuron that emits a spike in every step in which at least one spike with positive weight arrives.

References
----------
NEST 3.10, models/parrot_neuron.h.
Differences from NEST: NEST repeats each arriving spike whatever its weight, with its multiplicity; here a step with
arrivals of positive weight gives one spike, and arrivals of negative weight give none.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.neurons.model import FloatArray, IntArray, NeuronModel, RealArray, stacked


class Coefficients(NamedTuple):
    """There are none."""


class ParrotNeuron(NeuronModel):
    """`parrot_neuron`: no state, no parameters."""

    name = "parrot_neuron"
    parameters = ()
    variables = ()
    receptors = ("in", "ignored")
    weight_unit = "1"
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
    ) -> npt.NDArray[np.bool_]:
        return np.asarray(inputs[0] > 0)


MODEL = ParrotNeuron()
