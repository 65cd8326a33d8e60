"""Check that each layer of a list takes the output of the layer before it."""

from collections.abc import Sequence
from itertools import pairwise

from simcore.accelerators.workloads.workload import LINEAR, Layer
from simcore.errors import require


def require_chain(layers: Sequence[Layer], file: str) -> None:
    """Refuse a list of layers in which an input is not the pooled output of the preceding layer.

    Parameters
    ----------
    layers
        Layers in order.
    file
        Name of the file, for the message.

    Raises
    ------
    InputError
        If a size does not match; the message names both layers and the matching size.
    """
    for before, layer in pairwise(layers):
        height, width = (side // before.pooling for side in before.output_size)
        where = f"{file}: layer {layer.name}"
        maps = f"{before.filters} maps of {height} x {width}"
        yields = (
            f"layer {before.name} yields {maps}; change one of the two layers, or state the reason in why_not_chained"
        )
        if layer.kind == LINEAR:
            fits = layer.channels == before.filters * height * width
            require(fits, f"{where}: channels", layer.channels, yields)
        else:
            require(layer.channels == before.filters, f"{where}: channels", layer.channels, yields)
            require(layer.input_size == (height, width), f"{where}: input_size", list(layer.input_size), yields)
