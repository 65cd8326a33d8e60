"""Projections: arrays of the connections that PyNN's connectors draw, with methods to read and set them.

Every process draws all connections and then uses those of rank 0, so that the network does not depend on the number of
processes. The connections of a process are those onto its own neurons.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import common, errors
from pyNN.parameters import ParameterSpace
from pyNN.space import Space
from pyNN.standardmodels import check_weights

from benchnn.pynn import simulator
from benchnn.pynn.network import INHIBITORY, weight_scale
from benchnn.pynn.parts import ConnectionGroup
from benchnn.pynn.synapses import StaticSynapse
from simcore.errors import InputError
from simcore.values import delay_steps

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
PLACES = {"presynaptic_index": "pre_indices", "postsynaptic_index": "post_indices"}
MAX_GROUPS = 256
"""Maximum number of the simulator's projections for one projection of PyNN."""


class Connection(common.Connection):
    """One connection, whose attributes are read and set in its projection."""

    _projection: "Projection"
    _place: int

    def __init__(self, projection: "Projection", place: int) -> None:
        object.__setattr__(self, "_projection", projection)
        object.__setattr__(self, "_place", place)

    def __getattr__(self, name: str) -> float:
        projection = self._projection
        if name in PLACES:
            return int(getattr(projection, PLACES[name])[self._place])
        if name not in projection.attributes:
            raise AttributeError(f"a connection of {projection.label} has no attribute {name!r}")
        return float(np.broadcast_to(projection.present(name), len(projection.pre_indices))[self._place])

    def __setattr__(self, name: str, value: float) -> None:
        values = np.array(np.broadcast_to(self._projection.present(name), len(self._projection.pre_indices)))
        values[self._place] = value
        self._projection.store({name: values})
        self._projection.set_separately.add(name)

    def as_tuple(self, *names: str) -> tuple[float, ...]:
        """Values of attributes."""
        return tuple(getattr(self, name) for name in names)


