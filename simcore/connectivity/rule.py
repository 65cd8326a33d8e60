"""Interface of connection rules: checks, expected size, edges in NumPy as a reference, and lists for backends.

The edges of a target neuron are a pure function of (seed, projection, target) and do not depend on its owner.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from simcore.connectivity.column import Column
from simcore.errors import require
from simcore.space.bins import DistanceBins
from simcore.space.layers import Sheets

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Wiring:
    """Key and index of a projection, and the global id ranges of its two sides.

    `sheets` contains the positions of both sides, if the network has positions.

    Parameters
    ----------
    seed
        Seed of the simulation.
    projection
        Index of the projection in the network.
    source_first, n_source
        Global id of the first source, and number of sources.
    target_first, n_target
        Global id of the first target, and number of targets.
    sheets
        Positions of the two populations; None in a network without positions.
    """

    seed: int
    projection: int
    source_first: int
    n_source: int
    target_first: int
    n_target: int
    sheets: Sheets | None = field(default=None, compare=False, repr=False)

    @property
    def recurrent(self) -> bool:
        """True if source and target population are the same, so that autapses are possible."""
        return self.source_first == self.target_first

    def n_choices(self, allow_autapses: bool) -> int:
        """Return the number of possible sources of a target.

        Parameters
        ----------
        allow_autapses
            Whether a neuron may be its own source.

        Returns
        -------
        int
            Number of sources.
        """
        return self.n_source - (1 if self.recurrent and not allow_autapses else 0)


@dataclass(frozen=True)
class Targets:
    """Targets owned by a partition: `count` population-local ids ``first, first + stride, ...``.

    `local_first` is the partition-local index of the first target; the others are consecutive.
    """

    first: int
    stride: int
    count: int
    local_first: int

    @classmethod
    def dealt(cls, owner: int, owners: int, first_id: int, size: int) -> "Targets":
        """Return an owner's part of the population [first_id, first_id + size) with round-robin global ids."""
        first = (owner - first_id) % owners
        return cls(first, owners, len(range(first, size, owners)), (first_id + first) // owners)

    def range_of_ids(self, first_id: int) -> range:
        """Global ids of the targets, ascending, in a population that begins with `first_id`."""
        first = first_id + self.first
        return range(first, first + self.stride * self.count, self.stride)

    def global_ids(self, first_id: int) -> IntArray:
        """Global ids of the targets, ascending, in a population that begins with `first_id`."""
        return first_id + self.first + self.stride * np.arange(self.count, dtype=np.int64)


@dataclass(frozen=True)
class Edges:
    """Edges of a projection: population-local sources and targets, 32 random bits and the index of each edge."""

    sources: IntArray
    targets: IntArray
    bits: npt.NDArray[np.uint32]
    index: IntArray


class Draw(IntEnum):
    """Method of finding the partners of a list."""

    WITH_REPLACEMENT = 0
    DISTINCT = 1
    IN_ORDER = 2
    GIVEN = 3


def _nothing() -> IntArray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Lists:
    """Edges of a projection onto some targets, as a list of sources for each target or of targets for each source.

    Parameters
    ----------
    draw
        Method of finding partners.
    lengths
        Number of edges of each list, int64.
    n_choices
        Number of possible partners.
    excludes_self
        True if a neuron is not its own partner; partner numbers from its own number on are then increased by one.
    of_sources
        True for one list of targets for each source, from which targets of other partitions are omitted.
    partners, index
        GIVEN: population-local partners of all lists, one list after the other, and the index of each edge in the
        description.
    """

    draw: Draw
    lengths: IntArray
    n_choices: int
    excludes_self: bool = False
    of_sources: bool = False
    partners: IntArray = field(default_factory=_nothing)
    index: IntArray = field(default_factory=_nothing)


def drawn_lists(draw: Draw, wiring: Wiring, in_degrees: IntArray, allow_autapses: bool) -> Lists:
    """Return lists of random sources of some targets."""
    return Lists(draw, in_degrees, wiring.n_choices(allow_autapses), wiring.recurrent and not allow_autapses)


class Emitter(Protocol):
    """Emitter of the edges of one partition, piece by piece into preallocated chunks."""

    n_items: int
    """Number of items (targets or sources)."""
    largest_item: int
    """Largest number of edges of an item, and smallest capacity of a chunk."""

    def emit(self, item: int, chunk: Any) -> tuple[int, int]:
        """Fill `chunk` with complete items from `item` on; return (edges written, next item)."""
        ...


class Rule(ABC):
    """Base class of connection rules, with NEST's names and meaning."""

    name: ClassVar[str]
    takes_arrays: ClassVar[bool] = False
    """True if weights and delays can be arrays with one value for each edge."""

    @property
    def draws_edges(self) -> bool:
        """Whether the edges depend on the seed of the simulation."""
        return True

    @classmethod
    @abstractmethod
    def example(cls) -> "Rule":
        """Return a small instance, applicable to four neurons, with which backends compile.

        Returns
        -------
        Rule
            A rule of this class.
        """

    def look(self, columns: Sequence[Column], field: str) -> None:
        """Scan the input of the rule with these columns; raise InputError if the rule does not support columns.

        Parameters
        ----------
        columns
            Columns of weights or delays.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If the rule has no columns, or they cannot be read.
        """
        for column in columns:
            require(False, field, column, f"columns require the rule edge_files, not {self.name}")

    def ends(self, column: Column) -> tuple[float, float]:
        """Return the smallest and largest value of a column, NaN for an empty one.

        Parameters
        ----------
        column
            A column of the files.

        Returns
        -------
        tuple of float
            Smallest and largest value.
        """
        raise NotImplementedError

    def place(self, column: Column, value: float) -> str:
        """Describe the place of one of these two values.

        Parameters
        ----------
        column
            A column of the files.
        value
            Its smallest or largest value.

        Returns
        -------
        str
            File and row of the value, for messages.
        """
        raise NotImplementedError

    @abstractmethod
    def check(self, wiring: Wiring, field: str) -> None:
        """Raise InputError if the rule cannot be applied to these populations.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If an argument of the rule does not fit the populations.
        """

    @abstractmethod
    def expected_synapses(self, wiring: Wiring) -> float:
        """Return the expected number of edges; exact unless the rule's total is random.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        float
            Number of synapses.
        """

    def log_unreached(self, wiring: Wiring, targets: IntArray) -> FloatArray | None:
        """Return the logarithm of the probability that a source has no synapse onto any of `targets` targets.

        Parameters
        ----------
        wiring
            The two populations.
        targets
            Numbers of targets, int64 of any shape; the source is one of them only if autapses are allowed.

        Returns
        -------
        ndarray of float64 or None
            Array of the shape of `targets`; None if it depends on the source or target, so that the neurons are not
            exchangeable.
        """
        return None

    def distances(self, wiring: Wiring) -> DistanceBins | None:
        """Return the bins of the edges' distances, to which `index` refers; None if the rule does not use distances.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        DistanceBins or None
            Bins of distance.
        """
        return None

    def largest_in_degree(self, wiring: Wiring) -> int:
        """Return a bound of the in-degrees, as tight as is cheap; by default the largest drawn in-degree.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        int
            Upper bound of the in-degree.
        """
        return int(np.bincount(self.edges(wiring).targets).max(initial=0))

    @abstractmethod
    def edges(self, wiring: Wiring) -> Edges:
        """Draw all edges with NumPy, as the reference (oracle).

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        Edges
            Population-local sources and targets, random bits and index of each edge, arrays of shape (edges,).
        """

    @abstractmethod
    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        """Return the same edges for some targets, in the form that backends draw.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.
        targets
            The targets that a partition owns.

        Returns
        -------
        Lists
            Lengths of the lists and how their partners are drawn.
        """

    def emitter(self, wiring: Wiring, targets: Targets, draws: bool = True) -> Emitter | None:
        """Return an emitter that draws the edges in pieces on CPUs; None to draw `lists`.

        Parameters
        ----------
        wiring, targets
            The projection, and the targets of a partition.
        draws
            Whether weights or delays are drawn, so that edges need random bits.

        Returns
        -------
        Emitter or None
            Draws the edges in pieces; None if `lists` is sufficient.
        """
        return None
