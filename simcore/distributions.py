"""Named distributions and their quantile tables.

A draw is a look-up in a table of 65,536 entries of equal probability whose values are the *means* of their bins, so
that the mean of the table is the mean of the distribution. Outside [low, high] a value is redrawn (the conditional
distribution) or clipped.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, number, require
from simcore.propagators import exp

FloatArray = npt.NDArray[np.float64]

TABLE_SIZE = 65536
MAX_STD_LOSS = 0.005
"""A table may lose this share of the standard deviation; heavier tails are refused."""

MIN_PROBABILITY = 1e-6
"""The bounds must leave at least this probability."""

_STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True)
class Distribution:
    """Base of the distributions: bounds and what happens outside of them.

    Parameters
    ----------
    low, high
        Bounds in the unit of the value.
    outside
        ``"redraw"`` (NEST's ``redraw``) or ``"clip"``.
    """

    low: float = -math.inf
    high: float = math.inf
    outside: Literal["redraw", "clip"] = "redraw"

    def __post_init__(self) -> None:
        require(self.outside in ("redraw", "clip"), "outside", self.outside, "use 'redraw' or 'clip'")
        number(self.low, "low", infinite=True)
        number(self.high, "high", infinite=True)
        require(self.low < self.high, "low", self.low, f"must be below high = {self.high}")

    def cdf(self, x: float) -> float:
        """P(X <= x), before the bounds apply."""
        raise NotImplementedError

    def quantile(self, p: FloatArray) -> FloatArray:
        """Inverse of `cdf`; 0 and 1 give the ends of the support."""
        raise NotImplementedError

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Integrals of x and x**2 times the density between consecutive `edges`, before the bounds apply.

        `mass` is the probability between the edges.
        """
        raise NotImplementedError

    def bins(self) -> tuple[FloatArray, float]:
        """Means of `TABLE_SIZE` equally likely bins, ascending (none if the bounds leave nothing), and the variance."""
        below = self.cdf(self.low) if math.isfinite(self.low) else 0.0
        above = self.cdf(self.high) if math.isfinite(self.high) else 1.0
        if above - below < MIN_PROBABILITY:
            return np.zeros(0), math.nan
        make = _redrawn_table if self.outside == "redraw" else _clipped_table
        return make(self, below, above)


def _normal_cdf(z: FloatArray) -> FloatArray:
    return np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in z.tolist()])


def _normal_density(z: FloatArray) -> FloatArray:
    density: FloatArray = exp(np.maximum(-0.5 * z * z, -600.0)) / math.sqrt(2.0 * math.pi)
    return np.where(np.isfinite(z), density, 0.0)


def _normal_quantile(p: FloatArray) -> FloatArray:
    inverse = _STANDARD_NORMAL.inv_cdf
    return np.array(
        [-math.inf if value <= 0.0 else math.inf if value >= 1.0 else inverse(value) for value in p.tolist()]
    )


def _times_density(factor: FloatArray, density: FloatArray) -> FloatArray:
    """Product that is zero where an infinite factor meets a density of zero."""
    return np.where(density > 0.0, np.where(np.isfinite(factor), factor, 0.0) * density, 0.0)


@dataclass(frozen=True, kw_only=True)
class Normal(Distribution):
    """Normal distribution with `mean` and `std` in the unit of the value."""

    mean: float
    std: float

    def __post_init__(self) -> None:
        super().__post_init__()
        number(self.mean, "mean")
        require(number(self.std, "std") > 0.0, "std", self.std, "must be > 0")

    def cdf(self, x: float) -> float:
        return 0.5 * math.erfc(-(x - self.mean) / (self.std * math.sqrt(2.0)))

    def quantile(self, p: FloatArray) -> FloatArray:
        return self.mean + self.std * _normal_quantile(p)

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        z = (edges - self.mean) / self.std
        density = _normal_density(z)
        first = -np.diff(density)
        second = mass - np.diff(_times_density(z, density))
        return (
            self.mean * mass + self.std * first,
            self.mean**2 * mass + 2.0 * self.mean * self.std * first + self.std**2 * second,
        )


