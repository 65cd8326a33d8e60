"""Compiled update of `izhikevich`: the arithmetic of the oracle in `model.py`, in the same order."""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.izhikevich.model import CONSTANT, LINEAR, MODEL, QUADRATIC


@kernel
def _step(
    V_m: Any, U_m: Any, in_ex: Any, in_in: Any, fired: Any, h: Any, i_e: Any, ha: Any, b: Any, c: Any, d: Any,
    threshold: Any, floor: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    real = V_m.dtype.type
    quadratic, linear, constant = real(QUADRATIC), real(LINEAR), real(CONSTANT)
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(V_m)):
        old, recovery = V_m[i], U_m[i]
        arrived = real(in_ex[i]) * lsb_ex + real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        slope = quadratic * old * old + linear * old + constant - recovery + at(i_e, i)
        stepped = old + (at(h, i) * slope + arrived)
        recovery = recovery + at(ha, i) * (at(b, i) * old - recovery)
        potential = at(floor, i) if stepped < at(floor, i) else stepped
        fires = potential >= at(threshold, i)
        V_m[i] = at(c, i) if fires else potential
        U_m[i] = recovery + at(d, i) if fires else recovery
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


UPDATE = population_update(MODEL, _step)
