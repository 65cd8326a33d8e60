"""Spiking networks as graphs of the Neuromorphic Intermediate Representation (NIR), by the package nir.

Pedersen et al. (2024), doi:10.1038/s41467-024-52259-9. NIR has neither an initial potential nor a step nor a kind of
reset: they are written as metadata of the neurons (`v_initial`, `reset`) and of the graph (`reset`, `dt_s`, `scheme`).
Readers that do not know them ignore them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, Linear, Shape, Stage
from simcore.errors import UnavailableError
from simcore.recording.files import replaced_file


@dataclass(frozen=True)
class Neurons:
    """The neurons of all stages; they are reset by subtracting the threshold.

    Parameters
    ----------
    v_initial
        Potential at the beginning of a sample, of neurons that fire.
    tau_steps
        Membrane time constant in steps: v <- v - v / tau_steps + input. None: v <- v + input.
    threshold
        A neuron fires above it.
    dt_s
        Length of a step, s; without time constant, any.
    """

    v_initial: float
    tau_steps: float | None = None
    threshold: float = 1.0
    dt_s: float = 1e-3


def require_nir() -> Any:
    """The package nir.

    Raises
    ------
    UnavailableError
        If it is not installed.
    """
    try:
        import nir
    except ImportError as error:
        raise UnavailableError(f".nir files need nir ({error}): pip install 'benchnn[nir]'") from error
    return nir


def write_nir(path: str, input_shape: Shape, stages: Sequence[Stage], neurons: Neurons, fires: bool) -> None:
    """Write a network; `fires` says whether the last stage does, or integrates only.

    Raises
    ------
    UnavailableError
        If nir is not installed.
    InputError
        If the file cannot be written.
    """
    nir = require_nir()
    nodes: dict[str, Any] = {"input": nir.Input(input_type={"input": np.array(input_shape)})}
    for number, stage in enumerate(stages):
        shape = input_shape if number == 0 else stages[number - 1].shape
        for place, layer in enumerate(stage.layers):
            nodes[f"{number}_{place}_{layer.kind}"] = _linear(nir, layer, shape)
            shape = layer.output_shape(shape)
        last = number == len(stages) - 1
        nodes[f"{number}_{'neurons' if fires or not last else 'readout'}"] = (
            _spiking(nir, stage.shape, neurons) if fires or not last else nir.I(r=np.ones(stage.shape, np.float32))
        )
    nodes["output"] = nir.Output(output_type={"output": np.array(stages[-1].shape)})
    metadata = {"reset": "subtract", "dt_s": neurons.dt_s, "scheme": "euler"}
    graph = nir.NIRGraph(nodes=nodes, edges=list(pairwise(nodes)), metadata=metadata)
    with replaced_file(path) as aside:
        nir.write(str(aside), graph)


def _linear(nir: Any, layer: Linear, shape: Shape) -> Any:
    match layer:
        case Dense():
            return nir.Affine(weight=layer.weight.astype(np.float32), bias=layer.bias.astype(np.float32))
        case Conv2d():
            weight, bias = layer.weight.astype(np.float32), layer.bias.astype(np.float32)
            return nir.Conv2d(shape[1:], weight, layer.stride, layer.padding, dilation=(1, 1), groups=1, bias=bias)
        case AveragePool2d():
            return nir.AvgPool2d(np.array(layer.kernel), np.array(layer.stride), padding=np.array([0, 0]))
        case Flatten():
            return nir.Flatten(input_type={"input": np.array(shape)}, start_dim=0, end_dim=-1)


def _spiking(nir: Any, shape: Shape, neurons: Neurons) -> Any:
    ones = np.ones(shape, np.float32)
    threshold = np.float32(neurons.threshold) * ones
    metadata = {"v_initial": neurons.v_initial, "reset": "subtract"}
    if neurons.tau_steps is None:
        return nir.IF(r=ones, v_threshold=threshold, v_reset=0.0 * ones, metadata=metadata)
    # By Euler's method, v <- v + dt / tau (-v + r input): each input then counts once.
    tau, r = np.float32(neurons.tau_steps * neurons.dt_s) * ones, np.float32(neurons.tau_steps) * ones
    return nir.LIF(tau=tau, r=r, v_leak=0.0 * ones, v_threshold=threshold, v_reset=0.0 * ones, metadata=metadata)
