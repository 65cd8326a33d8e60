"""Who needs whose spikes, against brute force from the rules' own edges."""

import threading

import numpy as np
import pytest
from agree_networks import NETWORKS

from simcore.backends.backend import Plan
from simcore.backends.cpu.engine import CpuEngine
from simcore.backends.cpu.routing import learn_routing, routing_between, routing_within
from simcore.comm import LocalCommunicator
from simcore.comm.dry_run import DryRunCommunicator
from simcore.network import AllToAll, Explicit, Network, Population, Projection
from simcore.placement import Placement
from simcore.synapses.edges import look_ups
from simcore.synapses.rows import make_rows
from simcore.tables import make_tables

SEED = 42


def sparse():
    """Neurons without targets, ranks that need nobody, two populations with both signs."""
    return Network(
        [Population("A", 7), Population("B", 4), Population("C", 6)],
        [
            Projection("A", "A", Explicit([0, 0, 0, 5], [1, 1, 5, 0]), [50.0, -50.0, -50.0, 50.0], 0.1),
            Projection("C", "B", Explicit([2, 2, 3], [0, 3, 3]), [-50.0, 50.0, 50.0], 0.2),
            Projection("B", "A", Explicit([1], [6]), -20.0, 0.3),
        ],
    )


def nothing():
    return Network([Population("A", 9)], [])


def dense():
    return Network([Population("A", 13)], [Projection("A", "A", AllToAll(), 1.0, 0.1)])


CASES = {**NETWORKS, "sparse": sparse, "nothing": nothing, "dense": dense}


class Group:
    """Ranks that are threads of this process."""

    def __init__(self, size):
        self.size, self.board, self.barrier = size, [None] * size, threading.Barrier(size, timeout=20)

    def call(self, work):
        """``work(communicator)`` of every rank, in order."""
        results = [None] * self.size

        def play(rank):
            results[rank] = work(Member(self, rank))

        threads = [threading.Thread(target=play, args=(rank,)) for rank in range(self.size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results


class Member(LocalCommunicator):
    def __init__(self, group, rank):
        self.group, self.rank, self.size = group, rank, group.size

    def all_to_all(self, parts):
        assert len(parts) == self.size and all(part.dtype == np.uint32 for part in parts)
        self.group.board[self.rank] = parts
        self.group.barrier.wait()
        received = [sent[self.rank] for sent in self.group.board]
        self.group.barrier.wait()
        return received


def edges_of(network, tables, rows):
    """Row and global target of every synapse."""
    of_rows, of_targets = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for index, projection in enumerate(network.projections):
        wiring = network.wiring(index, SEED)
        edges = projection.rule.edges(wiring)
        weights = look_ups(network, tables, index)[0].at(edges.bits >> 16, edges.index)
        sources = np.asarray(edges.sources, dtype=np.int64)
        positive, negative = rows.of_projections[index]
        of_rows.append(np.where(weights < 0, negative, positive) + sources)
        of_targets.append(wiring.target_first + np.asarray(edges.targets, dtype=np.int64))
    return np.concatenate(of_rows), np.concatenate(of_targets)


def described(name):
    network = CASES[name]()
    tables = make_tables(network, 16, accept_quantisation=True)
    rows = make_rows(network, tables)
    return network, tables, rows, *edges_of(network, tables, rows)


@pytest.mark.parametrize("ranks", [2, 3, 5])
@pytest.mark.parametrize("name", CASES)
def test_a_spike_goes_to_the_ranks_that_hold_its_targets_and_to_no_other(name, ranks):
    network, _, rows, row, target = described(name)
    placement = Placement(network.n_neurons, ranks)
    present = [np.unique(row[target % ranks == rank]) for rank in range(ranks)]
    owner = rows.owners(row)
    needs = np.zeros((network.n_neurons, ranks), dtype=bool)
    needs[owner, target % ranks] = True
    learned = Group(ranks).call(lambda comm: learn_routing(comm, placement, rows, present[comm.rank]))
    ids = np.arange(network.n_neurons)
    for rank, routing in enumerate(learned):
        others = np.arange(ranks) != rank
        own = needs[rank::ranks]
        assert routing.destinations.tolist() == np.flatnonzero(own.any(axis=0) & others).tolist()
        assert routing.origins.tolist() == sorted(set((ids[needs[:, rank]] % ranks).tolist()) - {rank})
        assert routing.wanted.tolist() == ids[needs[:, rank] & (ids % ranks != rank)].tolist()
        assert len(routing.starts) == len(own) + 1
        for local, neuron_needs in enumerate(own):
            slots = routing.slots[routing.starts[local] : routing.starts[local + 1]]
            assert routing.destinations[slots].tolist() == np.flatnonzero(neuron_needs & others).tolist()


@pytest.mark.parametrize("name", ["everything", "sparse", "nothing"])
def test_a_routing_is_divided_into_the_ranks_of_the_group_and_all_others(name):
    network, _, rows, row, target = described(name)
    ranks = 5
    placement = Placement(network.n_neurons, ranks)
    present = [np.unique(row[target % ranks == rank]) for rank in range(ranks)]
    learned = Group(ranks).call(lambda comm: learn_routing(comm, placement, rows, present[comm.rank]))
    for rank, whole in enumerate(learned):
        group = range(2) if rank < 2 else range(2, ranks)
        within, between = routing_within(whole, group), routing_between(whole, group)
        assert sorted([*(within.origins + group.start), *between.origins]) == whole.origins.tolist()
        assert set(between.origins).isdisjoint(group) and set(between.destinations).isdisjoint(group)
        assert all(0 <= other < len(group) for other in [*within.origins, *within.destinations])
        for k in range(len(whole.starts) - 1):
            reached = [
                (part.destinations + first)[part.slots[part.starts[k] : part.starts[k + 1]]].tolist()
                for part, first in ((whole, 0), (within, group.start), (between, 0))
            ]
            assert sorted(reached[1] + reached[2]) == reached[0]


def test_a_rank_may_need_only_the_negative_weights_of_a_neuron():
    _, _, rows, row, target = described("sparse")
    assert [len(channels) for channels in rows.channels] == [2, 1, 2]
    positive, negative = (channel.first_row for channel in rows.channels[0])
    assert set(target[row == positive] % 3) == {1}
    assert set(target[row == negative] % 3) == {1, 2}


@pytest.mark.parametrize("delivery", ["just_in_time", "by_source", "calendar"])
@pytest.mark.parametrize(("name", "threads"), [("everything", 1), ("everything", 2), ("sparse", 2), ("nothing", 1)])
def test_an_engine_finds_the_rows_that_have_synapses_on_its_rank(name, threads, delivery):
    network, tables, _, row, target = described(name)
    ranks = 3
    for rank in range(ranks):
        comm = DryRunCommunicator(rank, ranks, [0.0] * len(network.populations))
        plan = Plan(network, tables, Placement(network.n_neurons, ranks, threads), comm, SEED, "float32", (), delivery)
        engine = CpuEngine(plan)
        try:
            found = np.unique(np.concatenate([part.sources(engine._layout) for part in engine._parts]))
            assert found.tolist() == np.unique(row[target % ranks == rank]).tolist()
        finally:
            engine.close()
