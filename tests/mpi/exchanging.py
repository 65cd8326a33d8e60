"""A program for several ranks: the exchange of spikes alone, against mpi4py's pickled allgather of the same words.

Arguments: seed and number of cases. All ranks draw the same cases; rank 0 prints what they met.
"""

import json
import sys
import traceback

import numpy as np

from simcore.comm import mpi_exchange
from simcore.comm.communicator import FIRST_CAPACITY, ExchangeRequest, Routing
from simcore.comm.mpi import MpiCommunicator
from simcore.comm.mpi_kernels import NO_ROOM, Column
from simcore.errors import ResourceError
from simcore.jit.compilation import kernel
from simcore.jit.intrinsics import call_kernel
from simcore.placement import Placement

ROOM = 6000


@kernel
def begin(start, state, words, ends):
    call_kernel(start, state, words.ctypes.data, ends.ctypes.data, 0, 0, 0, 0, 0, 0)


@kernel
def finish(test, state):
    outcome = 0
    while outcome == 0:
        outcome = call_kernel(test, state, 0, 0, 0, 0, 0, 0, 0, 0)
    return outcome


class Case:
    """Neurons dealt to the ranks, and who needs whose spikes."""

    def __init__(self, random, comm):
        self.comm, self.random = comm, random
        self.interval = int(random.choice([1, 3, 15]))
        self.directed = bool(random.random() < 0.65)
        self.n = int(random.integers(comm.size, 60))
        # Some neurons have targets nowhere, some ranks need nobody, some are needed by nobody.
        density = random.choice([0.0, 0.2, 0.7, 1.0])
        self.needs = random.random((self.n, comm.size)) < density
        self.needs[:, random.random(comm.size) < 0.25] = False
        if random.random() < 0.25:
            self.needs[np.arange(self.n) % comm.size == random.integers(comm.size)] = False
        bounds = np.array([0, self.n], dtype=np.int64)
        own = Placement(self.n, comm.size).ranges_of_rank(comm.rank)
        request = ExchangeRequest(self.interval, ROOM, self.routing() if self.directed else None, bounds, own)
        self.exchange = comm.exchange(request)
        self.met = dict.fromkeys(("exchanges", "no_room", "overflows", "exact", "one_more", "silent", "left_out"), 0)

    def routing(self):
        rank, size = self.comm.rank, self.comm.size
        others = np.arange(size) != rank
        own = self.needs[rank::size]
        destinations = np.flatnonzero(own.any(axis=0) & others)
        owners = np.unique(np.flatnonzero(self.needs[:, rank]) % size)
        lists = [np.flatnonzero(row[destinations]) for row in own]
        return Routing(
            destinations,
            owners[owners != rank],
            np.cumsum([0, *map(len, lists)]).astype(np.int64),
            np.concatenate([np.zeros(0, dtype=np.int32), *lists]).astype(np.int32),
            np.flatnonzero(self.needs[:, rank] & (np.arange(self.n) % size != rank)),
        )

    def words_of_steps(self, rank):
        """Words that a rank sends in each step; the same draw on every rank."""
        random, capacity = self.random, int(self.exchange.state[Column.CAPACITY])
        assert capacity >= FIRST_CAPACITY
        sizes = [0, 0, 1, capacity - 1, capacity, capacity + 1, 3 * capacity, 700]
        total = min(int(random.choice(sizes)), ROOM)
        own = np.arange(rank, self.n, self.comm.size)
        neurons = own[random.integers(0, len(own), total)]
        cuts = np.sort(random.integers(0, total + 1, self.interval - 1))
        return np.split(neurons.astype(np.uint32), cuts)

    def once(self):
        comm, exchange = self.comm, self.exchange
        steps = [self.words_of_steps(rank) for rank in range(comm.size)][comm.rank]
        words = np.concatenate(steps)
        ends = np.cumsum([len(step) for step in steps]).astype(np.int64)
        begin(exchange.start, exchange.state.ctypes.data, words, ends)
        outcome = finish(exchange.test, exchange.state.ctypes.data)
        while outcome == NO_ROOM:
            self.met["no_room"] += 1
            exchange.grow()
            outcome = finish(exchange.test, exchange.state.ctypes.data)
        got = np.split(exchange.received[: exchange.received_ends[-1]], exchange.received_ends[:-1])
        self.compare(steps, got)

    def compare(self, steps, got):
        comm = self.comm
        everyone = comm.gather(steps)
        for lag in range(self.interval):
            parts = [np.zeros(0, dtype=np.uint32)]
            for rank in range(comm.size):
                words = everyone[rank][lag]
                if rank != comm.rank:
                    parts.append(words[self.needs[words, comm.rank]] if self.directed else words)
            expected = np.concatenate(parts)
            assert np.array_equal(got[lag], expected), (self.interval, self.directed, lag, got[lag], expected)
        total = sum(len(words) for words in steps)
        capacity = int(self.exchange.state[Column.CAPACITY])
        self.met["exchanges"] += 1
        self.met["silent"] += total == 0
        if not self.directed or (self.needs[comm.rank :: comm.size].all() and comm.size > 1):
            self.met["exact"] += total == capacity
            self.met["one_more"] += total == capacity + 1

    def check_counts(self, received):
        counts = self.exchange.counts()
        assert counts.exchanges == self.met["exchanges"]
        assert counts.bytes_received == 4 * received, (counts, received)
        routing = self.routing()
        if self.directed and len(routing.destinations) == 0:
            self.met["left_out"] += 1
            assert counts.bytes_sent == counts.largest_words == 0
        if self.directed and len(routing.origins) == 0:
            assert counts.bytes_received == 0
        self.met["overflows"] += counts.overflows


def overfull(comm):
    """More words than there is room for are refused, not lost; True if they were."""
    mpi_exchange.MAX_REST_WORDS = 0
    ranks = np.arange(comm.size, dtype=np.int64)
    others = ranks[ranks != comm.rank]
    starts, slots = np.array([0, len(others)]), np.arange(len(others), dtype=np.int32)
    routing = Routing(others, others, starts, slots, others)
    own = Placement(comm.size, comm.size).ranges_of_rank(comm.rank)
    exchange = comm.exchange(ExchangeRequest(1, 20, routing, np.array([0, comm.size], dtype=np.int64), own))
    words = np.full(100, comm.rank, dtype=np.uint32)
    begin(exchange.start, exchange.state.ctypes.data, words, np.array([100], dtype=np.int64))
    assert finish(exchange.test, exchange.state.ctypes.data) == NO_ROOM
    try:
        exchange.grow()
    except ResourceError as error:
        return "use the collective exchange" in str(error)
    return False


def main():
    comm = MpiCommunicator()
    met = {}
    try:
        random = np.random.default_rng(int(sys.argv[1]))
        for _ in range(int(sys.argv[2])):
            case = Case(random, comm)
            received = 0
            for _ in range(int(random.integers(1, 9))):
                case.once()
                received += int(case.exchange.received_ends[-1])
                if random.random() < 0.4:
                    case.exchange.adapt()
            case.check_counts(received)
            for name, count in case.met.items():
                met[name] = met.get(name, 0) + int(count)
        met["refused"] = int(overfull(comm))
    except BaseException:
        # The other ranks wait for this one.
        traceback.print_exc()
        comm.abort(1)
        raise
    everyone = comm.gather(met)
    if comm.rank == 0:
        sys.stdout.write(json.dumps({name: sum(part[name] for part in everyone) for name in met}) + "\n")


main()
