"""Compiled update of `iaf_psc_delta`: the arithmetic of the oracle in `model.py`, in the same order."""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.iaf_psc_delta.model import MODEL


@kernel
def _step(
    V_m: Any, refr_spikes_buffer: Any, refractory: Any, in_ex: Any, in_in: Any, fired: Any, drift: Any, p33: Any,
    kept_share: Any, floor: Any, theta: Any, reset: Any, refractory_steps: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    real = V_m.dtype.type
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(V_m)):
        arrived = real(in_ex[i]) * lsb_ex + real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        integrated = at(drift, i) + at(p33, i) * V_m[i] + arrived + refr_spikes_buffer[i]
        bounded = at(floor, i) if integrated < at(floor, i) else integrated
        left = refractory[i]
        potential = bounded if left == 0 else V_m[i]
        refr_spikes_buffer[i] = real(0.0) if left == 0 else (refr_spikes_buffer[i] + arrived) * at(kept_share, i)
        left = np.int32(left - np.int32(left != 0))
        fires = potential >= at(theta, i)
        V_m[i] = at(reset, i) if fires else potential
        refractory[i] = np.int32(at(refractory_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


UPDATE = population_update(MODEL, _step)
