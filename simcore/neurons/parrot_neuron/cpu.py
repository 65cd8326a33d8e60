"""Compiled update of `parrot_neuron`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.neurons.parrot_neuron.model import MODEL

MOST = np.int32(MAX_MULTIPLICITY + 1)
"""Represents all larger numbers, which end the run."""


@kernel
def _step(in_in: Any, fired: Any) -> Any:
    """Set the number of spikes that each neuron of a block repeats; return the number of neurons that repeat any."""
    zero, most = in_in.dtype.type(0), in_in.dtype.type(MOST)
    total = np.int32(0)
    for i in range(len(in_in)):
        arrived = min(in_in[i], most)
        in_in[i] = zero
        fired[i] = np.int32(arrived)
        total = np.int32(total + np.int32(arrived > zero))
    return total


UPDATE = population_update(MODEL, _step)
