"""The exponential function of neuron models: accurate, clipped, and the same bits in kernels."""

import numpy as np
import pytest

from simcore.exponential import exp

REALS = [np.float32, np.float64]


def arguments(real):
    """Random ones, whole and half multiples of ln 2, and what lies beside the ends."""
    random = np.random.default_rng(1).uniform(-80.0, 80.0, 100_000)
    edges = np.arange(-230, 231) * (np.log(2.0) / 2.0)
    return np.concatenate([random, edges, [-0.0, 0.0, 1e-30, -1e-300, 79.9999, 80.0, -80.0]]).astype(real)


@pytest.mark.parametrize("real", REALS)
def test_error_of_a_few_units_in_the_last_place(real):
    x = np.clip(arguments(real), -80.0, 80.0)
    values = exp(x)
    exact = np.exp(x.astype(np.longdouble))
    assert values.dtype == real
    assert np.max(np.abs(values - exact) / np.spacing(exact.astype(real))) < 2.5
    assert exp(np.zeros(3, dtype=real)).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("real", REALS)
def test_arguments_are_clipped(real):
    low, high = exp(np.array([-80.0, 80.0], dtype=real))
    assert exp(np.array([-1e30, -np.inf, 1e30, np.inf], dtype=real)).tolist() == [low, low, high, high]
    assert np.isnan(exp(np.array([np.nan], dtype=real)))[0]


@pytest.mark.parametrize("real", REALS)
def test_kernels_have_the_same_bits(real):
    pytest.importorskip("simcore.backends.cpu.backend")
    from simcore.jit.compilation import kernel
    from simcore.jit.exponential import exp as exp_in_kernel

    @kernel
    def fill(x, out):
        for i in range(len(x)):
            out[i] = exp_in_kernel(x[i])

    x = np.concatenate([arguments(real), np.array([-np.inf, np.inf, np.nan, 1e30], dtype=real)])
    out = np.empty_like(x)
    fill(x, out)
    assert np.array_equal(out, exp(x), equal_nan=True)
    assert np.array_equal(out[:-4].view(np.uint8), exp(x)[:-4].view(np.uint8))


def test_float32_and_float64_values_are_pinned():
    """A change of them changes what a seed means."""
    x = np.array([-10.25, 0.5, 3.0, 60.0])
    assert [value.hex() for value in exp(x).tolist()] == PINNED[np.float64]
    assert [float(value).hex() for value in exp(x.astype(np.float32))] == PINNED[np.float32]


PINNED = {
    np.float64: ["0x1.2899a7a835447p-15", "0x1.a61298e1e069dp+0", "0x1.415e5bf6fb106p+4", "0x1.79dbc9dc53c66p+86"],
    np.float32: ["0x1.2899a80000000p-15", "0x1.a612980000000p+0", "0x1.415e5c0000000p+4", "0x1.79dbca0000000p+86"],
}
