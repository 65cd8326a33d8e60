"""A random connectome with the counts of a published one, made in pieces as if it stood in a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.column import Column
from simcore.connectivity.explicit import LARGEST_ID, Explicit
from simcore.connectivity.listed import BLOCK, Block, ListedRule
from simcore.connectivity.long_tail import numbers_at_least, numbers_of
from simcore.connectivity.rule import IntArray, Rule, Wiring
from simcore.connectivity.shuffle import Shuffle
from simcore.errors import integer, keywords_known, require
from simcore.random import MAX_SEED

CONTACTS = "contacts"
"""The column: signed number of contacts of an edge."""
SOURCES, TARGETS, EDGES, EXCITATORY, INHIBITORY = range(5)
"""What is shuffled."""
STRIDE_BITS = 6
NEAR = 2
"""Steps from the rank of an edge at a stride to that of another one: neurons with few edges are searched for."""


@keywords_known
@dataclass(frozen=True, eq=False)
class SurrogateConnectome(ListedRule):
    """Edges within one population with given counts and long tails, made target after target whenever they are needed.

    Out-degrees, in-degrees and contacts have long tails that fall with the square (`long_tail`), and exactly the sums
    and largest values that are given. Which neuron has which degree, which edges meet and how many contacts each has
    is random, independently: there is no other structure. Every neuron is excitatory or inhibitory, as many as there
    are edges of each kind. Two neurons may have several edges, and a neuron one to itself.

    Parameters
    ----------
    neurons
        Number of neurons of the population.
    excitatory_edges, inhibitory_edges
        Numbers of edges.
    excitatory_contacts, inhibitory_contacts
        Sums of the contacts of these edges.
    largest_degree
        Largest number of edges from a neuron of each kind, and to a neuron.
    largest_contacts
        Most contacts of an edge of each kind.
    seed
        Of all that is random; it is not that of a simulation.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    ``Column("contacts", scale)`` has the weights: the contacts times the scale, negative from inhibitory neurons.
    """

    neurons: int
    excitatory_edges: int
    inhibitory_edges: int
    excitatory_contacts: int
    inhibitory_contacts: int
    largest_degree: int
    largest_contacts: int
    seed: int = 1
    name = "surrogate_connectome"

    def __post_init__(self) -> None:
        for name in ("neurons", "excitatory_edges", "inhibitory_edges", "largest_degree", "largest_contacts"):
            object.__setattr__(self, name, integer(getattr(self, name), f"{self.name}.{name}", 2, LARGEST_ID))
        for name in ("excitatory_contacts", "inhibitory_contacts"):
            object.__setattr__(self, name, integer(getattr(self, name), f"{self.name}.{name}", 2))
        object.__setattr__(self, "seed", integer(self.seed, f"{self.name}.seed", 0, MAX_SEED))
        require(self.edge_count <= LARGEST_ID, f"{self.name}: edges", self.edge_count, f"must be at most {LARGEST_ID}")

    @classmethod
    def example(cls) -> Rule:
        return Explicit([0], [0])

    @property
    def edge_count(self) -> int:
        """Number of edges."""
        return self.excitatory_edges + self.inhibitory_edges

    @property
    def excitatory_count(self) -> int:
        """Number of excitatory neurons: their share is that of their edges."""
        share = (2 * self.neurons * self.excitatory_edges + self.edge_count) // (2 * self.edge_count)
        return min(max(share, 1), self.neurons - 1)

    @cached_property
    def excitatory_ids(self) -> IntArray:
        """Population-local ids of the excitatory neurons, ascending."""
        return np.sort(self._ids[: self.excitatory_count])

    @cached_property
    def _ids(self) -> IntArray:
        """Neurons by rank: the excitatory ones, those with most edges first, then the inhibitory ones."""
        return self._order(self.neurons, SOURCES).places(np.arange(self.neurons))

    @cached_property
    def _source_ends(self) -> IntArray:
        """End of each rank's edges in the order of sources."""
        kinds = [(self.excitatory_count, "excitatory"), (self.neurons - self.excitatory_count, "inhibitory")]
        degrees = []
        for count, kind in kinds:
            edges = getattr(self, f"{kind}_edges")
            tail = numbers_at_least(count, edges, self.largest_degree, f"{self.name}.{kind}_edges")
            degrees.append(numbers_of(tail, np.arange(count)))
        return np.cumsum(np.concatenate(degrees))

    @cached_property
    def _first_ranks(self) -> IntArray:
        """Rank of the source of every `1 << STRIDE_BITS`-th edge in the order of sources."""
        return np.searchsorted(self._source_ends, np.arange(0, self.edge_count, 1 << STRIDE_BITS), side="right")

    @cached_property
    def _target_ends(self) -> IntArray:
        """End of each neuron's edges in the order of targets."""
        tail = numbers_at_least(self.neurons, self.edge_count, self.largest_degree, f"{self.name}: edges")
        degrees = np.empty(self.neurons, dtype=np.int64)
        ranks = np.arange(self.neurons)
        degrees[self._order(self.neurons, TARGETS).places(ranks)] = numbers_of(tail, ranks)
        return np.cumsum(degrees)

    @cached_property
    def _tails(self) -> tuple[IntArray, IntArray]:
        """How many edges have at least 2, 3, ... contacts: of the excitatory and of the inhibitory ones."""
        most = self.largest_contacts - 1
        found = []
        for kind in ("excitatory", "inhibitory"):
            edges, contacts = getattr(self, f"{kind}_edges"), getattr(self, f"{kind}_contacts")
            found.append(numbers_at_least(edges, contacts - edges, most, f"{self.name}.{kind}_contacts - edges"))
        return found[0], found[1]

    @cached_property
    def _orders(self) -> tuple[Shuffle, Shuffle, Shuffle]:
        """Places of the edges in the order of sources, and of those of both kinds in the order of contacts."""
        return (
            self._order(self.edge_count, EDGES),
            self._order(self.excitatory_edges, EXCITATORY),
            self._order(self.inhibitory_edges, INHIBITORY),
        )

    def _order(self, n: int, which: int) -> Shuffle:
        return Shuffle.of(n, self.seed, which)

    def check(self, wiring: Wiring, field: str) -> None:
        for side, n in (("source", wiring.n_source), ("target", wiring.n_target)):
            allowed = f"must equal the size of the {side} population, {n}"
            require(n == self.neurons, f"{field}.neurons", self.neurons, allowed)
        # Sums that no degrees or contacts have are refused here.
        _ = self._source_ends, self._target_ends, self._tails

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(self.edge_count)

    def largest_in_degree(self, wiring: Wiring) -> int:
        return self.largest_degree

    def look(self, columns: Sequence[Column], field: str) -> None:
        for column in columns:
            require(column.name == CONTACTS, field, column, f"the only column of {self.name} is {CONTACTS!r}")

    def ends(self, column: Column) -> tuple[float, float]:
        low, high = sorted((-self.largest_contacts * column.scale, self.largest_contacts * column.scale))
        return low, high

    def place(self, column: Column, value: float) -> str:
        return self.name

    def unit(self, column: Column) -> float | None:
        return abs(column.scale)

    def blocks(self, columns: Sequence[Column] = ()) -> Iterator[Block]:
        for first in range(0, self.edge_count, BLOCK):
            edges = np.arange(first, min(first + BLOCK, self.edge_count))
            places = self._orders[0].places(edges)
            sources = self._ids[self._source_ranks(places)]
            targets = self._targets(first, len(edges))
            contacts = self._contacts(places) if columns else None
            values = {column: contacts * column.scale for column in columns} if contacts is not None else {}
            yield Block(first, sources.astype(np.int32), targets.astype(np.int32), values)

    def values(self, value: Column | npt.NDArray[np.float64]) -> Iterator[npt.NDArray[np.float64]]:
        if not isinstance(value, Column):
            yield from super().values(value)
            return
        for first in range(0, self.edge_count, BLOCK):
            edges = np.arange(first, min(first + BLOCK, self.edge_count))
            yield self._contacts(self._orders[0].places(edges)) * value.scale

    def whole(self) -> tuple[IntArray, IntArray]:
        pairs = [(block.sources.astype(np.int64), block.targets.astype(np.int64)) for block in self.blocks()]
        sources, targets = zip(*pairs, strict=True)
        return np.concatenate(sources), np.concatenate(targets)

    def _source_ranks(self, places: IntArray) -> IntArray:
        """Ranks of the sources of edges, by their places: near what a table says, which costs less than a search."""
        ends = self._source_ends
        found: IntArray = self._first_ranks[places >> STRIDE_BITS]
        for _ in range(NEAR):
            found += ends[found] <= places
        far = np.flatnonzero(ends[found] <= places)
        found[far] = np.searchsorted(ends, places[far], side="right")
        return found

    def _targets(self, first: int, n: int) -> npt.NDArray[Any]:
        """Targets of `n` edges from `first` on."""
        low = int(np.searchsorted(self._target_ends, first, side="right"))
        high = int(np.searchsorted(self._target_ends, first + n - 1, side="right"))
        ends = np.minimum(self._target_ends[low : high + 1], first + n)
        return np.repeat(np.arange(low, high + 1), np.diff(ends, prepend=first))

    def _contacts(self, places: IntArray) -> npt.NDArray[np.float64]:
        """Signed contacts of edges by their places in the order of sources."""
        contacts = np.empty(len(places), dtype=np.float64)
        excitatory = places < self.excitatory_edges
        _, first, second = self._orders
        own = first.places(places[excitatory])
        contacts[excitatory] = 1 + numbers_of(self._tails[0], own)
        own = second.places(places[~excitatory] - self.excitatory_edges)
        contacts[~excitatory] = -1 - numbers_of(self._tails[1], own)
        return contacts
