"""Weights and delays as kernels of distance, with a value for each bin of the possible distances of a projection."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.space.bins import DistanceBins
from simcore.space.kernels import Kernel

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OverDistances:
    """Kernel evaluated over the distances of a projection; the network creates it from a kernel.

    Parameters
    ----------
    kernel
        Kernel of the distance.
    nearest, farthest
        Range of the possible distances of edges.
    held
        Values of the bins that replace the kernel's values, for example on a grid of few bits.
    """

    kernel: Kernel
    nearest: float
    farthest: float
    held: FloatArray | None = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        # The table is computed again when it is needed.
        return type(self), (self.kernel, self.nearest, self.farthest, self.held)

    @classmethod
    def of(cls, value: "Kernel | OverDistances", bins: DistanceBins, where: str) -> "OverDistances":
        """Return the kernel over other distances.

        Raises
        ------
        InputError
            If the kernel depends on more than the distance, or is infinite.
        """
        if isinstance(value, OverDistances) and value.held is not None:
            return value
        kernel = value.kernel if isinstance(value, OverDistances) else value
        require(kernel.elliptic is None, where, kernel, "use a kernel that depends only on the distance")
        found = cls(kernel, bins.nearest, bins.farthest)
        require(bool(np.isfinite(found.table).all()), where, kernel, "every value must be finite")
        return found

    @cached_property
    def table(self) -> FloatArray:
        """Value of each bin."""
        if self.held is not None:
            return self.held
        table = self.kernel.values(DistanceBins(self.nearest, self.farthest).distances())
        table.flags.writeable = False
        return table

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return float(self.table.min()), float(self.table.max())
