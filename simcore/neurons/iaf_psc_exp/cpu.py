"""Compiled update of `iaf_psc_exp`: the arithmetic of the oracle in `model.py`, in the same order.

One vectorised loop processes a block that stays in the L1 cache; blocks with spikes are then searched for them.
"""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.iaf_psc_exp.model import MODEL


@kernel
def _step(
    V_m: Any, I_syn_ex: Any, I_syn_in: Any, refractory: Any, in_ex: Any, in_in: Any, fired: Any, p22: Any, p11_ex: Any,
    p11_in: Any, p21_ex: Any, p21_in: Any, drift: Any, theta: Any, reset: Any, refractory_steps: Any, lsb_ex: Any,
    lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    real = V_m.dtype.type
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(V_m)):
        integrated = V_m[i] * at(p22, i) + I_syn_ex[i] * at(p21_ex, i) + I_syn_in[i] * at(p21_in, i) + at(drift, i)
        left = refractory[i]
        potential = integrated if left == 0 else V_m[i]
        left = np.int32(left - np.int32(left != 0))
        I_syn_ex[i] = I_syn_ex[i] * at(p11_ex, i) + real(in_ex[i]) * lsb_ex
        I_syn_in[i] = I_syn_in[i] * at(p11_in, i) + real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        fires = potential >= at(theta, i)
        V_m[i] = at(reset, i) if fires else potential
        refractory[i] = np.int32(at(refractory_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


UPDATE = population_update(MODEL, _step)
