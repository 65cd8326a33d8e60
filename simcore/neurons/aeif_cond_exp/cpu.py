"""Compiled update of `aeif_cond_exp`: the arithmetic of the oracle in `model.py`, in the same order.

Each substep is a vectorised pass over a block that stays in the L1 cache. Neurons that need shorter substeps are few;
they are integrated one by one from the beginning of the step.
"""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.aeif_cond_exp.fine import integrate_finely
from simcore.neurons.aeif_cond_exp.model import MODEL
from simcore.neurons.aeif_cond_exp.substeps import substep
from simcore.neurons.aeif_cond_exp.upswing import MAX_STEP
from simcore.neurons.cpu import population_update


@kernel
def _begin(
    v: Any, g_ex: Any, g_in: Any, w: Any, refractory: Any, potential: Any, adaptation: Any, x: Any, y: Any, rough: Any,
    c: Any,
) -> None:  # fmt: skip
    """Copy the state, with conductances over C_m; mark the neurons for which substeps are too long."""
    real = v.dtype.type
    for i in range(len(v)):
        active = refractory[i] == 0
        potential[i] = v[i] if active else at(c.reset, i)
        adaptation[i] = w[i]
        x[i] = g_ex[i] * at(c.per_capacitance, i)
        y[i] = g_in[i] * at(c.per_capacitance, i)
        stiff = (at(c.rate, i) + x[i] + y[i]) * at(c.substep, i) > real(MAX_STEP)
        rough[i] = np.int32(active & stiff)


@kernel
def _substep(potential: Any, adaptation: Any, x: Any, y: Any, refractory: Any, rough: Any, c: Any) -> Any:
    """Advance all neurons by a substep; mark those for which it was too long and return the number of marks."""
    total = np.int32(0)
    for i in range(len(potential)):
        own = at(c, i)
        active = refractory[i] == 0
        decays = own.middle_ex, own.middle_in, own.end_ex, own.end_in
        start = potential[i]
        v, w, x1, y1, largest = substep(start, adaptation[i], x[i], y[i], decays, own.substep, active, own)
        moved = (v - start) * (v - start)
        leaps = largest * (moved * moved) > own.leap
        potential[i] = v
        adaptation[i] = w
        x[i] = x1
        y[i] = y1
        mark = rough[i] | np.int32(active & ((largest > own.steep) | (v >= own.peak) | leaps))
        rough[i] = mark
        total = np.int32(total + mark)
    return total


@kernel
def _refine(
    v: Any, g_ex: Any, g_in: Any, w: Any, potential: Any, adaptation: Any, rough: Any, suppressed: Any, c: Any
) -> Any:
    """Integrate the marked neurons by shorter substeps; keep the marks of those that fire and return their number."""
    total = 0
    for i in range(len(v)):
        if rough[i]:
            own = at(c, i)
            x, y = g_ex[i] * own.per_capacitance, g_in[i] * own.per_capacitance
            potential[i], adaptation[i], crossings = integrate_finely(v[i], w[i], x, y, own)
            rough[i] = np.int32(crossings > 0)
            if crossings > 0:
                suppressed[i] += np.int32(crossings - 1)
                total += 1
    return total


@kernel
def _end(
    v: Any, g_ex: Any, g_in: Any, w: Any, refractory: Any, in_ex: Any, in_in: Any, potential: Any, adaptation: Any,
    fired: Any, c: Any, lsb_ex: Any, lsb_in: Any,
) -> None:  # fmt: skip
    """Store potential and adaptation, add the arrivals, and count the refractory steps."""
    real = v.dtype.type
    zero = in_ex.dtype.type(0)
    for i in range(len(v)):
        v[i] = potential[i]
        w[i] = adaptation[i]
        g_ex[i] = g_ex[i] * at(c.decay_ex, i) + real(in_ex[i]) * lsb_ex
        g_in[i] = g_in[i] * at(c.decay_in, i) - real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        left = refractory[i]
        refractory[i] = np.int32(at(c.refractory_steps, i)) if fired[i] != 0 else np.int32(left - np.int32(left != 0))


@kernel
def _step(
    V_m: Any, g_ex: Any, g_in: Any, w: Any, refractory: Any, suppressed: Any, in_ex: Any, in_in: Any, fired: Any,
    potential: Any, adaptation: Any, x: Any, y: Any, coefficients: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    c = coefficients
    _begin(V_m, g_ex, g_in, w, refractory, potential, adaptation, x, y, fired, c)
    rough = np.int32(0)
    for _ in range(np.int64(at(c.substeps, 0))):
        rough = _substep(potential, adaptation, x, y, refractory, fired, c)
    found = 0
    if rough > 0:
        found = _refine(V_m, g_ex, g_in, w, potential, adaptation, fired, suppressed, c)
    _end(V_m, g_ex, g_in, w, refractory, in_ex, in_in, potential, adaptation, fired, c, lsb_ex, lsb_in)
    return found


UPDATE = population_update(MODEL, _step, scratch=("potential", "adaptation", "x", "y"))
