"""The parts that a PyNN script makes, as far as the simulation must know them, whatever classes they have."""

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
        Its number, and its name in the network.
    first, size
        Global id of its first neuron, and number of neurons.
    values
        Parameters in PyNN's names and units, each an array (size,).
    changed
        Whether parameters or initial values were set since the simulator knows them.
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
        """Let the variable begin with these."""
        ...

    def take_as_known(self) -> None:
        """The simulator knows all values."""
        ...


@dataclass(frozen=True, eq=False)
class ConnectionGroup:
    """Connections of a projection that share populations and parameters of plasticity.

    Parameters
    ----------
    members
        Their places in the projection.
    source, target
        Numbers of the populations.
    rule
        Of plasticity; None for static ones.
    tau_minus
        Time constant of the trace of the targets that the rule needs, ms; None if it needs none.
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
        For messages.
    pre_ids, post_ids
        Global ids, one for each connection.
    receptor_type
        PyNN's name.
    attributes
        Values in PyNN's units: () where all connections have one, else one each.
    changed
        Attributes that were set since the simulator knows them.
    set_separately
        Those that were set connection by connection, which a process does for its own.
    """

    label: str
    pre_ids: IntArray
    post_ids: IntArray
    receptor_type: str
    changed: set[str]
    attributes: dict[str, FloatArray]
    set_separately: set[str]

    def store(self, attributes: dict[str, FloatArray]) -> None:
        """Keep values of attributes."""
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
        """Values of ``"weight"`` or another attribute of the connections in PyNN's unit: (), or one for each."""
        ...

    def present(self, name: str) -> FloatArray:
        """Values of an attribute now."""
        ...

    def begin(self) -> None:
        """Forget the current weights; called when the simulation is reset."""
        ...

    def take_as_known(self) -> None:
        """The simulator knows all attributes."""
        ...


class ElectrodePart(Protocol):
    """A current source of the script."""

    targets: list[tuple[PopulationPart, IntArray]]

    def current(self, steps: IntArray) -> FloatArray:
        """Current in these steps, nA."""
        ...

    def next_change(self, step: int) -> int:
        """First step after `step` in which the current differs from that before it, or may."""
        ...

    def begin(self) -> None:
        """Forget the past; called when the simulation is reset."""
        ...
