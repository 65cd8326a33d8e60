"""PyNN's populations, views and assemblies, with parameters and initial values as arrays over all neurons.

Every process holds the values of all neurons, because the description of a network is the same everywhere. Values that
a script sets for the neurons of its own process only are exchanged before the next run; see `benchnn.pynn.ranks`.
"""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from pyNN import common
from pyNN.errors import InvalidParameterValueError
from pyNN.parameters import LazyArray, ParameterSpace, simplify
from pyNN.standardmodels import StandardCellType

from benchnn.pynn import simulator
from benchnn.pynn.network import described_population
from benchnn.pynn.recording import Recorder
from simcore.errors import InputError, integer

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
MAX_NEURONS = 2**31 - 1
"""Attributes of a population."""


class Assembly(common.Assembly):
    """Several populations and views as one group."""

    _simulator = simulator

    @property
    def local_size(self) -> int:
        """Number of neurons of this process; connectors with a `callback` need it."""
        return len(self.local_cells)

    @property
    def receptor_types(self) -> list[str]:
        """Receptor types that all parts share, in the order of the first part; the first two are the defaults."""
        first, *others = (part.celltype.receptor_types for part in self.populations)
        return [name for name in first if all(name in names for names in others)]


class _Group(common.BasePopulation):
    """Base of populations and views; the population at the root stores all values."""

    _simulator = simulator
    _assembly_class = Assembly
    all_cells: npt.NDArray[Any]

    @property
    def _root(self) -> "Population":
        raise NotImplementedError

    @property
    def _places(self) -> IntArray:
        """Indices of the group's neurons in the root."""
        raise NotImplementedError

    @property
    def _mask_local(self) -> Mask:
        """Mask of the neurons of this process, which follows from the simulator's placement."""
        state = simulator.state
        ids = self._root.first + self._places
        return np.asarray(ids % state.num_processes == state.mpi_rank)

    @_mask_local.setter
    def _mask_local(self, mask: Mask) -> None:
        """Ignored, because the mask follows from the ids; PyNN's views set it."""

    @property
    def local_cells(self) -> npt.NDArray[Any]:
        """Ids of the neurons of this process."""
        return self.all_cells[self._mask_local]

    @local_cells.setter
    def local_cells(self, cells: npt.NDArray[Any]) -> None:
        """Likewise."""

    def _get_view(self, selector: Any, label: str | None = None) -> "PopulationView":
        return PopulationView(self, selector, label)

    def set(self, **parameters: Any) -> None:
        """Set parameters of the group's neurons, on all processes."""
        known = self.celltype.get_parameter_names()
        for name in parameters:
            if name not in known:
                raise common.populations.errors.NonExistentParameterError(name, type(self.celltype).__name__, known)
        with simulator.state.whole():
            super().set(**parameters)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        values = self._root.values
        places = self._places[self._mask_local]
        found = {name: simplify(values[name][places]) for name in names if name in values}
        return ParameterSpace(found, shape=(self.local_size,))

    _get_native_parameters = _get_parameters

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        root, places = self._root, self._places
        changed = dict(root.values)
        for name, value in _evaluated(parameter_space).items():
            changed[name] = np.array(changed[name])
            changed[name][places] = value
        root.take_values(changed)

    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of state variables; after time 0, set the variables at the beginning of the next run."""
        for variable, value in initial_values.items():
            lazy = LazyArray(value, shape=(self.size,), dtype=float)
            given = simulator.state.comm.gather(np.array(lazy.evaluate(simplify=False)))[0]
            whole = self._root.initial_array(variable)
            whole[self._places] = given
            self._root.set_initial_array(variable, whole)


class PopulationView(_Group, common.PopulationView):
    """Some neurons of a population."""

    def __init__(self, parent: Any, selector: Any, label: str | None = None) -> None:
        try:
            super().__init__(parent, selector, label)
        except ValueError as error:
            if len(getattr(self, "all_cells", [None])):
                raise
            raise InputError(f"a view of {parent.label} without neurons is not allowed") from error

    @property
    def _root(self) -> "Population":
        return cast(Population, self.grandparent)

    @property
    def _places(self) -> IntArray:
        return np.asarray(self.index_in_grandparent(np.arange(self.size)))

    def _get_cell_initial_value(self, id: int, variable: str) -> float:
        return self._root._get_cell_initial_value(id, variable)

    def _set_cell_initial_value(self, id: int, variable: str, value: float) -> None:
        self._root._set_cell_initial_value(id, variable, value)


class Population(_Group, common.Population):
    """Neurons of one type.

    Attributes
    ----------
    index, name
        Number of the population, and its name in the network, which is made from the valid letters of the label.
    first
        Global id of the first neuron.
    values
        Arrays (size,) of parameters by PyNN's name, in PyNN's units.
    changed
        Whether values were set since the last synchronisation with the simulator.
    moved
        State variables that were initialised after time 0 and before the next run.
    """

    _recorder_class = Recorder
    all_cells: npt.NDArray[Any]
    values: dict[str, npt.NDArray[Any]]

    @property
    def _root(self) -> "Population":
        return self

    @property
    def _places(self) -> IntArray:
        return np.arange(self.size)

    def _create_cells(self) -> None:
        state = simulator.state
        integer(self.size, f"size of population {self.label}", 1, MAX_NEURONS)
        first_id = state.id_counter
        self.first = first_id - simulator.FIRST_ID
        self.index, self.name = len(state.populations), state.free_name(self.label)
        self.moved: set[str] = set()
        cells = [simulator.ID(first_id + place) for place in range(self.size)]
        self.all_cells = np.array(cells, dtype=simulator.ID)
        for cell in cells:
            cell.parent = self
        standard = isinstance(self.celltype, StandardCellType)
        space = self.celltype.native_parameters if standard else self.celltype.parameter_space
        space.shape = (self.size,)
        self.take_values(state.comm.from_root(lambda: _evaluated(space)))
        state.id_counter += self.size
        state.populations.append(self)

    def take_values(self, values: Mapping[str, npt.NDArray[Any]]) -> None:
        """Check and set parameters.

        Raises
        ------
        InputError
            Naming the parameter of the neuron model, the value and what is allowed.
        """
        described_population(self, values, simulator.state.dt)
        self.values, self.changed = dict(values), True

    def take_as_known(self) -> None:
        """Mark all values as synchronised with the simulator."""
        self.changed, self.moved = False, set()
        self.recorder.changed = False

    def initial_array(self, variable: str) -> FloatArray:
        """Initial values of a variable in PyNN's unit, (size,)."""
        rest = {} if self.celltype.is_source else self.celltype.resting
        default = self.values[rest[variable]] if variable in rest else 0.0
        known = self.initial_values.get(variable, default)
        value = known.evaluate(simplify=False) if isinstance(known, LazyArray) else known
        return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), self.size))

    def set_initial_array(self, variable: str, values: FloatArray) -> None:
        """Set the initial values of the variable."""
        same = bool(np.all(values == values[0]))
        self.initial_values[variable] = LazyArray(float(values[0]) if same else values, (self.size,), dtype=float)
        self.changed = True
        if simulator.state.step:
            self.moved.add(variable)

    def _get_cell_initial_value(self, id: int, variable: str) -> float:
        return float(self.initial_array(variable)[self.id_to_index(id)])

    def _set_cell_initial_value(self, id: int, variable: str, value: float) -> None:
        values = self.initial_array(variable)
        values[self.id_to_index(id)] = value
        self.set_initial_array(variable, values)


def _evaluated(space: ParameterSpace) -> dict[str, npt.NDArray[Any]]:
    """Values of parameters, one for each neuron.

    Raises
    ------
    InvalidParameterValueError
        If a value is not a number, or not a sequence if the parameter needs one.
    """
    try:
        found = space.evaluate(simplify=False).as_dict()
    except (TypeError, ValueError) as error:
        raise InvalidParameterValueError(str(error)) from error
    return {name: np.array(np.broadcast_to(value, space.shape)) for name, value in found.items()}
