"""Linear nodes as lists of weights from the elements of a layer to the elements of the next."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.networks.nir.file import Node

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Shape = tuple[int, ...]
MOST_TERMS = 2**27
"""Maximum number of weights of a map, or of terms of a product of two. They take 4 GiB, as do some intermediate
results."""
SAME, VALID = "same", "valid"


@dataclass(frozen=True, eq=False)
class LinearMap:
    """A linear map: element `targets[k]` receives `weights[k]` times element `sources[k]`, `delays_s[k]` earlier."""

    targets: IntArray
    sources: IntArray
    weights: FloatArray
    delays_s: FloatArray

    def __len__(self) -> int:
        return len(self.targets)


def diagonal(weights: FloatArray, delays_s: FloatArray) -> LinearMap:
    """Map each element to itself with its own weight and delay."""
    ids = np.arange(len(weights))
    return LinearMap(ids, ids, weights, delays_s)


def identity(size: int) -> LinearMap:
    """Map each element to itself."""
    return diagonal(np.ones(size), np.zeros(size))


def composed(outer: LinearMap, inner: LinearMap, node: Node) -> LinearMap:
    """Apply `inner` and then `outer`, the map of a node."""
    order = np.argsort(inner.targets, kind="stable")
    sorted_targets = inner.targets[order]
    first = np.searchsorted(sorted_targets, outer.sources, side="left")
    count = np.searchsorted(sorted_targets, outer.sources, side="right") - first
    total = int(count.sum())
    if total > MOST_TERMS:
        raise node.error(
            f"needs {total:,} products of its weights with the weights of the nodes before it; the maximum is "
            f"{MOST_TERMS:,}"
        )
    at_outer = np.repeat(np.arange(len(outer)), count)
    within = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
    at_inner = order[np.repeat(first, count) + within]
    return merged(
        [
            LinearMap(
                outer.targets[at_outer],
                inner.sources[at_inner],
                outer.weights[at_outer] * inner.weights[at_inner],
                outer.delays_s[at_outer] + inner.delays_s[at_inner],
            )
        ]
    )


def merged(maps: list[LinearMap]) -> LinearMap:
    """Sum of maps, sorted by target and source, without weights that are 0."""
    targets, sources, weights, delays_s = (
        np.concatenate([getattr(one, name) for one in maps]) for name in ("targets", "sources", "weights", "delays_s")
    )
    order = np.lexsort((delays_s, sources, targets))
    targets, sources, weights, delays_s = targets[order], sources[order], weights[order], delays_s[order]
    keys = (targets, sources, delays_s)
    new = np.concatenate([np.ones(min(1, len(order)), dtype=bool), np.any([k[1:] != k[:-1] for k in keys], axis=0)])
    if not new.all():
        # Weights are added in this order, so that sums are equal on every machine.
        weights = np.bincount(np.cumsum(new) - 1, weights)
        targets, sources, delays_s = targets[new], sources[new], delays_s[new]
    kept = weights != 0.0
    return LinearMap(targets[kept], sources[kept], weights[kept], delays_s[kept])


def linear_node(node: Node, shape: Shape) -> tuple[LinearMap, FloatArray, Shape]:
    """The map of a node without a state for an input of a given shape.

    Returns
    -------
    LinearMap
        Map of elements, which are numbered with the last dimension varying fastest.
    numpy.ndarray
        Bias of each element, shape (elements,).
    tuple
        Shape of the output.

    Raises
    ------
    InputError
        If the shape does not fit the node; the message names the node.
    """
    if node.type in ("Affine", "Linear"):
        found, bias, out = _matrix(node, shape)
    elif node.type in ("Conv1d", "Conv2d"):
        found, bias, out = _convolution(node, shape)
    elif node.type in ("SumPool2d", "AvgPool2d"):
        found, bias, out = _pooling(node, shape)
    elif node.type == "Flatten":
        found, bias, out = identity(math.prod(shape)), None, _flattened(node, shape)
    elif node.type in ("Scale", "Delay"):
        value = node.array(node.type.lower())
        require_shape(node, value.shape, shape)
        ones, zeros = np.ones(value.size), np.zeros(value.size)
        if node.type == "Delay" and np.any(value < 0.0):
            raise node.error(f"has a delay of {value.min()} s, but delays must be >= 0")
        found = diagonal(value.ravel(), zeros) if node.type == "Scale" else diagonal(ones, value.ravel())
        bias, out = None, shape
    else:
        # The end of a nested graph.
        require_shape(node, stated_shape(node), shape)
        found, bias, out = identity(math.prod(shape)), None, shape
    return found, np.zeros(math.prod(out)) if bias is None else bias, out


def require_shape(node: Node, own: Shape, given: Shape) -> None:
    """Require that the input of a node has the shape of the node.

    Raises
    ------
    InputError
        Naming the node and both shapes.
    """
    if tuple(own) != tuple(given):
        raise node.error(f"has the shape {tuple(own)}, but its input has the shape {tuple(given)}")


def stated_shape(node: Node) -> Shape:
    """Shape given by an Input or an Output node."""
    shape = whole_numbers(node, "shape", node.array("shape").size, 1)
    if math.prod(shape) > MOST_TERMS:
        raise node.error(f"has the shape {shape}, which is larger than any layer")
    return shape


def matrix_of(node: Node, shape: Shape) -> FloatArray:
    """The weights of a Linear or an Affine node, (outputs, inputs).

    Raises
    ------
    InputError
        If they do not fit the shape of the input; the message names the node.
    """
    weight = node.array("weight")
    if weight.ndim != 2:
        raise node.error(f"has a weight of shape {weight.shape}; use two dimensions")
    require_shape(node, weight.shape[1:], shape)
    return weight


def _matrix(node: Node, shape: Shape) -> tuple[LinearMap, FloatArray | None, Shape]:
    weight = matrix_of(node, shape)
    n_out, n_in = weight.shape
    targets, sources = np.divmod(np.arange(weight.size), max(n_in, 1))
    found = LinearMap(targets, sources, weight.ravel(), np.zeros(weight.size))
    return found, _bias(node, n_out) if node.type == "Affine" else None, (n_out,)


def _bias(node: Node, n_out: int) -> FloatArray:
    bias = node.array("bias")
    if bias.shape != (n_out,):
        raise node.error(f"has a bias of shape {bias.shape}, but biases must have the shape ({n_out},)")
    return bias


@dataclass(frozen=True)
class Convolution:
    """Numbers of a convolution; `pads` are the zeros before and after each dimension of the input."""

    groups: int
    stride: Shape
    dilation: Shape
    pads: list[tuple[int, int]]


def convolution_of(node: Node, shape: Shape) -> Convolution:
    """The numbers of a Conv1d or a Conv2d node.

    Raises
    ------
    InputError
        If they are invalid or do not fit the shape of the input; the message names the node.
    """
    weight, dimensions = node.array("weight"), int(node.type[4])
    if weight.ndim != 2 + dimensions or not weight.size:
        raise node.error(f"has a weight of shape {weight.shape}; use {2 + dimensions} dimensions, none of them 0")
    (groups,) = whole_numbers(node, "groups", 1, 1)
    channels = weight.shape[1] * groups
    if len(shape) != 1 + dimensions or shape[0] != channels:
        raise node.error(f"needs {channels} channels of {dimensions} dimensions, but its input has the shape {shape}")
    if weight.shape[0] % groups:
        raise node.error(
            f"has {weight.shape[0]} output channels, but this number must be a multiple of {groups}, the number of "
            "groups"
        )
    if "input_shape" in node.values and np.size(node.values["input_shape"]):
        require_shape(node, (channels, *whole_numbers(node, "input_shape", dimensions, 1)), shape)
    stride, dilation = whole_numbers(node, "stride", dimensions, 1), whole_numbers(node, "dilation", dimensions, 1)
    padding = node.values["padding"]
    pads: Any
    if isinstance(padding, str):
        if padding not in (SAME, VALID) or (padding == SAME and set(stride) != {1}):
            raise node.error(
                f"has padding {padding!r} with stride {stride}; use numbers, 'valid', or 'same' with stride 1"
            )
        spans = [step * (size - 1) for step, size in zip(dilation, weight.shape[2:], strict=True)]
        pads = [(span // 2, span - span // 2) if padding == SAME else (0, 0) for span in spans]
    else:
        pads = [(one, one) for one in whole_numbers(node, "padding", dimensions, 0)]
    _output_sides(node, weight.shape[2:], shape, stride, pads, dilation)
    return Convolution(groups, stride, dilation, pads)


def _convolution(node: Node, shape: Shape) -> tuple[LinearMap, FloatArray, Shape]:
    weight, own = node.array("weight"), convolution_of(node, shape)
    found, out = _convolved(node, weight, shape, own.stride, own.pads, own.dilation, own.groups)
    bias = np.repeat(_bias(node, weight.shape[0]), math.prod(out[1:]))
    return found, bias, out


def _pooling(node: Node, shape: Shape) -> tuple[LinearMap, None, Shape]:
    if len(shape) != 3:
        raise node.error(f"needs channels of 2 dimensions, but its input has the shape {shape}")
    kernel = whole_numbers(node, "kernel_size", 2, 1)
    pads = [(one, one) for one in whole_numbers(node, "padding", 2, 0)]
    share = 1.0 / math.prod(kernel) if node.type == "AvgPool2d" else 1.0
    if math.prod(kernel) * shape[0] > MOST_TERMS:
        raise node.error(f"has a kernel_size of {kernel}, which is larger than any layer")
    weight = np.broadcast_to(share, (shape[0], 1, *kernel))
    found, out = _convolved(node, weight, shape, whole_numbers(node, "stride", 2, 1), pads, (1, 1), groups=shape[0])
    return found, None, out


def _output_sides(
    node: Node, kernel: Shape, shape: Shape, stride: Shape, pads: list[tuple[int, int]], dilation: Shape
) -> list[int]:
    """Sides of the output of a convolution."""
    out = []
    for size, taps, step, (before, after), spread in zip(shape[1:], kernel, stride, pads, dilation, strict=True):
        fits = (size + before + after - spread * (taps - 1) - 1) // step + 1
        if fits < 1:
            raise node.error(f"has a kernel of {taps} that does not fit the shape {shape}")
        out.append(fits)
    return out


def _convolved(
    node: Node,
    weight: FloatArray,
    shape: Shape,
    stride: Shape,
    pads: list[tuple[int, int]],
    dilation: Shape,
    groups: int,
) -> tuple[LinearMap, Shape]:
    """Map and output shape of a convolution as NIR and PyTorch define it; `pads` as in `Convolution`."""
    spatial, kernel = shape[1:], weight.shape[2:]
    out = _output_sides(node, kernel, shape, stride, pads, dilation)
    if math.prod(out) * weight.size > MOST_TERMS:
        raise node.error(f"has {math.prod(out) * weight.size:,} taps; the maximum is {MOST_TERMS:,}")
    # For each dimension, the input under each tap at each output.
    axes = [
        np.arange(fits)[:, None] * step - before + np.arange(taps)[None, :] * spread
        for fits, taps, step, (before, _), spread in zip(out, kernel, stride, pads, dilation, strict=True)
    ]
    there = [(axis >= 0) & (axis < size) for axis, size in zip(axes, spatial, strict=True)]
    at_out, at_tap, at_in = (np.zeros(1, dtype=np.int64) for _ in range(3))
    for axis, inside, fits, taps, size in zip(axes, there, out, kernel, spatial, strict=True):
        rows, columns = np.nonzero(inside)
        at_out = (at_out[:, None] * fits + rows).ravel()
        at_tap = (at_tap[:, None] * taps + columns).ravel()
        at_in = (at_in[:, None] * size + axis[rows, columns]).ravel()
    n_out, each = weight.shape[:2]
    channel, own = np.arange(n_out)[:, None, None], np.arange(each)[None, :, None]
    targets = channel * math.prod(out) + at_out + 0 * own
    sources = (channel // (n_out // groups) * each + own) * math.prod(spatial) + at_in
    weights = weight.reshape(n_out, each, -1)[:, :, at_tap]
    found = LinearMap(targets.ravel(), sources.ravel(), weights.ravel(), np.zeros(weights.size))
    return found, (n_out, *out)


def _flattened(node: Node, shape: Shape) -> Shape:
    ends = []
    for name in ("start_dim", "end_dim"):
        (given,) = whole_numbers(node, name, 1, -len(shape))
        ends.append(given + len(shape) if given < 0 else given)
    start, end = ends
    if not 0 <= start <= end < len(shape):
        raise node.error(f"flattens dimensions {start} to {end}, but its input has the shape {shape}")
    if "input_type" in node.values and np.size(node.values["input_type"]):
        require_shape(node, whole_numbers(node, "input_type", len(shape), 1), shape)
    return (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])


def whole_numbers(node: Node, name: str, dimensions: int, low: int) -> Shape:
    """A value as whole numbers, one for each dimension; a single number is repeated.

    Raises
    ------
    InputError
        If they are not whole, or one is below `low`; the message names the node.
    """
    values = node.array(name).ravel()
    if len(values) not in (1, dimensions) or np.any(values != np.rint(values)) or np.any(np.abs(values) > 2**31):
        raise node.error(
            f"has {name} = {values.tolist()}; use whole numbers, one for each of the {dimensions} dimensions"
        )
    if np.any(values < low):
        raise node.error(f"has {name} = {values.tolist()}, but {name} must be at least {low}")
    return tuple(int(value) for value in (np.repeat(values, dimensions) if len(values) == 1 else values))
