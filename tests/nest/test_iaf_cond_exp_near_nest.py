"""iaf_cond_exp comes near NEST: the same spike times, V_m within 1e-4 mV, conductances within 1e-3 nS.

NEST's solver keeps its error below 1e-3 in each of its steps; what is compared is its error more than ours, see
`tests/simcore/test_conductance_models.py`.
"""

from typing import Any

import numpy as np
import pytest
from equality import neurons, recorded, run_on_simcore
from run_nest import NestResult, run_on_nest

from simcore.network import AllToAll, Dc, Explicit, Network, Population, Projection, SpikeTrain

TOLERANCE = {"V_m": 1e-4, "g_ex": 1e-3, "g_in": 1e-3}
"""With the weights of these tests, of up to 100 nS."""


def one(params: dict[str, Any] | None = None, drives: Any = (), initial: Any = None, **parts: Any) -> Network:
    """Unconnected neurons: one for each value of the longest array among the parameters."""
    return neurons("iaf_cond_exp", params, drives, initial, **parts)


def assert_near_nest(network: Network, backend: str, n_steps: int = 300) -> NestResult:
    nests, ours = run_on_nest(network, n_steps), run_on_simcore(network, n_steps, backend)
    assert list(zip(ours.stamps, ours.ids, strict=True)) == list(zip(nests.stamps, nests.ids, strict=True))
    assert ours.traces.keys() == nests.traces.keys()
    for key, values in nests.traces.items():
        if key[2] not in TOLERANCE:
            continue
        np.testing.assert_allclose(ours.traces[key], values, rtol=0.0, atol=TOLERANCE[key[2]], err_msg=str(key))
    return nests


def test_spikes_of_a_constant_current(backend: str) -> None:
    """Two seconds on the fast backend."""
    n_steps = 20_000 if backend == "cpu" else 1000
    network = one({"I_e": [200.0, 260.0, 400.0, 900.0, 3000.0]}, [Dc("A", 10.0)])
    assert len(assert_near_nest(network, backend, n_steps).stamps) > n_steps / 20


def test_an_arrival_acts_in_the_step_after_its_stamp(backend: str) -> None:
    nests = assert_near_nest(one(drives=[SpikeTrain("A", [1.0], 50.0, 0.5)]), backend, 100)
    assert nests.traces["A", 0, "g_ex"][13:15] == pytest.approx([0.0, 50.0])
    assert nests.traces["A", 0, "V_m"][14] == -70.0 < nests.traces["A", 0, "V_m"][15]


def test_several_arrivals_of_both_signs_in_one_step(backend: str) -> None:
    trains = [
        SpikeTrain("A", [1.0, 3.0, 3.0, 3.0, 8.0, 12.0], 41.1, 0.1),
        SpikeTrain("A", [0.1, 0.8, 2.8, 8.0], 97.3, 0.3),
        SpikeTrain("A", [2.8, 7.8, 7.8], -36.03, 0.3),
    ]
    params = {
        "I_e": 300.0,
        "tau_syn_ex": [0.2, 0.5, 5.0],
        "tau_syn_in": [2.0, 10.0, 0.3],
        "E_in": [-85.0, -70.0, -60.0],
    }
    assert len(assert_near_nest(one(params, trains), backend, 600).stamps) > 3


@pytest.mark.parametrize("t_ref", [0.0, 0.1, 0.2, 2.0, 0.04, 0.25])
def test_refractory_periods(backend: str, t_ref: float) -> None:
    """Without one a neuron can spike in every step, once."""
    trains = [SpikeTrain("A", [k / 10.0 for k in range(10, 60)], 80.0, 0.1)]
    nests = assert_near_nest(one({"t_ref": t_ref, "I_e": [0.0, 2000.0]}, trains), backend, 200)
    assert len(nests.stamps) > 4


def test_initial_values(backend: str) -> None:
    initial = {"V_m": [-80.0, -55.5, -55.0, -20.0], "g_ex": [10.0, 0.0, 0.0, 3.0], "g_in": [0.0, 2.0, 0.0, 30.0]}
    nests = assert_near_nest(one({"I_e": 200.0}, initial=initial), backend)
    # At V_th V falls within the first step: no spike.
    assert nests.ids[nests.stamps == 1].tolist() == [3]


@pytest.mark.parametrize("resolution_ms", [0.025, 0.125, 0.5, 1.0])
def test_other_resolutions(backend: str, resolution_ms: float) -> None:
    h = resolution_ms
    trains = [SpikeTrain("A", [3 * h, 3 * h, 9 * h], 30.0, 2.5 * h), SpikeTrain("A", [5 * h], -20.0, h)]
    network = one({"t_ref": [2.0 * h, 5.0 * h], "I_e": 900.0, "tau_syn_ex": 2.0}, trains, resolution_ms=h)
    assert len(assert_near_nest(network, backend, 400).stamps) > 0


def test_a_loop_with_another_model(backend: str) -> None:
    conductance = Population("G", 4, "iaf_cond_exp", {"I_e": [380.0, 300.0, 270.0, 330.0]})
    current = Population("I", 2, params={"I_e": 390.0})
    sources, targets = [0, 0, 1, 1, 2, 2, 3, 3], [1, 1, 2, 0, 3, 2, 0, 1]
    weights, delays = [20.0, 35.5, 31.0, -14.0, 26.0, -8.0, 33.0, -25.0], [0.1, 1.5, 0.3, 2.0, 0.7, 0.1, 1.0, 0.2]
    projections = [
        Projection("G", "G", Explicit(sources, targets), weights, delays),
        Projection("G", "I", AllToAll(), 300.0, 0.4),
        Projection("I", "G", AllToAll(), -12.3, 0.6),
    ]
    nests = assert_near_nest(
        recorded([conductance, current], projections=projections), backend, 5000 if backend == "cpu" else 2000
    )
    assert set(nests.ids) == set(range(6))
