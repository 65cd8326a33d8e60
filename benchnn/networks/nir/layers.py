"""Nodes with a state as populations of `lif_discrete`."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from benchnn.networks.nir.file import Node
from benchnn.networks.nir.linear import Shape
from simcore.neurons.lif_discrete.model import NO_THRESHOLD
from simcore.neurons.model import MAX_VALUE
from simcore.propagators import exp, expm1, exponential_current_to_voltage

FloatArray = npt.NDArray[np.float64]
Reset = Literal["zero", "subtract"]
Scheme = Literal["euler", "exact"]

SPIKING = ("IF", "LIF", "CubaLIF", "Threshold")
GRADED = ("LI", "CubaLI", "I")
"""Nodes whose output is a potential."""
READOUT: Mapping[str, Any] = {"a": 0.0, "b": 0.0, "c": 1.0, "V_th": NO_THRESHOLD}
"""Parameters of neurons whose potential is the sum of the input of each step."""
SHORTEST_S = 1e-30
"""Shortest time constant; the inverse of a shorter one exceeds the range of float32."""
_TIMES = ("tau", "tau_syn", "tau_mem")


def has_time(node: Node) -> bool:
    """Whether a node depends on the duration of a step."""
    return node.type == "Delay" or any(name in node.values for name in _TIMES)


def layer_shape(node: Node) -> Shape:
    """Shape of a node with a state, which is the shape of its values.

    Raises
    ------
    InputError
        If the values have different shapes.
    """
    arrays = {name: node.array(name) for name in node.values}
    shapes = {name: value.shape for name, value in arrays.items() if name != "w_in" or value.size != 1}
    if len(set(shapes.values())) != 1:
        raise node.error(f"has values of different shapes: {shapes}")
    (shape,) = set(shapes.values())
    if not np.prod(shape, dtype=np.int64):
        raise node.error("has no neurons")
    return tuple(shape)


def layer_params(node: Node, dt_ms: float, reset: Reset, scheme: Scheme) -> dict[str, Any]:
    """Parameters of `lif_discrete` for which one step equals `dt_ms` of the node; arrays only where values differ.

    Raises
    ------
    InputError
        If a value is out of range, or a time constant is shorter than an Euler step.
    """
    values = {name: node.array(name).ravel() for name in node.values}
    for name in _TIMES:
        if name in values and np.any(values[name] < SHORTEST_S):
            raise node.error(f"has {name} = {values[name].min():g} s, but {name} must be > 0")
        if name in values and scheme == "euler" and np.any(values[name] * 1000.0 < dt_ms):
            shortest = values[name].min() * 1000.0
            shorter = f"has {name} = {shortest:g} ms, shorter than a step of {dt_ms:g} ms"
            raise node.error(f"{shorter}; use a smaller dt_ms, or scheme=exact")
    params = _coefficients(node.type, values, dt_ms, scheme)
    if "v_leak" in values:
        params["E_L"] = values["v_leak"]
    if node.type in GRADED:
        params["V_th"] = NO_THRESHOLD
    elif node.type == "Threshold":
        # The potential does not affect the next step, so the value of the reset is irrelevant.
        params |= {"V_th": values["threshold"], "V_reset": values["threshold"] - 1.0}
    else:
        threshold = values["v_threshold"]
        below = values.get("v_reset", np.zeros_like(threshold))
        if np.any(below >= threshold):
            raise node.error("has a v_reset that is not below v_threshold")
        params |= {"V_th": threshold, "V_reset": below, "subtract": float(reset == "subtract")}
    for name, value in params.items():
        if np.any(np.abs(value) > MAX_VALUE):
            raise node.error(f"has values for which {name} of lif_discrete would exceed {MAX_VALUE:g}")
    return {name: _one_if_equal(value) for name, value in params.items()}


def _coefficients(kind: str, values: Mapping[str, FloatArray], dt_ms: float, scheme: Scheme) -> dict[str, Any]:
    """The coefficients a, b and c of a step."""
    dt = dt_ms / 1000.0
    if kind == "Threshold":
        return {"a": 0.0, "b": 0.0, "c": 1.0}
    if kind in ("IF", "I"):
        # The unit of time of an integrator is the step, as in the training of such networks.
        return {"a": 0.0, "b": 1.0, "c": values["r"]}
    if kind in ("LIF", "LI"):
        x = dt / values["tau"]
        if scheme == "euler":
            return {"a": 0.0, "b": 1.0 - x, "c": values["r"] * x}
        return {"a": 0.0, "b": exp(-x), "c": values["r"] * -expm1(-x)}
    tau_syn, tau_mem, r = values["tau_syn"], values["tau_mem"], values["r"]
    # Change of the current for an input of 1; u counts inputs, so that weights are those of the file.
    gain = values.get("w_in", np.ones(1)) * dt / tau_syn
    if scheme == "euler":
        return {"a": 1.0 - dt / tau_syn, "b": 1.0 - dt / tau_mem, "c": r * dt / tau_mem * gain}
    share = r * exponential_current_to_voltage(tau_mem, tau_syn, tau_mem, dt)
    return {"a": exp(-dt / tau_syn), "b": exp(-dt / tau_mem), "c": share * gain}


def _one_if_equal(value: Any) -> Any:
    found = np.asarray(value)
    return float(found.flat[0]) if np.all(found == found.flat[0]) else found
