"""Mappers: as few cores as hold the neurons, the same every time, and traffic that is shared."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from usable_mappers import USABLE

from simcore.errors import InputError
from simcore.network import Explicit, FixedIndegree, Network, PairwiseBernoulli, Population, Projection
from simcore.neuromorphic.mappers import greedy
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import (
    CHOOSE_CORES,
    CoreMapping,
    DrawnNetwork,
    make_mapping,
    rates_of_neurons,
)
from simcore.neuromorphic.mapping.demand import core_demand
from simcore.neuromorphic.traffic.expected import expected_traffic

OF_FEWEST_CORES = [name for name in USABLE if name not in CHOOSE_CORES]


def random_network(n):
    return Network([Population("A", n)], [Projection("A", "A", FixedIndegree(3), 1.0)])


def traffic(drawn, mapping, rates):
    axons = count_axons(drawn.in_edges, mapping)
    return expected_traffic(core_demand(drawn.network, drawn.in_edges, axons, mapping, None, 8), rates)


@settings(deadline=None)
@given(st.sampled_from(OF_FEWEST_CORES), st.integers(1, 400), st.integers(1, 50), st.integers(0, 9))
def test_every_mapping_fills_as_few_cores_as_hold_the_neurons(mapper, n, per_core, seed):
    mapping = make_mapping(mapper, DrawnNetwork(random_network(n), seed), per_core, effort=300)
    sizes = np.bincount(mapping.core_of, minlength=mapping.cores)
    assert mapping.cores == -(-n // per_core) == len(sizes)
    assert 1 <= sizes.min() <= sizes.max() <= per_core and sizes.sum() == n


@pytest.mark.parametrize("mapper", ["random", "greedy", "anneal"])
def test_mappings_depend_on_network_and_seed_alone(mapper):
    def mapped(seed):
        return make_mapping(mapper, DrawnNetwork(random_network(200), seed), 10, effort=2000).core_of.tolist()

    assert mapped(1) == mapped(1) != mapped(2)


@settings(deadline=None)
@given(st.sampled_from(USABLE), st.data())
def test_as_many_cores_as_asked_for(mapper, data):
    n = data.draw(st.integers(1, 300))
    per_core = data.draw(st.integers(1, n))
    cores = data.draw(st.integers(-(-n // per_core), n))
    # Halves of neurons are no more even than powers of two.
    assume(mapper not in CHOOSE_CORES or cores >= 2 * n / per_core)
    mapping = make_mapping(mapper, DrawnNetwork(random_network(n), 1), per_core, cores=cores, effort=300)
    sizes = np.bincount(mapping.core_of, minlength=mapping.cores)
    assert mapping.cores == cores == len(sizes)
    assert 1 <= sizes.min() <= sizes.max() <= per_core
    if mapper in ("in_order", "round_robin", "random", "greedy"):
        assert sizes.max() - sizes.min() <= 1


def test_numbers_of_cores_that_cannot_be_are_refused():
    drawn = DrawnNetwork(random_network(10), 1)
    for cores in (0, 3, 11, True, 4.0):
        with pytest.raises(InputError, match=r"cores = .* is not allowed"):
            make_mapping("in_order", drawn, 3, cores=cores)
    with pytest.raises(InputError, match=r"must be in .4, 10. for 10 neurons and at most 3 per core"):
        make_mapping("in_order", drawn, 3, cores=3)


def test_a_mapper_that_cannot_aim_at_an_objective_is_refused():
    drawn = DrawnNetwork(random_network(10), 1)
    with pytest.raises(
        InputError, match=r"objective = 'hops' is not allowed: mapper greedy does not support it; use anneal"
    ):
        make_mapping("greedy", drawn, 3, objective="hops")
    with pytest.raises(InputError, match="objective = 'speed' is not allowed: use messages, hops, link or step_time"):
        make_mapping("greedy", drawn, 3, objective="speed")
    with pytest.raises(InputError, match="objective = 'hops' needs a chip"):
        make_mapping("anneal", drawn, 3, objective="hops")
    with pytest.raises(InputError, match="effort = 0"):
        make_mapping("anneal", drawn, 3, effort=0)


def test_wrong_mappings_are_refused():
    drawn = DrawnNetwork(random_network(10), 1)
    with pytest.raises(InputError, match="mapper = 'best' is unknown; use in_order, round_robin, random, greedy"):
        make_mapping("best", drawn, 2)
    with pytest.raises(InputError, match="neurons_per_core = 0"):
        make_mapping("in_order", drawn, 0)


DEALT = {
    "np.arange(10) // 4": True,
    "np.uint8(np.arange(10) % 3)": True,
    "np.uint64(np.arange(10) % 3)": True,
    "np.arange(9) // 4": False,
    "np.arange(10) // 5": False,
    "np.arange(10) // 3": False,
    "np.arange(10) // 4 - 1": False,
    "np.minimum(np.arange(10), 2)": False,
    "np.arange(10) / 4": False,
    "None": False,
}
"""What a mapper of a file may deal, and whether that fills three cores of at most four neurons."""


@pytest.mark.parametrize("dealt", DEALT)
def test_a_mapper_that_does_not_keep_the_limits_is_refused(tmp_path, dealt):
    (tmp_path / "mine.py").write_text(f"import numpy as np\n\ndef deal(*given):\n    return {dealt}\n")
    name, drawn = f"{tmp_path / 'mine.py'}:deal", DrawnNetwork(random_network(10), 1)
    if DEALT[dealt]:
        assert make_mapping(name, drawn, 4).cores == 3
        return
    with pytest.raises(InputError, match="must assign 10 neurons to 3 cores, at least one and at most 4 to each"):
        make_mapping(name, drawn, 4)


def test_a_mapper_of_a_file_that_fails_is_refused_with_its_line(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def deal(*given):\n    return 1 // 0\n")
    with pytest.raises(InputError, match=r"mine.py, line 2: ZeroDivisionError"):
        make_mapping(f"{path}:deal", DrawnNetwork(random_network(10), 1), 4)


def communities(groups, size):
    """Groups whose neurons have most synapses among themselves, in an order that hides them."""
    rng = np.random.default_rng(7)
    group = rng.permutation(np.repeat(np.arange(groups), size))
    same = group[:, None] == group[None, :]
    sources, targets = np.nonzero(rng.random(same.shape) < np.where(same, 0.5, 0.002))
    return group, Network([Population("A", groups * size)], [Projection("A", "A", Explicit(sources, targets), 1.0)])


@pytest.mark.parametrize("most_visits", [greedy.MOST_VISITS, 50_000], ids=["all axons", "a part of the axons"])
def test_greedy_finds_neurons_that_share_traffic(monkeypatch, most_visits):
    monkeypatch.setattr(greedy, "MOST_VISITS", most_visits)
    group, network = communities(12, 25)
    drawn, rates = DrawnNetwork(network, 1), np.ones(300)
    found, dealt, ideal = (
        traffic(drawn, mapping, rates).messages_per_s
        for mapping in (
            make_mapping("greedy", drawn, 25),
            make_mapping("random", drawn, 25),
            CoreMapping("known", 12, group),
        )
    )
    assert found < 1.5 * ideal < 0.5 * dealt


def test_greedy_keeps_busy_neurons_together():
    """Two sources for each target: those that share the busy one are together, whatever the quiet one does."""
    quiet, busy = np.arange(40) // 20, 2 + np.arange(40) % 2
    edges = Explicit(np.concatenate([quiet, busy]), np.tile(np.arange(40), 2))
    network = Network([Population("S", 4), Population("T", 40)], [Projection("S", "T", edges, 1.0)])
    drawn = DrawnNetwork(network, 1)
    for rates, shared in (([1.0, 1.0, 50.0, 50.0], busy), ([50.0, 50.0, 1.0, 1.0], quiet)):
        core_of = make_mapping("greedy", drawn, 22, np.array(rates + [0.0] * 40)).core_of[4:]
        pairs = np.unique(np.stack([shared, core_of]), axis=1, return_counts=True)[1]
        assert np.sort(pairs)[-2:].sum() >= 36


def test_expected_traffic_of_a_network_that_can_be_counted_by_hand():
    edges = Explicit([0, 0, 0, 1, 2, 3], [0, 1, 2, 2, 3, 3])
    network = Network([Population("A", 2), Population("B", 2)], [])
    whole = Network([Population("N", 4)], [Projection("N", "N", edges, 1.0)])
    rates = rates_of_neurons(network, {"A": 3.0, "B": 0.5})
    assert rates.tolist() == [3.0, 3.0, 0.5, 0.5]
    expected = traffic(DrawnNetwork(whole, 1), CoreMapping("own", 2, np.array([0, 0, 1, 1])), rates)
    # 0 sends to cores 0 and 1, 1 to core 1, 2 and 3 to their own.
    assert expected.messages_per_s == 6.0
    assert expected.synaptic_events_per_s == 3 * 3.0 + 3.0 + 0.5 + 0.5
    assert expected.own_core_events_per_s == 2 * 3.0 + 1.0


def test_a_dense_network_can_be_mapped_greedily():
    network = Network([Population("A", 30)], [Projection("A", "A", PairwiseBernoulli(1.0), 1.0)])
    assert np.bincount(make_mapping("greedy", DrawnNetwork(network, 1), 7).core_of).tolist() == [7, 7, 7, 7, 2]
