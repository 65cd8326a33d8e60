"""Sizes of a layer as a systolic array runs it.

A filter of a layer has ``E = E_h E_w`` outputs, each a sum of ``K = r s c`` products. A layer of g groups is g layers
of c / g channels and m / g filters. Two output sizes occur (SATA's release, 2023):

- with padding p, the true one: ``E_h = floor((H + 2 p - r) / q) + 1``;
- as published, the cycles are of ``ceil((H - r) / q) + 1`` outputs, without padding: where the stride does not divide
  H - r, the last output reaches beyond the input, and what lies there is not read. The operations are of
  ``floor((H + 2 - r) / q) + 1`` outputs, with a padding of 1 in each layer: a linear layer has nine outputs a filter.
  (The code of 2024 takes one for linear layers; the results that it comes with have nine, and are reproduced here.)
"""

from collections.abc import Callable
from dataclasses import dataclass

from simcore.accelerators.figures import Unpublished
from simcore.accelerators.workloads.workload import Layer, Pair


@dataclass(frozen=True)
class Geometry:
    """One group of a layer.

    Parameters
    ----------
    input_size, output_size, kernel, stride, padding
        Height and width.
    channels, filters
        Of the group.
    """

    input_size: Pair
    output_size: Pair
    kernel: Pair
    stride: Pair
    padding: Pair
    channels: int
    filters: int

    @property
    def outputs(self) -> int:
        """Outputs of a filter, E."""
        return self.output_size[0] * self.output_size[1]

    @property
    def products(self) -> int:
        """Products of an output, K."""
        return self.kernel[0] * self.kernel[1] * self.channels


def geometry_of(layer: Layer, as_published: bool) -> Geometry:
    """One group of a layer, with the output size that the cycles are of.

    Raises
    ------
    Unpublished
        If, as published, the kernel is larger than the input: padding has no part in these cycles.
    """
    size = layer.output_size
    if as_published:
        size = _each(lambda side, kernel, stride: -(-(side - kernel) // stride) + 1, layer)
    if min(size) < 1:
        raise Unpublished(
            f"layer {layer.name}: a kernel of {layer.kernel[0]} x {layer.kernel[1]} does not fit in an input of "
            f"{layer.input_size[0]} x {layer.input_size[1]} without padding, which the published cycles leave out"
        )
    return Geometry(
        layer.input_size,
        size,
        layer.kernel,
        layer.stride,
        (0, 0) if as_published else layer.padding,
        layer.channels // layer.groups,
        layer.filters // layer.groups,
    )


def operated_outputs(layer: Layer, as_published: bool) -> int:
    """Outputs of a filter whose operations are counted."""
    if not as_published:
        return layer.positions
    height, width = _each(lambda side, kernel, stride: (side + 2 - kernel) // stride + 1, layer)
    return height * width


def _each(size: Callable[[int, int, int], int], layer: Layer) -> Pair:
    """Height and width of an output: `size` of the side of the input, that of the kernel, and the stride."""
    height, width = map(size, layer.input_size, layer.kernel, layer.stride)
    return height, width
