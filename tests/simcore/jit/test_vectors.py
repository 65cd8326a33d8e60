"""Hot loops are as wide as the vectors for which this machine's kernels are compiled."""

import inspect

import numba
import numpy as np
import pytest

from simcore.drives.poisson import cpu as poisson
from simcore.jit import vectors
from simcore.neurons.aeif_cond_exp import cpu as aeif_cond_exp
from simcore.neurons.aeif_cond_exp.model import MODEL as AEIF
from simcore.neurons.iaf_cond_exp import cpu as iaf_cond_exp
from simcore.neurons.iaf_cond_exp.model import MODEL as IAF_COND
from simcore.neurons.iaf_psc_alpha import cpu as iaf_psc_alpha
from simcore.neurons.iaf_psc_alpha.model import MODEL as IAF_PSC_ALPHA
from simcore.neurons.iaf_psc_delta import cpu as iaf_psc_delta
from simcore.neurons.iaf_psc_delta.model import MODEL as IAF_PSC_DELTA
from simcore.neurons.iaf_psc_exp import cpu as iaf_psc_exp
from simcore.neurons.iaf_psc_exp.model import MODEL as IAF_PSC_EXP
from simcore.neurons.izhikevich import cpu as izhikevich
from simcore.neurons.izhikevich.model import MODEL as IZHIKEVICH
from simcore.neurons.lif_fixed_point import cpu as lif_fixed_point
from simcore.neurons.lif_fixed_point.model import MODEL as LIF_FIXED_POINT
from simcore.neurons.parrot_neuron import cpu as parrot_neuron
from simcore.neurons.parrot_neuron.model import MODEL as PARROT

NEURONS = {
    "iaf_psc_exp": (IAF_PSC_EXP, iaf_psc_exp._step),
    "iaf_psc_alpha": (IAF_PSC_ALPHA, iaf_psc_alpha._step),
    "iaf_psc_delta": (IAF_PSC_DELTA, iaf_psc_delta._step),
    "izhikevich": (IZHIKEVICH, izhikevich._step),
    "parrot_neuron": (PARROT, parrot_neuron._step),
    "lif_fixed_point": (LIF_FIXED_POINT, lif_fixed_point._step),
    "iaf_cond_exp, begin": (IAF_COND, iaf_cond_exp._begin),
    "iaf_cond_exp, substep": (IAF_COND, iaf_cond_exp._substep),
    "iaf_cond_exp, end": (IAF_COND, iaf_cond_exp._end),
    "aeif_cond_exp, begin": (AEIF, aeif_cond_exp._begin),
    "aeif_cond_exp, substep": (AEIF, aeif_cond_exp._substep),
    "aeif_cond_exp, end": (AEIF, aeif_cond_exp._end),
}
INTEGERS = ("fired", "rough", "suppressed", "stiff")


@pytest.fixture(scope="module")
def bits():
    return vectors.vector_bits()


def arrays(*dtypes):
    return [numba.typeof(np.zeros(8, dtype=dtype)) for dtype in dtypes]


def signature_of(model, step):
    """Types of a step's arguments, where all neurons have the same coefficients."""
    real, found = numba.float32, []
    coefficients = numba.typeof(model.Coefficients(*[np.float32(1.0)] * len(model.Coefficients._fields)))
    for name in inspect.signature(step.py_func).parameters:
        if name.startswith("lsb_") or name in model.Coefficients._fields:
            found.append(real)
        elif name in ("c", "coefficients"):
            found.append(coefficients)
        else:
            whole = name.startswith("in_") or name in (*model.counters, *INTEGERS)
            found += arrays(np.int32 if whole else np.float32)
    return tuple(found)


@pytest.mark.parametrize("name", NEURONS)
def test_updates_of_neurons_use_whole_vectors(name, bits):
    model, step = NEURONS[name]
    assert vectors.compiled_width(step.py_func, signature_of(model, step)) >= bits


HALF, WHOLE = numba.int16, numba.uint32
DRIVES = {
    "draw": (poisson._draw, [*arrays(np.uint32), WHOLE, WHOLE, WHOLE, numba.int64, WHOLE, numba.int64]),
    "count": (poisson._count, [*arrays(np.int16, np.int16), WHOLE, *[HALF] * poisson.GROUP]),
    "count more": (poisson._count_more, [*arrays(np.int16, np.int16), HALF]),
    "pack": (poisson._pack, arrays(np.int16, np.uint8)),
    "largest": (poisson._largest, arrays(np.int16)),
    "add": (poisson.add_counts, [*arrays(np.int32, np.uint16), numba.int64, numba.int64]),
}


@pytest.mark.parametrize("name", DRIVES)
def test_the_poisson_drive_uses_whole_vectors(name, bits):
    function, signature = DRIVES[name]
    assert vectors.compiled_width(function.py_func, tuple(signature)) >= bits


def widened(into, marks):
    total = np.int32(0)
    for i in range(len(into)):
        into[i] = into[i] * np.float32(2.0)
        total += np.int32(marks[i])
    return total


def dependent(into, marks):
    for i in range(1, len(into)):
        into[i] = np.float32(into[i - 1] * into[i])


def test_narrow_and_scalar_loops_are_seen(bits):
    """The first has a sum of 64 bits, which Numba makes of int32: half the lanes."""
    signature = tuple(arrays(np.float32, np.int32))
    assert vectors.compiled_width(dependent, signature) < bits
    assert vectors.compiled_width(widened, signature) < bits or bits == 128
