"""Receptors by name: what is refused, and constant weights and receptors of any kind against the oracle."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import (
    FixedIndegree,
    FixedTotalNumber,
    InhomogeneousPoisson,
    Network,
    Normal,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeTrain,
    TraceRecorder,
    Uniform,
)
from simcore.simulator import Simulator
from simcore.synapses.rows import make_rows

MANY = "iaf_psc_exp_multisynapse"


def refusal(projections=(), drives=(), params=None):
    populations = [Population("M", 8, MANY, {"tau_syn": [1.0, 5.0]} if params is None else params), Population("T", 8)]
    with pytest.raises(InputError) as raised:
        Network(populations, list(projections), list(drives))
    return str(raised.value)


@pytest.mark.parametrize(
    ("target", "weight", "receptor", "expected"),
    [
        ("T", 1.0, "gaba", "projection M->T.receptor = 'gaba' is not allowed: the receptors of iaf_psc_exp are"),
        ("T", 1.0, 1, "projection M->T.receptor = 1 is not allowed"),
        ("T", -1.0, "ex", "projection M->T.weight = -1.0 is not allowed: receptor 'ex' of iaf_psc_exp requires"),
        ("T", 1.0, "in", "requires weights <= 0"),
        ("T", Normal(mean=-1.0, std=1.0), "in", "requires weights <= 0"),
        ("M", 1.0, None, "projection M->M.receptor = None is not allowed: use a receptor of"),
        ("M", 1.0, "3", "iaf_psc_exp_multisynapse are '1', '2'"),
        ("M", 1.0, "0", "iaf_psc_exp_multisynapse are '1', '2'"),
    ],
)  # fmt: skip
def test_a_receptor_that_the_target_does_not_have_is_refused(target, weight, receptor, expected):
    message = refusal([Projection("M", target, FixedIndegree(2), weight, receptor=receptor)])
    assert expected in message and "\n" not in message
    if isinstance(weight, float):
        message = refusal(drives=[Poisson(target, 10.0, weight, receptor=receptor)])
        assert expected.replace("projection M->", "drive poisson->") in message


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"tau_syn": 2.0}, "tau_syn = 2.0 is not allowed: use a list"),
        ({"tau_syn": []}, "tau_syn = [] is not allowed: use a list of 1 to 64"),
        ({"tau_syn": [1.0] * 65}, "use a list of 1 to 64"),
        ({"tau_syn": [1.0, 0.0]}, "tau_syn_2 = 0.0 is not allowed: must be > 0 ms"),
        ({"tau_syn": [1.0, 2.0], "tau_syn_1": 3.0}, "params also contains tau_syn_1"),
        ({"tau_syn": [1.0, "a"]}, "tau_syn_2"),
        ({"tau_syn_1": 1.0, "tau_syn_3": 1.0}, "params = 'tau_syn_3' is not allowed"),
    ],
)
def test_time_constants_that_mean_nothing_are_refused(params, expected):
    with pytest.raises(InputError) as raised:
        Population("M", 8, MANY, params)
    assert expected in str(raised.value) and "\n" not in str(raised.value)


def test_time_constants_one_by_one_or_in_a_list_are_the_same():
    listed = Population("M", 4, MANY, {"tau_syn": [1.0, Uniform(low=2.0, high=3.0), [1.0, 2.0, 3.0, 4.0]]})
    single = Population(
        "M", 4, MANY, {"tau_syn_1": 1.0, "tau_syn_2": Uniform(low=2.0, high=3.0), "tau_syn_3": [1.0, 2.0, 3.0, 4.0]}
    )
    digests = set()
    for population in (listed, single):
        with Simulator(Network([population]), seed=3, backend="oracle") as simulator:
            digests.add(simulator.network_digest)
    assert len(digests) == 1 and listed.neuron_model.receptors == ("1", "2", "3")


def test_the_number_of_receptors_cannot_change_later():
    with Simulator(Network([Population("M", 4, MANY, {"tau_syn": [1.0, 2.0]})]), backend="oracle") as simulator:
        simulator.set_parameters("M", {"tau_syn_2": 9.0})
        with pytest.raises(InputError, match="tau_syn"):
            simulator.set_parameters("M", {"tau_syn": [1.0, 2.0, 3.0]})


def test_a_weight_of_zero_keeps_its_receptor():
    """Its events count where they arrive, and it changes no other bit."""
    runs = {}
    for receptor in (None, "ex", "in"):
        network = Network(
            [Population("A", 20, params={"I_e": 400.0})],
            [Projection("A", "A", FixedIndegree(3), 0.0, 0.5, receptor=receptor)],
        )
        with Simulator(network, seed=5, backend="cpu", threads=1) as simulator:
            rows = make_rows(network, simulator.plan.tables)
            runs[receptor] = simulator.run(100.0).spike_digest, rows.channels[0][0].receptor
    assert {digest for digest, _ in runs.values()} == {runs[None][0]}
    assert [receptor for _, receptor in runs.values()] == [0, 0, 1]


@st.composite
def networks(draw):
    """Constant weights of all kinds between a population with two receptors and one with one to three."""
    n = draw(st.integers(1, 3))
    sizes = draw(st.tuples(st.integers(1, 70), st.integers(1, 40)))
    populations = [
        Population("M", sizes[0], MANY, {"tau_syn": [1.0 + 7.0 * k for k in range(n)], "I_e": 380.0}),
        Population("T", sizes[1], params={"I_e": 390.0}),
    ]
    weights = st.sampled_from([30.0, 30.0, 75.0, -40.0, -125.0, 0.0])
    delays = st.one_of(st.sampled_from([0.1, 0.5, 2.0]), st.just(Uniform(low=0.1, high=2.5)))
    projections = []
    for _ in range(draw(st.integers(1, 6))):
        source, target = draw(st.sampled_from("MT")), draw(st.sampled_from("MT"))
        weight = draw(weights)
        names = [str(k + 1) for k in range(n)] if target == "M" else [None, "in" if weight <= 0.0 else "ex"]
        rule = draw(st.sampled_from([FixedIndegree(3), FixedTotalNumber(40), PairwiseBernoulli(0.2)]))
        projections.append(Projection(source, target, rule, weight, draw(delays), draw(st.sampled_from(names))))
    drives = [SpikeTrain("M", [1.0, 4.0, 4.0], 500.0, receptor=str(n)), Poisson("T", 3000.0, 60.0)]
    return Network(populations, projections, drives)


@pytest.mark.thorough
@settings(derandomize=True, database=None, max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    network=networks(), delivery=st.sampled_from(["just_in_time", "by_source", "calendar"]), threads=st.integers(1, 3)
)
def test_any_constant_weights_and_receptors_agree_with_the_oracle(network, delivery, threads):
    found = []
    for options in ({"backend": "oracle"}, {"backend": "cpu", "delivery": delivery, "threads": threads}):
        with Simulator(network, seed=11, precision="float64", **options) as simulator:
            first = simulator.run(20.0)
            found.append((simulator.network_digest, first.spike_digest, first.spikes, first.synaptic_events))
    assert found[0] == found[1]


def test_a_snapshot_goes_on_with_the_same_inputs_at_every_receptor():
    network = Network(
        [Population("M", 30, MANY, {"tau_syn": [1.0, 8.0, 30.0], "I_e": 380.0})],
        [
            Projection("M", "M", FixedIndegree(4), (-1.0) ** k * 60.0, Uniform(low=0.1, high=9.0), str(k + 1))
            for k in range(3)
        ],
    )
    with Simulator(network, seed=2, threads=2) as simulator:
        simulator.run(40.0)
        snapshot = simulator.snapshot()
        expected = simulator.run(60.0).spike_digest
    for threads in (1, 3):
        with Simulator(network, seed=2, threads=threads) as simulator:
            simulator.restore(snapshot)
            result = simulator.run(60.0)
            assert result.spike_digest == expected and sum(result.spikes.values()) > 50


def test_drives_with_a_number_for_each_neuron_act_on_the_receptor_that_they_name():
    """Both signs of one array at one receptor; its current is what the weights add up to."""
    weights = np.array([300.0, -200.0, 0.0, 50.0])
    population = Population("M", 4, MANY, {"tau_syn": [5.0, 30.0]})
    drives = [
        SpikeTrain("M", [1.0], weights, 0.5, receptor="2"),
        Poisson("M", np.array([0.0, 100.0, 900.0, 20.0]), 8.0, receptor="1"),
        InhomogeneousPoisson("M", [0.0, 5.0], np.linspace(0.0, 900.0, 8).reshape(2, 4), 3.0, receptor="2"),
    ]
    recorder = TraceRecorder("M", (0, 1, 2, 3), ("I_syn_1", "I_syn_2"))
    found = []
    for options in ({"backend": "oracle"}, {"backend": "gpu"}, {"backend": "cpu", "threads": 2}):
        with Simulator(
            Network([population], (), drives, [recorder]), seed=6, precision="float64", **options
        ) as simulator:
            simulator.run(20.0)
            found.append({key: values.tolist() for key, values in simulator.traces().items()})
    assert found[0] == found[1] == found[2]
    with Simulator(Network([population], (), drives[:1], [recorder]), precision="float64") as simulator:
        simulator.run(2.0)
        traces = simulator.traces()
    arrived = [traces["M", neuron, "I_syn_2"][14] for neuron in range(4)]
    assert np.allclose(arrived, weights, rtol=1e-3) and not any(traces["M", k, "I_syn_1"].any() for k in range(4))


def test_every_neuron_may_have_time_constants_of_its_own():
    params = {"tau_syn": [np.linspace(0.5, 5.0, 30), Uniform(low=1.0, high=40.0)], "I_e": 250.0}
    drives = [Poisson("M", 2000.0, weight, receptor=str(k + 1)) for k, weight in enumerate((60.0, 20.0))]
    digests = set()
    for options in ({"backend": "oracle"}, {"backend": "gpu"}, {"backend": "cpu", "threads": 2}):
        with Simulator(Network([Population("M", 30, MANY, params)], (), drives), seed=4, **options) as simulator:
            result = simulator.run(50.0)
            digests.add((simulator.network_digest, result.spike_digest))
            assert sum(result.spikes.values()) > 10
    assert len(digests) == 1
