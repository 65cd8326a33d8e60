"""Kernels are the functions that their docstrings say, and negligible where they say so."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from simcore.errors import InputError
from simcore.space import (
    ConstantKernel,
    ExponentialKernel,
    GammaKernel,
    Gaussian2DKernel,
    GaussianKernel,
    LinearKernel,
)
from simcore.space.bins import N_BINS, DistanceBins
from simcore.space.kernels import NEGLIGIBLE
from simcore.space.numbers import log, log_gamma, power, sine_and_cosine

DISTANCES = np.linspace(0.0, 3.0, 301)
KERNELS = [
    (ConstantKernel(0.3), np.full(301, 0.3)),
    (LinearKernel(-0.4, 0.9), 0.9 - 0.4 * DISTANCES),
    (ExponentialKernel(0.7, 0.8, 0.1), 0.1 + 0.8 * np.exp(-DISTANCES / 0.7)),
    (GaussianKernel(0.6, 0.5, 2.0, -0.1), -0.1 + 2.0 * np.exp(-((DISTANCES - 0.5) ** 2) / (2 * 0.6**2))),
    (GammaKernel(2.5, 0.4, 0.5), 0.5 * stats.gamma.pdf(DISTANCES, 2.5, scale=0.4)),
    (GammaKernel(1.0, 0.4), stats.expon.pdf(DISTANCES, scale=0.4)),
]


@pytest.mark.parametrize(("kernel", "expected"), KERNELS, ids=lambda value: type(value).__name__)
def test_values(kernel, expected):
    assert np.allclose(kernel.values(DISTANCES), expected, rtol=1e-13, atol=1e-14)


def test_an_elliptic_kernel_is_a_function_of_its_form():
    kernel = Gaussian2DKernel(0.3, 0.2, 0.1, 0.05, 0.4, 0.7)
    u, v = (0.25 - 0.1) / 0.3, (0.3 - 0.05) / 0.2
    expected = 0.7 * math.exp(-(u * u + v * v - 2 * 0.4 * u * v) / (2 * (1 - 0.4**2)))
    mean_x, mean_y, of_x, of_y, of_xy = kernel.elliptic
    x, y = 0.25 - mean_x, 0.3 - mean_y
    argument = math.sqrt(of_x * x * x + of_y * y * y + of_xy * x * y)
    assert kernel.values(np.array([argument]))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "kernel", [ExponentialKernel(0.7, 0.8), GaussianKernel(0.6, 0.5), GammaKernel(3.0, 0.2), LinearKernel(-1.0, 1.0)]
)
def test_a_kernel_is_negligible_from_its_reach_on_and_not_before(kernel):
    reach = kernel.reach()
    assert np.all(kernel.values(reach * np.array([1.0 + 1e-9, 1.5, 3.0])) <= NEGLIGIBLE)
    assert kernel.values(np.array([reach * (1.0 - 1e-6)]))[0] > NEGLIGIBLE


def test_kernels_that_do_not_fall_reach_everywhere():
    for kernel in (ConstantKernel(0.1), LinearKernel(0.1), ExponentialKernel(1.0, offset=0.1)):
        assert math.isinf(kernel.reach())
    assert ConstantKernel(0.0).reach() == LinearKernel(-1.0, -1.0).reach() == GammaKernel(2.0, 1.0, -1.0).reach() == 0.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ExponentialKernel(0.0), "beta = 0.0"),
        (lambda: GaussianKernel(math.nan), "std = nan"),
        (lambda: GaussianKernel("1"), "std = '1'"),
        (lambda: Gaussian2DKernel(1.0, 1.0, rho=1.0), "rho = 1.0"),
        (lambda: GammaKernel(0.5, 1.0), "kappa = 0.5"),
        (lambda: GaussianKernel(1.0, sigma=2.0), "no argument 'sigma'"),
    ],
)
def test_bad_parameters_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


@given(st.floats(1e-9, 1e9), st.floats(0.0, 20.0))
def test_numbers_equal_those_of_scipy(x, exponent):
    assert float(log(x)) == pytest.approx(math.log(x), rel=1e-14, abs=1e-15)
    assert log_gamma(1.0 + exponent) == pytest.approx(special.gammaln(1.0 + exponent), rel=1e-12, abs=1e-13)
    if abs(exponent * math.log(x)) < 600.0:
        assert float(power(x, exponent)) == pytest.approx(x**exponent, rel=1e-11)


@given(st.floats(-1000.0, 1000.0))
def test_sine_and_cosine(degrees):
    sine, cosine = sine_and_cosine(degrees)
    assert (sine, cosine) == pytest.approx(
        (math.sin(math.radians(degrees)), math.cos(math.radians(degrees))), abs=1e-12
    )
    assert sine_and_cosine(90.0) == (1.0, 0.0)


@given(st.floats(1e-6, 1e6), st.floats(0.0, 1.0))
def test_the_distance_of_a_bin_is_near_those_in_it(farthest, share):
    bins, distance = DistanceBins(0.0, farthest), share * farthest
    number = int(bins.of(np.array([distance * distance]))[0])
    assert 0 <= number < N_BINS
    assert bins.distances()[number] == pytest.approx(distance, rel=1.3e-4, abs=farthest * 2.0**-16)


def test_bins_end_where_distances_do():
    found = DistanceBins(0.2, 0.5).distances()
    assert (found.min(), found.max()) == (0.2, 0.5)
