"""A workload: the layers of a network, their shapes, and the density of their inputs in each step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simcore.accelerators.workloads.numbers import MOST_STEPS, bits, count, padding, pair, share, shares
from simcore.errors import InputError, choice, require

CONVOLUTION, LINEAR = "convolution", "linear"
KINDS = (CONVOLUTION, LINEAR)
Pair = tuple[int, int]
ONE_PLACE = ("input_size", "kernel", "stride", "padding", "groups", "pooling")
"""Fields that have their default values in a linear layer."""
CHECKS: Mapping[str, Callable[[Any, str], object]] = {
    **dict.fromkeys(("channels", "filters", "groups", "pooling"), count),
    **dict.fromkeys(("input_size", "kernel", "stride"), pair),
    "padding": padding,
    **dict.fromkeys(("weight_bits", "input_bits"), bits),
    "input_density": shares,
    "weight_density": share,
}
"""Check for each number of a layer."""
LONGEST_NAME = 200
LARGEST_TOTAL = 1 << 53
"""Largest integer up to which a float represents all integers."""


@dataclass(frozen=True)
class Layer:
    """A layer of weights; a linear layer is a convolution with one place.

    Parameters
    ----------
    name
        Unique name of the layer.
    kind
        ``convolution`` or ``linear``.
    channels, filters
        Numbers of channels of the input and of the output; for a linear layer, numbers of inputs and outputs.
    input_size, kernel, stride, padding
        Height and width; padding is on each side.
    groups
        Number of independent groups of channels and filters.
    pooling
        Side of the squares of outputs that are pooled before the next layer; 1 for no pooling.
    weight_bits, input_bits
        Widths; an input of 1 bit is a spike.
    input_density
        Share of the inputs that are not 0, by step; one number for all steps; None if it is not known.
    weight_density
        Share of the weights that are not 0.

    Raises
    ------
    InputError
        If a value is out of range, windows do not fit into the input, or a count exceeds 2**53.
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
        fits = plain and len(self.name) <= LONGEST_NAME
        require(fits, "name of a layer", self.name, f"must be one line of at most {LONGEST_NAME} characters")
        where = f"layer {self.name}"
        object.__setattr__(self, "kind", choice(self.kind, f"{where}: kind", KINDS))
        for key, checked in CHECKS.items():
            object.__setattr__(self, key, checked(getattr(self, key), f"{where}: {key}"))
        self._require_geometry(where)

    def _require_geometry(self, where: str) -> None:
        for key in ONE_PLACE if self.kind == LINEAR else ():
            value = getattr(self, key)
            allowed = "omit it, because a linear layer has only one position"
            require(value == getattr(Layer, key), f"{where}: {key}", value, allowed)
        for side, size, pad in zip(self.kernel, self.input_size, self.padding, strict=True):
            allowed = f"must be at most {size + 2 * pad}, the input of {size} with a padding of {pad}"
            require(side <= size + 2 * pad, f"{where}: kernel", self.kernel, allowed)
        for key, size in (("channels", self.channels), ("filters", self.filters)):
            require(size % self.groups == 0, f"{where}: groups", self.groups, f"must divide {key} = {size}")
        smallest = min(self.output_size)
        allowed = f"must be at most {smallest}, the side of the output"
        require(self.pooling <= smallest, f"{where}: pooling", self.pooling, allowed)
        for key in ("inputs", "outputs", "operations"):
            total = getattr(self, key)
            require(total <= LARGEST_TOTAL, f"{where}: {key}", total, f"must be at most {LARGEST_TOTAL:,}")

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
        """Number of outputs per filter, E."""
        return self.output_size[0] * self.output_size[1]

    @property
    def products(self) -> int:
        """Number of products per output, K."""
        return self.kernel[0] * self.kernel[1] * self.channels // self.groups

    @property
    def inputs(self) -> int:
        """Number of elements of the input."""
        return self.channels * self.input_size[0] * self.input_size[1]

    @property
    def outputs(self) -> int:
        """Number of elements of the output before pooling; each is a neuron."""
        return self.filters * self.positions

    @property
    def weights(self) -> int:
        """Number of weights, without biases."""
        return self.products * self.filters

    @property
    def operations(self) -> int:
        """Number of products of a step without sparsity."""
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
            raise InputError(f"the input density of layer {self.name} is unknown; pass --density or --activity")
        if len(known) == 1:
            return known * steps
        if len(known) < steps:
            raise InputError(
                f"steps = {steps} is not allowed: the input density of layer {self.name} is known for only "
                f"{len(known)} steps"
            )
        return known[:steps]


@dataclass(frozen=True)
class CountedOperations:
    """Operations of an inference over all steps, as counted by a source, without operations on inputs that are 0.

    Parameters
    ----------
    accumulations, multiplications
        Numbers of accumulations and multiplications.
    sources
        Keys of `sources` of the workload.
    note
        Description of the counts.
    """

    accumulations: float
    multiplications: float
    sources: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True)
class Workload:
    """Layers in order, and their sources.

    Parameters
    ----------
    name, title
        A word, and a line of text.
    layers
        Layers; empty if the list of layers is not published, with the reason in `why_no_layers`.
    steps
        Number of time steps of an inference; None if the workload does not state it.
    sources
        Key and full citation.
    counted
        Operations that a source counts in place of layers.
    measured
        Whether the densities were measured in a run.
    why_no_layers
        Why the workload has no layers; None if it has layers.
    why_not_chained
        Why layers do not form a chain, in which each takes the output of the layer before it; None if they do.
    note
        Further statements of the source.

    Raises
    ------
    InputError
        If two layers have the same name, or a density is known for more than one but not for all steps.
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
            require(self.steps <= MOST_STEPS, "steps", self.steps, f"must be at most {MOST_STEPS}")
        names: set[str] = set()
        for layer in self.layers:
            require(layer.name not in names, "name of a layer", layer.name, "use a different name for each layer")
            names.add(layer.name)
            known = len(layer.input_density or (0,))
            allowed = f"use one number, or one for each of the {self.steps} steps"
            enough = known == 1 or self.steps is None or known >= self.steps
            require(enough, f"len(layer {layer.name}: input_density)", known, allowed)

    @property
    def operations(self) -> int:
        """Number of products of a step of all layers without sparsity."""
        return sum(layer.operations for layer in self.layers)

    @property
    def weights(self) -> int:
        """Number of weights of all layers, without biases."""
        return sum(layer.weights for layer in self.layers)

    @property
    def data(self) -> int:
        """Number of output elements of all layers before pooling, each counted once per step."""
        return sum(layer.outputs for layer in self.layers)


def with_density(workload: Workload, density: float) -> Workload:
    """The workload with one density of the inputs of all layers in all steps, which is not measured.

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
