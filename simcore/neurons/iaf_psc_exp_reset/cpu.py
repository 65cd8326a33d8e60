"""Compiled update of `iaf_psc_exp_reset`: the arithmetic of the oracle in `model.py`, in the same order."""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.iaf_psc_exp_reset.model import MODEL, NEGLIGIBLE


@kernel
def _step(
    V_m: Any, I_syn: Any, refractory: Any, in_syn: Any, in_jump: Any, fired: Any, p22: Any, p11: Any, p21: Any,
    resistance: Any, drift: Any, theta: Any, reset: Any, held_steps: Any, lsb_syn: Any, lsb_jump: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    real = V_m.dtype.type
    zero, negligible = in_syn.dtype.type(0), real(NEGLIGIBLE)
    total = np.int32(0)
    for i in range(len(V_m)):
        left = refractory[i]
        integrated = V_m[i] * at(p22, i) + I_syn[i] * at(p21, i) + at(drift, i)
        fires = (left == 0) & (integrated > at(theta, i))
        current = I_syn[i] * at(p11, i) + real(in_syn[i]) * lsb_syn
        potential = integrated + (real(in_jump[i]) * lsb_jump) * at(resistance, i)
        in_syn[i] = zero
        in_jump[i] = zero
        current = current if abs(current) >= negligible else real(0.0)
        potential = potential if abs(potential) >= negligible else real(0.0)
        current = current if left == 0 else I_syn[i]
        potential = potential if left == 0 else V_m[i]
        I_syn[i] = real(0.0) if fires else current
        V_m[i] = at(reset, i) if fires else potential
        left = np.int32(left - np.int32(left != 0))
        refractory[i] = np.int32(at(held_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


UPDATE = population_update(MODEL, _step)
