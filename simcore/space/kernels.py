"""Kernels: functions of the distance or displacement of two neurons, for probabilities, weights and delays.

They have the shapes and the parameters of ``nest.spatial_distributions``, with a `scale` and an `offset` instead of
NEST's arithmetic. All numbers are computed with + - * / and the square root, so that they are the same on every
machine.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import keywords_known, number, require
from simcore.propagators import exp
from simcore.space.numbers import log, log_gamma, power

FloatArray = npt.NDArray[np.float64]

NEGLIGIBLE = 2.0**-33
"""Probabilities below this value are 0: a quarter of the last of 31 bits."""
BISECTIONS = 60


class Kernel(ABC):
    """Base class of kernels, functions of an argument >= 0: the distance, or the form of `elliptic`."""

    @abstractmethod
    def values(self, distance: FloatArray) -> FloatArray:
        """Evaluate the kernel at some distances.

        Parameters
        ----------
        distance
            Distances, float64 of shape (pairs,).

        Returns
        -------
        ndarray of float64
            Values, of the same shape.
        """

    @abstractmethod
    def reach(self, negligible: float = NEGLIGIBLE) -> float:
        """Return the distance beyond which the kernel is below `negligible`; infinite if there is none.

        Parameters
        ----------
        negligible
            A probability, > 0.

        Returns
        -------
        float
            A distance, in the unit of the positions.
        """

    @property
    def elliptic(self) -> tuple[float, ...] | None:
        """mean_x, mean_y, and the factors of x^2, y^2 and xy in the squared argument; None for the distance."""
        return None


def _numbers(kernel: Kernel, names: tuple[str, ...], positive: tuple[str, ...]) -> None:
    """Check the parameters and store them as floats."""
    for name in names:
        field = f"{type(kernel).__name__}.{name}"
        value = number(getattr(kernel, name), field)
        require(name not in positive or value > 0.0, field, value, "must be > 0")
        object.__setattr__(kernel, name, value)


def _exponent_reached(scale: float, offset: float, negligible: float) -> float:
    """Return the x beyond which scale exp(-x) + offset is negligible."""
    if offset > 0.0:
        return math.inf
    return float(log(scale / negligible)) if scale > negligible else 0.0


@keywords_known
@dataclass(frozen=True)
class ConstantKernel(Kernel):
    """Constant kernel, which represents a plain number.

    Parameters
    ----------
    value
        The value at every distance.

    Raises
    ------
    InputError
        If the value is not a number.
    """

    value: float

    def __post_init__(self) -> None:
        _numbers(self, ("value",), ())

    def values(self, distance: FloatArray) -> FloatArray:
        return np.full(len(distance), self.value)

    def reach(self, negligible: float = NEGLIGIBLE) -> float:
        return math.inf if self.value >= negligible else 0.0


@keywords_known
@dataclass(frozen=True)
class LinearKernel(Kernel):
    """Linear kernel ``offset + slope d``; a probability below 0 counts as 0.

    Parameters
    ----------
    slope
        Change for each unit of distance.
    offset
        Value at distance 0.

    Raises
    ------
    InputError
        If an argument is not a number.
    """

    slope: float
    offset: float = 0.0

    def __post_init__(self) -> None:
        _numbers(self, ("slope", "offset"), ())

    def values(self, distance: FloatArray) -> FloatArray:
        return self.offset + self.slope * distance

    def reach(self, negligible: float = NEGLIGIBLE) -> float:
        if self.slope > 0.0:
            return math.inf
        if self.offset < negligible:
            return 0.0
        return math.inf if self.slope == 0.0 else self.offset / -self.slope


@keywords_known
@dataclass(frozen=True)
class ExponentialKernel(Kernel):
    """Exponential kernel ``offset + scale exp(-d / beta)``.

    Parameters
    ----------
    beta
        Distance over which the kernel decreases by a factor of e, > 0.
    scale, offset
        Factor, and added constant.

    Raises
    ------
    InputError
        If an argument is not a number in its range.
    """

    beta: float
    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        _numbers(self, ("beta", "scale", "offset"), ("beta",))

    def values(self, distance: FloatArray) -> FloatArray:
        return self.offset + self.scale * exp(-distance / self.beta)

    def reach(self, negligible: float = NEGLIGIBLE) -> float:
        return self.beta * _exponent_reached(self.scale, self.offset, negligible)


@keywords_known
@dataclass(frozen=True)
class GaussianKernel(Kernel):
    """Gaussian kernel ``offset + scale exp(-(d - mean)^2 / (2 std^2))`` with peak 1, as in NEST, not a density.

    Parameters
    ----------
    std
        Standard deviation, > 0.
    mean
        Distance of the peak.
    scale, offset
        Factor, and added constant.

    Raises
    ------
    InputError
        If an argument is not a number in its range.
    """

    std: float
    mean: float = 0.0
    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        _numbers(self, ("std", "mean", "scale", "offset"), ("std",))

    def values(self, distance: FloatArray) -> FloatArray:
        z = (distance - self.mean) / self.std
        return self.offset + self.scale * exp(-0.5 * (z * z))

    def reach(self, negligible: float = NEGLIGIBLE) -> float:
        return max(0.0, self.mean + self.std * math.sqrt(2.0 * _exponent_reached(self.scale, self.offset, negligible)))


@keywords_known
@dataclass(frozen=True)
class Gaussian2DKernel(Kernel):
    """Kernel ``offset + scale exp(-(u^2 + v^2 - 2 rho u v) / (2 (1 - rho^2)))`` of the displacement.

    Here ``u = (|x| - mean_x) / std_x``, and ``v`` likewise; ``|x|`` and ``|y|`` are the distances along the axes, like
    ``nest.spatial.distance.x`` and ``.y``. The kernel can be used only for probabilities, in two dimensions.

    Parameters
    ----------
    std_x, std_y
        Standard deviations, > 0.
    mean_x, mean_y
        Distances of the peak.
    rho
        Correlation, between -1 and 1.
    scale, offset
        Factor, and added constant.

    Raises
    ------
    InputError
        If an argument is not a number in its range.
    """

    std_x: float
    std_y: float
    mean_x: float = 0.0
    mean_y: float = 0.0
    rho: float = 0.0
    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        _numbers(self, ("std_x", "std_y", "mean_x", "mean_y", "rho", "scale", "offset"), ("std_x", "std_y"))
        require(abs(self.rho) < 1.0, "Gaussian2DKernel.rho", self.rho, "must be between -1 and 1")

    @property
    def elliptic(self) -> tuple[float, ...]:
        factor = 0.5 / (1.0 - self.rho * self.rho)
        cross = -2.0 * factor * self.rho / (self.std_x * self.std_y)
        squares = factor / (self.std_x * self.std_x), factor / (self.std_y * self.std_y)
        return (self.mean_x, self.mean_y, *squares, cross)

    def values(self, distance: FloatArray) -> FloatArray:
        """Evaluate the kernel for arguments whose squares are the quadratic form `elliptic` of the displacement.

        Parameters
        ----------
        distance
            Square roots of the quadratic form, float64 of shape (pairs,).

        Returns
        -------
        ndarray of float64
            Values, of the same shape.
        """
        return self.offset + self.scale * exp(-(distance * distance))

    def reach(self, negligible: float = NEGLIGIBLE) -> float:
        return math.sqrt(_exponent_reached(self.scale, self.offset, negligible))

    def sides(self, negligible: float = NEGLIGIBLE) -> tuple[float, float]:
        """Return the largest distances along x and y within the reach.

        Parameters
        ----------
        negligible
            A probability, > 0.

        Returns
        -------
        tuple of float
            Distances along x and y.
        """
        sigmas = math.sqrt(2.0) * self.reach(negligible)
        return max(0.0, self.mean_x + self.std_x * sigmas), max(0.0, self.mean_y + self.std_y * sigmas)


@keywords_known
@dataclass(frozen=True)
class GammaKernel(Kernel):
    """Kernel ``offset + scale d^(kappa - 1) exp(-d / theta) / (Gamma(kappa) theta^kappa)``, a density, as in NEST.

    Parameters
    ----------
    kappa
        Shape, >= 1; below 1 the kernel is unbounded.
    theta
        Scale, > 0.
    scale, offset
        Factor, and added constant.

    Raises
    ------
    InputError
        If an argument is not a number in its range.
    """

    kappa: float
    theta: float
    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        _numbers(self, ("kappa", "theta", "scale", "offset"), ("theta",))
        require(1.0 <= self.kappa <= 100.0, "GammaKernel.kappa", self.kappa, "must be between 1 and 100")

    def values(self, distance: FloatArray) -> FloatArray:
        x = distance / self.theta
        factor = float(exp(-log_gamma(self.kappa))) / self.theta
        return self.offset + self.scale * (factor * (power(x, self.kappa - 1.0) * exp(-x)))

    def reach(self, negligible: float = NEGLIGIBLE) -> float:
        if self.offset > 0.0:
            return math.inf
        if self.scale <= 0.0:
            return 0.0
        mode = (self.kappa - 1.0) * self.theta
        # Beyond 700 the exponential is not computed, because it is 0 for any possible scale of a probability.
        low, high = mode, mode + 700.0 * self.theta
        if self.values(np.array([low]))[0] < negligible:
            return 0.0
        for _ in range(BISECTIONS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self.values(np.array([middle]))[0] >= negligible else (low, middle)
        return high


def as_kernel(value: object, field: str) -> Kernel:
    """Return a kernel; a number becomes a `ConstantKernel`.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(value, Kernel):
        return value
    return ConstantKernel(number(value, field))