class Projection(common.Projection):
    """Connections between two groups of neurons.

    Attributes
    ----------
    pre_indices, post_indices
        Indices in `pre` and `post` of the neurons of each connection, of all processes.
    pre_ids, post_ids
        Global ids of these neurons.
    attributes
        Weight, delay and other attributes in PyNN's units: shape () if all connections share a value, otherwise
        (connections,).
    changed
        Attributes that were set since the last synchronisation with the simulator.
    set_separately
        Attributes that were set for single connections.
    """

    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_neurons: Any,
        postsynaptic_neurons: Any,
        connector: Any,
        synapse_type: Any = None,
        source: str | None = None,
        receptor_type: str | None = None,
        space: Space | None = None,
        label: str | None = None,
    ) -> None:
        for group in (presynaptic_neurons, postsynaptic_neurons):
            _check_end(group)
        if not getattr(postsynaptic_neurons, "receptor_types", True):
            raise errors.ConnectionError(
                f"{postsynaptic_neurons.label} does not accept connections, because sources have no receptors"
            )
        with simulator.state.whole():
            super().__init__(
                presynaptic_neurons,
                postsynaptic_neurons,
                connector,
                synapse_type,
                source,
                receptor_type,
                space or Space(),
                label,
            )
            if not hasattr(self.synapse_type, "rule"):
                raise InputError(f"{type(self.synapse_type).__name__} is not a synapse type of benchnn.pynn")
            self._first = dict(self.synapse_type.initial)
            self._drawn: list[tuple[IntArray, int, dict[str, Any]]] = []
            connector.connect(self)
        drawn = simulator.state.comm.from_root(lambda: _joined(self._drawn))
        del self._drawn
        self.pre_indices, self.post_indices, attributes = drawn
        self.pre_ids, self.post_ids = (
            _ids(group)[places] - simulator.FIRST_ID
            for group, places in ((self.pre, self.pre_indices), (self.post, self.post_indices))
        )
        self.attributes: dict[str, FloatArray] = {}
        self.changed: set[str] = set()
        self.set_separately: set[str] = set()
        self._present: tuple[int, FloatArray] | None = None
        self.number = len(simulator.state.projections)
        self.store(attributes or {"weight": np.zeros(()), "delay": np.asarray(simulator.state.dt)})
        simulator.state.projections.append(self)
        simulator.state.stale = True

    def _convergent_connect(
        self, presynaptic_indices: Any, postsynaptic_index: int, location_selector: Any = None, **attributes: Any
    ) -> None:
        """Add the connections of one target; called by connectors. Attributes have one value or one for each source."""
        if location_selector is not None:
            raise InputError("location_selector is not allowed: neurons are points")
        self._drawn.append((np.asarray(presynaptic_indices, dtype=np.int64), int(postsynaptic_index), attributes))

    @property
    def _own(self) -> IntArray:
        """Indices of the connections onto neurons of this process."""
        state = simulator.state
        return np.flatnonzero(self.post_ids % state.num_processes == state.mpi_rank)

    def __len__(self) -> int:
        return len(self._own)

    def __getitem__(self, i: int) -> Connection:
        return Connection(self, int(self._own[i]))

    @property
    def connections(self) -> Iterator[Connection]:
        """Connections onto neurons of this process."""
        return (Connection(self, place) for place in self._own.tolist())

    @property
    def delay_ends(self) -> tuple[float, float]:
        """Smallest and largest delay, ms."""
        return float(self.attributes["delay"].min()), float(self.attributes["delay"].max())

    def set(self, **attributes: Any) -> None:
        """Set attributes of all connections."""
        self._check_names(attributes)
        with simulator.state.whole():
            super().set(**attributes)

    def get(self, attribute_names: str | Sequence[str], format: str | Sequence[str], *args: Any, **kwargs: Any) -> Any:
        """Values of attributes of the connections; see PyNN's documentation."""
        names = [attribute_names] if isinstance(attribute_names, str) else attribute_names
        self._check_names(name for name in names if name not in PLACES)
        return super().get(attribute_names, format, *args, **kwargs)

    def _check_names(self, names: Iterable[str]) -> None:
        known = self.synapse_type.get_parameter_names()
        for name in names:
            if name not in known:
                raise errors.NonExistentParameterError(name, type(self.synapse_type).__name__, known)

    def _set_attributes(self, parameter_space: ParameterSpace) -> None:
        def values() -> dict[str, FloatArray]:
            found = {}
            for name, lazy in parameter_space.items():
                whole = np.asarray(lazy.evaluate(simplify=lazy.is_homogeneous), dtype=np.float64)
                found[name] = whole[self.pre_indices, self.post_indices] if whole.ndim else whole
            return found

        self.store(simulator.state.comm.from_root(values))

    def store(self, attributes: dict[str, FloatArray]) -> None:
        """Set values of attributes; delays are rounded to the time grid.

        Raises
        ------
        ConnectionError
            If a value is not finite, a weight has the wrong sign for its receptor, or a delay is out of range.
        """
        taken = {name: np.asarray(values, dtype=np.float64) for name, values in attributes.items()}
        for name, values in taken.items():
            wrong = values[~np.isfinite(values)]
            if wrong.size:
                raise errors.ConnectionError(f"{name} = {wrong[0]:g} is not allowed: must be finite")
        if "weight" in taken and self.receptor_type in ("excitatory", INHIBITORY) and taken["weight"].size:
            check_weights(taken["weight"] if taken["weight"].ndim else float(taken["weight"]), self)
        if "delay" in taken:
            taken["delay"] = _delays_on_grid(taken["delay"])
        self.attributes.update(taken)
        self.changed |= taken.keys()
        self._present = None

    def attribute(self, name: str) -> FloatArray:
        """Initial values of an attribute."""
        return self.attributes[name]

    def present(self, name: str) -> FloatArray:
        """Current values of an attribute; plastic weights are read from the simulator."""
        state = simulator.state
        if name != "weight" or "weight" in self.changed or not self.plastic:
            return self.attributes[name]
        if state.simulator is not None and (self._present is None or self._present[0] != state.step):
            self._present = state.step, state.plastic_weights(self)
        return self.attributes[name] if self._present is None else self._present[1]

    def begin(self) -> None:
        """Restore the weights that were set; called when the simulation is reset."""
        self._present = None

    def take_as_known(self) -> None:
        """Mark all attributes as synchronised with the simulator."""
        self.changed, self.set_separately = set(), set()

    @property
    def plastic(self) -> bool:
        """Whether weights change."""
        return bool(self.synapse_type.changes_weights)

    def _get_attributes_as_list(self, names: Sequence[str]) -> list[tuple[float, ...]]:
        own = self._own
        columns = [self._column(name)[own].tolist() for name in names]
        return list(zip(*columns, strict=True))

    def _get_attributes_as_arrays(self, names: Iterable[str], multiple_synapses: str = "sum") -> list[FloatArray]:
        own = self._own
        flat = self.pre_indices[own] * self.post.size + self.post_indices[own]
        pairs, first, pair_of = np.unique(flat, return_index=True, return_inverse=True)
        _, last = np.unique(np.ascontiguousarray(flat[::-1]), return_index=True)
        found = []
        for name in names:
            values = self._column(name)[own]
            if multiple_synapses in ("first", "last"):
                chosen = values[first if multiple_synapses == "first" else len(values) - 1 - last]
            else:
                chosen = np.array(values[first])
                again = np.delete(np.arange(len(values)), first)
                operation = {"sum": np.add, "min": np.minimum, "max": np.maximum}[multiple_synapses]
                operation.at(chosen, pair_of[again], values[again])
            whole = np.full(self.shape, np.nan)
            whole.flat[pairs] = chosen
            found.append(whole)
        return found

    def _column(self, name: str) -> npt.NDArray[Any]:
        if name in PLACES:
            return np.asarray(getattr(self, PLACES[name]), dtype=np.float64)
        return np.broadcast_to(self.present(name), len(self.pre_indices))

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        if variable not in self._first or not value.is_homogeneous:
            known = ", ".join(self._first)
            allowed = (
                f"only {known} can be initialised, and only with a single number"
                if known
                else "this synapse type has no variables that can be initialised"
            )
            raise InputError(f"{variable} = {value} is not allowed in {self.label}: {allowed}")
        self._first[variable] = float(value.base_value)
        self.changed.add(variable)

    def groups(self) -> list[ConnectionGroup]:
        """The connections by populations and parameters of plasticity.

        Raises
        ------
        InputError
            If there are too many groups, or a parameter is not supported.
        """
        n, synapse = len(self.pre_indices), self.synapse_type
        if not n:
            return []
        firsts = np.array([population.first for population in simulator.state.populations])
        owners = (np.searchsorted(firsts, ids, side="right") - 1 for ids in (self.pre_ids, self.post_ids))
        keys: list[FloatArray] = [owner.astype(np.float64) for owner in owners]
        names = synapse.shared
        keys += [
            np.broadcast_to(self._first[name] if name in self._first else self.attributes[name], n) for name in names
        ]
        distinct, members = _by_rows(keys)
        if len(distinct) > MAX_GROUPS:
            raise InputError(
                f"{', '.join(names)} of {self.label} have {len(distinct)} different combinations of values; at most "
                f"{MAX_GROUPS} are supported"
            )
        found = []
        for (source, target, *values), places in zip(distinct.tolist(), members, strict=True):
            parameters = dict(zip(names, values, strict=True))
            scale = weight_scale(simulator.state.populations[int(target)].celltype, self.receptor_type)
            rule = synapse.rule(parameters, scale)
            tau_minus = synapse.tau_minus(parameters)
            found.append(ConnectionGroup(places, int(source), int(target), rule, tau_minus))
        return found


