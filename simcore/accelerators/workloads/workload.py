"""A workload: the layers of a network, their shapes, and how dense their inputs are in each step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simcore.errors import InputError

CONVOLUTION, LINEAR = "convolution", "linear"
KINDS = (CONVOLUTION, LINEAR)
Pair = tuple[int, int]


@dataclass(frozen=True)
class Layer:
    """A layer of weights; a linear layer is a convolution of one place.

    Parameters
    ----------
    name
        Different in each layer.
    kind
        ``convolution`` or ``linear``.
    channels, filters
        Of the input and of the output; of a linear layer its inputs and outputs.
    input_size, kernel, stride, padding
        Height and width; padding is on each side.
    groups
        Channels and filters fall into so many groups that do not see each other.
    pooling
        Side of the squares of outputs that are pooled before the next layer; 1 if none are.
    weight_bits, input_bits
        Widths; an input of 1 bit is a spike.
    input_density
        Share of the inputs that are not 0, by step; one number for all steps; None if it is not known.
    weight_density
        Share of the weights that are not 0.
    """

    name: str
    kind: str
    channels: int
    filters: int
    input_size: Pair = (1, 1)
    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    groups: int = 1
    pooling: int = 1
    weight_bits: int = 8
    input_bits: int = 1
    input_density: tuple[float, ...] | None = None
    weight_density: float = 1.0

    @property
    def output_size(self) -> Pair:
        """Height and width of the output, before pooling."""
        height, width = (
            (size + 2 * pad - side) // stride + 1
            for size, side, stride, pad in zip(self.input_size, self.kernel, self.stride, self.padding, strict=True)
        )
        return height, width

    @property
    def positions(self) -> int:
        """Outputs of a filter, E."""
        return self.output_size[0] * self.output_size[1]

    @property
    def products(self) -> int:
        """Products of an output, K."""
        return self.kernel[0] * self.kernel[1] * self.channels // self.groups

    @property
    def inputs(self) -> int:
        """Elements of the input."""
        return self.channels * self.input_size[0] * self.input_size[1]

    @property
    def outputs(self) -> int:
        """Elements of the output, before pooling; each is a neuron."""
        return self.filters * self.positions

    @property
    def weights(self) -> int:
        """Number of weights, without biases."""
        return self.products * self.filters

    @property
    def operations(self) -> int:
        """Products of a step if nothing is 0."""
        return self.products * self.outputs

    def densities(self, steps: int) -> tuple[float, ...]:
        """Share of the inputs that are not 0 in each of the first `steps` steps.

        Raises
        ------
        InputError
            If they are not known, or known for fewer steps.
        """
        known = self.input_density
        if known is None:
            raise InputError(
                f"the density of the input of layer {self.name} is not known: give --density or --activity"
            )
        if len(known) == 1:
            return known * steps
        if len(known) < steps:
            raise InputError(
                f"steps = {steps} is not allowed: the density of the input of layer {self.name} is known for "
                f"{len(known)} steps"
            )
        return known[:steps]


@dataclass(frozen=True)
class CountedOperations:
    """Operations of an inference as a source counts them: of all steps, without those of inputs that are 0.

    Parameters
    ----------
    accumulations, multiplications
        How many.
    sources
        Keys of the workload's `sources`.
    note
        How they are counted.
    """

    accumulations: float
    multiplications: float
    sources: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True)
class Workload:
    """Layers in their order, and where they are from.

    Parameters
    ----------
    name, title
        A word, and a line of text.
    layers
        Empty if the list of layers is not published; `why_no_layers` says so then.
    steps
        Time steps of an inference; None if the workload states none.
    sources
        Key and full citation.
    counted
        Operations that a source counts in place of layers.
    measured
        Whether the densities were measured in a run.
    why_no_layers
        None if there are layers.
    why_not_chained
        Why a layer does not always take the output of the layer before it; None if each does.
    note
        What else the source says.
    """

    name: str
    title: str
    layers: tuple[Layer, ...]
    steps: int | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    counted: CountedOperations | None = None
    measured: bool = False
    why_no_layers: str | None = None
    why_not_chained: str | None = None
    note: str | None = None

    @property
    def operations(self) -> int:
        """Products of a step if nothing is 0, of all layers."""
        return sum(layer.operations for layer in self.layers)

    @property
    def weights(self) -> int:
        """Number of weights of all layers, without biases."""
        return sum(layer.weights for layer in self.layers)
