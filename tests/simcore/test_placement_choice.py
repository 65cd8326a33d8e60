"""Which areas share ranks: the most groups that stay balanced, in the order of the areas."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.placement import PLACEMENTS, Placement
from simcore.placement.choice import make_placement
from simcore.placement.groups import TOLERANCE, grouped
from simcore.placement.loads import expected_events, expected_load
from simcore.simulator import Simulator

SIZES = {"A1": 60, "B1": 40, "A2": 20, "C1": 30, "B2": 50}


def network(areas=True):
    """Neighbours in ids lie in different areas."""
    populations = [Population(name, size, area=name[0] if areas else None) for name, size in SIZES.items()]
    projections = [
        Projection("A1", "A2", FixedIndegree(6), 1.0, 1.0),
        Projection("B1", "A1", FixedIndegree(4), 1.0, 1.0),
    ]
    return Network(populations, projections)


def most_groups(loads, ranks):
    """By trying all."""
    share = loads.sum() / ranks * (1.0 + TOLERANCE)
    for number in range(min(len(loads), ranks), 0, -1):
        for cuts in combinations(range(1, len(loads)), number - 1):
            sums = [loads[first:end].sum() for first, end in pairwise([0, *cuts, len(loads)])]
            if sum(int(np.ceil(one / share - 1e-9)) for one in sums) <= ranks:
                return number
    raise AssertionError("one group always fits")


@given(st.lists(st.floats(0.1, 100.0), min_size=1, max_size=7), st.integers(1, 10))
def test_as_many_groups_as_possible_stay_apart_and_balanced(loads, ranks):
    loads = np.array(loads)
    groups = grouped(loads, ranks)
    assert [first for first, _, _ in groups] == [0, *(end for _, end, _ in groups)][:-1]
    assert groups[-1][1] == len(loads) and sum(n for _, _, n in groups) == ranks
    assert len(groups) == most_groups(loads, ranks)
    most = max(loads[first:end].sum() / n for first, end, n in groups)
    assert most <= loads.sum() / ranks * (1.0 + TOLERANCE + 1e-6)


def test_of_equally_many_groups_the_most_even_ones_are_taken():
    # Other cuts would be within the tolerance, too.
    assert grouped(np.array([46.0, 3.0, 1.0, 50.0]), 2) == [(0, 3, 1), (3, 4, 1)]
    assert grouped(np.array([50.0, 1.0, 3.0, 46.0]), 2) == [(0, 1, 1), (1, 4, 1)]


def test_populations_of_an_area_share_its_ranks():
    described = network()
    placement = make_placement(described, "areas", 12, 2)
    owners = placement.owners(np.arange(200))
    ranks = {}
    for name, size in SIZES.items():
        first = described.first_ids[name]
        ranks.setdefault(name[0], set()).update(owners[first : first + size].tolist())
    assert [sorted(own) for own in ranks.values()] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]
    load = expected_load(described, placement, dict.fromkeys(SIZES, 10.0))
    assert load.max() / load.mean() < 1.0 + TOLERANCE + 0.05
    by_population = make_placement(described, "by_population", 200, 1)
    assert len(by_population.groups) == 5


def test_expected_events_follow_targets_and_rates():
    described = network()
    rates = {**dict.fromkeys(SIZES, 10.0), "B1": 2.0}
    placement = make_placement(described, "areas", 12, 1, rates)
    events = expected_events(described, placement, rates)
    # A neuron of A1 has 4 synapses of sources at 2 Hz, one of A2 has 6 at 10 Hz.
    assert events.sum() == pytest.approx(60 * 4 * 2.0 + 20 * 6 * 10.0)
    assert not events[placement.groups[0].ranks :].any()
    even = expected_events(described, Placement(200, 4), rates)
    assert even == pytest.approx(np.full(4, events.sum() / 4))


@pytest.mark.parametrize("name", PLACEMENTS)
def test_one_rank_has_everything(name):
    placement = make_placement(network(), name, 1, 3)
    assert placement.name == name and len(placement.groups) == 1


def test_wrong_placements_are_refused():
    with pytest.raises(InputError, match="placement = 'areas' is not allowed: population A1 has no area"):
        make_placement(network(areas=False), "areas", 2, 1)
    with pytest.raises(InputError, match=r"placement = 'rings'.*round_robin"):
        Simulator(network(), placement="rings")
    with pytest.raises(InputError, match="of population B1"):
        make_placement(network(), "areas", 2, 1, {"A1": 1.0})
