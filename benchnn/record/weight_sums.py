"""Exact sums over integer weights, from which mean, spread and extremes in a record follow."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.record.plasticity import MOMENTS


@dataclass(frozen=True)
class WeightSums:
    """Exact sums over integer weights, from which their moments follow independently of the layout."""

    synapses: int
    total: int
    squares: int
    low: int | None
    high: int | None

    @classmethod
    def of(cls, units: npt.NDArray[np.int32]) -> "WeightSums":
        """Compute the sums of the weights of a rank."""
        if not len(units):
            return cls(0, 0, 0, None, None)
        # Two halves, whose squares do not overflow in 64 bits over 2^31 synapses.
        upper, lower = (units >> 16).astype(np.int64), (units & 0xFFFF).astype(np.int64)
        products = (int(np.dot(a, b)) for a, b in ((upper, upper), (upper, lower), (lower, lower)))
        squares = sum(product << shift for product, shift in zip(products, (32, 17, 0), strict=True))
        return cls(len(units), int(units.sum(dtype=np.int64)), squares, int(units.min()), int(units.max()))

    @classmethod
    def over(cls, parts: Iterable["WeightSums"]) -> "WeightSums":
        """Combine the sums of all ranks."""
        known = list(parts)
        lows, highs = ([getattr(part, name) for part in known if part.synapses] for name in ("low", "high"))
        synapses, total, squares = (sum(getattr(p, name) for p in known) for name in ("synapses", "total", "squares"))
        return cls(synapses, total, squares, min(lows, default=None), max(highs, default=None))

    def moments(self, unit: float) -> dict[str, float | None]:
        """Return mean, standard deviation, smallest and largest weight, scaled by `unit`; None without synapses."""
        if self.low is None or self.high is None:
            return dict.fromkeys(MOMENTS)
        spread = math.sqrt(self.synapses * self.squares - self.total**2) / self.synapses
        mean = self.total / self.synapses
        return {"mean": mean * unit, "sd": spread * unit, "min": self.low * unit, "max": self.high * unit}
