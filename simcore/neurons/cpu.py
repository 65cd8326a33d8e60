"""Compiled update of a population, generated from a model's update of a block of neurons.

A model provides one function, its step, with one or a few loops over neurons whose arrays stay in the L1 cache. The
code that calls the step block by block is generated here from the names of its arguments, so that their order cannot be
wrong.
"""

import ast
import hashlib
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, collect, collect_repeated, row
from simcore.jit.compilation import AddressedKernel, Kernel, update_kernel
from simcore.neurons.model import NeuronModel

FIRED, COEFFICIENTS = "fired", "coefficients"

TEMPLATE = """
# {names}
def advance(state, counters, inputs, input_stride, coefficients, lsb, n, spikes):
    # As wide as the float32 state, so that the loops do not need packing.
    fired = np.empty(BLOCK, dtype=np.int32)
    {scratch}count = 0
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        found = step({arguments})
        if found > 0:
            count = {collect}(fired, low, high - low, spikes, count)
    return count

def update(state, counters, stride, inputs, input_stride, coefficients, n_coefficients, lsb, n, spikes):
    rows, counts = carray(state, ({n_variables}, stride)), carray(counters, ({n_counters}, stride))
    arrivals = carray(inputs, {last_receptor} * input_stride + n)
    units, found = carray(lsb, {n_receptors}), carray(spikes, n)
    if n_coefficients == 1:
        same = carray(coefficients, {n_coefficients})
        return advance(rows, counts, arrivals, input_stride, same, units, n, found)
    each = carray(coefficients, ({n_coefficients}, stride))
    return advance(rows, counts, arrivals, input_stride, each, units, n, found)
"""


SCRATCH = "scratch = np.empty(({}, BLOCK), dtype=state.dtype); "
"""Used only for steps with scratch arrays: updating small populations takes less time than some allocations."""


def population_update(model: NeuronModel, step: Any, scratch: Sequence[str] = ()) -> AddressedKernel:
    """Generate the update of a population from the update of a block of neurons.

    Parameters
    ----------
    model
        Neuron model, which names the rows of the arrays.
    step
        Kernel that advances the neurons of a block by a step, clears their inputs, marks those that fire and returns
        their number. Its arguments, in any order, are identified by name:

        - a variable or counter of the model: its values, one for each neuron of the block (real and int32);
        - ``in_R`` and ``lsb_R`` for a receptor R: the input in units of the lsb (an integer for each neuron), and the
          lsb (a number); ``in_R`` is required for every receptor, because it must be cleared;
        - a coefficient of the model: a number, or one for each neuron, to be read by `at`; or ``coefficients``, all
          of them as the model's named tuple;
        - ``fired``: int32 for each neuron, to be set to 1 or 0; by a model that relays spikes, to their number, at most
          `simcore.neurons.model.MAX_MULTIPLICITY` + 1;
        - a name of `scratch`.
    scratch
        Names of arrays for intermediate results, real, one value for each neuron of a block.

    Raises
    ------
    TypeError
        If the step has an unknown argument, or lacks a required one.
    """
    arguments = _arguments(model, inspect.signature(step.py_func), scratch)
    text = TEMPLATE.format(
        names=", ".join([model.name, *model.Coefficients._fields]),
        arguments=", ".join(arguments),
        scratch=SCRATCH.format(len(scratch)) if scratch else "",
        collect="collect_repeated" if model.relays else "collect",
        n_variables=len(model.variables),
        n_counters=len(model.counters),
        n_coefficients=len(model.Coefficients._fields),
        n_receptors=len(model.receptors),
        last_receptor=len(model.receptors) - 1,
    )
    return update_kernel(_function(text, model, step))


def _arguments(model: NeuronModel, signature: inspect.Signature, scratch: Sequence[str]) -> list[str]:
    """Return the arguments with which the step is called, in their order."""
    meanings = [(FIRED, f"{FIRED}[: high - low]")]
    meanings += [(v.name, f"state[{k}, low:high]") for k, v in enumerate(model.variables)]
    meanings += [(name, f"counters[{k}, low:high]") for k, name in enumerate(model.counters)]
    for k, receptor in enumerate(model.receptors):
        start = f"{k} * input_stride + "
        meanings += [(f"in_{receptor}", f"inputs[{start}low : {start}high]"), (f"lsb_{receptor}", f"lsb[{k}]")]
    coefficients = [f"row(coefficients, {k}, low, high)" for k in range(len(model.Coefficients._fields))]
    meanings += zip(model.Coefficients._fields, coefficients, strict=True)
    meanings.append((COEFFICIENTS, f"Coefficients({', '.join(coefficients)})"))
    meanings += [(name, f"scratch[{k}, : high - low]") for k, name in enumerate(scratch)]
    place, names = f"the step of neuron model {model.name}", [name for name, _ in meanings]
    for name in names:
        if names.count(name) > 1:
            raise TypeError(f"{place}: {name!r} is not unique; use names from {', '.join(names)}")
    for name in signature.parameters:
        if name not in names:
            raise TypeError(f"{place} has an argument {name!r}; use {', '.join(names)}")
    for name in (FIRED, *(f"in_{receptor}" for receptor in model.receptors)):
        if name not in signature.parameters:
            raise TypeError(f"{place} lacks the argument {name!r}")
    by_name = dict(meanings)
    return [by_name[name] for name in signature.parameters]


def _function(text: str, model: NeuronModel, step: Any) -> Any:
    """Compile the function `update` of the text.

    Its location is that of the step, where Numba's cache looks for its source and to which messages refer.
    """
    place = step.py_func.__code__
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.arg | ast.keyword):
            node.lineno = node.end_lineno = place.co_firstlineno
    namespace: dict[str, Any] = {
        "__name__": step.py_func.__module__,
        "BLOCK": BLOCK,
        "Coefficients": model.Coefficients,
        "carray": carray,
        "collect": collect,
        "collect_repeated": collect_repeated,
        "np": np,
        "row": row,
        "step": step,
    }
    exec(compile(tree, place.co_filename, "exec"), namespace)  # noqa: S102 - of names that Python allows for arguments
    namespace["advance"] = Kernel(namespace["advance"])
    update = namespace["update"]
    # The cache distinguishes functions of one location by their names.
    update.__qualname__ = f"update_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return update
