"""How ranks of a node share its CPUs."""

import os

import pytest

from simcore import cpus
from simcore.comm import LocalCommunicator
from simcore.cpus import NodeShare, node_share
from simcore.job.cpu_limits import usable_cpus


class Told(LocalCommunicator):
    """A rank that hears what all ranks would say."""

    def __init__(self, rank, everyone):
        self.rank, self.size, self.everyone = rank, len(everyone), everyone

    def gather(self, value):
        assert value == (self.rank, *self.everyone[self.rank])
        return [(rank, *said) for rank, said in enumerate(self.everyone)]


def shares(monkeypatch, *everyone):
    """The shares of ranks of which each has (node, CPUs)."""
    found = []
    for rank, (node, own) in enumerate(everyone):
        monkeypatch.setattr(cpus, "_node", lambda node=node: node)
        monkeypatch.setattr(cpus, "usable_cpus", lambda own=own: own)
        found.append(node_share(Told(rank, everyone)))
    return found


def test_one_process_has_all_cpus():
    assert node_share(LocalCommunicator()) == NodeShare(usable_cpus(), 0, 1, 0)


def test_usable_cpus_are_those_of_the_affinity():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {max(before)})
        assert usable_cpus() == (max(before),)
    finally:
        os.sched_setaffinity(0, before)


def test_unbound_ranks_of_a_node_get_equal_parts_without_overlap(monkeypatch):
    found = shares(monkeypatch, *[("a", (0, 1, 2, 3, 8, 9, 10))] * 3)
    assert found == [NodeShare((0, 1), 0, 3, 0), NodeShare((2, 3), 1, 3, 0), NodeShare((8, 9), 2, 3, 0)]


def test_bound_ranks_keep_their_own(monkeypatch):
    found = shares(monkeypatch, ("a", (0, 1)), ("a", (2, 3)), ("a", (2, 3)))
    assert found == [NodeShare((0, 1), 0, 3, 0), NodeShare((2,), 1, 3, 0), NodeShare((3,), 2, 3, 0)]


@pytest.mark.parametrize("ranks", [3, 8])
def test_more_ranks_than_cpus_are_not_pinned(monkeypatch, ranks):
    assert shares(monkeypatch, *[("a", (4, 5))] * ranks) == [NodeShare((), place, ranks, 0) for place in range(ranks)]


def test_nodes_share_nothing(monkeypatch):
    found = shares(monkeypatch, ("a", (0, 1)), ("b", (0, 1)), ("a", (0, 1)), ("b", (0, 1)), ("c", (0, 1)))
    assert [share.cpus for share in found] == [(0,), (0,), (1,), (1,), (0, 1)]
    # The first rank of each node compiles.
    assert [(share.place, share.ranks, share.first_rank) for share in found] == [
        (0, 2, 0),
        (0, 2, 1),
        (1, 2, 0),
        (1, 2, 1),
        (0, 1, 4),
    ]
