"""iaf_psc_exp_multisynapse with 1, 2 and 5 receptors equals NEST: the same spike times, traces within 1e-9."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from equality import (
    arrays,
    assert_drawn_case_equals_nest,
    assert_equals_nest,
    between,
    populations,
    recorded,
    spike_trains,
    tics,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simcore.network import AllToAll, Explicit, Network, Population, Projection, SpikeTrain

MODEL = "iaf_psc_exp_multisynapse"
WEIGHTS_PA = st.one_of(between(200.0, 4000.0), between(-2000.0, -100.0))


@st.composite
def networks(draw: Callable[..., Any], n_receptors: int) -> Network:
    """Two to four neurons, each with time constants of its own, a projection and a spike train to each receptor."""
    population = draw(populations("iaf_psc_exp", draw(st.integers(2, 4))))
    n, names = population.size, [str(k + 1) for k in range(n_receptors)]
    params = {name: value for name, value in population.params.items() if not name.startswith("tau_syn")}
    params |= {f"tau_syn_{name}": draw(arrays(between(0.1, 30.0), n)) for name in names}
    # Of each projection the sources are all neurons; weights are of one sign or of both.
    projections, drives = [], []
    for name in names:
        edge = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), WEIGHTS_PA, tics(50, 4000))
        edges = draw(st.lists(edge, min_size=1, max_size=6))
        sources, targets, weights, delays = (list(column) for column in zip(*edges, strict=True))
        projections.append(Projection("A", "A", Explicit(sources, targets), weights, delays, receptor=name))
        drives.append(replace(draw(spike_trains(WEIGHTS_PA)), receptor=name))
    neurons = Population("A", n, MODEL, params, population.initial)
    return recorded([neurons], projections=projections, drives=drives)


@pytest.mark.parametrize("n_receptors", [1, 2, 5])
@settings(
    derandomize=True,
    database=None,
    max_examples=10,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_any_small_network(backend: str, n_receptors: int, data: Any) -> None:
    assert_drawn_case_equals_nest(data.draw(networks(n_receptors)), backend)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_each_receptor_has_its_time_constant_and_its_lsb(backend: str, bits: int) -> None:
    """Weights that differ by a factor of a thousand between receptors keep their precision."""
    population = Population("A", 3, MODEL, {"tau_syn": [0.5, 12.0, 80.0], "I_e": [376.0, 300.0, 500.0]})
    other = Population("B", 2, "iaf_psc_exp", {"I_e": 400.0})
    projections = [
        Projection("B", "A", AllToAll(), 1537.0, 0.3, receptor="1"),
        Projection("B", "A", AllToAll(), -1.25, 0.7, receptor="3"),
        Projection("A", "B", AllToAll(), 300.0, 1.5),
        Projection("A", "A", AllToAll(), np.linspace(-20.0, 30.0, 9), 0.5, receptor="2"),
    ]
    drives = [SpikeTrain("A", [5.0, 30.0], -700.0, 0.4, receptor="1")]
    network = recorded([population, other], projections=projections, drives=drives)
    assert len(assert_equals_nest(network, backend, 1200, bits).stamps) > 10
