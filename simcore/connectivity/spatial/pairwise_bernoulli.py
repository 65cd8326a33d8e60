"""`spatial_pairwise_bernoulli`: each pair is connected with a probability that depends on the positions."""

from dataclasses import dataclass

import numpy as np

from simcore.connectivity.rule import Emitter, IntArray, Targets, Wiring
from simcore.connectivity.spatial.rule import SpatialRule
from simcore.errors import keywords_known
from simcore.random import Purpose, philox
from simcore.space.kernels import Kernel, as_kernel
from simcore.space.masks import Mask


@keywords_known
@dataclass(frozen=True)
class SpatialPairwiseBernoulli(SpatialRule):
    """NEST's `pairwise_bernoulli` with a mask and a `p` that depends on distance; multapses cannot occur.

    Parameters
    ----------
    p
        Probability: a kernel, whose values below 0 count as 0 and above 1 as 1, or a number. With 1 all neurons within
        the mask are connected.
    mask
        Region of possible targets relative to the source, as in NEST; unlimited by default.
    allow_autapses
        Whether a neuron can have a synapse onto itself.

    Raises
    ------
    InputError
        If the kernel, the mask or a flag is not allowed.
    """

    p: Kernel | float
    mask: Mask | None = None
    allow_autapses: bool = True
    name = "spatial_pairwise_bernoulli"
    around_source = True
    relative = False

    def __post_init__(self) -> None:
        self._take()

    @classmethod
    def example(cls) -> "SpatialPairwiseBernoulli":
        return cls(0.5)

    @property
    def kernel(self) -> Kernel:
        return as_kernel(self.p, f"{self.name}.p")

    def expected_synapses(self, wiring: Wiring) -> float:
        return self.mean_in_degree(wiring) * wiring.n_target

    def largest_in_degree(self, wiring: Wiring) -> int:
        return wiring.n_choices(self.allow_autapses)

    def drawn(self, wiring: Wiring, target: int) -> tuple[IntArray, IntArray]:
        ranks, bins, weights = self.candidates(wiring, target)
        counter = (wiring.projection, wiring.target_first + target, ranks >> 2, 0)
        words = np.stack(philox(counter, (wiring.seed, Purpose.SPATIAL)))
        connected = words[ranks & 3, np.arange(len(ranks))] >> 1 < weights
        return ranks[connected], bins[connected]

    def emitter(self, wiring: Wiring, targets: Targets, draws: bool = True) -> Emitter:
        from simcore.connectivity.spatial.cpu.emitter import SpatialEmitter

        return SpatialEmitter(wiring, targets, self.neighbourhood(wiring), self.excludes_self(wiring), draws)
