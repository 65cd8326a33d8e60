"""A workload: the layers of a network, their shapes, and how dense their inputs are in each step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simcore.accelerators.workloads.numbers import bits, count, padding, pair, share, shares
from simcore.errors import InputError, choice, require

CONVOLUTION, LINEAR = "convolution", "linear"
KINDS = (CONVOLUTION, LINEAR)
Pair = tuple[int, int]
ONE_PLACE = ("input_size", "kernel", "stride", "padding", "groups", "pooling")
"""Of a linear layer these are what they are by default."""
CHECKS: Mapping[str, Callable[[Any, str], object]] = {
    **dict.fromkeys(("channels", "filters", "groups", "pooling"), count),
    **dict.fromkeys(("input_size", "kernel", "stride"), pair),
    "padding": padding,
    **dict.fromkeys(("weight_bits", "input_bits"), bits),
    "input_density": shares,
    "weight_density": share,
}
"""What each number of a layer must be."""
LARGEST_TOTAL = 1 << 53
"""Up to which a float holds every whole number."""


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

    Raises
    ------
    InputError
        If a value is not allowed, windows do not fit into the input, or a count is more than 2**53.
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

    def __post_init__(self) -> None:
        plain = isinstance(self.name, str) and bool(self.name.strip()) and self.name.isprintable()
        require(plain, "name of a layer", self.name, "must be one line of text")
        where = f"layer {self.name}"
        object.__setattr__(self, "kind", choice(self.kind, f"{where}: kind", KINDS))
        for key, checked in CHECKS.items():
            object.__setattr__(self, key, checked(getattr(self, key), f"{where}: {key}"))
        self._require_geometry(where)

    def _require_geometry(self, where: str) -> None:
        for key in ONE_PLACE if self.kind == LINEAR else ():
            value = getattr(self, key)
            require(
                value == getattr(Layer, key), f"{where}: {key}", value, "a linear layer has one place, leave it out"
            )
        for side, size, pad in zip(self.kernel, self.input_size, self.padding, strict=True):
            allowed = f"an input of {size} with a padding of {pad} is smaller"
            require(side <= size + 2 * pad, f"{where}: kernel", self.kernel, allowed)
        for key, size in (("channels", self.channels), ("filters", self.filters)):
            require(size % self.groups == 0, f"{where}: groups", self.groups, f"must divide {key}, {size}")
        smallest = min(self.output_size)
        require(self.pooling <= smallest, f"{where}: pooling", self.pooling, f"a side of the output is {smallest}")
        for key in ("inputs", "outputs", "operations"):
            total = getattr(self, key)
            require(total <= LARGEST_TOTAL, f"{where}: {key}", total, f"can be at most {LARGEST_TOTAL:,}")

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

    Raises
    ------
    InputError
        If two layers have one name, or an input's density is known for more than one but not for all steps.
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

    def __post_init__(self) -> None:
        if self.steps is not None:
            object.__setattr__(self, "steps", count(self.steps, "steps"))
        names: set[str] = set()
        for layer in self.layers:
            require(layer.name not in names, "name of a layer", layer.name, "another layer has this name")
            names.add(layer.name)
            known = len(layer.input_density or (0,))
            allowed = f"give one number, or one for each of {self.steps} steps"
            enough = known == 1 or self.steps is None or known >= self.steps
            require(enough, f"len(layer {layer.name}: input_density)", known, allowed)

    @property
    def operations(self) -> int:
        """Products of a step if nothing is 0, of all layers."""
        return sum(layer.operations for layer in self.layers)

    @property
    def weights(self) -> int:
        """Number of weights of all layers, without biases."""
        return sum(layer.weights for layer in self.layers)

    @property
    def data(self) -> int:
        """Elements of the outputs of all layers, before pooling: what a step computes, each element counted once."""
        return sum(layer.outputs for layer in self.layers)


def with_density(workload: Workload, density: float) -> Workload:
    """The workload with one density of the inputs of all layers in all steps, which is not a measured one.

    Parameters
    ----------
    workload
        Its layers.
    density
        Share of the inputs that are not 0.

    Raises
    ------
    InputError
        If the workload has no layers, or the density is not a share.
    """
    allowed = f"{workload.name} has no layers: {workload.why_no_layers}"
    require(len(workload.layers) > 0, "density", density, allowed)
    layers = tuple(replace(layer, input_density=(density,)) for layer in workload.layers)
    return replace(workload, layers=layers, measured=False)
