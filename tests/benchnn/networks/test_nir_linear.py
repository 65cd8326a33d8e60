"""Linear nodes as lists of weights, against the same operation on arrays."""

import math

import numpy as np
import pytest

from benchnn.networks.nir.file import Node
from benchnn.networks.nir.linear import LinearMap, composed, linear_node, merged
from simcore.errors import InputError

RNG = np.random.default_rng(1)


def node(kind, **values):
    arrays = {name: value if isinstance(value, str) else np.asarray(value, float) for name, value in values.items()}
    return Node("n", "net.nir: node 'n'", kind, arrays)


def conv(shape, **others):
    """A convolution with random weights; `shape` (outputs, inputs of a group, taps...)."""
    values = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": RNG.normal(size=shape[0])}
    return node(f"Conv{len(shape) - 2}d", weight=RNG.normal(size=shape), **{**values, **others})


def applied(found, x, n_out):
    y = np.zeros(n_out)
    np.add.at(y, found.targets, found.weights * x.ravel()[found.sources])
    return y


def convolved(given, x):
    """Loops over output positions: what NIR and PyTorch define."""
    weight, dimensions = given.values["weight"], given.values["weight"].ndim - 2
    padding = given.values["padding"]
    if isinstance(padding, str) and padding == "same":
        spans = [int(given.values["dilation"]) * (taps - 1) for taps in weight.shape[2:]]
        pads = [(span // 2, span - span // 2) for span in spans]
    else:
        plain = 0 if isinstance(padding, str) else padding.astype(int)
        pads = [(int(p), int(p)) for p in np.broadcast_to(plain, dimensions)]
    stride, dilation = (np.broadcast_to(given.values[key].astype(int), dimensions) for key in ("stride", "dilation"))
    groups, x = int(given.values["groups"]), np.pad(x, [(0, 0), *pads])
    reach = [d * (taps - 1) + 1 for d, taps in zip(dilation, weight.shape[2:], strict=True)]
    out = [(size - r) // s + 1 for size, r, s in zip(x.shape[1:], reach, stride, strict=True)]
    y = np.zeros((weight.shape[0], *out))
    for place in np.ndindex(*y.shape):
        group = place[0] // (weight.shape[0] // groups)
        own = x[group * weight.shape[1] : (group + 1) * weight.shape[1]]
        window = [slice(p * s, p * s + r, d) for p, s, r, d in zip(place[1:], stride, reach, dilation, strict=True)]
        y[place] = np.sum(own[(slice(None), *window)] * weight[place[0]]) + given.values["bias"][place[0]]
    return y


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (conv((4, 2, 3)), (2, 9)),
        (conv((4, 2, 3), stride=2, padding=1, dilation=2), (2, 11)),
        (conv((3, 2, 3, 2)), (2, 5, 6)),
        (conv((4, 1, 3, 3), groups=2, stride=[2, 1], padding=[1, 2], dilation=[1, 2]), (2, 7, 6)),
        (conv((2, 3, 3, 2), padding="same", dilation=1), (3, 4, 5)),
        (conv((2, 3, 3, 2), padding="valid", input_shape=[4, 5]), (3, 4, 5)),
    ],
)
def test_convolutions(given, shape):
    x = RNG.normal(size=shape)
    found, bias, out = linear_node(given, shape)
    expected = convolved(given, x)
    assert out == expected.shape
    assert np.allclose(applied(found, x, bias.size) + bias, expected.ravel(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["SumPool2d", "AvgPool2d"])
def test_pools(kind):
    x = RNG.normal(size=(2, 5, 7))
    found, bias, out = linear_node(node(kind, kernel_size=[2, 3], stride=[2, 2], padding=[0, 1]), x.shape)
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2, 3), axis=(1, 2))[:, ::2, ::2]
    expected = windows.sum(axis=(3, 4)) / (6 if kind == "AvgPool2d" else 1)
    assert out == expected.shape and not bias.any()
    assert np.allclose(applied(found, x, bias.size), expected.ravel())


