"""Sizes of a layer on a systolic array.

A filter of a layer has ``E = E_h E_w`` outputs, each a sum of ``K = r s c`` products. A layer of g groups equals g
layers of c / g channels and m / g filters. Two output sizes occur (SATA's release, 2023):

- with padding p, the true size: ``E_h = floor((H + 2 p - r) / q) + 1``;
- as published, cycles are counted for ``ceil((H - r) / q) + 1`` outputs, without padding: if the stride does not divide
  H - r, the last output extends beyond the input, and elements there are not read. Operations are counted for
  ``floor((H + 2 - r) / q) + 1`` outputs, with a padding of 1 in each layer: a linear layer has nine outputs per filter.
  (The code of 2024 uses one output for linear layers; its included results have nine, and are reproduced here.)
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
        Numbers of channels and filters of the group.
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
    """One group of a layer, with the output size for counting cycles.

    Raises
    ------
    Unpublished
        If, as published, the kernel is larger than the input, because these cycles do not include padding.
    """
    size = layer.output_size
    if as_published:
        size = _each(lambda side, kernel, stride: -(-(side - kernel) // stride) + 1, layer)
    if min(size) < 1:
        raise Unpublished(
            f"layer {layer.name}: a kernel of {layer.kernel[0]} x {layer.kernel[1]} does not fit in an input of "
            f"{layer.input_size[0]} x {layer.input_size[1]} without padding, which the published cycles do not include"
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
    """Number of outputs per filter for counting operations."""
    if not as_published:
        return layer.positions
    height, width = _each(lambda side, kernel, stride: (side + 2 - kernel) // stride + 1, layer)
    return height * width


def _each(size: Callable[[int, int, int], int], layer: Layer) -> Pair:
    """Height and width of an output: `size` for the side of the input, the side of the kernel, and the stride."""
    height, width = map(size, layer.input_size, layer.kernel, layer.stride)
    return height, width
