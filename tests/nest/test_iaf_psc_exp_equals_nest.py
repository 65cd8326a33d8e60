"""iaf_psc_exp equals NEST: the same spike times, traces within 1e-9; in distribution under a Poisson drive.

Both compute in float64, but not with the same last bits: a potential within `TIE_MV` of the threshold may spike in
one alone. Only drawn cases can come that close by accident (a constant current whose resting point is the threshold,
say); they are discarded, and only if the first difference is such a tie.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from run_nest import FloatArray, NestResult, run_on_nest

from simcore.network import (
    AllToAll,
    Dc,
    Explicit,
    Network,
    OneToOne,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
)
from simcore.simulator import Simulator

VARIABLES = ("V_m", "I_syn_ex", "I_syn_in")
TOLERANCE = 1e-9
TIE_MV = 1e-10
PD14: dict[str, Any] = {"tau_syn_ex": 0.5, "tau_syn_in": 0.5, "E_L": -65.0, "V_reset": -65.0, "V_th": -50.0}
STRONG = 5000.0
"""pA; one such arrival moves a neuron of `PD14` by 8.5 mV of the 15 mV to its threshold."""

# Without shrinking, which takes minutes: a failing case is drawn again and shown as it is.
drawn_cases = settings(
    derandomize=True,
    database=None,
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module", params=["oracle", "cpu"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "cpu":
        pytest.importorskip("simcore.backends.cpu.backend")
    return str(request.param)


def run_on_simcore(network: Network, n_steps: int, backend: str, weight_bits: int = 16) -> NestResult:
    with Simulator(network, threads=1, backend=backend, precision="float64", weight_bits=weight_bits) as simulator:
        simulator.run(n_steps * network.resolution_ms)
        spikes = simulator.spikes()
        return NestResult(spikes.stamps, spikes.ids, simulator.traces())


def recorded(populations: list[Population], resolution_ms: float = 0.1, **parts: Any) -> Network:
    """A network that records all spikes and all variables of all neurons."""
    traces = [TraceRecorder(p.name, tuple(range(p.size)), VARIABLES) for p in populations if p.model == "iaf_psc_exp"]
    return Network(populations, recorders=[SpikeRecorder(), *traces], resolution_ms=resolution_ms, **parts)


def one(params: dict[str, Any] | None = None, drives: Any = (), v_m: Any = None, **parts: Any) -> Network:
    """Unconnected neurons: one for each value of the longest array among the parameters."""
    size = max((len(np.atleast_1d(value)) for value in (*(params or {}).values(), v_m)), default=1)
    initial = {} if v_m is None else {"V_m": v_m}
    return recorded([Population("A", size, params=params or {}, initial=initial)], drives=drives, **parts)


def assert_same(ours: NestResult, nests: NestResult) -> None:
    assert list(zip(ours.stamps, ours.ids, strict=True)) == list(zip(nests.stamps, nests.ids, strict=True))
    assert ours.traces.keys() == nests.traces.keys()
    for key, values in nests.traces.items():
        np.testing.assert_allclose(ours.traces[key], values, rtol=0.0, atol=TOLERANCE, err_msg=str(key))


def assert_equals_nest(network: Network, backend: str, n_steps: int = 300, weight_bits: int = 16) -> NestResult:
    nests = run_on_nest(network, n_steps, weight_bits)
    assert_same(run_on_simcore(network, n_steps, backend, weight_bits), nests)
    return nests


def first_difference_is_a_tie(network: Network, ours: NestResult, nests: NestResult) -> bool:
    """True if each spike of the first step with a difference was missed by at most `TIE_MV`."""
    a, b = (set(zip(r.stamps.tolist(), r.ids.tolist(), strict=True)) for r in (ours, nests))
    first = min((stamp for stamp, _ in a ^ b), default=None)
    missed = [(stamp, neuron, ours if (stamp, neuron) in b else nests) for stamp, neuron in a ^ b if stamp == first]
    thresholds = np.concatenate([np.resize(np.asarray(p.value("V_th")), p.size) for p in network.populations])
    places = [(p.name, k) for p in network.populations for k in range(p.size)]
    gaps = [thresholds[n] - result.traces[*places[n], "V_m"][stamp - 1] for stamp, n, result in missed]
    return bool(gaps) and max(np.abs(gaps)) <= TIE_MV


def assert_drawn_case_equals_nest(network: Network, backend: str, n_steps: int) -> None:
    ours, nests = run_on_simcore(network, n_steps, backend), run_on_nest(network, n_steps)
    assume(not first_difference_is_a_tie(network, ours, nests))
    assert_same(ours, nests)


# --- one neuron --------------------------------------------------------------------------------------------------


def test_constant_current(backend: str) -> None:
    network = one({"I_e": [300.0, 376.0, 500.0, 900.0, -200.0]}, [Dc("A", 40.0), Dc("A", 0.3)])
    assert len(assert_equals_nest(network, backend, 1000).stamps) > 20


@pytest.mark.parametrize("t_ref", [0.0, 0.1, 0.2, 2.0, 0.0004, 0.04, 0.05, 0.12, 0.25, 1.9604, 2.0006])
def test_refractory_period_on_and_off_the_grid(backend: str, t_ref: float) -> None:
    drives = [SpikeTrain("A", [1.0, 1.3, 4.0, 4.5], STRONG, 0.2)]
    network = one({**PD14, "t_ref": t_ref, "I_e": [800.0, 1e5]}, drives)
    assert len(assert_equals_nest(network, backend).stamps) > 10


@pytest.mark.parametrize("v_m", [-50.0001, -50.0, -49.0, 20.0])
def test_initial_potential_around_and_above_the_threshold(backend: str, v_m: float) -> None:
    spikes = assert_equals_nest(one({**PD14, "V_reset": [-65.0, -50.5]}, v_m=v_m, drives=[Dc("A", 300.0)]), backend)
    assert (1 in spikes.stamps) == (v_m > -49.5)


def test_a_potential_exactly_at_the_threshold_spikes(backend: str) -> None:
    """At rest V_m - E_L is exactly 0 in both, so that this tie has one answer."""
    params = {"E_L": -65.0, "V_th": [-65.0, np.nextafter(-65.0, 0.0)], "V_reset": -70.0}
    spikes = assert_equals_nest(one(params), backend)
    assert (spikes.stamps.tolist(), spikes.ids.tolist()) == ([1], [0])


@pytest.mark.parametrize("ratio", [1.0, 1.0 + 1e-12, 1.0 + 1e-7, 1.0 - 1e-3, 0.05, 3.0])
def test_synaptic_time_constants_near_that_of_the_membrane(backend: str, ratio: float) -> None:
    params = {"tau_m": 10.0, "tau_syn_ex": 10.0 * ratio, "tau_syn_in": [10.0, 10.0 / ratio], "I_e": 370.0}
    drives = [SpikeTrain("A", [1.0, 2.5, 9.0], 600.0, 0.3), SpikeTrain("A", [5.0, 5.1], -300.0, 1.7)]
    assert len(assert_equals_nest(one(params, drives, v_m=-56.0), backend, 600).stamps) > 0


def test_several_arrivals_at_both_receptors_in_one_step(backend: str) -> None:
    drives = [
        SpikeTrain("A", [1.0, 3.0, 3.0, 3.0, 8.0, 12.0], 0.4 * STRONG, 0.1),
        SpikeTrain("A", [0.1, 0.8, 2.8, 8.0], 0.7 * STRONG, 0.3),
        SpikeTrain("A", [2.8, 7.8, 7.8], -0.3 * STRONG, 0.3),
    ]
    network = one({**PD14, "tau_syn_in": 1.3, "t_ref": [0.0, 0.7], "I_e": 300.0}, drives)
    assert len(assert_equals_nest(network, backend).stamps) > 2


@pytest.mark.parametrize("resolution_ms", [0.025, 0.125, 0.3, 1.0])
def test_other_resolutions(backend: str, resolution_ms: float) -> None:
    h = resolution_ms
    drives = [SpikeTrain("A", [3 * h, 3 * h, 9 * h], 4000.0, 2.5 * h), SpikeTrain("A", [5 * h], -3000.0, h)]
    network = one({"t_ref": [2.0 * h, 5.0 * h], "I_e": 700.0}, drives, resolution_ms=h)
    assert len(assert_equals_nest(network, backend, 400).stamps) > 0


# --- networks ----------------------------------------------------------------------------------------------------

DELAYS_MS = [0.1, 0.05, 0.15, 0.25, 0.35, 0.2496, 0.9499, 1.05, 2.34999, 7.0]


@pytest.mark.parametrize("model", ["iaf_psc_exp", "parrot_neuron"])
def test_delays_are_rounded_half_up_along_a_chain(backend: str, model: str) -> None:
    n = len(DELAYS_MS) + 1
    weight, params = (2.2 * STRONG, PD14) if model == "iaf_psc_exp" else (1.0, {})
    chain = Projection("A", "A", Explicit(list(range(n - 1)), list(range(1, n))), weight, DELAYS_MS)
    start = Projection("S", "A", Explicit([0], [0]), weight, 0.45)
    drives = [SpikeTrain("S", [0.5, 20.0], 1.0, 0.15)]
    sources, population = Population("S", 1, "parrot_neuron"), Population("A", n, model, params)
    network = recorded([sources, population], projections=[start, chain], drives=drives)
    assert len(assert_equals_nest(network, backend, 500).stamps) == 2 * (n + 1)


def test_loops_autapses_and_multapses_with_mixed_delays(backend: str) -> None:
    sources = [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 0]
    targets = [0, 1, 1, 2, 2, 3, 0, 2, 0, 1, 3, 1]
    weights = np.array([900, 1500, 1500, 1200, -800, 1800, 700, -400, 1000, -1500, 600, 300.5]) * 2.0
    delays = [0.1, 1.5, 1.5, 0.3, 2.0, 0.7, 3.1, 0.1, 1.0, 0.2, 4.0, 1.5]
    params = {"I_e": [450.0, 200.0, 100.0, 0.0], "tau_syn_in": [0.5, 2.0, 10.0, 1.0], "t_ref": [2.0, 0.0, 0.5, 1.0]}
    loop = Projection("A", "A", Explicit(sources, targets), weights, delays)
    network = recorded([Population("A", 4, params=params)], projections=[loop])
    assert set(assert_equals_nest(network, backend, 1500).ids) == {0, 1, 2, 3}


@pytest.mark.parametrize("weight_bits", [8, 16, 32])
def test_populations_connected_by_rules(backend: str, weight_bits: int) -> None:
    params = {**PD14, "I_e": [600.0, 500.0, 460.0]}
    excitatory = Population("E", 3, params=params, initial={"V_m": [-60.0, -55.0, -70.0]})
    inhibitory = Population("I", 2, params={"tau_syn_ex": 0.5, "I_e": 200.0})
    relay = Population("P", 3, "parrot_neuron")
    projections = [
        Projection("E", "E", AllToAll(allow_autapses=False), 1920.3, 0.8),
        Projection("E", "I", AllToAll(), [1000.0, 2000.0, 3000.0, 1500.0, 2500.0, 3500.0], [1.0, 0.1, 1, 0.5, 1.25, 3]),
        Projection("I", "E", AllToAll(), -301.3, 0.5),
        Projection("P", "E", OneToOne(), [6020.0, 7040.0, 9850.0], [0.4, 0.1, 2.0]),
        Projection("E", "P", OneToOne(), 1.0, 0.3),
    ]
    network = recorded([excitatory, inhibitory, relay], projections=projections)
    assert set(assert_equals_nest(network, backend, 800, weight_bits).ids) == set(range(8))


# --- drawn cases -------------------------------------------------------------------------------------------------


def tics(low: int, high: int) -> st.SearchStrategy[float]:
    """Times in ms on NEST's finest grid."""
    return st.integers(low, high).map(lambda n: n / 1000.0)


