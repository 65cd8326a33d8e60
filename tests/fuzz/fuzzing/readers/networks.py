"""Networks in files."""

import io
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from benchnn.networks.nir.network import import_nir
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.hdf5_mutations import mutated_hdf5
from fuzzing.reader import Reader, any_file

FILE = "net.nir"
TWO = np.ones(2)
TIMES = {"r": TWO, "v_leak": 0 * TWO}
SPIKING = {"v_threshold": TWO, "v_reset": 0 * TWO}
POOL = {"kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0]}
CONV = {"stride": 1, "padding": 1, "dilation": 1, "groups": 1, "bias": TWO, "input_shape": [4, 4]}
CHAIN: Mapping[str, Mapping[str, Any]] = {
    "a": {"type": "Input", "shape": [1, 4, 4]},
    "b": {"type": "Conv2d", "weight": np.ones((2, 1, 3, 3)), **CONV},
    "c": {"type": "SumPool2d", **POOL},
    "d": {"type": "AvgPool2d", **POOL},
    "e": {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": [2, 1, 1]},
    "f": {"type": "Affine", "weight": np.eye(2), "bias": TWO},
    "g": {"type": "LIF", "tau": TWO, **TIMES, **SPIKING},
    "h": {"type": "Delay", "delay": TWO},
    "i": {"type": "CubaLIF", "tau_syn": TWO, "tau_mem": 2 * TWO, "w_in": TWO, **TIMES, **SPIKING},
    "j": {"type": "Scale", "scale": TWO},
    "k": {"type": "LI", "tau": TWO, **TIMES},
    "z": {"type": "Output", "shape": [2]},
}


def _write(group: h5py.Group, nodes: Mapping[str, Mapping[str, Any]], edges: Sequence[tuple[str, str]]) -> None:
    group["type"] = "NIRGraph"
    for name, values in nodes.items():
        for key, value in values.items():
            group[f"nodes/{name}/{key}"] = value
    group.create_dataset("edges", data=np.array(edges, dtype=object), dtype=h5py.string_dtype())


def _files(results: Path) -> list[Case]:
    """A chain of layers that projects to itself, and a nested graph."""
    names = list(CHAIN)
    image, nested = io.BytesIO(), io.BytesIO()
    with h5py.File(image, "w") as file:
        _write(file.create_group("node"), CHAIN, [*pairwise(names), ("g", "f")])
    ends = {"a": {"type": "Input", "shape": [2]}, "z": {"type": "Output", "shape": [2]}}
    with h5py.File(nested, "w") as file:
        _write(file.create_group("node"), ends, [("a", "n"), ("n", "z")])
        _write(
            file.create_group("node/nodes/n"),
            {**ends, "x": {"type": "IF", "r": TWO, **SPIKING}},
            [("a", "x"), ("x", "z")],
        )
    return [Case({FILE: content.getvalue()}) for content in (image, nested)]


def _damaged(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, mutated_hdf5)


def _read(arguments: Sequence[str]) -> None:
    import_nir(FILE, dt_ms=1.0, scheme="exact")


READERS = (Reader("NIR file", _files, _damaged, _read),)
