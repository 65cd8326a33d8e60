"""`spatial_fixed_indegree`: each target has the same number of sources, drawn in proportion to a kernel.

The kernel's values are summed over the sources within reach of a target; a random word selects a position in this sum.
Without multapses, a repeated source is drawn again, as in NEST; once half of the draws would be wasted, the sum is
recomputed without the sources already drawn, which yields the same distribution.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.connectivity.draw import edge_words
from simcore.connectivity.rule import Emitter, IntArray, Targets, Wiring
from simcore.connectivity.spatial.rule import SpatialRule
from simcore.errors import integer, keywords_known, require, truth
from simcore.random import Purpose, philox
from simcore.space.kernels import Kernel, as_kernel
from simcore.space.masks import Mask
from simcore.space.neighbourhood import too_few


@keywords_known
@dataclass(frozen=True)
class SpatialFixedIndegree(SpatialRule):
    """NEST's `fixed_indegree` with a mask and a `p` that depends on distance.

    Parameters
    ----------
    indegree
        Sources of each target.
    p
        A kernel, or a number for uniform probabilities; only the ratios of its values matter.
    mask
        Region of possible sources relative to the target, as in NEST; unlimited by default.
    allow_autapses, allow_multapses
        Whether a neuron can be its own source, and whether a source can be drawn several times.

    Raises
    ------
    InputError
        If the kernel, the mask or a flag is not allowed.
    """

    indegree: int
    p: Kernel | float = 1.0
    mask: Mask | None = None
    allow_autapses: bool = True
    allow_multapses: bool = True
    name = "spatial_fixed_indegree"
    around_source = False
    relative = True

    def __post_init__(self) -> None:
        self._take()
        truth(self.allow_multapses, f"{self.name}.allow_multapses")
        integer(self.indegree, f"{self.name}.indegree", 0, 2**31 - 1)

    @classmethod
    def example(cls) -> "SpatialFixedIndegree":
        return cls(2)

    @property
    def kernel(self) -> Kernel:
        return as_kernel(self.p, f"{self.name}.p")

    def check(self, wiring: Wiring, field: str) -> None:
        super().check(wiring, field)
        if self.indegree > 0:
            require(self.extremes(wiring).unit > 0.0, f"{field}.p", self.p, "must be > 0 somewhere within the mask")
            choices = wiring.n_choices(self.allow_autapses)
            require(choices > 0, field, self, "no source remains to draw from")
            allowed = f"must be at most {choices} without multapses"
            require(self.allow_multapses or self.indegree <= choices, f"{field}.indegree", self.indegree, allowed)

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(self.indegree) * wiring.n_target

    def largest_in_degree(self, wiring: Wiring) -> int:
        return self.indegree

    def drawn(self, wiring: Wiring, target: int) -> tuple[IntArray, IntArray]:
        ranks, bins, weights = self.candidates(wiring, target)
        if len(ranks) < (min(1, self.indegree) if self.allow_multapses else self.indegree):
            raise too_few(self.indegree, len(ranks), target, self.allow_multapses)
        if self.allow_multapses:
            positions = np.arange(self.indegree)
            words, _ = edge_words(wiring, np.full(self.indegree, wiring.target_first + target), positions)
            chosen = _chosen(words, weights) if self.indegree else positions
        else:
            chosen = self._distinct(wiring, wiring.target_first + target, weights)
        return ranks[chosen], bins[chosen]

    def _distinct(self, wiring: Wiring, target_id: int, weights: npt.NDArray[np.uint32]) -> IntArray:
        """Draw numbers of distinct sources one after the other."""
        left, drawn = weights.astype(np.int64), list[int]()
        taken = attempt = 0
        while len(drawn) < self.indegree:
            words = philox((wiring.projection, target_id, attempt >> 2, 0), (wiring.seed, Purpose.SPATIAL))
            k = int(_chosen(np.atleast_1d(words[attempt & 3]), left)[0])
            attempt += 1
            if k in drawn:
                continue
            drawn.append(k)
            taken += int(left[k])
            if 2 * taken > left.sum():
                left[drawn], taken = 0, 0
        return np.array(drawn, dtype=np.int64)

    def emitter(self, wiring: Wiring, targets: Targets, draws: bool = True) -> Emitter:
        from simcore.connectivity.spatial.cpu.emitter import SpatialEmitter

        own = self.neighbourhood(wiring), self.excludes_self(wiring), draws
        return SpatialEmitter(wiring, targets, *own, self.indegree, self.allow_multapses)


def _chosen(words: npt.NDArray[np.uint32], weights: npt.NDArray[np.integer]) -> IntArray:
    """Return the sources that 32-bit words select as positions in the sum of their weights."""
    ends = np.cumsum(weights, dtype=np.int64).astype(np.float64)
    return np.asarray(np.searchsorted(ends, words * (ends[-1] * 2.0**-32), side="right"))
