"""Base class of distributions: bounds, and bins of equal probability with their means."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from simcore.errors import choice, number, require

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TABLE_SIZE = 65536

MIN_PROBABILITY = 1e-6
"""Smallest probability that must remain within the bounds."""


@dataclass(frozen=True)
class Distribution:
    """Base class of distributions, with bounds and their treatment.

    Parameters
    ----------
    low, high
        Bounds in the unit of the value.
    outside
        ``"redraw"`` (NEST's ``redraw``) or ``"clip"``.

    Raises
    ------
    InputError
        If a bound is not a number, or they are in the wrong order.
    """

    low: float = -math.inf
    high: float = math.inf
    outside: Literal["redraw", "clip"] = "redraw"

    def __post_init__(self) -> None:
        choice(self.outside, "outside", ("redraw", "clip"))
        number(self.low, "low", infinite=True)
        number(self.high, "high", infinite=True)
        require(self.low < self.high, "low", self.low, f"must be below high = {self.high}")

    def cdf(self, x: float) -> float:
        """P(X <= x), before the bounds apply.

        Parameters
        ----------
        x
            A value.

        Returns
        -------
        float
            Probability, in [0, 1].
        """
        raise NotImplementedError

    def quantile(self, p: FloatArray) -> FloatArray:
        """Inverse of `cdf`; 0 and 1 give the ends of the support.

        Parameters
        ----------
        p
            Probabilities in [0, 1], float64 of any shape.

        Returns
        -------
        ndarray of float64
            Values, of the same shape.
        """
        raise NotImplementedError

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Integrals of x and x**2 times the density between consecutive `edges`, before the bounds apply.

        `mass` is the probability between the edges.

        Parameters
        ----------
        edges
            Ascending values, float64 of shape (bins + 1,).
        mass
            Probability of each bin, float64 of shape (bins,).

        Returns
        -------
        tuple of ndarray
            The two integrals, float64 of shape (bins,) each.
        """
        raise NotImplementedError

    def bins(self) -> tuple[FloatArray, float]:
        """Means of `TABLE_SIZE` equally likely bins, ascending (empty if no probability is left), and the variance.

        Returns
        -------
        tuple of ndarray and float
            Means, float64 of shape (65536,), and the variance of the distribution.
        """
        moments = self._moments(np.arange(TABLE_SIZE + 1))
        return (np.zeros(0), math.nan) if moments is None else (moments.means(), moments.variance())

    def ends(self) -> tuple[float, float]:
        """Means of the first and the last bin only (NaN if the bounds leave no probability).

        Returns
        -------
        tuple of float
            Smallest and largest mean of a bin.
        """
        moments = [self._moments(edges) for edges in (np.array([0, 1]), np.array([TABLE_SIZE - 1, TABLE_SIZE]))]
        low, high = (math.nan if moment is None else float(moment.means()[0]) for moment in moments)
        return low, high

    def _moments(self, edges: IntArray) -> "_Moments | None":
        """Moments of the bins between consecutive `edges`, in `TABLE_SIZE`-ths of the probability that is left."""
        below = self.cdf(self.low) if math.isfinite(self.low) else 0.0
        above = self.cdf(self.high) if math.isfinite(self.high) else 1.0
        if above - below < MIN_PROBABILITY:
            return None
        return (_redrawn if self.outside == "redraw" else _clipped)(self, below, above, edges / TABLE_SIZE)


@dataclass(frozen=True)
class _Moments:
    """Integrals of x and x**2 times the density in each bin, the bins' edges, and the probability of all bins."""

    first: FloatArray
    second: FloatArray
    edges: FloatArray
    total: float

    def means(self) -> FloatArray:
        return np.clip(self.first * TABLE_SIZE / self.total, self.edges[:-1], self.edges[1:])

    def variance(self) -> float:
        """Variance of the whole distribution, if these are all bins."""
        mean = float(self.first.sum()) / self.total
        return float(self.second.sum()) / self.total - mean**2


def _redrawn(distribution: Distribution, below: float, above: float, share: FloatArray) -> _Moments:
    p = below + (above - below) * share
    edges = np.clip(distribution.quantile(np.clip(p, 0.0, 1.0)), distribution.low, distribution.high)
    mass = np.full(len(share) - 1, (above - below) / TABLE_SIZE)
    first, second = distribution.partial_moments(edges, mass)
    return _Moments(first, second, edges, above - below)


def _clipped(distribution: Distribution, below: float, above: float, share: FloatArray) -> _Moments:
    low, high = distribution.low, distribution.high
    edges = np.clip(distribution.quantile(share), low, high)
    mass_below = np.diff(np.minimum(share, below))
    mass_above = np.diff(np.maximum(share, above))
    first, second = distribution.partial_moments(edges, 1.0 / TABLE_SIZE - mass_below - mass_above)
    if below > 0.0:
        first = first + mass_below * low
        second = second + mass_below * low**2
    if above < 1.0:
        first = first + mass_above * high
        second = second + mass_above * high**2
    return _Moments(first, second, edges, 1.0)
