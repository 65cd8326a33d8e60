"""Pruned networks: how many synapses go, which, what stays of the input, and what does not change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simcore
from simcore.errors import InputError
from simcore.synapses.edges import draw_projection
from simcore.tables import make_tables


def network(weight=None, rule=None, **population):
    neurons = [
        simcore.Population("in", 40, source=simcore.PoissonTrains(200.0)),
        simcore.Population("E", 50, **population),
        simcore.Population("I", 10),
    ]
    normal = simcore.Normal(mean=100.0, std=30.0)
    edges = [
        simcore.Projection("in", "E", rule or simcore.FixedIndegree(20), normal if weight is None else weight, 1.5),
        simcore.Projection("E", "I", simcore.PairwiseBernoulli(0.5), 50.0, simcore.Uniform(low=0.5, high=2.0)),
        simcore.Projection("I", "E", simcore.FixedTotalNumber(200), -80.0),
    ]
    return simcore.Network(neurons, edges, recorders=[simcore.SpikeRecorder()])


def edges_of(described, seed=1, bits=16):
    tables = make_tables(described, bits)
    return [draw_projection(described, tables, seed, number) for number in range(len(described.projections))]


def digest(described, seed=1):
    return simcore.Simulator(described, seed=seed, backend="oracle").network_digest


@pytest.mark.parametrize("by", ["magnitude", "random", "neurons"])
def test_nothing_pruned_is_the_same_network(by):
    described = network()
    assert simcore.prune(described, 0.0, by) is described


@settings(deadline=None, max_examples=15)
@given(st.floats(0.001, 0.99), st.sampled_from(["magnitude", "random"]))
def test_the_share_of_the_synapses_of_each_projection_goes(share, by):
    described = network()
    before, after = edges_of(described), edges_of(simcore.prune(described, share, by))
    for whole, left in zip(before, after, strict=True):
        assert len(left.sources) == len(whole.sources) - round(share * len(whole.sources))


@pytest.mark.parametrize("by", ["magnitude", "random"])
def test_synapses_that_stay_keep_neurons_and_delays_and_the_sum_of_their_weights(by):
    before, after = edges_of(network()), edges_of(simcore.prune(network(), 0.7, by))
    for whole, left in zip(before, after, strict=True):
        known = set(zip(whole.sources, whole.targets, whole.delay_steps, strict=True))
        assert set(zip(left.sources, left.targets, left.delay_steps, strict=True)) <= known
        assert left.weights.sum() == pytest.approx(whole.weights.sum(), rel=1e-3)


def test_sums_of_excitatory_and_of_inhibitory_weights_are_kept_apart():
    """They cancel nearly: one factor for both would be far from 1 / 0.3."""
    rng = np.random.default_rng(1)
    weights = rng.uniform(50.0, 100.0, 400) * rng.choice([-1.0, 1.0], 400)
    described = network(weight=weights, rule=simcore.Explicit(rng.integers(40, size=400), rng.integers(50, size=400)))
    whole, left = (edges_of(one)[0].weights for one in (described, simcore.prune(described, 0.7, "random")))
    for sign in (1.0, -1.0):
        assert left[sign * left > 0].sum() == pytest.approx(whole[sign * whole > 0].sum(), rel=1e-3)


def test_the_smallest_weights_go_and_without_compensation_the_others_are_what_they_were():
    before = edges_of(network())[0]
    after = edges_of(simcore.prune(network(), 0.6, compensate=False))[0]
    whole = np.sort(np.abs(before.weights))
    assert np.sort(np.abs(after.weights)).tolist() == whole[round(0.6 * len(whole)) :].tolist()


def test_equal_weights_stay_one_number():
    pruned = simcore.prune(network(weight=4.0), 0.9, "random")
    assert pruned.projections[0].weight == 40.0 and pruned.projections[0].delay_ms == 1.5


def test_neurons_lose_all_their_synapses_and_those_that_stay_keep_their_mean_input():
    described = network()
    pruned = simcore.prune(described, 0.4, "neurons")
    before, after = edges_of(described), edges_of(pruned)
    known = set(range(100))
    ends = {one for left in after for one in (*left.sources.tolist(), *left.targets.tolist())}
    lost = known - ends
    assert len(lost & set(range(40, 90))) == 20 and len(lost & set(range(90, 100))) == 4
    assert not lost & set(range(40)), "a population with a source is kept whole"
    for whole, left in zip(before, after, strict=True):
        stays = ~np.isin(whole.targets, list(lost))
        assert left.weights.sum() == pytest.approx(whole.weights[stays].sum(), rel=1e-3)
    assert [population.size for population in pruned.populations] == [40, 50, 10]


def test_the_digest_is_a_function_of_network_transform_and_seed():
    described = network()
    one = digest(simcore.prune(described, 0.5, "random", seed=3))
    assert one == digest(simcore.prune(network(), 0.5, "random", seed=3))
    others = [
        digest(described),
        digest(simcore.prune(described, 0.5, "random", seed=4)),
        digest(simcore.prune(described, 0.6, "random", seed=3)),
        digest(simcore.prune(described, 0.5, "random", seed=3, network_seed=2)),
    ]
    assert len({one, *others}) == 5


def test_pruning_90_percent_takes_90_percent_of_memory_and_events_at_equal_spikes():
    """Spikes come from a source, and targets are too sluggish to fire: they are equal."""
    described = network(rule=simcore.FixedIndegree(400), params={"V_th": 1e6})
    runs = []
    for one in (described, simcore.prune(described, 0.9)):
        simulator = simcore.Simulator(one, threads=1)
        run = simulator.run(200.0)
        runs.append((simulator.memory_bytes["synapses"], run.synaptic_events, simulator.spikes()))
    (bytes_before, events_before, spikes_before), (bytes_after, events_after, spikes_after) = runs
    assert np.array_equal(spikes_before.stamps, spikes_after.stamps) and len(spikes_before) > 1000
    assert bytes_after == pytest.approx(0.1 * bytes_before, rel=0.01)
    assert events_after == pytest.approx(0.1 * events_before, rel=0.01)


def test_selected_neurons_and_listed_edges_can_be_pruned():
    neurons = simcore.Population("A", 20)
    described = simcore.Network(
        [neurons],
        [
            simcore.Projection(neurons[10:20], neurons[:5], simcore.AllToAll(allow_autapses=True), 1.0),
            simcore.Projection("A", "A", simcore.Explicit([3, 4], [1, 2]), [5.0, 7.0]),
        ],
    )
    selected, listed = edges_of(simcore.prune(described, 0.5, compensate=False))
    assert len(selected.sources) == 25 and set(selected.sources) <= set(range(10, 20)) and selected.targets.max() < 5
    assert (listed.sources.tolist(), listed.targets.tolist(), listed.weights.tolist()) == ([4], [2], [7.0])


def test_a_projection_without_synapses_is_left_out():
    described = simcore.Network(
        [simcore.Population("A", 2)], [simcore.Projection("A", "A", simcore.Explicit([0], [1]), 1.0)]
    )
    assert simcore.prune(described, 0.9).projections == ()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"share": 1.0}, r"share = 1.0 is not allowed: must be in \[0, 1\)"),
        ({"share": float("nan")}, "share"),
        ({"by": "size"}, "by = 'size'"),
        ({"seed": -1}, "seed = -1"),
        ({"network": "pd14"}, "network = 'pd14'"),
        ({"weight_bits": 12}, "weight_bits = 12"),
    ],
)
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        simcore.prune(**{"network": network(), "share": 0.5, **wrong})


def plastic(weight=20.0, ceiling=60.0):
    rules = [simcore.Stdp(Wmax=ceiling), None, simcore.Tsodyks2(U=0.3)]
    edges = [simcore.Projection("E", "E", simcore.FixedIndegree(8), weight, plasticity=rule) for rule in rules]
    return simcore.Network([simcore.Population("E", 30, tau_minus=11.0)], edges)


def test_plastic_projections_stay_plastic():
    described, pruned = plastic(), simcore.prune(plastic(), 0.5, by="random")
    assert [one.plasticity for one in pruned.projections] == [one.plasticity for one in described.projections]
    assert pruned.populations[0].tau_minus == 11.0 and pruned.projections[0].weight == 40.0
    noisy = simcore.perturb(plastic(), "lognormal", 0.1)
    assert [one.plasticity for one in noisy.projections] == [one.plasticity for one in described.projections]


def test_weights_that_leave_the_range_of_a_rule_are_refused():
    with pytest.raises(InputError, match=r"E->E\.weight = 200.0 .* between 0 and Wmax = 60"):
        simcore.prune(plastic(), 0.9, by="random")
