"""Check that a neuron model agrees with its declaration, because kernels do not check the bounds of its arrays."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, require
from simcore.neurons.model import FloatArray, NeuronModel, Parameter, Variable
from simcore.registry.files import failures_of

NEEDED = ("name", "parameters", "variables", "receptors", "weight_unit", "Coefficients")
MOST_RECEPTORS = 2
"""Maximum number of receptors of a model in which the sign of a weight selects the receptor."""


def declaration_fault(model: NeuronModel) -> str | None:
    """Return why the attributes of a model cannot be used, or None."""
    lacking = [name for name in NEEDED if not hasattr(model, name)]
    if lacking:
        return f"has no attribute {lacking[0]}"
    if not isinstance(model.name, str):
        return f"has name = {model.name!r}: use a string"
    for name, kind in (("parameters", Parameter), ("variables", Variable), ("receptors", str), ("counters", str)):
        entries = getattr(model, name)
        if not isinstance(entries, tuple) or not all(isinstance(entry, kind) for entry in entries):
            return f"has {name} = {entries!r}: use a tuple of {kind.__name__}"
    if not model.receptors or len(set(model.receptors)) < len(model.receptors):
        return f"has receptors = {model.receptors!r}: use different names"
    if model.sign_chooses_receptor and len(model.receptors) > MOST_RECEPTORS:
        return f"has receptors = {model.receptors!r}: the sign of a weight can choose between two receptors only"
    fields = getattr(model.Coefficients, "_fields", None)
    if fields is None:
        return f"has Coefficients = {model.Coefficients!r}: use a named tuple"
    row = model.current_row
    if row is not None and not (type(row) is int and 0 <= row < len(fields)):
        return f"has current_row = {row!r}: use None or the index of a coefficient, 0 to {len(fields) - 1}"
    parameters = [parameter.name for parameter in model.parameters]
    for variable in model.variables:
        if isinstance(variable.initial, str) and variable.initial not in parameters:
            return f"has the initial value {variable.initial!r} of {variable.name}: use a number or a parameter"
    return None


def coefficients_of(model: NeuronModel, params: Mapping[str, FloatArray], resolution_ms: float, n: int) -> FloatArray:
    """Call `NeuronModel.coefficients` for `n` neurons and check the result.

    Raises
    ------
    InputError
        If the coefficients have a wrong shape or are not finite.
    """
    with failures_of(model):
        found = np.asarray(model.coefficients(params, resolution_ms))
    rows, field = len(model.Coefficients._fields), f"coefficients of {model.name}"
    _require_shape(found, ((rows, 1), (rows, n)), field)
    require(found.dtype.kind == "f", f"{field}: dtype", str(found.dtype), "must be float64")
    if not np.isfinite(found).all():
        row, _ = np.argwhere(~np.isfinite(found))[0]
        require(False, f"{field}: {model.Coefficients._fields[row]}", float(found[row].min()), "must be finite")
    return found


def initial_state_of(
    model: NeuronModel, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
) -> tuple[FloatArray, npt.NDArray[np.int32]]:
    """Call `NeuronModel.initial_state` and check the result.

    Raises
    ------
    InputError
        If an array has a wrong shape or type, or is not finite.
    """
    with failures_of(model):
        state, counters = model.initial_state(params, initial, n)
    field = f"initial state of {model.name}"
    _require_shape(np.asarray(state), ((len(model.variables), n),), field)
    if state.dtype.kind != "f" or not np.isfinite(state).all():
        raise InputError(f"{field} is not allowed: use finite numbers of type float64")
    _require_shape(np.asarray(counters), ((model.n_counters, n),), f"counters of {model.name}")
    require(counters.dtype == np.int32, f"counters of {model.name}: dtype", str(counters.dtype), "must be int32")
    return state, counters


def _require_shape(found: npt.NDArray[np.generic], allowed: tuple[tuple[int, int], ...], field: str) -> None:
    require(found.shape in allowed, f"{field}: shape", found.shape, f"must be {' or '.join(map(str, allowed))}")
