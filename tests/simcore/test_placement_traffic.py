"""Expected spikes between ranks, against networks that are drawn."""

from dataclasses import astuple

import numpy as np
import pytest

from simcore.network import (
    AllToAll,
    FixedIndegree,
    FixedTotalNumber,
    Network,
    OneToOne,
    PairwiseBernoulli,
    Population,
    Projection,
)
from simcore.placement.choice import make_placement
from simcore.placement.comparison import compared
from simcore.placement.traffic import collective_traffic, directed_traffic, neurons_needed

SIZES = {"A1": 90, "B1": 60, "A2": 40, "B2": 70, "C1": 30}
RATES = {"A1": 4.0, "B1": 9.0, "A2": 1.0, "B2": 0.0, "C1": 30.0}
SEEDS = range(12)


def network(*more):
    populations = [Population(name, size, area=name[0]) for name, size in SIZES.items()]
    own = [Projection(a, b, FixedIndegree(3), 1.0, 1.0) for a in SIZES for b in SIZES if a[0] == b[0]]
    far = [
        Projection("A1", "B2", PairwiseBernoulli(0.01), 1.0, 1.0),
        Projection("B1", "C1", FixedTotalNumber(40), 1.0, 1.0),
        Projection("C1", "A2", FixedIndegree(1), 1.0, 1.0),
    ]
    return Network(populations, [*own, *far, *more])


def has_targets(described, owners, ranks, seed):
    """Which ranks hold targets of each neuron in a network that is drawn, bool (neurons, ranks)."""
    held = np.zeros((described.n_neurons, ranks), dtype=bool)
    for index, projection in enumerate(described.projections):
        wiring = described.wiring(index, seed)
        edges = projection.rule.edges(wiring)
        held[wiring.source_first + edges.sources, owners[wiring.target_first + edges.targets]] = True
    return held


def drawn(described, placement):
    """Mean over networks: share of spikes that leave, destinations of a neuron, bytes a step."""
    n, sums = described.n_neurons, np.zeros(3)
    owners = placement.owners(np.arange(n))
    rates = np.repeat([RATES[name] for name in SIZES], list(SIZES.values()))
    for seed in SEEDS:
        needed = has_targets(described, owners, placement.ranks, seed)
        needed[np.arange(n), owners] = False
        destinations = needed.sum(axis=1)
        share = (rates * (destinations > 0)).sum() / rates.sum()
        sums += [share, destinations.mean(), 4.0 * (rates * destinations).sum() * 1e-4]
    return sums / len(SEEDS)


@pytest.mark.parametrize(("name", "ranks"), [("round_robin", 4), ("areas", 7), ("areas", 9), ("by_population", 6)])
def test_directed_traffic_is_that_of_drawn_networks(name, ranks):
    described = network()
    placement = make_placement(described, name, ranks, 1, RATES)
    traffic = directed_traffic(described, placement, RATES)
    found = (traffic.leaving_share, traffic.destinations, traffic.bytes_per_step)
    assert found == pytest.approx(drawn(described, placement), rel=0.03)


def test_everyone_gets_everything_of_a_collective_exchange_and_of_a_dense_network():
    described = network()
    traffic = collective_traffic(described, make_placement(described, "areas", 5, 1), RATES)
    assert (traffic.leaving_share, traffic.destinations) == (1.0, 4.0)
    per_second = sum(SIZES[name] * rate for name, rate in RATES.items())
    assert traffic.bytes_per_step == pytest.approx(4 * 4 * per_second * 1e-4)
    dense = network(*(Projection(a, b, AllToAll(), 1.0, 1.0) for a in SIZES for b in SIZES))
    placement = make_placement(dense, "round_robin", 5, 1)
    directed = directed_traffic(dense, placement, RATES)
    assert astuple(directed) == pytest.approx(astuple(collective_traffic(dense, placement, RATES)))


def test_nothing_leaves_one_rank_and_drawn_synapses_decide_where_neurons_differ():
    described = network()
    alone = directed_traffic(described, make_placement(described, "areas", 1, 1), RATES)
    assert (alone.leaving_share, alone.destinations, alone.bytes_per_step) == (0.0, 0.0, 0.0)
    unlike = network(Projection("A1", "A1", OneToOne(), 1.0, 1.0))
    assert directed_traffic(unlike, make_placement(unlike, "areas", 3, 1), RATES) is None


def test_areas_are_compared_where_there_are_any():
    rows = compared(network(), 7, RATES)
    assert [row.name for row in rows] == ["round_robin", "by_population", "areas"]
    assert all(row.neurons["mean"] == pytest.approx(290 / 7) and row.load_imbalance < 1.15 for row in rows)
    assert rows[2].directed.bytes_per_step < 0.6 * rows[0].directed.bytes_per_step
    plain = Network([Population("A", 9)], [])
    assert [row.name for row in compared(plain, 2, {"A": 1.0})] == ["round_robin", "by_population"]


@pytest.mark.parametrize("name", ["round_robin", "by_population"])
def test_the_neurons_of_a_rank_that_other_ranks_need_are_those_of_drawn_networks(name):
    described = network()
    placement = make_placement(described, name, 6, 1)
    owners = placement.owners(np.arange(described.n_neurons))
    for rank in range(placement.ranks):
        needed = neurons_needed(described, placement, rank)
        found = np.mean([has_targets(described, owners, 6, seed)[owners == rank].sum(axis=0) for seed in SEEDS], axis=0)
        # Between 12 and 40 neurons; the mean over 12 networks has a standard deviation of about one.
        assert needed == pytest.approx(found, abs=4.0)
        assert ((needed > 0) == (found > 0)).all()


def test_a_rank_that_few_neurons_reach_needs_one_or_none():
    far = Projection("A1", "C1", FixedTotalNumber(3), 1.0, 1.0)
    described = Network([Population(name, size) for name, size in SIZES.items()], [far])
    placement = make_placement(described, "round_robin", 10, 1)
    drawn = np.array([neurons_needed(described, placement, 4, seed) for seed in range(400)])
    # A tenth of three sources on each rank, and a tenth of their targets.
    assert set(drawn.ravel().tolist()) == {0, 1}
    assert drawn.mean() == pytest.approx(0.03, abs=0.006)


def test_the_neurons_that_others_need_are_not_known_without_drawing_where_they_are_not_alike():
    described = network(Projection("A1", "A1", OneToOne(), 1.0, 1.0))
    assert neurons_needed(described, make_placement(described, "round_robin", 3, 1), 0) is None
