"""Neurons at rest are skipped, and no bit changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.backends.cpu import resting, resting_choice, resting_loop, state
from simcore.backends.cpu.columns import RestColumn
from simcore.errors import InputError
from simcore.network import (
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    Network,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    Stdp,
    TraceRecorder,
    Uniform,
)
from simcore.neurons import neuron_models
from simcore.simulator import Simulator

RESTING = {
    "iaf_psc_exp", "iaf_psc_alpha", "iaf_psc_delta", "iaf_psc_exp_multisynapse", "iaf_psc_exp_reset", "iaf_cond_exp",
    "lif_discrete", "lif_fixed_point", "parrot_neuron",
}  # fmt: skip
"""Models whose neurons are at rest where they start by default."""
WEIGHTS = {"iaf_cond_exp": 400.0, "aeif_cond_exp": 400.0, "lif_fixed_point": 1500.0, "iaf_psc_delta": 9.0,
           "lif_discrete": 9.0, "izhikevich": 30.0}  # fmt: skip
"""Weights that make neurons fire, where it is not 1500."""
FAST = {"tau_m": 1.0, "tau_syn_ex": 0.5, "tau_syn_in": 0.5}
"""`iaf_psc_exp` that is back at rest, exactly, after 90 ms."""


@pytest.fixture(autouse=True)
def small_networks_skip(monkeypatch):
    """Segments are as small as the networks of these tests, and have no round numbers."""
    monkeypatch.setattr(resting_choice, "LEAST_NEURONS", 1)
    monkeypatch.setattr(state, "RESTING_SEGMENT_NEURONS", 70)


def silent(model="iaf_psc_exp", n=230, times=(5.0, 5.1, 30.0), params=None, weight=None, recorders=(), n_sources=4):
    """A network in which only neurons near a few trains of spikes are active."""
    weight = WEIGHTS.get(model, 1500.0) if weight is None else weight
    described = neuron_models.get(model)
    receptor = None if described.of(params or {}).sign_chooses_receptor else described.of(params or {}).receptors[0]
    spikes = [(time + k, k) for time in times for k in range(n_sources)]
    trains = SpikeTrains([time for time, _ in spikes], [k for _, k in spikes])
    weights = Uniform(low=weight / 5, high=weight)
    # What neurons relay would grow without end.
    degree = 0 if described.relays else 2
    return Network(
        [Population("E", n, model, params or {}), Population("S", n_sources, source=trains)],
        [
            Projection("S", "E", FixedOutdegree(3), weight, 0.1, receptor=receptor),
            Projection("E", "E", FixedIndegree(degree), weights, Uniform(low=0.1, high=2.4), receptor=receptor),
        ],
        recorders=[SpikeRecorder(), *recorders],
    )


def simulated(network, stretches=(30.0, 60.0), **options):
    """Digests, traces, state and counters of some stretches, and the skipped updates."""
    with Simulator(network, seed=3, **{"threads": 1, **options}) as simulator:
        runs = [simulator.run(ms) for ms in stretches]
        traces, held = simulator.traces(), simulator.snapshot()
        values = [*traces.values(), *held.state, *held.counters]
        skipped = [run.skipped_updates for run in runs]
        facts = [(run.spike_digest, run.synaptic_events, run.spikes) for run in runs]
        return facts, [array.tobytes() for array in values], skipped


def require_same(network, expected, **options):
    facts, values, skipped = simulated(network, **options)
    assert facts == expected[0] and values == expected[1]
    assert all(number is not None for number in skipped)
    return sum(skipped)


@pytest.mark.parametrize("model", neuron_models.names())
def test_every_model_has_the_bits_of_the_oracle(model, monkeypatch):
    monkeypatch.setattr(resting_choice, "LEAST_SHARE", 0.0)
    monkeypatch.setattr(resting_choice, "LEAST_NEURONS", 0)
    network = silent(model)
    # The state of neurons that relay spikes is empty.
    other = "float32" if neuron_models.get(model).relays else "float64"
    expected = {real: simulated(network, backend="oracle", precision=real) for real in {"float32", other}}
    assert expected["float32"][0][0][2]["E"] > 0 and expected["float32"][2] == [None, None]
    threaded = require_same(network, expected["float32"], delivery="just_in_time", threads=2)
    by_source = require_same(network, expected[other], delivery="by_source", threads=3, precision=other)
    if model in RESTING:
        updates = 900 * 230
        assert threaded > 0.05 * updates and by_source > 0.05 * updates


trains = st.lists(st.tuples(st.integers(1, 1200), st.integers(0, 2)), min_size=1, max_size=12, unique=True)


@settings(max_examples=8, deadline=None)
@given(
    trains, st.integers(3, 300), st.floats(100.0, 3000.0), st.integers(0, 5), st.integers(1, 25),
    st.sampled_from(["just_in_time", "by_source", "calendar"]), st.integers(1, 3), st.booleans(),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_random_silent_networks(spikes, n, weight, degree, most, delivery, threads, differ, seed):
    random = np.random.default_rng(seed)
    params = {name: random.uniform(0.8, 1.2, n) * value if differ else value for name, value in FAST.items()}
    source = SpikeTrains([time / 10 for time, _ in spikes], [neuron for _, neuron in spikes])
    weights = Uniform(low=weight / 2, high=2.0 * weight)
    network = Network(
        [Population("S", 3, source=source), Population("E", n, params=params)],
        [
            Projection("S", "E", FixedOutdegree(2), weights, Uniform(low=0.1, high=0.1 * most + 0.1)),
            Projection("E", "E", FixedIndegree(degree), weights, Uniform(low=0.1, high=0.1 * most + 0.1)),
            Projection("E", "E", FixedIndegree(degree), -weight, 0.1 * most),
        ],
        recorders=[TraceRecorder("E", sorted({0, n // 2, n - 1}), ("V_m", "I_syn_in"))],
    )
    plain = simulated(network, (13.0, 120.0), skip_resting=False, delivery="just_in_time")
    assert plain[2] == [None, None]
    facts, values, skipped = simulated(network, (13.0, 120.0), delivery=delivery, threads=threads)
    assert facts == plain[0] and values == plain[1] and None not in skipped


def test_a_spike_after_a_long_silence_wakes_a_neuron_that_had_fired():
    source = SpikeTrains([1.0, 200.0], [0, 0])
    recorder = TraceRecorder("E", (5, 6))
    network = Network(
        [Population("E", 200, params=FAST), Population("S", 2, source=source)],
        # The second source is silent: with a single weight, the step loop would be compiled for this test only.
        [Projection("S", "E", Explicit([0, 1], [5, 6]), [20000.0, 1.0], 0.3)],
        recorders=[SpikeRecorder("E"), recorder],
    )
    stretches = (110.0, 80.0, 20.0)
    expected = simulated(network, stretches, backend="oracle")
    assert [run[2]["E"] for run in expected[0]] == [1, 0, 1]
    facts, values, skipped = simulated(network, stretches)
    assert facts == expected[0] and values == expected[1]
    # In the second stretch nothing but the source is updated; it is driven.
    assert skipped[1] == 800 * 200
    assert 1000 * 199 < skipped[0] < 1100 * 200
    assert 200 * 199 <= skipped[2] < 200 * 200


def test_neurons_that_rest_anywhere():
    # The current is gone after a step, the potential stays where it is.
    params = {"decay_u": 4096.0, "decay_v": 0.0}
    network = silent("lif_fixed_point", params=params, weight=400.0, recorders=[TraceRecorder("E", range(230), ("v",))])
    expected = simulated(network, backend="oracle")
    with Simulator(network, seed=3, threads=1) as simulator:
        simulator.run(90.0)
        last = [values[-1] for values in simulator.traces().values()]
    assert len({value for value in last if value != 0.0}) > 3
    assert require_same(network, expected, threads=2) > 0.9 * 900 * 230


@pytest.mark.thorough
def test_other_ranks_threads_and_backends_go_on_from_a_snapshot():
    network = silent(times=(5.0, 55.0, 100.0), params=FAST)
    expected = simulated(network, (60.0, 60.0), backend="oracle")
    with Simulator(network, seed=3, threads=2, delivery="just_in_time") as simulator:
        assert simulator.run(60.0).skipped_updates > 0
        held = simulator.snapshot()
    others = (
        {"backend": "oracle"},
        {"skip_resting": False},
        {"threads": 3, "delivery": "by_source"},
        {"threads": 2, "delivery": "calendar"},
    )
    for options in others:
        with Simulator(network, seed=3, **{"threads": 1, **options}) as simulator:
            # Here all are at rest, other than in the snapshot.
            simulator.run(3.7)
            simulator.restore(held)
            run = simulator.run(60.0)
            assert (run.spike_digest, run.synaptic_events, run.spikes) == expected[0][1]
            own = simulator.snapshot()
            assert [array.tobytes() for array in (*own.state, *own.counters)] == expected[1]


@pytest.mark.parametrize("delivery", ["just_in_time", "by_source", "calendar"])
def test_a_changed_parameter_wakes_neurons(delivery):
    network = silent(recorders=[TraceRecorder("E", (7, 100))])

    def changed(**options):
        with Simulator(network, seed=3, **options) as simulator:
            # Spikes are on their way.
            digests = [simulator.run(31.0).spike_digest]
            simulator.set_parameters("E", {"I_e": [600.0, 0.0], "tau_m": [10.0, 3.0]}, [100, 4])
            run = simulator.run(80.0)
            digests.append(run.spike_digest)
            held = simulator.snapshot()
            arrays = [*simulator.traces().values(), *held.state, *held.counters]
            return digests, [array.tobytes() for array in arrays], run.skipped_updates

    expected, found = changed(backend="oracle"), changed(threads=2, delivery=delivery)
    assert found[:2] == expected[:2]
    assert 0 < found[2] < 800 * 229
    unchanged = simulated(network, (31.0, 80.0))
    assert unchanged[0][0][0] == found[0][0] and unchanged[0][1][0] != found[0][1]


def test_a_segment_with_few_neurons_at_rest_is_updated_as_a_whole_until_it_is_quiet(monkeypatch):
    monkeypatch.setattr(resting_choice, "LEAST_SHARE", 0.0)
    monkeypatch.setattr(resting_choice, "LEAST_NEURONS", 0)
    # All start off rest, and come to rest later.
    network = silent(params=FAST, times=(5.0, 200.0))
    population = Population("E", 230, params=FAST, initial={"V_m": Uniform(low=-69.0, high=-66.0)})
    network = Network([population, network.populations[1]], network.projections)
    stretches = (40.0, 130.0, 40.0)
    expected = simulated(network, stretches, backend="oracle")
    with Simulator(network, seed=3, threads=1) as simulator:
        awake, facts = [], []
        for ms in stretches:
            run = simulator.run(ms)
            facts.append((run.spike_digest, run.synaptic_events, run.spikes))
            table = simulator.engine._parts[0].resting.segments
            awake.append(table[table[:, RestColumn.MAY_REST] == 1, RestColumn.AWAKE].tolist())
        held = simulator.snapshot()
    assert facts == expected[0]
    assert [array.tobytes() for array in (*held.state, *held.counters)] == expected[1]
    assert awake[0] == [resting.EVERY] * 4
    assert all(0 <= n < 35 for n in awake[1])


def test_neurons_with_denormal_state_lie_behind_the_others():
    network = silent(params={"tau_syn_ex": 0.3, "tau_syn_in": 0.3}, n=300)
    with Simulator(network, seed=3, threads=1) as simulator:
        # The last step is one in which they are gathered.
        simulator.run(76.9)
        part = simulator.engine._parts[0]
        found = 0
        for segment, row in zip(part.states, part.resting.segments, strict=True):
            awake = segment.state[:, : max(row[RestColumn.AWAKE], 0)]
            slow = ((awake != 0) & (np.abs(awake) < np.finfo(np.float32).tiny)).any(axis=0)
            assert np.all(slow[:-1] <= slow[1:])
            found += np.count_nonzero(slow)
    assert found > 0


def test_what_is_updated_wholly():
    """Driven networks, plastic ones, those off rest, and where it is not wanted."""
    trains = Population("S", 2, source=SpikeTrains([1.0], [0]))
    quiet, moved = Population("E", 40), Population("E", 40, initial={"V_m": -66.0})
    wired = [Projection("S", "E", FixedIndegree(1), 1.0, plasticity=Stdp())]
    cases = {
        "quiet": (Network([quiet]), {}, True),
        "one drive": (Network([quiet], drives=[Poisson("E", 10.0, 1.0)]), {}, False),
        "half driven": (Network([quiet, Population("I", 39)], drives=[Poisson("I", 10.0, 1.0)]), {}, True),
        "most driven": (Network([quiet, Population("I", 41)], drives=[Poisson("I", 10.0, 1.0)]), {}, False),
        "off rest": (Network([moved]), {}, False),
        "plastic": (Network([quiet, trains], wired), {}, False),
        "not wanted": (Network([quiet]), {"skip_resting": False}, False),
        "oracle": (Network([quiet]), {"backend": "oracle"}, False),
    }  # fmt: skip
    skips = {}
    for name, (network, options, _) in cases.items():
        with Simulator(network, threads=1, **options) as simulator:
            skips[name] = simulator.run(1.0).skipped_updates is not None
    assert skips == {name: expected for name, (*_, expected) in cases.items()}


def test_small_networks_are_updated_wholly(monkeypatch):
    for least, skips in ((41, False), (40, True)):
        monkeypatch.setattr(resting_choice, "LEAST_NEURONS", least)
        with Simulator(Network([Population("E", 40)]), threads=1) as simulator:
            assert (simulator.run(1.0).skipped_updates is not None) == skips


def test_the_share_at_rest_is_that_of_the_description():
    values = np.where(np.arange(400) % 4 == 0, -66.0, -70.0)
    network = Network([Population("E", 400, initial={"V_m": values})])
    with Simulator(network, threads=1) as simulator:
        assert resting_choice.share_at_rest(simulator.plan, 0) == 0.75


def test_skipped_updates_are_counted():
    network = Network([Population("E", 100)])
    with Simulator(network, threads=1) as simulator:
        first, later = simulator.run(50.0), simulator.run(25.0)
    # All are updated in the first step, which shows that they are at rest.
    assert first.skipped_updates == 499 * 100 and later.skipped_updates == 250 * 100
    assert resting_loop.WHOLE_STEPS % resting_loop.CHECK_STEPS == 0


def test_a_wrong_switch_is_refused():
    with pytest.raises(InputError, match="skip_resting = 'no'"):
        Simulator(Network([Population("E", 1)]), skip_resting="no")
