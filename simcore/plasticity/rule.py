"""Plasticity rules: properties of projections, with parameters that all synapses of a projection share."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar

from simcore.errors import number, require
from simcore.plasticity.decay import decay_table
from simcore.plasticity.tables import FRACTION_BITS, FloatArray, PreparedPlasticity
from simcore.values import delay_steps

MAX_FACTOR = 1e6
"""Largest lambda and alpha, for which products with traces and weights remain finite."""
MAX_MOVE = 0.01
"""Share by which rounding may change the largest weight, as for other weights."""
MIN_TIME_CONSTANT_STEPS = 1e-3
"""Shortest time constant in steps, for which the exponential of a step is 0."""
MAX_TIME_CONSTANT_STEPS = 2**20
"""Longest time constant in steps, with which the tables of exponentials grow."""


@dataclass(frozen=True)
class Grid:
    """Properties of a projection that a rule needs.

    Parameters
    ----------
    resolution_ms
        Time step, ms.
    lsb
        Unit of the delivered integer weights, in the unit of the target's model.
    tau_minus
        Time constant of the trace of the target neurons, ms.
    largest_weight
        Largest magnitude of the initial weights, in the unit of the target's model.
    """

    resolution_ms: float
    lsb: float
    tau_minus: float
    largest_weight: float


class Plasticity(ABC):
    """Base class of plasticity rules.

    Attributes
    ----------
    name
        NEST's name of the synapse model.
    changes_weights
        Whether the weight of each synapse changes; else only the state of the source changes.
    axonal_delay_ms
        Part of each delay before the synapse.

    Raises
    ------
    InputError
        If a parameter is not one number, or is out of range.
    """

    name: ClassVar[str]
    changes_weights: ClassVar[bool]
    axonal_delay_ms: float = 0.0

    def __post_init__(self) -> None:
        for entry in fields(self):  # type: ignore[arg-type]
            value = getattr(self, entry.name)
            if value is not None or entry.default is not None:
                allowed = "use one number for all synapses of the projection"
                require(not hasattr(value, "__len__"), f"{self.name}.{entry.name}", value, allowed)
                object.__setattr__(self, entry.name, number(value, f"{self.name}.{entry.name}"))
        self.check()

    @abstractmethod
    def check(self) -> None:
        """Require parameters in their ranges."""

    @abstractmethod
    def check_weights(self, low: float, high: float, where: str) -> None:
        """Require initial weights between `low` and `high` to be possible.

        Parameters
        ----------
        low, high
            Smallest and largest initial weight, in the unit of the target's model.
        where
            Name of the weights, for messages.

        Raises
        ------
        InputError
            If the rule does not allow such weights.
        """

    @abstractmethod
    def largest_weight(self, low: float, high: float) -> tuple[float, float]:
        """Return the smallest and largest weight that can develop from initial weights between `low` and `high`.

        Parameters
        ----------
        low, high
            Smallest and largest initial weight, in the unit of the target's model.

        Returns
        -------
        tuple of float
            Smallest and largest weight, in the same unit.
        """

    @abstractmethod
    def time_constants(self) -> dict[str, float]:
        """Return the parameters that are time constants.

        Returns
        -------
        dict
            Name -> time constant, ms.
        """

    @abstractmethod
    def prepare(self, grid: Grid) -> PreparedPlasticity:
        """Return the rule on the time grid and the grid of weights.

        Parameters
        ----------
        grid
            Time step and unit of the weights.

        Returns
        -------
        PreparedPlasticity
            The tables that kernels read.
        """

    def within(self, name: str, low: float, high: float) -> None:
        """Require a parameter in [low, high].

        Parameters
        ----------
        name
            Name of the parameter.
        low, high
            Smallest and largest allowed value.

        Raises
        ------
        InputError
            If the parameter is out of this range.
        """
        value = getattr(self, name)
        require(low <= value <= high, f"{self.name}.{name}", value, f"must be in [{low:g}, {high:g}]")

    def positive(self, name: str) -> None:
        """Require a parameter > 0.

        Parameters
        ----------
        name
            Name of the parameter.

        Raises
        ------
        InputError
            If it is not.
        """
        require(getattr(self, name) > 0.0, f"{self.name}.{name}", getattr(self, name), "must be > 0")

    def not_negative(self, name: str) -> None:
        """Require a parameter >= 0.

        Parameters
        ----------
        name
            Name of the parameter.

        Raises
        ------
        InputError
            If it is not.
        """
        require(getattr(self, name) >= 0.0, f"{self.name}.{name}", getattr(self, name), "must be >= 0")


class PairRule(Plasticity):
    """Base class of rules that change each weight by pairs of spikes."""

    tau_plus: float
    lambda_: float
    alpha: float
    changes_weights = True

    def check(self) -> None:
        self.positive("tau_plus")
        for name in ("lambda_", "alpha"):
            self.within(name, 0.0, MAX_FACTOR)
        self.not_negative("axonal_delay_ms")

    def time_constants(self) -> dict[str, float]:
        return {"tau_plus": self.tau_plus}

    def traces(self, grid: Grid) -> tuple[FloatArray, FloatArray, int]:
        """Return tables of decay for the traces of sources and targets, and the axonal part of delays in steps.

        Parameters
        ----------
        grid
            Time step and unit of the weights.

        Returns
        -------
        tuple
            The two tables, float64 of shape (steps,) each, and the number of steps.
        """
        plus, minus = (decay_table(tau, grid.resolution_ms) for tau in (self.tau_plus, grid.tau_minus))
        return plus, minus, int(delay_steps(self.axonal_delay_ms, grid.resolution_ms))


def ceiling_units(largest: float, lsb: float, field: str) -> int:
    """Return the largest magnitude of a weight, in units of lsb 2^-15, on the grid of the delivered weights.

    Initial weights are on this grid, so that rounding does not make them exceed it.

    Raises
    ------
    InputError
        If the grid, which depends on all weights onto the receptor, changes it by more than 1 %.
    """
    code = round(largest / lsb)
    near = abs(code * lsb - largest) <= MAX_MOVE * largest
    allowed = (
        f"rounding to the weight unit of the receptor, {lsb:g}, changes the value by more than {100 * MAX_MOVE:g} %"
    )
    require(near, field, largest, f"{allowed}; use a larger value or more weight bits")
    return code << FRACTION_BITS


def check_time_constant(tau_ms: float, resolution_ms: float, where: str) -> None:
    """Require a time constant, or 0, whose table of exponentials is not too long."""
    low, high = MIN_TIME_CONSTANT_STEPS * resolution_ms, MAX_TIME_CONSTANT_STEPS * resolution_ms
    allowed = f"must be in [{low:g}, {high:g}] ms ({MIN_TIME_CONSTANT_STEPS:g} to {MAX_TIME_CONSTANT_STEPS} steps)"
    require(tau_ms == 0.0 or low <= tau_ms <= high, where, tau_ms, allowed)
