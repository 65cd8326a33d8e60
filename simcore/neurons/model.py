"""Interface of neuron models: names, units, coefficients, initial state and the reference update in NumPy."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.values import Value

FloatArray = npt.NDArray[np.float64]
RealArray = npt.NDArray[Any]
IntArray = npt.NDArray[np.int64]


MAX_VALUE = 1e30
MAX_MULTIPLICITY = 65_535
"""Maximum number of spikes in a step of a neuron that relays spikes, which takes 16 bits."""


@dataclass(frozen=True)
class Parameter:
    """Parameter of a model: NEST's name, unit, default, allowed range [low, high] (low excluded if `positive`).

    Parameters
    ----------
    name
        Name of the parameter, as in NEST.
    unit
        Unit, such as ``mV``.
    default
        Value in a population that does not set it.
    meaning
        A few words for listings.
    low, high
        Smallest and largest allowed value.
    positive
        Whether the value must be > 0.
    """

    name: str
    unit: str
    default: float
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    positive: bool = False

    def check(self, low: float, high: float, field: str) -> None:
        """Require that all values in [low, high] are allowed.

        Parameters
        ----------
        low, high
            Smallest and largest value of a population.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If one of them is not allowed.
        """
        if self.positive:
            require(low > 0.0, field, low, f"must be > 0 {self.unit}".strip())
        for value in (low, high):
            require(
                abs(value) <= MAX_VALUE, field, value, f"must be at most {MAX_VALUE:g}, which float32 can represent"
            )
            require(self.low <= value <= self.high, field, value, f"must be in [{self.low}, {self.high}] {self.unit}")


@dataclass(frozen=True)
class Variable:
    """State variable: NEST's recordable name, unit and initial value (a number or the name of a parameter).

    Parameters
    ----------
    name
        Name of the state variable, as in NEST.
    unit
        Unit, such as ``mV``.
    initial
        Value before the first step, or the name of the parameter that gives it.
    meaning
        A few words for listings.
    """

    name: str
    unit: str
    initial: float | str
    meaning: str


def stacked(coefficients: tuple[npt.ArrayLike, ...]) -> FloatArray:
    """Stack coefficients, which are numbers or arrays, to an array of shape (coefficients, 1 or neurons)."""
    if not coefficients:
        return np.zeros((0, 1))
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(row) for row in coefficients)), dtype=np.float64)


class NeuronModel(ABC):
    """Base class of neuron models; instances are stateless descriptions.

    State arrays have shape (variables, neurons), one row for each of `variables` in order, counters (counters,
    neurons), inputs (receptors, neurons) in units of each receptor's `lsb`, coefficients (coefficients, 1 or neurons).
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    variables: ClassVar[tuple[Variable, ...]]
    receptors: ClassVar[tuple[str, ...]]
    """Names of the receptors; if the sign selects, the first is for positive and the last for negative weights."""
    sign_chooses_receptor: ClassVar[bool] = True
    """Whether the sign of a weight selects its receptor; else the receptor must be named, for weights of both signs."""
    weight_unit: ClassVar[str]
    relays: ClassVar[bool] = False
    """Whether each arriving spike counts as 1 for any weight, and a neuron can send several spikes in a step."""
    at_most_arrivals: ClassVar[bool] = False
    """Whether a relaying neuron never sends more spikes in a step than arrive, so that sums can be narrower."""
    finest_lsb: ClassVar[float] = 0.0
    """Smallest lsb of the weights; 1 for a model with integer weights."""
    counters: ClassVar[tuple[str, ...]] = ()
    """Names of integer counters of a neuron, such as the remaining steps of the refractory period."""
    Coefficients: ClassVar[type[Any]]
    """Named tuple of the coefficients of the update, in order."""
    suppressed_spikes: ClassVar[int | None] = None
    """Counter of spikes that are suppressed because the neuron already sent one in the same step; None without one."""
    current_row: ClassVar[int | None] = None
    """Row of the coefficient that is I_e times a factor and that a changing current replaces; None without one."""
    cpu_kernels: ClassVar[str]
    """Module with the compiled update (`simcore.neurons.cpu.population_update`), which only the cpu backend imports."""

    def spread(self, params: Mapping[str, Any], field: str) -> dict[str, Any]:
        """Return parameters by name from the user's parameters; a model can accept a list for several parameters.

        Parameters
        ----------
        params
            Parameters as given by the user, by name.
        field
            Name of the field, for messages.

        Returns
        -------
        dict
            Name -> value of each parameter.
        """
        return dict(params)

    def of(self, params: Mapping[str, Any]) -> "NeuronModel":
        """Return the model of a population with these parameters, on which its receptors may depend.

        Parameters
        ----------
        params
            Parameters of the population, by name.

        Returns
        -------
        NeuronModel
            This model, or one with other receptors.
        """
        return self

    def example_params(self) -> dict[str, Any]:
        """Return parameters of a population with this instance of the model, see `of`.

        Returns
        -------
        dict
            Name -> value.
        """
        return {}

    def check(self, params: Mapping[str, Value], field: str) -> None:  # noqa: B027
        """Check conditions between parameters, from their described values.

        Parameters
        ----------
        params
            Name -> described value, of all parameters; an array has the shape (neurons,).
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If parameters do not fit each other.
        """

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:  # noqa: B027
        """Check conditions between parameters and the time grid.

        Parameters
        ----------
        range_of
            Name of a parameter -> its smallest and largest value.
        resolution_ms
            Time step of the network, ms.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If parameters do not fit the time grid.
        """

    @abstractmethod
    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        """Return the coefficients of a step in float64, shape (coefficients, 1 or neurons); see `stacked`.

        Parameters
        ----------
        params
            Name -> values, float64 of shape () or (neurons,).
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        ndarray of float64
            The coefficients, in the order of `Coefficients`, shape (coefficients, 1 or neurons).
        """

    @abstractmethod
    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        """Return state and counters of `n` neurons before the first step.

        Parameters
        ----------
        params
            Name -> values, float64 of shape () or (neurons,).
        initial
            Name of a state variable -> initial values, float64 of shape () or (neurons,).
        n
            Number of neurons.

        Returns
        -------
        tuple of ndarray
            State, float64 of shape (variables, neurons), and counters, int32 of shape (counters, neurons).
        """

    def offset(self, variable: str, params: Mapping[str, FloatArray]) -> FloatArray:
        """Return the offset of a state variable when it is recorded, shape () or (neurons,).

        Parameters
        ----------
        variable
            Name of the state variable.
        params
            Name -> values, float64 of shape () or (neurons,).

        Returns
        -------
        ndarray of float64
            The offset, in the unit of the variable, shape () or (neurons,).
        """
        return np.zeros(())

    @abstractmethod
    def update(
        self,
        state: RealArray,
        counters: npt.NDArray[np.int32],
        inputs: IntArray,
        coefficients: RealArray,
        lsb: RealArray,
    ) -> npt.NDArray[np.bool_] | IntArray:
        """Advance one step in place, as the reference for all backends.

        Parameters
        ----------
        state
            State before the step, float32 or float64 of shape (variables, neurons); afterwards the state after it.
        counters
            Counters, int32 of shape (counters, neurons), also updated in place.
        inputs
            Sums of the weights arriving in this step, int64 of shape (receptors, neurons).
        coefficients
            From `coefficients`, in the type of the state, shape (coefficients, 1 or neurons).
        lsb
            Unit of the weights of each receptor, in the type of the state, shape (receptors,).

        Returns
        -------
        numpy.ndarray
            Shape (neurons,): which neurons spike; for a model that `relays`, int64, the number of spikes of each.
        """

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        """Return a bound of the relative change of a step near threshold by rounding to float32.

        A run in float32 is refused if this exceeds 0.1 %, see `simcore.rounding`; 0 if float32 always suffices.

        Parameters
        ----------
        coefficients
            Result of `coefficients`, float64 of shape (coefficients, 1 or neurons).

        Returns
        -------
        ndarray of float64
            The error as a share of the step, shape (1 or neurons,).
        """
        return np.zeros(1)

    @property
    def n_counters(self) -> int:
        """Number of counters."""
        return len(self.counters)

    def row(self, variable: str) -> int:
        """Return the row of the state that contains a variable.

        Parameters
        ----------
        variable
            Name of the state variable.

        Returns
        -------
        int
            Number of the row, counted from 0.
        """
        return [entry.name for entry in self.variables].index(variable)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of that name; KeyError if it does not exist.

        Parameters
        ----------
        name
            Name of the parameter.

        Returns
        -------
        Parameter
            Its declaration.
        """
        return {p.name: p for p in self.parameters}[name]
