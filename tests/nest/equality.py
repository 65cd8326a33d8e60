"""Comparison of simcore with NEST: networks that record everything, and what must be equal.

Both compute in float64, but not with the same last bits: a potential within `TIE_MV` of the threshold may spike in
one alone. Only drawn cases can come that close by accident (a constant current whose resting point is the threshold,
say); they are discarded, and only if the first difference is such a tie.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st
from run_nest import NestResult, nest_records, run_on_nest

from simcore.network import (
    Explicit,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
)
from simcore.neurons import neuron_models
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator

TOLERANCE = 1e-9
TIE_MV = 1e-10

# Without shrinking, which takes minutes: a failing case is drawn again and shown as it is.
drawn_cases = settings(
    derandomize=True,
    database=None,
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def run_on_simcore(network: Network, n_steps: int, backend: str, weight_bits: int = 16) -> NestResult:
    with Simulator(network, threads=1, backend=backend, precision="float64", weight_bits=weight_bits) as simulator:
        simulator.run(n_steps * network.resolution_ms)
        spikes = simulator.spikes()
        return NestResult(spikes.stamps, spikes.ids, simulator.traces())


def recorded(populations: list[Population], resolution_ms: float = 0.1, **parts: Any) -> Network:
    """A network that records all spikes, and in all neurons the variables that NEST records too."""
    traces = []
    for population in populations:
        known = nest_records(population.model)
        variables = [v.name for v in population.neuron_model.variables if v.name in known]
        if variables:
            traces.append(TraceRecorder(population.name, tuple(range(population.size)), variables))
    return Network(populations, recorders=[SpikeRecorder(), *traces], resolution_ms=resolution_ms, **parts)


def neurons(
    model: str, params: dict[str, Any] | None = None, drives: Any = (), initial: Any = None, **parts: Any
) -> Network:
    """Unconnected neurons `A`: one for each value of the longest array among parameters and initial values."""
    given = [*(params or {}).values(), *(initial or {}).values()]
    size = max((len(np.atleast_1d(value)) for value in given), default=1)
    return recorded([Population("A", size, model, params or {}, initial or {})], drives=drives, **parts)


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


def assert_drawn_case_equals_nest(network: Network, backend: str) -> None:
    """In 25 ms, after all spikes of `spike_trains` have arrived."""
    n_steps = 250
    # Of two weights that are nearly equal, rounding would change the deviation too much.
    assume(not adaptations(network, weight_grid(network, 16)))
    ours, nests = run_on_simcore(network, n_steps, backend), run_on_nest(network, n_steps)
    assume(not first_difference_is_a_tie(network, ours, nests))
    assert_same(ours, nests)


def tics(low: int, high: int) -> st.SearchStrategy[float]:
    """Times in ms on NEST's finest grid."""
    return st.integers(low, high).map(lambda n: n / 1000.0)


def between(usual: float, other: float) -> st.SearchStrategy[float]:
    """Numbers all over the interval, its first end more often than others."""
    return st.integers(0, 9973).map(lambda k: usual + (other - usual) * k / 9973)


def arrays(values: st.SearchStrategy[float], n: int) -> st.SearchStrategy[list[float]]:
    return st.lists(values, min_size=n, max_size=n)


def spike_trains(weights: st.SearchStrategy[float]) -> st.SearchStrategy[SpikeTrain]:
    """Trains of up to 12 spikes in 20 ms to the population `A`."""
    return st.builds(
        SpikeTrain,
        target=st.just("A"),
        times_ms=st.lists(st.integers(1, 200).map(lambda step: step / 10.0), max_size=12),
        weight=weights,
        delay_ms=tics(50, 4000),
    )


@st.composite
def populations(draw: Callable[..., Any], model: str, n: int) -> Population:
    """Heterogeneous integrate-and-fire neurons `A`, silent to fast; every third has tau_syn_ex = tau_m."""
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
        "V_min": e_l - draw(arrays(between(30.0, 0.5), n)),
        "refractory_input": draw(arrays(st.sampled_from([0.0, 1.0]), n)),
    }
    known = {parameter.name for parameter in neuron_models.get(model).parameters}
    chosen = {name: value for name, value in params.items() if name in known}
    return Population("A", n, model, chosen, {"V_m": v_th + draw(arrays(between(5.0, -20.0), n))})


@st.composite
def networks(draw: Callable[..., Any], model: str, weights: st.SearchStrategy[float]) -> Network:
    """Two to five neurons with up to 16 synapses and one or two spike trains."""
    n = draw(st.integers(2, 5))
    edge = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), weights, tics(50, 4000))
    edges = draw(st.lists(edge, min_size=1, max_size=16))
    sources, targets, strengths, delays = (list(column) for column in zip(*edges, strict=True))
    projection = Projection("A", "A", Explicit(sources, targets), strengths, delays)
    drives = draw(st.lists(spike_trains(weights), min_size=1, max_size=2))
    return recorded([draw(populations(model, n))], projections=[projection], drives=drives)
