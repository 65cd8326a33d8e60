"""Write spiking networks as graphs of the Neuromorphic Intermediate Representation (NIR).

Files have the format of the package nir 1.0.8. NIR does not define initial potential, time step and kind of reset; they
are written as metadata of the neurons (`v_initial`, `reset`) and of the graph (`reset`, `dt_s`, `scheme`), which other
readers ignore.

References
----------
Pedersen et al. (2024), Nat. Commun. 15:8122. Package nir 1.0.8, nir/serialization.py, nir/ir/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, FloatArray, Linear, Shape, Stage
from simcore.recording.files import PathLike, replaced_file

VERSION = "1.0.8"
Node = dict[str, Any]
"""Values and groups of values, by name."""


@dataclass(frozen=True)
class Neurons:
    """Properties of the neurons of all stages, which are reset by subtracting the threshold.

    Parameters
    ----------
    v_initial
        Initial potential of spiking neurons at the beginning of a sample.
    tau_steps
        Membrane time constant in steps: v <- v - v / tau_steps + input. None: v <- v + input.
    threshold
        A neuron fires when its potential exceeds this value.
    dt_s
        Duration of a step, s; arbitrary without a time constant.
    """

    v_initial: float
    tau_steps: float | None = None
    threshold: float = 1.0
    dt_s: float = 1e-3


def write_nir(path: PathLike, input_shape: Shape, stages: Sequence[Stage], neurons: Neurons, fires: bool) -> None:
    """Write a network; equal networks give equal bytes.

    Parameters
    ----------
    path
        The file; an existing file is replaced.
    input_shape
        Shape of one sample.
    stages
        Linear layers and the shapes of the neurons that they drive.
    neurons
        Properties that all neurons share.
    fires
        Whether the neurons of the last stage fire; otherwise they only integrate.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import h5py

    nodes: dict[str, Node] = {"input": {"type": "Input", "shape": _integers(input_shape)}}
    shape = input_shape
    for number, stage in enumerate(stages):
        for place, layer in enumerate(stage.layers):
            nodes[f"{number}_{place}_{layer.kind}"] = _linear(layer, shape)
            shape = layer.output_shape(shape)
        if fires or number < len(stages) - 1:
            nodes[f"{number}_neurons"] = _spiking(shape, neurons)
        else:
            nodes[f"{number}_readout"] = {"type": "I", "r": np.ones(shape, np.float32)}
    nodes["output"] = {"type": "Output", "shape": _integers(shape)}
    metadata = {"reset": "subtract", "dt_s": neurons.dt_s, "scheme": "euler"}
    edges = np.array(list(pairwise(nodes)), object)
    graph = {"type": "NIRGraph", "nodes": nodes, "edges": edges, "metadata": metadata}
    with replaced_file(path) as aside, h5py.File(aside, "w") as file:
        _write(file, {"version": VERSION, "node": graph})


def _integers(values: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.array(values, np.int64)


def _single(values: FloatArray) -> npt.NDArray[np.float32]:
    return values.astype(np.float32)


def _linear(layer: Linear, shape: Shape) -> Node:
    match layer:
        case Dense():
            return {"type": "Affine", "weight": _single(layer.weight), "bias": _single(layer.bias)}
        case Conv2d():
            return {
                "type": "Conv2d",
                "input_shape": _integers(shape[1:]),
                "weight": _single(layer.weight),
                "stride": _integers(layer.stride),
                "padding": _integers(layer.padding),
                "dilation": _integers((1, 1)),
                "groups": 1,
                "bias": _single(layer.bias),
            }
        case AveragePool2d():
            sizes = {"kernel_size": layer.kernel, "stride": layer.stride, "padding": (0, 0)}
            return {"type": "AvgPool2d", **{name: _integers(size) for name, size in sizes.items()}}
        case Flatten():
            return {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": _integers(shape)}


def _spiking(shape: Shape, neurons: Neurons) -> Node:
    ones = np.ones(shape, np.float32)
    node: Node = {
        "r": ones,
        "v_threshold": np.float32(neurons.threshold) * ones,
        "v_reset": np.zeros(shape, np.float32),
        "metadata": {"v_initial": neurons.v_initial, "reset": "subtract"},
    }
    if neurons.tau_steps is None:
        return {"type": "IF", **node}
    # By Euler's method, v <- v + dt / tau (-v + r input), so that each input is added with factor 1.
    r, tau = np.float32(neurons.tau_steps) * ones, np.float32(neurons.tau_steps * neurons.dt_s) * ones
    return {"type": "LIF", **node, "r": r, "tau": tau, "v_leak": np.zeros(shape, np.float32)}


def _write(group: Any, values: Mapping[str, Any]) -> None:
    import h5py

    for name, value in values.items():
        if isinstance(value, dict):
            _write(group.create_group(name), value)
        elif isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype.kind == "O"):
            group.create_dataset(name, data=value, dtype=h5py.string_dtype())
        elif isinstance(value, np.ndarray):
            group.create_dataset(name, data=value, compression="gzip")
        else:
            group.create_dataset(name, data=value)
