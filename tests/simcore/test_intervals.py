"""Steps between exchanges of spikes, from the delays within groups of ranks and between them."""

import pytest

from simcore.backends.backend import Plan
from simcore.backends.cpu.intervals import MAX_INTERVAL, exchange_intervals
from simcore.comm.dry_run import DryRunCommunicator
from simcore.network import Explicit, FixedIndegree, Network, Population, Projection, Stdp, Uniform
from simcore.placement.choice import make_placement
from simcore.tables import make_tables


def intervals(delays, placement="areas", ranks=4, plasticity=None, rule=None):
    """Of two areas of two populations on four ranks; delays in ms by source and target."""
    populations = [Population(name, 8, area=name[0]) for name in ("A1", "B1", "A2", "B2")]
    rule = rule or FixedIndegree(2)
    projections = [Projection(a, b, rule, 1.0, delay, plasticity=plasticity) for (a, b), delay in delays.items()]
    network = Network(populations, projections)
    placed = make_placement(network, placement, ranks, 1)
    comm = DryRunCommunicator(0, ranks, [0.0] * 4)
    return exchange_intervals(Plan(network, make_tables(network), placed, comm, 1, "float32"))


NEAR, FAR = ("A1", "A2"), ("A1", "B2")


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [
        (0.1, 1.0, (1, 10)),
        (0.3, 1.0, (3, 9)),
        (0.3, 0.6, (3, 6)),
        (Uniform(low=0.2, high=4.0), Uniform(low=1.5, high=2.0), (2, 14)),
        (0.5, 30.0, (5, MAX_INTERVAL // 5 * 5)),
        # No multiple.
        (0.3, 0.5, (3, 3)),
        (1.0, 1.0, (10, 10)),
        (1.0, 0.4, (4, 4)),
        # The shorter interval is as long as intervals may be.
        (7.0, 30.0, (64, 64)),
    ],
)
def test_the_longer_interval_is_the_largest_multiple_that_delays_between_groups_allow(near, far, expected):
    found = intervals({NEAR: near, FAR: far})
    assert (found.within, found.between) == expected and found.differ == (expected[0] < expected[1])
    assert found.reason.startswith("the smallest delay is ")
    assert ("two intervals need a ratio of at least 2" in found.reason) != found.differ


def test_the_smallest_delay_of_all_projections_counts():
    delays = {NEAR: 0.4, ("B2", "B2"): 0.2, FAR: 3.0, ("B1", "A2"): 0.9}
    found = intervals(delays)
    assert (found.within, found.between) == (2, 8)
    assert found.reason == "the smallest delay is 2 steps within groups of ranks and 9 steps between them"


def test_groups_without_projections_between_them_exchange_as_rarely_as_possible():
    found = intervals({NEAR: 0.2})
    assert (found.within, found.between) == (2, MAX_INTERVAL)
    assert found.reason == "the smallest delay is 2 steps within groups of ranks, and no projections connect the groups"
    # An empty list has no delays.
    empty = intervals({NEAR: [], FAR: []}, rule=Explicit([], []))
    assert empty.within == empty.between == 1


def test_within_groups_without_projections_one_interval_suffices():
    found = intervals({FAR: 1.2})
    assert (found.within, found.between) == (12, 12)


@pytest.mark.parametrize("options", [{"placement": "round_robin"}, {"ranks": 1}])
def test_one_group_has_one_interval(options):
    found = intervals({NEAR: 0.1, FAR: 1.0}, **options)
    assert (found.within, found.between, found.reason) == (1, 1, "all ranks form one group")


def test_plastic_projections_have_one_interval():
    found = intervals({NEAR: 0.1, FAR: 1.0}, plasticity=Stdp(lambda_=0.1, Wmax=2.0))
    assert (found.within, found.between) == (1, 1) and "plastic" in found.reason
