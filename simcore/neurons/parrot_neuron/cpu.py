"""Compiled update of `parrot_neuron`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.parrot_neuron.model import MODEL


@kernel
def _step(in_in: Any, in_ignored: Any, fired: Any) -> Any:
    """Mark the neurons of a block at which something arrived; returns their number."""
    zero = in_in.dtype.type(0)
    total = np.int32(0)
    for i in range(len(in_in)):
        fires = in_in[i] > 0
        in_in[i] = zero
        in_ignored[i] = zero
        fired[i] = np.int32(fires)
        total += np.int32(fires)
    return total


UPDATE = population_update(MODEL, _step)
