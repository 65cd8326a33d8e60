"""Compiled update of `lif_discrete`: the arithmetic of the oracle in `model.py`, in the same order."""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.lif_discrete.model import MODEL


@kernel
def _step(
    V_m: Any, I_syn: Any, in_in: Any, fired: Any, a: Any, b: Any, c: Any, bias: Any, theta: Any, kept: Any, after: Any,
    lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    real = V_m.dtype.type
    zero = in_in.dtype.type(0)
    total = np.int32(0)
    for i in range(len(V_m)):
        current = I_syn[i] * at(a, i) + (at(bias, i) + real(in_in[i]) * lsb_in)
        in_in[i] = zero
        potential = V_m[i] * at(b, i) + current * at(c, i)
        fires = potential > at(theta, i)
        I_syn[i] = current
        V_m[i] = potential * at(kept, i) + at(after, i) if fires else potential
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


UPDATE = population_update(MODEL, _step)