@dataclass(frozen=True, kw_only=True)
class Lognormal(Distribution):
    """Lognormal distribution: `mean` and `std` are those of the logarithm, as in NEST."""

    mean: float
    std: float

    def __post_init__(self) -> None:
        super().__post_init__()
        number(self.mean, "mean")
        require(number(self.std, "std") > 0.0, "std", self.std, "must be > 0")
        require(self.high > 0.0, "high", self.high, "must be > 0, a lognormal value is positive")

    def _z(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            z: FloatArray = (np.log(np.maximum(x, 0.0)) - self.mean) / self.std
        return z

    def cdf(self, x: float) -> float:
        return float(_normal_cdf(self._z(np.array([x])))[0])

    def quantile(self, p: FloatArray) -> FloatArray:
        return np.exp(self.mean + self.std * _normal_quantile(p))

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        z = self._z(edges)
        return (
            math.exp(self.mean + 0.5 * self.std**2) * np.diff(_normal_cdf(z - self.std)),
            math.exp(2.0 * self.mean + 2.0 * self.std**2) * np.diff(_normal_cdf(z - 2.0 * self.std)),
        )


@dataclass(frozen=True, kw_only=True)
class Uniform(Distribution):
    """Uniform distribution on [low, high]."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in ("low", "high"):
            number(getattr(self, field), field)

    def cdf(self, x: float) -> float:
        return min(max((x - self.low) / (self.high - self.low), 0.0), 1.0)

    def quantile(self, p: FloatArray) -> FloatArray:
        return self.low + (self.high - self.low) * p

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        x = np.clip(edges, self.low, self.high)
        width = self.high - self.low
        return np.diff(x**2) / (2.0 * width), np.diff(x**3) / (3.0 * width)


@dataclass(frozen=True, kw_only=True)
class Exponential(Distribution):
    """Exponential distribution with mean `scale` (NEST's ``beta``)."""

    scale: float

    def __post_init__(self) -> None:
        super().__post_init__()
        require(number(self.scale, "scale") > 0.0, "scale", self.scale, "must be > 0")
        require(self.high > 0.0, "high", self.high, "must be > 0, an exponential value is positive")

    def cdf(self, x: float) -> float:
        return -math.expm1(-max(x, 0.0) / self.scale)

    def quantile(self, p: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return -self.scale * np.log1p(-p)

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        x = np.maximum(edges, 0.0) / self.scale
        tail = np.exp(-x)
        finite = np.where(np.isfinite(x), x, 0.0)
        return (
            -self.scale * np.diff((finite + 1.0) * tail),
            -(self.scale**2) * np.diff((finite**2 + 2.0 * finite + 2.0) * tail),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Tabulated(Distribution):
    """65,536 equally likely `values`, ascending: another distribution on the grid of few bits, for example."""

    values: FloatArray

    def __post_init__(self) -> None:
        super().__post_init__()
        require(isinstance(self.values, np.ndarray), "values", self.values, "use an array")
        sizes = self.values.shape
        require(sizes == (TABLE_SIZE,), "values.shape", sizes, f"a table has {TABLE_SIZE} entries")
        require(bool(np.all(np.isfinite(self.values))), "values", "a table", "must be finite")
        require(bool(np.all(np.diff(self.values) >= 0.0)), "values", "a table", "must ascend")
        bounded = self.low <= self.values[0] and self.values[-1] <= self.high
        require(bool(bounded), "values", "a table", "must lie within its bounds")

    # Arrays have no truth value: two tables are equal if they are one. The parent would compare the bounds alone.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Tabulated(mean={np.mean(self.values):g}, std={np.std(self.values):g})"

    def bins(self) -> tuple[FloatArray, float]:
        return self.values, float(np.var(self.values))


@lru_cache(maxsize=64)
def _checked_table(distribution: Distribution) -> tuple[FloatArray, float]:
    """Table and the share of the standard deviation that it loses.

    The share is NaN where the bounds leave nothing, and infinite where values or their squares exceed float64.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            table, variance = distribution.bins()
    except OverflowError:
        table, variance = np.full(1, math.inf), math.inf
    if not table.size:
        return table, math.nan
    if not (np.all(np.isfinite(table)) and math.isfinite(variance)):
        return table, math.inf
    table.flags.writeable = False
    return table, 1.0 - float(np.std(table)) / math.sqrt(variance) if variance > 0.0 else 0.0


def quantile_table(distribution: Distribution, field: str) -> FloatArray:
    """Bin means of 65,536 equally likely bins, ascending and read-only.

    Parameters
    ----------
    distribution
        The distribution, with its bounds.
    field
        Name of the described quantity, for the error message.

    Raises
    ------
    InputError
        If the bounds leave no probability, or the table would lose more than 0.5 % of the standard deviation.
    """
    table, lost = _checked_table(distribution)
    if math.isnan(lost):
        raise InputError(
            f"{field} = {distribution!r} is not allowed: its bounds leave a probability below {MIN_PROBABILITY:g}"
        )
    if math.isinf(lost):
        raise InputError(f"{field} = {distribution!r} is not allowed: its values or their squares exceed float64")
    if lost > MAX_STD_LOSS:
        raise InputError(
            f"{field} = {distribution!r} is not allowed: a table of {TABLE_SIZE} quantiles would lose "
            f"{100 * lost:.1f} % of its standard deviation (at most {100 * MAX_STD_LOSS} %); bound its tail with "
            "'high', or pass an explicit array"
        )
    return table


def _redrawn_table(distribution: Distribution, below: float, above: float) -> tuple[FloatArray, float]:
    p = below + (above - below) * (np.arange(TABLE_SIZE + 1) / TABLE_SIZE)
    edges = np.clip(distribution.quantile(np.clip(p, 0.0, 1.0)), distribution.low, distribution.high)
    mass = np.full(TABLE_SIZE, (above - below) / TABLE_SIZE)
    first, second = distribution.partial_moments(edges, mass)
    total = above - below
    mean = float(first.sum()) / total
    table = np.clip(first * TABLE_SIZE / total, edges[:-1], edges[1:])
    return table, float(second.sum()) / total - mean**2


def _clipped_table(distribution: Distribution, below: float, above: float) -> tuple[FloatArray, float]:
    share = np.arange(TABLE_SIZE + 1) / TABLE_SIZE
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
    table = np.clip(first * TABLE_SIZE, edges[:-1], edges[1:])
    return table, float(second.sum()) - float(first.sum()) ** 2