def _by_rows(keys: Sequence[FloatArray]) -> tuple[FloatArray, list[IntArray]]:
    """Distinct rows of columns, and the index of the distinct row of each row."""
    if all(np.all(key == key[0]) for key in keys):
        return np.array([[key[0] for key in keys]]), [np.arange(len(keys[0]))]
    distinct, inverse = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    order = np.argsort(inverse, kind="stable")
    ends = np.searchsorted(inverse[order], np.arange(1, len(distinct)))
    return distinct, np.split(order, ends)


def _check_end(group: Any) -> None:
    """Refuse neurons that were created before the last `setup`, because their ids now belong to other neurons."""
    for part in getattr(group, "populations", [group]):
        if isinstance(part, common.BasePopulation) and part._root not in simulator.state.populations:
            raise errors.ConnectionError(f"{part.label} does not belong to this simulation; create it after setup()")


def _ids(group: Any) -> IntArray:
    return np.array(group.all_cells, dtype=np.int64)


def _joined(drawn: Sequence[tuple[IntArray, int, dict[str, Any]]]) -> tuple[IntArray, IntArray, dict[str, FloatArray]]:
    """Sources, targets and attributes of all connections."""
    sizes = [len(sources) for sources, _, _ in drawn]
    empty = np.zeros(0, dtype=np.int64)
    pre = np.concatenate([empty, *(sources for sources, _, _ in drawn)])
    post = np.repeat(np.array([target for _, target, _ in drawn], dtype=np.int64), sizes)
    attributes = {}
    for name in drawn[0][2] if drawn else ():
        parts = [np.asarray(given[name], dtype=np.float64) for _, _, given in drawn]
        if all(part.ndim == 0 and part == parts[0] for part in parts):
            attributes[name] = parts[0]
        else:
            attributes[name] = np.concatenate(
                [np.broadcast_to(part, size) for part, size in zip(parts, sizes, strict=True)]
            )
    return pre, post, attributes


def _delays_on_grid(delays: FloatArray) -> FloatArray:
    state = simulator.state
    steps = delay_steps(delays, state.dt)
    low, high = (
        None if isinstance(given, str) else int(delay_steps(given, state.dt))
        for given in (state.given_min_delay, state.given_max_delay)
    )
    wrong = steps < (low or 1)
    if high is not None:
        wrong |= steps > high
    if np.any(wrong):
        bounds = [f"at least {state.time_of(low or 1):g} ms"]
        bounds += [] if high is None else [f"at most {state.time_of(high):g} ms"]
        raise errors.ConnectionError(
            f"delay = {float(delays[wrong].flat[0]):g} ms is not allowed: must be {' and '.join(bounds)}"
        )
    return np.asarray(state.times(steps))
