"""A workload from a NIR graph: shapes of its layers of weights, with unknown densities of their inputs."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from benchnn.networks.nir.file import read_graph
from benchnn.networks.nir.geometry import workload_layers
from simcore.accelerators.workloads.chain import require_chain
from simcore.accelerators.workloads.workload import Layer, Workload
from simcore.errors import InputError
from simcore.recording.files import PathLike


def workload_of_nir(path: PathLike) -> Workload:
    """Read the layers of weights of a NIR graph: its nodes Linear, Affine, Conv1d and Conv2d.

    Weights have 8 bits, because the file does not state the width on an accelerator.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        If the file cannot be read, or a node cannot be a layer of a workload, such as a convolution with a dilation;
        the message names file and node.
    """
    file = Path(path)
    layers = tuple(workload_layers(read_graph(file)))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Workload(
        file.name,
        f"NIR graph {file.name}",
        layers,
        sources={"nir": f"{file.name}, SHA-256 {digest}"},
        why_not_chained=why_not_chained(layers, file.name),
    )


def why_not_chained(layers: Sequence[Layer], file: str) -> str | None:
    """Why the layers do not form a chain, in which each takes the output of the layer before it; None if they do."""
    try:
        require_chain(layers, file)
    except InputError:
        return "the graph is not a chain of layers"
    return None
