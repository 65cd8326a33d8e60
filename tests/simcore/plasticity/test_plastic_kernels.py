"""The compiled tables, traces and changes of plastic synapses give the bits of their NumPy definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.jit.compilation import kernel
from simcore.plasticity import cpu
from simcore.plasticity.decay import decay, decay_table
from simcore.plasticity.powers import power, power_table


@kernel
def compiled_decay(table, steps):
    return cpu.decay(table, steps)


@kernel
def compiled_power(table, x):
    return cpu.power(table, x)


@settings(deadline=None)
@given(st.sampled_from([0.0, 0.3, 20.0, 800.0]), st.integers(0, 2**31))
def test_compiled_exponentials_are_those_of_numpy(tau_ms, steps):
    table = decay_table(tau_ms, 0.1)
    assert compiled_decay(table, steps) == decay(table, np.array([steps]))[0]


@pytest.mark.parametrize("tau_ms", [0.0, 0.3, 20.0])
def test_compiled_exponentials_end_where_their_table_does(tau_ms):
    table = decay_table(tau_ms, 0.1)
    last = (len(table) - 64) * 64
    for steps in (0, 1, 63, 64, 65, last - 1, last, last + 1):
        assert compiled_decay(table, steps) == decay(table, np.array([steps]))[0]
    assert compiled_decay(table, last) == 0.0


@settings(deadline=None)
@given(st.sampled_from([0.02, 0.4, 0.98]), st.integers(0, 2**31 - 1))
def test_compiled_powers_are_those_of_numpy(mu, x):
    table = power_table(mu)
    assert compiled_power(table, float(x)) == power(table, np.array([x]))[0]


def test_compiled_powers_of_all_magnitudes():
    table = power_table(0.4)
    powers = [0, 1, *(2**k + d for k in range(1, 31) for d in (-1, 0, 1))]
    assert [compiled_power(table, float(x)) for x in powers] == power(table, np.array(powers)).tolist()
