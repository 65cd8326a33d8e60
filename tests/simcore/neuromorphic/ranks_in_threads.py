"""Ranks that are threads of this process, for code that calls collectives of a communicator."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from simcore.errors import InputError


class Ranks:
    """So many ranks."""

    def __init__(self, size):
        self.size = size
        self._barrier = Barrier(size)
        self._given = [None] * size

    def run(self, function):
        """What a function returns for each rank."""
        with ThreadPoolExecutor(self.size) as pool:
            return list(pool.map(function, [Rank(self, rank) for rank in range(self.size)]))

    def gather(self, rank, value):
        self._given[rank] = value
        self._barrier.wait(60.0)
        values = list(self._given)
        self._barrier.wait(60.0)
        return values


class Rank:
    """What one of them sees of the others."""

    name = "threads"

    def __init__(self, ranks, rank):
        self._ranks, self.rank, self.size = ranks, rank, ranks.size

    def gather(self, value):
        return self._ranks.gather(self.rank, value)

    def collect(self, value):
        values = self.gather(value)
        return values if self.rank == 0 else None

    def scatter(self, make):
        parts = [make(rank) for rank in range(self.size)] if self.rank == 0 else None
        return self.gather(parts)[0][self.rank]

    def all_to_all(self, parts):
        return [given[self.rank] for given in self.gather(parts)]

    def from_root(self, make):
        made = problem = None
        if self.rank == 0:
            try:
                made = make()
            except InputError as error:
                problem = error
        made, problem = self.gather((made, problem))[0]
        if problem is not None:
            raise problem
        return made

    def agree(self, problem):
        first = next((one for one in self.gather(problem) if one is not None), None)
        if first is not None:
            raise first
