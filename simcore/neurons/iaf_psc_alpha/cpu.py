"""Compiled update of `iaf_psc_alpha`: the arithmetic of the oracle in `model.py`, in the same order.

Three vectorised loops process a block that stays in the L1 cache: the membranes, then the currents of each receptor. A
single loop would have too many arrays for the compiler to prove that they do not overlap.
"""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update
from simcore.neurons.iaf_psc_alpha.model import MODEL


@kernel
def _integrate(
    v: Any, i_ex: Any, i_in: Any, di_ex: Any, di_in: Any, refractory: Any, fired: Any, drift: Any, p31_ex: Any,
    p32_ex: Any, p31_in: Any, p32_in: Any, leak: Any, floor: Any, theta: Any, reset: Any, refractory_steps: Any,
) -> Any:  # fmt: skip
    """Advance the membranes of a block; mark those that fire and return their number."""
    total = np.int32(0)
    for i in range(len(v)):
        integrated = (
            at(drift, i) + at(p31_ex, i) * di_ex[i] + at(p32_ex, i) * i_ex[i] + at(p31_in, i) * di_in[i]
            + at(p32_in, i) * i_in[i] + at(leak, i) * v[i] + v[i]
        )  # fmt: skip
        bounded = at(floor, i) if integrated < at(floor, i) else integrated
        left = refractory[i]
        potential = bounded if left == 0 else v[i]
        left = np.int32(left - np.int32(left != 0))
        fires = potential >= at(theta, i)
        v[i] = at(reset, i) if fires else potential
        refractory[i] = np.int32(at(refractory_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


@kernel
def _propagate(current: Any, rise: Any, arrivals: Any, p11: Any, p21: Any, jump: Any, lsb: Any) -> None:
    """Advance the currents of one receptor and add the arriving weights."""
    real = current.dtype.type
    zero = arrivals.dtype.type(0)
    for i in range(len(current)):
        current[i] = at(p21, i) * rise[i] + at(p11, i) * current[i]
        rise[i] = rise[i] * at(p11, i) + at(jump, i) * (real(arrivals[i]) * lsb)
        arrivals[i] = zero


@kernel
def _step(
    V_m: Any, I_syn_ex: Any, I_syn_in: Any, dI_syn_ex: Any, dI_syn_in: Any, refractory: Any, in_ex: Any, in_in: Any,
    fired: Any, drift: Any, p31_ex: Any, p32_ex: Any, p31_in: Any, p32_in: Any, leak: Any, floor: Any, theta: Any,
    reset: Any, refractory_steps: Any, p11_ex: Any, p21_ex: Any, jump_ex: Any, p11_in: Any, p21_in: Any, jump_in: Any,
    lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    found = _integrate(
        V_m, I_syn_ex, I_syn_in, dI_syn_ex, dI_syn_in, refractory, fired, drift, p31_ex, p32_ex, p31_in, p32_in, leak,
        floor, theta, reset, refractory_steps,
    )  # fmt: skip
    _propagate(I_syn_ex, dI_syn_ex, in_ex, p11_ex, p21_ex, jump_ex, lsb_ex)
    _propagate(I_syn_in, dI_syn_in, in_in, p11_in, p21_in, jump_in, lsb_in)
    return found


UPDATE = population_update(MODEL, _step)
