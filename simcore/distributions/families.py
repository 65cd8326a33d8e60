"""Distributions for network descriptions."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.distributions.distribution import TABLE_SIZE, Distribution
from simcore.distributions.standard_normal import normal_cdf, normal_density, normal_quantile
from simcore.errors import InputError, keywords_known, number, require

FloatArray = npt.NDArray[np.float64]


def _times_density(factor: FloatArray, density: FloatArray) -> FloatArray:
    """Product that is zero where an infinite factor meets a density of zero."""
    return np.where(density > 0.0, np.where(np.isfinite(factor), factor, 0.0) * density, 0.0)


@keywords_known
@dataclass(frozen=True, kw_only=True)
class Normal(Distribution):
    """Normal distribution with `mean` and `std` in the unit of the value.

    Parameters
    ----------
    mean, std
        Mean and standard deviation in the unit of the value; `std` is > 0.
    low, high
        Bounds, in the unit of the value.
    outside
        ``"redraw"`` or ``"clip"`` values outside of the bounds.

    Raises
    ------
    InputError
        If a number is out of its range.
    """

    mean: float
    std: float

    def __post_init__(self) -> None:
        super().__post_init__()
        number(self.mean, "mean")
        require(number(self.std, "std") > 0.0, "std", self.std, "must be > 0")

    def cdf(self, x: float) -> float:
        return 0.5 * math.erfc(-(x - self.mean) / (self.std * math.sqrt(2.0)))

    def quantile(self, p: FloatArray) -> FloatArray:
        return self.mean + self.std * normal_quantile(p)

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        z = (edges - self.mean) / self.std
        density = normal_density(z)
        first = -np.diff(density)
        second = mass - np.diff(_times_density(z, density))
        return (
            self.mean * mass + self.std * first,
            self.mean**2 * mass + 2.0 * self.mean * self.std * first + self.std**2 * second,
        )


@keywords_known
@dataclass(frozen=True, kw_only=True)
class Lognormal(Distribution):
    """Lognormal distribution; `mean` and `std` describe the logarithm, as in NEST.

    Parameters
    ----------
    mean, std
        Mean and standard deviation of the logarithm; `std` is > 0.
    low, high
        Bounds, in the unit of the value.
    outside
        ``"redraw"`` or ``"clip"`` values outside of the bounds.

    Raises
    ------
    InputError
        If a number is out of its range.
    """

    mean: float
    std: float

    def __post_init__(self) -> None:
        super().__post_init__()
        number(self.mean, "mean")
        require(number(self.std, "std") > 0.0, "std", self.std, "must be > 0")
        require(self.high > 0.0, "high", self.high, "must be > 0, as lognormal values are positive")

    def _z(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            z: FloatArray = (np.log(np.maximum(x, 0.0)) - self.mean) / self.std
        return z

    def cdf(self, x: float) -> float:
        return float(normal_cdf(self._z(np.array([x])))[0])

    def quantile(self, p: FloatArray) -> FloatArray:
        return np.exp(self.mean + self.std * normal_quantile(p))

    def partial_moments(self, edges: FloatArray, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        z = self._z(edges)
        return (
            math.exp(self.mean + 0.5 * self.std**2) * np.diff(normal_cdf(z - self.std)),
            math.exp(2.0 * self.mean + 2.0 * self.std**2) * np.diff(normal_cdf(z - 2.0 * self.std)),
        )


@keywords_known
@dataclass(frozen=True, kw_only=True)
class Uniform(Distribution):
    """Uniform distribution on [low, high].

    Parameters
    ----------
    low, high
        Bounds in the unit of the value, finite.
    outside
        Has no effect: no value is outside the bounds.

    Raises
    ------
    InputError
        If a bound is not a finite number, or they are in the wrong order.
    """

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


@keywords_known
@dataclass(frozen=True, kw_only=True)
class Exponential(Distribution):
    """Exponential distribution with mean `scale` (NEST's ``beta``).

    Parameters
    ----------
    scale
        Mean, > 0, in the unit of the value.
    low, high
        Bounds, in the unit of the value.
    outside
        ``"redraw"`` or ``"clip"`` values outside of the bounds.

    Raises
    ------
    InputError
        If a number is out of its range.
    """

    scale: float

    def __post_init__(self) -> None:
        super().__post_init__()
        require(number(self.scale, "scale") > 0.0, "scale", self.scale, "must be > 0")
        require(self.high > 0.0, "high", self.high, "must be > 0, as exponential values are positive")

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
    """Tabulated distribution of 65,536 equally likely `values`, ascending, float64.

    Parameters
    ----------
    values
        Finite numbers, float64 of shape (65536,), ascending and within the bounds.
    low, high
        Bounds, in the unit of the value.
    outside
        Has no effect: all values are within the bounds.

    Raises
    ------
    InputError
        If the values are not such an array.
    """

    values: FloatArray

    def __post_init__(self) -> None:
        super().__post_init__()
        require(isinstance(self.values, np.ndarray), "values", self.values, "use an array")
        sizes = self.values.shape
        require(sizes == (TABLE_SIZE,), "values.shape", sizes, f"must be ({TABLE_SIZE},)")
        if not np.all(np.isfinite(self.values)):
            raise InputError("values is not allowed: every value must be finite")
        if not np.all(np.diff(self.values) >= 0.0):
            raise InputError("values is not allowed: the values must be in ascending order")
        if not (self.low <= self.values[0] and self.values[-1] <= self.high):
            raise InputError("values is not allowed: every value must be between low and high")

    # Arrays have no truth value: a table equals only itself. The parent class would compare only the bounds.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Tabulated(mean={np.mean(self.values):g}, std={np.std(self.values):g})"

    def bins(self) -> tuple[FloatArray, float]:
        return self.values, float(np.var(self.values))

    def ends(self) -> tuple[float, float]:
        return float(self.values[0]), float(self.values[-1])
