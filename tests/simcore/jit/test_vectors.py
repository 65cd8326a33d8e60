"""Hot loops are as wide as the vectors for which this machine's kernels are compiled."""

import importlib
import inspect

import numba
import numpy as np
import pytest

from simcore.drives.poisson import cpu as poisson
from simcore.jit import vectors
from simcore.neurons import neuron_models

STEPS = {
    "iaf_psc_exp": ("_step",),
    "iaf_psc_exp_multisynapse": ("_decay", "_receive", "_fire"),
    "iaf_psc_alpha": ("_step",),
    "iaf_psc_delta": ("_step",),
    "iaf_psc_exp_reset": ("_step",),
    "izhikevich": ("_step",),
    "parrot_neuron": ("_step",),
    "lif_discrete": ("_step",),
    "lif_fixed_point": ("_step",),
    "iaf_cond_exp": ("_begin", "_substep", "_end"),
    "aeif_cond_exp": ("_begin", "_substep", "_end"),
}
"""Functions with a loop over the neurons of a block."""
INTEGERS = ("fired", "rough", "suppressed", "stiff", "arrived")
OF_ONE_RECEPTOR = ("p21", "p11")


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
        if name.startswith("lsb") or name in (*model.Coefficients._fields, *OF_ONE_RECEPTOR):
            found.append(real)
        elif name in ("c", "coefficients"):
            found.append(coefficients)
        else:
            whole = name.startswith("in_") or name in (*model.counters, *INTEGERS)
            found += arrays(np.int32 if whole else np.float32)
    return tuple(found)


@pytest.mark.parametrize(("model", "name"), [(model, name) for model, names in STEPS.items() for name in names])
def test_updates_of_neurons_use_whole_vectors(model, name, bits):
    described = neuron_models.get(model)
    step = getattr(importlib.import_module(described.cpu_kernels), name)
    assert vectors.compiled_width(step.py_func, signature_of(described, step)) >= bits


def test_all_models_are_looked_at():
    assert set(STEPS) == set(neuron_models.names())


HALF, WHOLE = numba.int16, numba.uint32
DRIVES = {
    "draw": (poisson.draw_words, [*arrays(np.uint32), WHOLE, WHOLE, WHOLE, numba.int64, WHOLE, numba.int64]),
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
