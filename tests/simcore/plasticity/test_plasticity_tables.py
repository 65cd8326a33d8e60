"""The tables of exponentials and powers, against numbers of higher precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.plasticity.changes import depressed, facilitated
from simcore.plasticity.decay import FINE, decay, decay_table
from simcore.plasticity.powers import power, power_table, raised
from simcore.plasticity.rule import Grid
from simcore.plasticity.stdp import Stdp
from simcore.plasticity.stdp_power_law import StdpPowerLaw
from simcore.plasticity.tables import delivered


@settings(deadline=None)
@given(st.floats(0.05, 2000.0), st.sampled_from([0.001, 0.1, 1.0]), st.data())
def test_a_decay_is_the_exponential_to_two_units_in_the_last_place(tau_ms, h, data):
    table = decay_table(tau_ms, h)
    steps = np.array(data.draw(st.lists(st.integers(0, 2 * FINE * (len(table) - FINE)), min_size=1)))
    exact = np.exp(-steps.astype(np.longdouble) * np.longdouble(h) / np.longdouble(tau_ms))
    assert np.all(np.abs(decay(table, steps) - exact) <= 1e-15 * exact * (1.0 + steps * h / tau_ms) + 2.0**-75)


def test_a_decay_ends_in_zero_and_starts_with_one():
    for tau_ms in (0.0, 0.1, 20.0):
        table = decay_table(tau_ms, 0.1)
        far = np.array([0, 10**9])
        assert decay(table, far).tolist() == [1.0, 0.0]
    assert decay(decay_table(0.0, 0.1), np.array([1, FINE])).tolist() == [0.0, 0.0]


@settings(deadline=None)
@given(st.floats(0.001, 0.999), st.lists(st.integers(0, 2**31 - 1), min_size=1))
def test_a_power_has_a_relative_error_below_3e_11(mu, values):
    x = np.array(values)
    exact = np.where(x == 0, 0.0, x.astype(np.longdouble) ** np.longdouble(mu))
    assert np.all(np.abs(power(power_table(mu), x) - exact) <= 3e-11 * exact)


@settings(deadline=None)
@given(st.floats(2.0**-60, 2.0**60), st.floats(-1.0, 1.0))
def test_a_factor_is_raised_to_nearly_full_precision(base, exponent):
    exact = float(np.longdouble(base) ** np.longdouble(exponent))
    assert raised(base, exponent) == pytest.approx(exact, rel=2e-14)


def test_delivered_weights_are_rounded_to_the_lsb():
    units = np.array([0, 1 << 14, (1 << 14) - 1, 3 << 15, -(3 << 15), -(1 << 14), -(1 << 14) - 1], dtype=np.int32)
    assert delivered(units).tolist() == [0, 1, 0, 3, -3, 0, -1]


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 2.0), st.floats(0.0, 3.0), st.integers(0, 32767))
def test_changes_are_those_of_the_equations(mu_plus, mu_minus, alpha, trace, code):
    lsb, w_max, lambda_ = 2.0**-8, 100.0, 0.05
    rule = Stdp(lambda_=lambda_, alpha=alpha, mu_plus=mu_plus, mu_minus=mu_minus, Wmax=w_max)
    tables = rule.prepare(Grid(0.1, lsb, 20.0, w_max))
    unit = lsb * 2.0**-15
    w = np.array([min(code << 15, tables.ceiling)])
    n = w * unit / w_max
    up, cut = facilitated(tables, w, np.array([trace]))
    exact = n + lambda_ * (1.0 - n) ** mu_plus * trace
    assert up[0] * unit / w_max == pytest.approx(min(exact[0], 1.0), abs=0.51 * unit / w_max)
    assert cut == int(exact[0] > 1.0) or exact[0] == pytest.approx(1.0)
    down, cut = depressed(tables, w, np.array([trace]))
    exact = n - alpha * lambda_ * n**mu_minus * trace
    assert down[0] * unit / w_max == pytest.approx(max(exact[0], 0.0), abs=0.51 * unit / w_max)
    assert cut == int(exact[0] < 0.0) or exact[0] == pytest.approx(0.0)


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 3.0), st.integers(0, 4000))
def test_changes_of_the_power_law_are_those_of_its_equations(mu, trace, code):
    lsb, lambda_, alpha = 2.0**-6, 0.1, 0.3
    tables = StdpPowerLaw(lambda_=lambda_, alpha=alpha, mu=mu).prepare(Grid(0.1, lsb, 20.0, 60.0))
    unit = lsb * 2.0**-15
    assert tables.ceiling == 480.0 / unit
    w = np.array([code << 15])
    up, _ = facilitated(tables, w, np.array([trace]))
    zero = 0.0 if mu else 1.0
    grown = w * unit + lambda_ * ((w * unit) ** mu if code else zero) * trace
    assert up[0] * unit == pytest.approx(grown[0], abs=0.51 * unit)
    down, _ = depressed(tables, w, np.array([trace]))
    assert down[0] * unit == pytest.approx(w[0] * unit * (1.0 - lambda_ * alpha * trace), abs=0.51 * unit)
