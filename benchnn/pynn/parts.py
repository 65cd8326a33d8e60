"""Interfaces of the parts of a PyNN script that the simulation uses, independent of their classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simcore.plasticity import Plasticity

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class PopulationPart(Protocol):
    """A population of the script.

    Attributes
    ----------
    index, name
        Number of the population, and its name in the network.
    first, size
        Global id of the first neuron, and number of neurons.
    values
        Parameters in PyNN's names and units, each an array (size,).
    changed
        Whether parameters or initial values were set since the last synchronisation with the simulator.
    moved
        Names of state variables that were initialised after time 0.
    """

    index: int
    name: str
    first: int
    size: int
    celltype: Any
    initial_values: Mapping[str, Any]
    recorder: Any
    values: dict[str, npt.NDArray[Any]]
    changed: bool
    moved: set[str]

    def initial_array(self, variable: str) -> FloatArray:
        """Initial values of a variable in PyNN's unit, (size,)."""
        ...

    def set_initial_array(self, variable: str, values: FloatArray) -> None:
        """Set the initial values of the variable."""
        ...

    def take_as_known(self) -> None:
        """Mark all values as synchronised with the simulator."""
        ...


@dataclass(frozen=True, eq=False)
class ConnectionGroup:
    """Connections of a projection with the same populations and parameters of plasticity.

    Parameters
    ----------
    members
        Indices of the connections in the projection.
    source, target
        Numbers of the populations.
    rule
        Plasticity rule; None for static connections.
    tau_minus
        Time constant of the trace of the target neurons, ms; None if the rule does not need it.
    """

    members: IntArray
    source: int
    target: int
    rule: Plasticity | None
    tau_minus: float | None


class ProjectionPart(Protocol):
    """A projection of the script.

    Attributes
    ----------
    label
        Label for messages.
    pre_ids, post_ids
        Global ids, one for each connection.
    receptor_type
        PyNN's name.
    attributes
        Values in PyNN's units: shape () if all connections share a value, otherwise (connections,).
    changed
        Attributes that were set since the last synchronisation with the simulator.
    set_separately
        Attributes that were set for single connections, which each process does for its own connections.
    """

    label: str
    pre_ids: IntArray
    post_ids: IntArray
    receptor_type: str
    changed: set[str]
    attributes: dict[str, FloatArray]
    set_separately: set[str]

    def store(self, attributes: dict[str, FloatArray]) -> None:
        """Set values of attributes."""
        ...

    @property
    def plastic(self) -> bool:
        """Whether weights change."""
        ...

    @property
    def delay_ends(self) -> tuple[float, float]:
        """Smallest and largest delay, ms."""
        ...

    def groups(self) -> Sequence[ConnectionGroup]:
        """The connections by populations and parameters of plasticity."""
        ...

    def attribute(self, name: str) -> FloatArray:
        """Values of ``"weight"`` or another attribute in PyNN's unit, shape () or (connections,)."""
        ...

    def present(self, name: str) -> FloatArray:
        """Current values of an attribute."""
        ...

    def begin(self) -> None:
        """Discard the current weights; called when the simulation is reset."""
        ...

    def take_as_known(self) -> None:
        """Mark all attributes as synchronised with the simulator."""
        ...


class ElectrodePart(Protocol):
    """A current source of the script."""

    targets: list[tuple[PopulationPart, IntArray]]

    def current(self, steps: IntArray) -> FloatArray:
        """Current in these steps, nA."""
        ...

    def next_change(self, step: int) -> int:
        """First step after `step` in which the current may differ from the previous step."""
        ...

    def begin(self) -> None:
        """Discard past currents; called when the simulation is reset."""
        ...
