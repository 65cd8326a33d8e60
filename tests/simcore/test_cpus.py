"""How ranks of a node share its CPUs."""

import os
import secrets
from functools import partial

import pytest

from simcore import cpus
from simcore.comm import LocalCommunicator
from simcore.cpus import NodeShare, compiled_in_turn, node_share, pin_threads
from simcore.job.cpu_claims import CpuClaims
from simcore.job.cpu_limits import CpuLimit, usable_cpus


class Known(LocalCommunicator):
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
        found.append(node_share(Known(rank, everyone)))
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


def test_hyperthreads_of_a_core_go_to_one_rank(monkeypatch):
    siblings = [[0, 4], [1, 5], [2, 6], [3, 7]]
    monkeypatch.setattr(cpus, "by_core", lambda numbers: siblings)
    found = shares(monkeypatch, *[("a", tuple(range(8)))] * 2)
    assert [share.cpus for share in found] == [(0, 1, 4, 5), (2, 3, 6, 7)]


def test_the_default_number_of_threads_heeds_other_limits(monkeypatch):
    monkeypatch.setattr(cpus, "allowed_threads", lambda cpus, ranks: 100 * cpus + ranks)
    assert NodeShare((4, 5, 6), 1, 2, 0).threads == 302


class Node:
    """A made-up node on which nothing limits a run but the CPUs that others hold."""

    def __init__(self, monkeypatch, *usable):
        self.prefix = f"benchnn-test-{secrets.token_hex(8)}-"
        self.usable, self.patch = usable, monkeypatch
        monkeypatch.setattr(cpus, "CpuClaims", partial(CpuClaims, self.prefix))
        monkeypatch.setattr(cpus, "usable_cpus", lambda: usable)
        for limit in ("hidden_runs", "cpu_quota", "slurm_cpus_on_node"):
            self.limit(limit, None)

    def limit(self, name, value):
        self.patch.setattr(cpus, name, lambda: value)

    def pin(self, threads, own=None, comm=None):
        share = NodeShare(self.usable if own is None else own, 0, 1, 0)
        return pin_threads(comm or LocalCommunicator(), share, threads)


@pytest.fixture
def node(monkeypatch):
    return Node(monkeypatch, 10, 11, 12, 13)


def test_two_runs_never_pin_to_one_cpu(node):
    first, second = node.pin(1), node.pin(2)
    assert (first.cpus, second.cpus) == ((10,), (11, 12))
    assert first.reason is None and second.reason is None
    third = node.pin(2)
    assert third.cpus == () and third.reason == "other runs occupy CPUs: 1 left for 2 threads"
    # Nor does it keep from others what it cannot use.
    assert node.pin(1).cpus == (13,)
    first.claims.release()
    assert node.pin(1).cpus == (10,)


def test_a_rank_whose_share_is_held_takes_what_other_ranks_left(node):
    other = node.pin(2)
    assert node.pin(2, own=(10, 11)).cpus == (12, 13)
    assert other.cpus == (10, 11)


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("hidden_runs", "it is dark", "it is dark"),
        ("cpu_quota", CpuLimit(1.5, "file"), "2 threads share a quota of 1.5 CPUs (file)"),
        ("slurm_cpus_on_node", CpuLimit(3, "SLURM"), "Slurm gives the job 3 CPUs (SLURM)"),
    ],
)
def test_where_a_pinning_may_be_wrong_there_is_none(node, limit, value, reason):
    node.limit(limit, value)
    found = node.pin(2)
    assert found.cpus == () and reason in found.reason
    node.limit(limit, None)
    assert node.pin(4).cpus == (10, 11, 12, 13)


def test_limits_that_suffice_do_not_matter(node):
    node.limit("cpu_quota", CpuLimit(2.0, "file"))
    node.limit("slurm_cpus_on_node", CpuLimit(4, "SLURM"))
    assert node.pin(2).cpus == (10, 11)


def test_all_ranks_ask_whether_one_is_short(node):
    class Other(LocalCommunicator):
        def gather(self, value):
            self.heard = value
            return [value, True]

    comm = Other()
    assert node.pin(5, comm=comm).reason == "only 4 CPUs are available for 5 threads" and comm.heard is False
    held = node.pin(3, comm=comm)
    assert held.cpus == (10, 11, 12) and comm.heard is False
    assert node.pin(2, comm=comm).reason is not None and comm.heard is True


@pytest.mark.parametrize(("place", "order"), [(0, ["compile", "gather"]), (1, ["gather", "compile"])])
def test_the_first_rank_of_a_node_compiles_before_the_others(place, order):
    happened = []

    class Waiting(LocalCommunicator):
        def gather(self, value):
            happened.append("gather")
            return [value]

    seconds = compiled_in_turn(Waiting(), NodeShare((0,), place, 2, 0), lambda: happened.append("compile"))
    assert happened == order and seconds >= 0.0