def between(usual: float, other: float) -> st.SearchStrategy[float]:
    """Numbers all over the interval, its first end more often than others."""
    return st.integers(0, 9973).map(lambda k: usual + (other - usual) * k / 9973)


def arrays(values: st.SearchStrategy[float], n: int) -> st.SearchStrategy[list[float]]:
    return st.lists(values, min_size=n, max_size=n)


signed_weights = st.one_of(between(200.0, 4000.0), between(-2000.0, -100.0))
spike_trains = st.builds(
    SpikeTrain,
    target=st.just("A"),
    times_ms=st.lists(st.integers(1, 350).map(lambda step: step / 10.0), max_size=12),
    weight=signed_weights,
    delay_ms=tics(50, 4000),
)


@st.composite
def populations(draw: Callable[..., Any], n: int) -> Population:
    """Heterogeneous neurons, silent to fast; every third has tau_syn_ex = tau_m."""
    tau_m, c_m = np.array(draw(arrays(between(2.0, 30.0), n))), np.array(draw(arrays(between(50.0, 400.0), n)))
    tau_syn_ex = draw(arrays(between(0.1, 8.0), n))
    e_l = np.array(draw(arrays(between(-80.0, -60.0), n)))
    v_th = e_l + draw(arrays(between(3.0, 20.0), n))
    params = {
        "C_m": c_m,
        "tau_m": tau_m,
        "tau_syn_ex": [tau_m[k] if k % 3 == 0 else tau_syn_ex[k] for k in range(n)],
        "tau_syn_in": draw(arrays(between(0.1, 8.0), n)),
        "t_ref": draw(arrays(tics(0, 3000), n)),
        "E_L": e_l,
        "V_th": v_th,
        "V_reset": v_th.min() - draw(arrays(between(0.5, 25.0), n)),
        "I_e": (v_th - e_l) * c_m / tau_m * draw(arrays(between(2.0, -0.3), n)),
    }
    return Population("A", n, params=params, initial={"V_m": v_th + draw(arrays(between(5.0, -20.0), n))})


