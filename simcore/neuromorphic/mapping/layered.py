"""Chips whose cores each run one layer of a convolutional network: the assignment of layers to cores, and its limits.

The packing rule ``words`` of the sheet states the limits. A core stores the kernels of its layer in words, whose
address consists of input channel, position and filter: c 2^(ceil log2(kx ky) + ceil log2 f) words for c channels and f
filters of kx x ky. It stores one word per neuron, f x fx x fy, and one word per bias.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simcore.neuromorphic.sheets.sheet import Chip, Packing

WORDS = "words"
"""The packing rule of such chips."""


@dataclass(frozen=True)
class ConvolutionLayer:
    """A layer of spiking neurons after a convolution; the kernel of a dense layer covers its input.

    Parameters
    ----------
    name
        Name of the layer.
    channels, filters
        Numbers of channels of the input and of the output.
    kernel, stride, padding
        Sizes along both sides.
    input_sides, output_sides
        Extent of a channel, and of a filter before pooling.
    pooling
        Side of the squares whose spikes are summed before the next layer; 1 for no pooling.
    destinations
        Number of layers that receive its output.
    biased
        Whether any bias is not 0.
    """

    name: str
    channels: int
    filters: int
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    input_sides: tuple[int, int]
    output_sides: tuple[int, int]
    pooling: int
    destinations: int
    biased: bool

    @property
    def kernel_words(self) -> int:
        """Words of the kernels."""
        position, number = (math.ceil(math.log2(count)) for count in (math.prod(self.kernel), self.filters))
        return self.channels << (position + number)

    @property
    def neuron_words(self) -> int:
        """Words of the neurons."""
        return self.filters * math.prod(self.output_sides)

    @property
    def bias_words(self) -> int:
        """Words of the biases."""
        return self.filters if self.biased else 0


@dataclass(frozen=True)
class LayerFit:
    """The core of a layer.

    Parameters
    ----------
    layer
        The layer.
    core
        The core; None if the layer has no core.
    forbids
        Reasons why the layer has no core: limits of all cores, or other layers on all suitable cores; empty if it fits.
    """

    layer: ConvolutionLayer
    core: int | None
    forbids: tuple[str, ...]


def is_layered(chip: Chip) -> bool:
    """Whether the cores of the chip run layers."""
    return chip.packing is not None and chip.packing.rule == WORDS


def fit_layers(chip: Chip, layers: Sequence[ConvolutionLayer]) -> list[LayerFit]:
    """Assign as many layers as possible to different cores: a maximum matching, by augmenting paths.

    Parameters
    ----------
    chip
        A chip for which `is_layered` is True.
    layers
        Layers from the input to the output.
    """
    assert chip.packing is not None  # noqa: S101 - of a layered chip
    packing = chip.packing
    faults = [_faults(packing, layer) for layer in layers]
    allowed = [[] if fault else _cores(packing, layer) for fault, layer in zip(faults, layers, strict=True)]
    layer_of: dict[int, int] = {}

    def placed(layer: int, tried: set[int]) -> bool:
        for core in allowed[layer]:
            if core not in tried:
                tried.add(core)
                if core not in layer_of or placed(layer_of[core], tried):
                    layer_of[core] = layer
                    return True
        return False

    for number in range(len(layers)):
        placed(number, set())
    core_of = {layer: core for core, layer in layer_of.items()}
    return [
        LayerFit(layer, core_of.get(number), () if number in core_of else _why(packing, layer, faults[number]))
        for number, layer in enumerate(layers)
    ]


def _cores(packing: Packing, layer: ConvolutionLayer) -> list[int]:
    """Cores whose memories hold a layer, small cores first, because larger layers need the large cores."""
    rows = zip(*(packing.values(key) for key in ("kernel_words", "neuron_words", "bias_words")), strict=True)
    needs = (layer.kernel_words, layer.neuron_words, layer.bias_words)
    fitting = [
        (room, core)
        for core, room in enumerate(rows)
        if all(need <= most for need, most in zip(needs, room, strict=True))
    ]
    return [core for _, core in sorted(fitting)]


def _faults(packing: Packing, layer: ConvolutionLayer) -> tuple[str, ...]:
    """Limits of all cores that a layer exceeds."""
    faults = []
    for key, counted, value in (
        ("channels_max", "channels", max(layer.channels, layer.filters)),
        ("input_side_max", "neurons per side of the input", max(layer.input_sides)),
        ("output_side_max", "neurons per side of the output", max(layer.output_sides)),
        ("kernel_side_max", "weights per side of the kernel", max(layer.kernel)),
        ("padding_max", "rows of padding", max(layer.padding)),
        ("destinations_per_core", "destinations", layer.destinations),
    ):
        most = int(packing.value(key))
        if value > most:
            faults.append(f"{value:,} {counted}, more than the limit of {most:,}")
    for key, counted, values in (("strides", "stride", layer.stride), ("pooling", "pooling", (layer.pooling,))):
        known = [int(one) for one in packing.values(key)]
        listed = ", ".join(map(str, known))
        faults += [f"{counted} {value}, but only {listed} are allowed" for value in values if value not in known]
    return tuple(faults)


def _why(packing: Packing, layer: ConvolutionLayer, faults: tuple[str, ...]) -> tuple[str, ...]:
    """Why a layer has no core."""
    if faults:
        return faults
    beyond = []
    for key, counted, need in (
        ("kernel_words", "words of kernels", layer.kernel_words),
        ("neuron_words", "words of neurons", layer.neuron_words),
        ("bias_words", "words of biases", layer.bias_words),
    ):
        most = int(max(packing.values(key)))
        if need > most:
            beyond.append(f"{need:,} {counted}, but the largest core holds {most:,}")
    if beyond:
        return tuple(beyond)
    if not _cores(packing, layer):
        words = f"{layer.kernel_words:,} words of kernels and {layer.neuron_words:,} words of neurons"
        return (f"no core has room for both {words}",)
    return ("other layers occupy the cores that could hold it",)
