"""Ends and moments of values that pass by in pieces."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

IN_CACHE = 1 << 14
"""Values that are looked at together: what is computed of them stays in the L2 cache."""
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Extreme:
    """A smallest or largest value, and where it stands: number of the file, and row in it (-1 if in none)."""

    value: float
    file: int = -1
    row: int = -1


@dataclass(frozen=True)
class ColumnFacts:
    """What is known of a column of weights or delays: its ends, smallest magnitude but 0, mean, standard deviation."""

    low: Extreme
    high: Extreme
    smallest: float
    mean: float
    std: float


@dataclass
class Ends:
    """Smallest and largest value so far."""

    low: Extreme = field(default_factory=lambda: Extreme(math.inf))
    high: Extreme = field(default_factory=lambda: Extreme(-math.inf))

    def add(self, values: npt.NDArray[Any], file: int, row: int) -> None:
        """Take the values of the rows from `row` on of a file."""
        if not len(values):
            return
        # Only a new extreme needs its place.
        if values.min() < self.low.value:
            at = int(values.argmin())
            self.low = Extreme(values[at].item(), file, row + at)
        if values.max() > self.high.value:
            at = int(values.argmax())
            self.high = Extreme(values[at].item(), file, row + at)


@dataclass
class Moments:
    """Ends and moments so far, of values that are counted from the first one."""

    ends: Ends = field(default_factory=Ends)
    count: int = 0
    origin: float = 0.0
    first: float = 0.0
    second: float = 0.0
    smallest: float = math.inf

    def add(self, values: FloatArray, file: int = -1, row: int = 0) -> None:
        """Take the values of the rows from `row` on of a file."""
        if not len(values):
            return
        self.ends.add(values, file, row)
        with np.errstate(over="ignore", invalid="ignore"):
            for first in range(0, len(values), IN_CACHE):
                self._add(values[first : first + IN_CACHE])

    def _add(self, values: FloatArray) -> None:
        if self.count == 0:
            self.origin = float(values[0])
        moved = values - self.origin
        self.count += len(values)
        self.first += float(moved.sum())
        # Not by BLAS, whose threads would wait for each other on busy CPUs.
        self.second += float(np.einsum("i,i", moved, moved))
        sizes = np.abs(values)
        if self.ends.low.value <= 0.0 <= self.ends.high.value:
            sizes = sizes[sizes > 0.0]
        self.smallest = min(self.smallest, float(sizes.min(initial=math.inf)))

    @property
    def mean(self) -> float:
        """Mean of the values; NaN if there are none."""
        return self.origin + self.first / self.count if self.count else math.nan

    @property
    def std(self) -> float:
        """Standard deviation; NaN if there are none."""
        if not self.count:
            return math.nan
        moved = self.first / self.count
        return math.sqrt(max(0.0, self.second / self.count - moved * moved))

    def facts(self, described: tuple[float, float] | None) -> ColumnFacts:
        """What was found; the ends are at least those that the description of the values had, if they are known."""
        low, high = self.ends.low, self.ends.high
        if described is not None:
            low = min(low, Extreme(described[0]), key=lambda end: end.value)
            high = max(high, Extreme(described[1]), key=lambda end: end.value)
        return ColumnFacts(low, high, self.smallest, self.mean, self.std)
