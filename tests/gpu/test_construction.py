"""The device draws the synapses that the host draws: the same index, and in each group the same synapses."""

from types import SimpleNamespace

import numpy as np
import pytest
from emulation import COMPILER, PLATFORM, EmulatedDevice

from simcore.backends import Plan
from simcore.backends.cpu import build
from simcore.backends.gpu import layout, synapses
from simcore.connectivity import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    ListedRule,
    OneToOne,
    PairwiseBernoulli,
    Rule,
)
from simcore.connectivity.selected import Selected
from simcore.connectivity.spatial.rule import SpatialRule
from simcore.network import Network, Normal, Population, Projection, Uniform
from simcore.placement import Placement
from simcore.synapses.layout import make_layout
from simcore.synapses.rows import make_rows
from simcore.tables import make_tables

pytestmark = pytest.mark.skipif(COMPILER is None, reason="gpu: there is no g++ to emulate one")

SIZES = {"A": 31, "B": 23, "C": 31}


def every_rule():
    """A network with projections of all rules: within a population, between two, with values of each kind."""
    both = Normal(mean=1.0, std=30.0)
    recurrent = [
        FixedTotalNumber(700, allow_autapses=False),
        FixedIndegree(7, allow_autapses=False),
        FixedIndegree(7, allow_autapses=False, allow_multapses=False),
        FixedOutdegree(5, allow_autapses=False),
        FixedOutdegree(5, allow_autapses=False, allow_multapses=False),
        PairwiseBernoulli(0.15, allow_autapses=False),
        PairwiseBernoulli(1.0),
        AllToAll(allow_autapses=False),
        FixedTotalNumber(0),
    ]
    drawn = [FixedTotalNumber(333), FixedIndegree(8), FixedOutdegree(5), PairwiseBernoulli(0.3)]
    projections = [Projection("A", "A", rule, both, Uniform(low=0.1, high=1.1)) for rule in recurrent]
    projections += [Projection("A", "B", rule, 4.0, 0.3) for rule in drawn]
    pairs = np.arange(23.0 * 31.0)
    projections += [
        Projection("B", "C", AllToAll(), pairs - 300.0, 0.1 + (pairs % 9) * 0.1),
        Projection("A", "C", OneToOne(), np.arange(31.0), 0.4),
        Projection("C", "B", Explicit([5, 1, 1, 0], [3, 3, 0, 22]), np.array([1.0, -2.0, 3.0, -4.0]), 0.2),
    ]
    return Network([Population(name, n) for name, n in SIZES.items()], projections)


def planned(rank, ranks, weight_bits, delivery="just_in_time"):
    network = every_rule()
    tables = make_tables(network, weight_bits, accept_quantisation=True)
    return Plan(
        network,
        tables,
        Placement(network.n_neurons, ranks),
        SimpleNamespace(rank=rank),
        7,
        "float32",
        delivery=delivery,
    )


def of_host(plan, rows, n_partitions):
    """Words and index of each partition, and the digest of each receptor, from the cpu backend's `just_in_time`."""
    own = SimpleNamespace(**vars(plan), rank=plan.rank)
    own.placement = Placement(plan.network.n_neurons, plan.placement.ranks, n_partitions)
    packed = make_layout(plan.network, plan.tables, rows, own.placement, "just_in_time")
    parts = []
    for thread in range(n_partitions):
        builder = build.SynapseBuilder(own, rows, packed, thread)
        builder.count()
        parts.append(builder.fill())
    digests = tuple(sum(own) % 2**128 for own in zip(*(part.digests for part in parts), strict=True))
    return [(part.words, part.index) for part in parts], digests


def groups_of(index):
    """The group, or row, of each word."""
    return np.repeat(np.arange(len(index) - 1), np.diff(index.astype(np.int64)))


def grouped(words, groups):
    """The words, in order within each group."""
    return words[np.lexsort((words, groups))]


def builder_of(plan, rows, device):
    in_degrees = device.zeros(plan.network.n_neurons, np.uint32)
    return synapses.SynapseBuilder(plan, synapses.static_table(plan, rows), device, PLATFORM, in_degrees)


@pytest.mark.parametrize("delivery", ["just_in_time", "calendar"])
@pytest.mark.parametrize(
    ("rank", "ranks", "n_partitions", "weight_bits"), [(0, 1, 1, 16), (0, 1, 4, 32), (1, 3, 2, 16), (2, 3, 1, 16)]
)
def test_the_device_draws_the_synapses_of_the_host(monkeypatch, rank, ranks, n_partitions, weight_bits, delivery):
    monkeypatch.setattr(layout, "MAX_PARTITION_NEURONS", -(-sum(SIZES.values()) // (ranks * n_partitions)))
    # Of lists without multapses few are drawn at a time, so that marks are used again.
    monkeypatch.setattr(synapses, "MAX_CREW", 3)
    plan, device = planned(rank, ranks, weight_bits, delivery), EmulatedDevice()
    rows = make_rows(plan.network, plan.tables, by_weight=False)
    drawn = builder_of(plan, rows, device).build()
    expected, digests = of_host(plan, rows, n_partitions)
    n_delays, by_row = drawn.layout.n_delays, drawn.layout.by_row
    assert drawn.n_partitions == n_partitions and drawn.digests == digests
    starts = device.download(drawn.partitions)
    words, index = device.download(drawn.words), device.download(drawn.index)
    assert drawn.n_synapses == len(words) == sum(len(part) for part, _ in expected)
    for (first_word, first_index), (host_words, host_index) in zip(starts, expected, strict=True):
        host_groups = groups_of(host_index)
        if by_row:
            host_index = host_index[::n_delays]
        own_index = index[first_index : first_index + len(host_index)]
        part = slice(first_word, first_word + len(host_words))
        own_words, own_groups = words[part], groups_of(own_index)
        assert own_words.dtype == host_words.dtype and np.array_equal(own_index, host_index)
        if by_row:
            own_groups = own_groups * n_delays + device.download(drawn.delays)[part]
        assert np.array_equal(own_groups, host_groups)
        assert np.array_equal(grouped(own_words, own_groups), grouped(host_words, host_groups))


def test_no_rule_is_left_out():
    used = {type(projection.rule) for projection in every_rule().projections}
    # Edges of files are lists like `Explicit`, and those between selected neurons are handed over as such; networks in
    # space are among those of tests/simcore/test_backends_agree.py.
    assert used == {*Rule.__subclasses__(), Explicit} - {ListedRule, Selected, SpatialRule}


def test_more_synapses_than_an_index_can_tell_are_refused(monkeypatch):
    plan = planned(0, 1, 16)
    rows = make_rows(plan.network, plan.tables, by_weight=False)
    builder = builder_of(plan, rows, EmulatedDevice())
    monkeypatch.setattr(synapses, "MAX_SYNAPSES", 4000)
    with pytest.raises(synapses.ResourceError, match=r"a partition has \d+ synapses, but its index holds at most 4000"):
        builder.build()
