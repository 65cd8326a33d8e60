"""Range and moments of values that are given in pieces."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

IN_CACHE = 1 << 14
"""Values that are processed together, so that intermediate results stay in the L2 cache."""
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Extreme:
    """A smallest or largest value, and its place: number of the file and row in it (-1 if it is not in a file)."""

    value: float
    file: int = -1
    row: int = -1


@dataclass(frozen=True)
class ColumnFacts:
    """Range, smallest nonzero magnitude, mean and standard deviation of a column of weights or delays."""

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
        # Only the place of a new extreme is needed.
        if values.min() < self.low.value:
            at = int(values.argmin())
            self.low = Extreme(values[at].item(), file, row + at)
        if values.max() > self.high.value:
            at = int(values.argmax())
            self.high = Extreme(values[at].item(), file, row + at)


@dataclass
class Moments:
    """Range and moments so far, of deviations from the first value."""

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
        # BLAS is avoided, because its threads would wait for each other on busy CPUs.
        self.second += float(np.einsum("i,i", moved, moved))
        sizes = np.abs(values)
        if self.ends.low.value <= 0.0 <= self.ends.high.value:
            sizes = sizes[sizes > 0.0]
        self.smallest = min(self.smallest, float(sizes.min(initial=math.inf)))

    @property
    def mean(self) -> float:
        """Mean of the values; NaN without values."""
        return self.origin + self.first / self.count if self.count else math.nan

    @property
    def std(self) -> float:
        """Standard deviation of the values; NaN without values."""
        if not self.count:
            return math.nan
        moved = self.first / self.count
        return math.sqrt(max(0.0, self.second / self.count - moved * moved))

    def facts(self, described: tuple[float, float] | None) -> ColumnFacts:
        """Return the facts; the range includes the described range of the values, if it is known."""
        low, high = self.ends.low, self.ends.high
        if described is not None:
            low = min(low, Extreme(described[0]), key=lambda end: end.value)
            high = max(high, Extreme(described[1]), key=lambda end: end.value)
        return ColumnFacts(low, high, self.smallest, self.mean, self.std)