@drawn_cases
@given(population=populations(1), trains=st.lists(spike_trains, max_size=3), current=between(100.0, -100.0))
def test_any_neuron(backend: str, population: Population, trains: list[SpikeTrain], current: float) -> None:
    network = recorded([population], drives=[Dc("A", current), *trains])
    assert_drawn_case_equals_nest(network, backend, 400)


@st.composite
def networks(draw: Callable[..., Any]) -> Network:
    n = draw(st.integers(2, 5))
    edge = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), signed_weights, tics(50, 4000))
    edges = draw(st.lists(edge, min_size=1, max_size=16))
    sources, targets, weights, delays = (list(column) for column in zip(*edges, strict=True))
    projection = Projection("A", "A", Explicit(sources, targets), weights, delays)
    drives = draw(st.lists(spike_trains, min_size=1, max_size=2))
    return recorded([draw(populations(n))], projections=[projection], drives=drives)


@drawn_cases
@given(network=networks())
def test_any_small_network(backend: str, network: Network) -> None:
    assert_drawn_case_equals_nest(network, backend, 400)


# --- in distribution ---------------------------------------------------------------------------------------------

LEVEL_SD = 4.9  # two-sided level 1e-6 of a standard normal; with fixed seeds the outcome is always the same


def standard_errors_apart(ours: FloatArray, nests: FloatArray) -> float:
    """Welch's statistic of two samples of independent neurons: about |standard normal| for hundreds of them."""
    variance = ours.var(ddof=1) / len(ours) + nests.var(ddof=1) / len(nests)
    return float(abs(ours.mean() - nests.mean()) / np.sqrt(variance))


def test_poisson_and_dc_drive_in_distribution(backend: str) -> None:
    """Half of 500 neurons cannot spike and tell mean and variance of V_m, the others tell the rate."""
    n, n_steps = 500, 3000
    thresholds = np.where(np.arange(n) < n // 2, 1e3, -50.0)
    population = Population("A", n, params={**PD14, "V_th": thresholds}, initial={"V_m": -55.0})
    drives = [Poisson("A", 6000.0, 87.8085, 1.5), Poisson("A", 2000.0, -87.8085), Dc("A", 250.0)]
    network = Network([population], (), drives, [SpikeRecorder(), TraceRecorder("A", tuple(range(n // 2)))])
    results = run_on_simcore(network, n_steps, backend), run_on_nest(network, n_steps)
    v_m = [np.array(list(result.traces.values()))[:, 200:] for result in results]
    assert standard_errors_apart(*(np.bincount(result.ids, minlength=n)[n // 2 :] for result in results)) < LEVEL_SD
    assert standard_errors_apart(*(v.mean(axis=1) for v in v_m)) < LEVEL_SD
    assert standard_errors_apart(*(v.var(axis=1) for v in v_m)) < LEVEL_SD