def test_matrices_scales_flattening_and_delays():
    weight, x = RNG.normal(size=(3, 4)), RNG.normal(size=4)
    found, bias, out = linear_node(node("Affine", weight=weight, bias=[1, 2, 3]), (4,))
    assert out == (3,) and np.allclose(applied(found, x, 3) + bias, weight @ x + [1, 2, 3])
    found, bias, out = linear_node(node("Scale", scale=[[1, 2], [3, 4]]), (2, 2))
    assert out == (2, 2) and applied(found, np.ones(4), 4).tolist() == [1, 2, 3, 4]
    found, _, out = linear_node(node("Flatten", start_dim=1, end_dim=-1), (2, 3, 4))
    assert out == (2, 12) and found.sources.tolist() == list(range(24))
    found, _, _ = linear_node(node("Delay", delay=[0.0, 0.25]), (2,))
    assert found.delays_s.tolist() == [0.0, 0.25] and found.weights.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_composition_is_the_product_of_matrices_and_adds_delays(seed):
    rng = np.random.default_rng(seed)
    inner, outer = (sparse(rng, shape) for shape in ((6, 5), (4, 6)))
    found = composed(outer[1], inner[1], node("Scale"))
    dense = np.zeros((4, 5))
    np.add.at(dense, (found.targets, found.sources), found.weights)
    assert np.allclose(dense, outer[0] @ inner[0])
    keys = list(zip(found.targets, found.sources, found.delays_s, strict=True))
    assert keys == sorted(set(keys))
    allowed = {a + b for a in outer[1].delays_s.tolist() for b in inner[1].delays_s.tolist()}
    assert set(found.delays_s.tolist()) <= allowed


def sparse(rng, shape):
    dense = np.where(rng.random(shape) < 0.5, rng.normal(size=shape), 0.0)
    targets, sources = np.nonzero(dense)
    return dense, LinearMap(targets, sources, dense[targets, sources], rng.integers(0, 2, len(targets)) * 0.5)


def test_a_sum_has_one_weight_for_each_pair_and_delay_and_none_that_is_zero():
    targets, sources = np.array([0, 0, 0, 1, 1]), np.array([1, 1, 1, 0, 2])
    found = merged([LinearMap(targets, sources, np.array([1.0, 2.0, 4.0, 0.0, 3.0]), np.array([0, 0, 1.0, 0, 0]))])
    assert found.targets.tolist() == [0, 0, 1] and found.sources.tolist() == [1, 1, 2]
    assert found.weights.tolist() == [3.0, 4.0, 3.0] and found.delays_s.tolist() == [0.0, 1.0, 0.0]


POOL = {"kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0]}


@pytest.mark.parametrize(
    ("given", "shape", "message"),
    [
        (node("Linear", weight=np.ones((3, 4))), (5,), r"node 'n' \(Linear\) has the shape \(4,\), but its .*\(5,\)"),
        (node("Linear", weight=np.ones((2, 3, 4))), (4,), "weight of shape .*two dimensions"),
        (node("Affine", weight=np.ones((3, 4)), bias=np.ones(4)), (4,), r"bias of shape \(4,\), but .* shape \(3,\)"),
        (node("Scale", scale=np.ones(3)), (4,), r"has the shape \(3,\)"),
        (conv((4, 2, 3)), (3, 9), "needs 2 channels of 1 dimensions"),
        (conv((4, 2, 3)), (2, 2), "kernel of 3 that does not fit"),
        (conv((3, 2, 3), groups=2), (4, 9), "must be a multiple of 2, the number of groups"),
        (conv((4, 2, 3), stride=0), (2, 9), "stride = .*at least 1"),
        (conv((4, 2, 3), stride=1.5), (2, 9), "stride = .*whole numbers"),
        (conv((4, 2, 3), padding="mirror"), (2, 9), "padding 'mirror'"),
        (conv((4, 2, 3), padding="same", stride=2), (2, 9), "padding 'same' with stride"),
        (conv((4, 2, 3), input_shape=8), (2, 9), r"has the shape \(2, 8\), but its input has the shape \(2, 9\)"),
        (node("SumPool2d", **POOL), (4,), "needs channels of 2 dimensions"),
        (node("SumPool2d", **POOL | {"kernel_size": [9e8, 9e8]}), (1, 4, 4), "kernel_size .*larger than any layer"),
        (node("SumPool2d", **POOL | {"kernel_size": "two"}), (1, 4, 4), "the text 'two' as kernel_size"),
        (node("Flatten", start_dim=1, end_dim=0), (2, 2), "flattens dimensions 1 to 0"),
        (node("Delay", delay=[-1.0]), (1,), "delay of -1.0 s, but delays must be >= 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_node(given, shape, message):
    with pytest.raises(InputError, match=message):
        linear_node(given, shape)


def test_a_product_that_no_memory_holds_is_refused():
    n = 2**15
    row, column = np.zeros(n, dtype=np.int64), np.arange(n)
    wide = LinearMap(column, row, np.ones(n), np.zeros(n)), LinearMap(row, column, np.ones(n), np.zeros(n))
    with pytest.raises(InputError, match=r"node 'n' .*needs 1,073,741,824 products"):
        composed(wide[0], wide[1], node("Scale"))
    assert math.prod((n, n)) == 1_073_741_824
