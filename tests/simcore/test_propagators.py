"""Propagators against high-precision references."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.propagators import alpha_current_to_voltage, exp, expm1, exponential_current_to_voltage

getcontext().prec = 60


@given(st.floats(-600, 600))
def test_exp_is_accurate_to_two_units_in_the_last_place(x):
    exact = Decimal(x).exp()
    assert abs(Decimal(float(exp(x))) - exact) <= exact * Decimal("4.5e-16")


@given(st.floats(-40, 40).filter(lambda x: abs(x) > 1e-300))
def test_expm1_is_accurate_to_two_units_in_the_last_place(x):
    exact = Decimal(x).exp() - 1 if abs(x) > 1e-20 else Decimal(x)
    assert abs(Decimal(float(expm1(x))) - exact) <= abs(exact) * Decimal("4.5e-16")


def test_the_microcircuit_propagators():
    """Values of PD14 (Potjans, Diesmann 2014) at 0.1 ms."""
    assert float(exp(-0.1 / 10.0)) == pytest.approx(0.9900498337491681, abs=1e-15)
    assert float(exponential_current_to_voltage(10.0, 0.5, 250.0, 0.1)) == pytest.approx(3.60671748784e-4, rel=1e-11)


@given(st.floats(0.1, 100.0), st.floats(-1e-9, 1e-9))
def test_equal_time_constants_are_no_singularity(tau, difference):
    at = float(exponential_current_to_voltage(tau, tau, 250.0, 0.1))
    near = float(exponential_current_to_voltage(tau, tau + difference, 250.0, 0.1))
    assert at == pytest.approx(0.1 / 250.0 * np.exp(-0.1 / tau), rel=1e-14)
    assert near == pytest.approx(at, rel=1e-6)


def alpha_reference(tau_m, tau_syn, c_m, h):
    """Solution of C V' = -C V / tau_m + t exp(-t / tau_syn) at t = h, in 60 digits."""
    tau_m, tau_syn, c_m, h = (Decimal(x) for x in (tau_m, tau_syn, c_m, h))
    alpha = 1 / tau_syn - 1 / tau_m
    if alpha == 0:
        return h * h / 2 / c_m * (-h / tau_m).exp()
    return ((-h / tau_m).exp() - (1 + alpha * h) * (-h / tau_syn).exp()) / alpha**2 / c_m


taus = st.floats(0.05, 100.0)


@given(taus, st.one_of(taus, st.floats(-12.0, 0.0)), st.sampled_from([0.001, 0.1, 1.0]))
def test_an_alpha_current_reaches_the_membrane_exactly(tau_m, tau_syn, h):
    """Also with tau_syn = tau_m (1 + 10^x): the usual difference of exponentials loses all digits there."""
    if tau_syn <= 0.0:
        tau_syn = tau_m * (1.0 + 10.0**tau_syn)
    exact = alpha_reference(tau_m, tau_syn, 250.0, h)
    found = alpha_current_to_voltage(tau_m, tau_syn, 250.0, h)
    assert abs(Decimal(float(found)) - exact) <= abs(exact) * Decimal("5e-15")


@pytest.mark.parametrize(("tau_m", "tau_syn"), [(1e-5, 10.0), (10.0, 1e-5), (1e-5, 1e-5), (1e4, 1e4)])
def test_an_alpha_current_with_extreme_time_constants(tau_m, tau_syn):
    exact = alpha_reference(tau_m, tau_syn, 250.0, 0.1)
    found = alpha_current_to_voltage(tau_m, tau_syn, 250.0, 0.1)
    assert float(found) == pytest.approx(float(exact), rel=1e-14, abs=1e-300)
