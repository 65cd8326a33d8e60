"""What every neuron model provides: names, units, coefficients, initial state and the NumPy oracle of its update."""

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
"""Most spikes that a neuron of a model that relays spikes can send in a step: their number takes 16 bits."""


@dataclass(frozen=True)
class Parameter:
    """A parameter: NEST's name, unit, default, allowed range [low, high] (low excluded if `positive`).

    Parameters
    ----------
    name
        Name of the parameter, as in NEST.
    unit
        Unit, such as ``mV``.
    default
        Value in a population that does not give one.
    meaning
        A few words for listings.
    low, high
        Smallest and largest value that is allowed.
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
            require(abs(value) <= MAX_VALUE, field, value, f"must be at most {MAX_VALUE:g}, the range of float32")
            require(self.low <= value <= self.high, field, value, f"must be in [{self.low}, {self.high}] {self.unit}")


@dataclass(frozen=True)
class Variable:
    """A state variable: NEST's recordable name, unit and initial value (a number or the name of a parameter).

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
    """Coefficients, each a number or one for each neuron, as an array of shape (coefficients, 1 or neurons)."""
    if not coefficients:
        return np.zeros((0, 1))
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(row) for row in coefficients)), dtype=np.float64)


class NeuronModel(ABC):
    """A neuron model; instances are stateless descriptions.

    State arrays have shape (variables, neurons), one row for each of `variables` in order, counters (counters,
    neurons), inputs (receptors, neurons) in units of each receptor's `lsb`, coefficients (coefficients, 1 or neurons).
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    variables: ClassVar[tuple[Variable, ...]]
    receptors: ClassVar[tuple[str, ...]]
    """Where the sign chooses, the first one takes positive weights and the last one negative weights."""
    sign_chooses_receptor: ClassVar[bool] = True
    """Whether the sign of a weight chooses its receptor; else it must be named, and takes weights of both signs."""
    weight_unit: ClassVar[str]
    relays: ClassVar[bool] = False
    """Whether each spike that arrives counts one, whatever its weight, and a neuron sends several spikes in a step."""
    at_most_arrivals: ClassVar[bool] = False
    """Whether a neuron that relays spikes never sends more of them in a step than arrive: sums can be narrower."""
    finest_lsb: ClassVar[float] = 0.0
    """Smallest lsb of the weights: 1 for a model whose weights are whole numbers."""
    counters: ClassVar[tuple[str, ...]] = ()
    """Names of whole numbers that a neuron keeps, such as the steps of the refractory period that are left."""
    Coefficients: ClassVar[type[Any]]
    """A named tuple: the coefficients of the update, in their order."""
    suppressed_spikes: ClassVar[int | None] = None
    """Counter of the spikes that a neuron did not send because it had sent one in the same step; None if it cannot."""
    current_row: ClassVar[int | None] = None
    """The coefficient that is I_e times a factor, which a current that changes replaces; None if there is no such."""
    cpu_kernels: ClassVar[str]
    """Module with the compiled update (`simcore.neurons.cpu.population_update`), imported by the cpu backend alone."""

    def spread(self, params: Mapping[str, Any], field: str) -> dict[str, Any]:
        """Parameters by name, from those that a user gives: a model may take a list for several of them.

        Parameters
        ----------
        params
            Parameters as a user gives them, by name.
        field
            Name of the field, for messages.

        Returns
        -------
        dict
            Name -> value of each parameter.
        """
        return dict(params)

    def of(self, params: Mapping[str, Any]) -> "NeuronModel":
        """The model of a population with these parameters: its receptors may follow from them.

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
        """Parameters of a population that has this instance of the model, see `of`.

        Returns
        -------
        dict
            Name -> value.
        """
        return {}

    def check(self, params: Mapping[str, Value], field: str) -> None:  # noqa: B027
        """Conditions between parameters, from their described values.

        Parameters
        ----------
        params
            Name -> described value, of all parameters.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If parameters do not fit each other.
        """

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:  # noqa: B027
        """Conditions between parameters and the time grid; `range_of` gives a parameter's smallest and largest.

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
        """Per-step coefficients in float64, shape (coefficients, 1 or neurons); see `stacked`.

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
        """State and counters of `n` neurons before the first step.

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
        """What to add to a state variable when it is recorded, shape () or (neurons,).

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
        """Advance one step in place (the oracle).

        Parameters
        ----------
        state
            State before the step, float32 or float64 of shape (variables, neurons); afterwards the state after it.
        counters
            Counters, int32 of shape (counters, neurons), changed likewise.
        inputs
            Sums of the weights that arrive in this step, int64 of shape (receptors, neurons).
        coefficients
            From `coefficients`, in the type of the state, shape (coefficients, 1 or neurons).
        lsb
            Unit of the weights of each receptor, in the type of the state, shape (receptors,).

        Returns
        -------
        numpy.ndarray
            Shape (neurons,): which neurons spike; of a model that `relays`, int64, the number of spikes of each.
        """

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        """How far rounding to float32 may move a step near threshold, relative to the step: shape (1 or neurons,).

        A run in float32 is refused where this exceeds 0.1 %, see `simcore.rounding`; 0 if float32 is always enough.

        Parameters
        ----------
        coefficients
            As from `coefficients`, shape (coefficients, 1 or neurons).

        Returns
        -------
        ndarray of float64
            The error, a share of the step, shape (1 or neurons,).
        """
        return np.zeros(1)

    @property
    def n_counters(self) -> int:
        """Number of counters."""
        return len(self.counters)

    def row(self, variable: str) -> int:
        """Row of the state that holds a variable.

        Parameters
        ----------
        variable
            Name of the state variable.

        Returns
        -------
        int
            Number of the row, from 0 on.
        """
        return [entry.name for entry in self.variables].index(variable)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError if there is none.

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
