"""Base class of spatial rules, with a probability that depends on the positions of two neurons, and a mask.

A rule uses the positions of its two populations (`Wiring.sheets`). The words of a target depend on the seed, the
projection, the target and the rank of a source among sorted neurons, which depends only on their positions. Costs grow
with the number of sources within reach of a target, in the cells that overlap mask and kernel.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from simcore.connectivity.draw import edge_words
from simcore.connectivity.listed import positions_in_lists
from simcore.connectivity.rule import Draw, Edges, Emitter, IntArray, Lists, Rule, Targets, Wiring
from simcore.errors import require, truth
from simcore.random import Purpose, philox
from simcore.space.bins import DistanceBins
from simcore.space.kernels import Kernel, as_kernel
from simcore.space.layers import Sheets
from simcore.space.masks import Mask
from simcore.space.neighbourhood import ONE, Extremes, Neighbourhood, check_mask

SAMPLE = 1024
"""Number of targets over which expected in-degrees are summed: exact up to this number, to about 1 % beyond."""
SAMPLE_KEY = 0x5EED
LISTED_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class SpatialRule(Rule):
    """Rule that requires positions; weights and delays can be kernels of the distance."""

    around_source: ClassVar[bool]
    """Whether the mask is centred on the source, as in NEST's `pairwise_bernoulli`, or on the target."""
    relative: ClassVar[bool]
    """Whether only the ratios of the kernel's values matter."""

    @property
    @abstractmethod
    def kernel(self) -> Kernel:
        """The probability."""

    def _mask(self) -> Mask | None:
        return cast(Mask | None, getattr(self, "mask", None))

    def _take(self) -> None:
        """Check the arguments that do not depend on populations."""
        rule: Any = self
        as_kernel(rule.p, f"{self.name}.p")
        allowed = "use a mask such as CircularMask(0.3), or None"
        require(rule.mask is None or isinstance(rule.mask, Mask), f"{self.name}.mask", rule.mask, allowed)
        truth(rule.allow_autapses, f"{self.name}.allow_autapses")

    def check(self, wiring: Wiring, field: str) -> None:
        sheets = sheets_of(wiring)
        sheets.check(field)
        mask = self._mask()
        if mask is not None:
            check_mask(sheets, mask, f"{field}.mask")
        flat = self.kernel.elliptic is None or sheets.both[0].dimensions == 2
        require(flat, f"{field}.p", self.kernel, "use a three-dimensional kernel, like the positions")

    def extremes(self, wiring: Wiring) -> Extremes:
        """Return the region of possible sources of a target.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        Extremes
            Reach of the kernel and the mask, and the bins of distance.
        """
        sheets = sheets_of(wiring)
        key = ("extremes", self)
        found: Extremes = sheets.prepared(
            key, lambda: Extremes.of(sheets, self.kernel, self._mask(), self.around_source, self.relative)
        )
        return found

    def distances(self, wiring: Wiring) -> DistanceBins:
        """Return the bins of possible distances of edges.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        DistanceBins
            Bins of distance.
        """
        return self.extremes(wiring).bins

    def neighbourhood(self, wiring: Wiring) -> Neighbourhood:
        """Return the neighbourhood that contains the possible sources of targets.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        Neighbourhood
            Candidates of each target, found by cells of space.
        """
        sheets, extremes = sheets_of(wiring), self.extremes(wiring)
        found: Neighbourhood = sheets.prepared(
            ("neighbourhood", self), lambda: Neighbourhood.of(sheets, self.kernel, extremes)
        )
        return found

    def excludes_self(self, wiring: Wiring) -> bool:
        """Whether a neuron is excluded from its own sources.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        bool
            True if autapses are possible, but not allowed.
        """
        return wiring.recurrent and not getattr(self, "allow_autapses", True)

    def candidates(self, wiring: Wiring, target: int) -> tuple[IntArray, IntArray, npt.NDArray[np.uint32]]:
        """Return ranks, bins of distance and weights of the possible sources of a target.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.
        target
            Population-local id of the target.

        Returns
        -------
        tuple of ndarray
            Ranks, int64; bins of distance, int64; weights, uint32. All have the shape (candidates,).
        """
        hood = self.neighbourhood(wiring)
        ranks, bins, weights = hood.candidates(target)
        if self.excludes_self(wiring):
            others = hood.cells.order[ranks] != target
            return ranks[others], bins[others], weights[others]
        return ranks, bins, weights

    def mean_in_degree(self, wiring: Wiring) -> float:
        """Return the expected mean in-degree over all targets, or over a fixed random sample of them.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.

        Returns
        -------
        float
            Synapses for each target.
        """

        def summed() -> float:
            n = min(wiring.n_target, SAMPLE)
            targets = np.arange(n)
            if n < wiring.n_target:
                words = philox((targets, 0, 0, 0), (SAMPLE_KEY, Purpose.SPATIAL))[0]
                targets = words.astype(np.int64) * wiring.n_target >> 32
            return sum(float(self.candidates(wiring, int(t))[2].sum(dtype=np.float64)) for t in targets) / (ONE * n)

        found: float = sheets_of(wiring).prepared(("in-degree", self), summed)
        return found

    def edges(self, wiring: Wiring) -> Edges:
        drawn = [self.drawn(wiring, target) for target in range(wiring.n_target)]
        ranks, bins = (np.concatenate([pair[k] for pair in drawn]) for k in range(2))
        targets = np.repeat(np.arange(wiring.n_target), [len(pair[0]) for pair in drawn])
        _, bits = edge_words(wiring, wiring.target_first + targets, positions_in_lists(targets))
        return Edges(self.neighbourhood(wiring).cells.order[ranks].astype(np.int64), targets, bits, bins)

    @abstractmethod
    def drawn(self, wiring: Wiring, target: int) -> tuple[IntArray, IntArray]:
        """Draw the ranks of the sources of a target, and bins of their distances.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.
        target
            Population-local id of the target.

        Returns
        -------
        tuple of ndarray
            Ranks and bins of distance, int64 of shape (sources,) each.
        """

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        from simcore.connectivity.spatial.cpu.emitter import SpatialEmitter, drawn_edges

        emitter = self.emitter(wiring, targets)
        assert isinstance(emitter, SpatialEmitter)  # noqa: S101 - for the type checker
        lengths, sources, index = drawn_edges(emitter, LISTED_AT_ONCE)
        return Lists(Draw.GIVEN, lengths, wiring.n_source, partners=sources, index=index)

    @abstractmethod
    def emitter(self, wiring: Wiring, targets: Targets, draws: bool = True) -> Emitter: ...


def sheets_of(wiring: Wiring) -> Sheets:
    """Return the layers of a projection; empty if the network has no positions."""
    return wiring.sheets if wiring.sheets is not None else Sheets(None, None)
