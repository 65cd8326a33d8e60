"""The description of a network: frozen data, without MPI, seed or backend.

>>> from simcore.network import FixedIndegree, Network, Poisson, Population, Projection
>>> Network(
...     populations=[Population("E", 80)],
...     projections=[Projection("E", "E", FixedIndegree(8), weight=20.0, delay_ms=1.5)],
...     drives=[Poisson("E", rate_hz=8000.0, weight=20.0, delay_ms=1.5)],
... ).n_neurons
80
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from simcore.connectivity import (
    AllToAll,
    Column,
    EdgeFiles,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    ListedRule,
    OneToOne,
    PairwiseBernoulli,
    Rule,
    Wiring,
)
from simcore.connectivity.selected import Selected
from simcore.connectivity.sides import check_autapses, ids_wired, population_name, rule_within
from simcore.display.network import network_overview
from simcore.display.overview import Overview, Shown
from simcore.distributions import Distribution, Exponential, Lognormal, Normal, Uniform, quantile_table, table_ends
from simcore.drives import (
    CurrentDrive,
    Dc,
    Drive,
    EventDrive,
    InhomogeneousPoisson,
    Noise,
    Poisson,
    SpikeTrain,
    StepCurrent,
    drives,
)
from simcore.errors import InputError, integer, keywords_known, number, printable, require
from simcore.neurons import NeuronModel, neuron_models
from simcore.neurons.coefficient_range import require_finite_coefficients
from simcore.neurons.model import MAX_VALUE
from simcore.neurons.receptors import check_receptor, receptors_by_sign
from simcore.selection import Key, Selection, selected
from simcore.sources import BernoulliTrains, InhomogeneousPoissonTrains, PoissonTrains, Source, SpikeTrains
from simcore.sources.source import MODEL as SOURCE_MODEL
from simcore.values import (
    ReadOnlyValues,
    Value,
    ValueLike,
    as_value,
    check_length,
    delay_steps,
    plain_text,
    value_range,
)

MAX_DELAY_STEPS = 10_000
FIRST_SOURCE_STREAM = 2**30
"""Random stream of the source of population 0; those of drives have the numbers from 0 on."""
MAX_NEURONS = 2**31 - 1
"""Global ids, and rows of synapses, have 31 bits."""

NOT_NAMED: Sequence[int] = range(0)
"""Ids of a recorder that were not given, which an empty list is not."""

OF_FILES = "the edges of files name their neurons; use whole populations"
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reverse what follows them on a terminal or a page, beyond the name that holds them."""


@keywords_known
@dataclass(frozen=True, eq=False)
class Population:
    """`size` neurons of one model.

    Parameters
    ----------
    name
        Unique name.
    size
        Number of neurons, >= 1.
    model
        Name of a neuron model.
    params
        NEST's parameter names -> constant, distribution or array; the model's defaults for the rest. Cannot be changed
        later, as `initial`.
    initial
        State variables -> constant, distribution or array (``V_m`` is E_L by default).
    source
        What gives the neurons their spikes, see `simcore.sources`. They are parrots then, which nothing else reaches.
    """

    name: str
    size: int
    model: str = "iaf_psc_exp"
    params: Mapping[str, ValueLike] = field(default_factory=dict)
    initial: Mapping[str, ValueLike] = field(default_factory=dict)
    source: Source | None = None

    def __post_init__(self) -> None:
        require(isinstance(self.name, str) and self.name != "", "population.name", self.name, "use a non-empty string")
        object.__setattr__(self, "name", plain_text(self.name))
        storable = self.name != "." and not set(self.name) & set("/:") and _visible(self.name)
        allowed = "must be text of one line without control characters, not '.', and without '/' and ':'"
        require(storable, "population.name", self.name, allowed)
        if isinstance(self.model, str):
            object.__setattr__(self, "model", plain_text(self.model))
        where = f"population {self.name}"
        if self.source is not None:
            require(isinstance(self.source, Source), f"{where}.source", self.source, "use a source of simcore.sources")
            plain = self.model in ("iaf_psc_exp", SOURCE_MODEL)
            require(plain, f"{where}.model", self.model, "a population with a source has no other neuron model")
            object.__setattr__(self, "model", SOURCE_MODEL)
        object.__setattr__(self, "size", integer(self.size, f"{where}.size", 1, MAX_NEURONS))
        require(isinstance(self.model, str), f"{where}.model", self.model, "use the name of a neuron model")
        for group in ("params", "initial"):
            given = getattr(self, group)
            require(isinstance(given, Mapping), f"{where}.{group}", given, "use a dictionary")
            given = {plain_text(name) if isinstance(name, str) else name: value for name, value in given.items()}
            object.__setattr__(self, group, given)
        model, params = neuron_models.get(self.model).described(self.params, f"{where}.params")
        object.__setattr__(self, "params", params)
        for group, known in (("params", model.parameters), ("initial", model.variables)):
            names = [entry.name for entry in known]
            given = getattr(self, group)
            for name in given:
                require(name in names, f"{where}.{group}", name, f"{model.name} has {', '.join(names) or 'none'}")
            values = {name: as_value(value, f"{where}.{group}.{name}") for name, value in given.items()}
            for name, value in values.items():
                check_length(value, self.size, f"{where}.{group}.{name}")
            object.__setattr__(self, group, ReadOnlyValues(values))
        for name, initial in self.initial.items():
            label = f"{where}.initial.{name}"
            for value in value_range(as_value(initial, name), label):
                allowed = f"its magnitude must be at most {MAX_VALUE:g}, the range of float32"
                require(abs(value) <= MAX_VALUE, label, value, allowed)
        described = {parameter.name: self.value(parameter.name) for parameter in model.parameters}
        for parameter in model.parameters:
            label = f"{where}.{parameter.name}"
            parameter.check(*self.range_of(parameter.name), label)
        model.check(described, f"{where}.")

    @property
    def neuron_model(self) -> NeuronModel:
        """The model, imported on use."""
        return neuron_models.get(self.model).described(self.params, "params")[0]

    @property
    def relays(self) -> bool:
        """Whether a neuron can send several spikes in a step."""
        return self.neuron_model.relays and not (self.source is not None and self.source.at_most_one)

    def __getitem__(self, key: Key) -> Selection:
        """Some of the neurons: ``population[10:20]``, ``population[::3]``, a mask, ascending ids.

        Raises
        ------
        InputError
            If the key is something else, or chooses no neuron.
        """
        return Selection(self.name, self.size, range(self.size))[key]

    __iter__ = None
    """Neurons are counted, not objects."""

    def value(self, name: str) -> Value:
        """Value of a parameter, given or default."""
        return as_value(self.params.get(name, self.neuron_model.parameter(name).default), name)

    def range_of(self, name: str) -> tuple[float, float]:
        """Smallest and largest value of a parameter."""
        return value_range(self.value(name), f"population {self.name}.{name}")

    def initial_value(self, name: str) -> Value:
        """Initial value of a state variable, given or default (which may be a parameter's value)."""
        if name in self.initial:
            return as_value(self.initial[name], name)
        default = {variable.name: variable.initial for variable in self.neuron_model.variables}[name]
        return self.value(default) if isinstance(default, str) else default


@keywords_known
@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population to another.

    Parameters
    ----------
    source, target
        Names of populations, or selections such as ``population[10:20]``: the rule is applied to these neurons alone.
    rule
        A connection rule.
    weight
        Constant, distribution, array (for rules with a fixed list of edges) or `Column` (of `EdgeFiles`); in the unit
        of the target's model.
    delay_ms
        Likewise; rounded half up to the grid, at least one step.
    receptor
        Name of a receptor of the target's model; by default the sign of a weight chooses it.
    """

    source: str
    target: str
    rule: Rule
    weight: ValueLike | Column
    delay_ms: ValueLike | Column = 1.0
    receptor: str | None = None

    def __post_init__(self) -> None:
        where = printable(f"projection {self.source}->{self.target}")
        for side in ("source", "target"):
            name = getattr(self, side)
            object.__setattr__(self, side, population_name(name, f"{where}.{side}"))
        require(isinstance(self.rule, Rule), f"{where}.rule", self.rule, "use a rule of simcore.connectivity")
        object.__setattr__(self, "rule", rule_within(self.rule, self.source, self.target))
        for name in ("weight", "delay_ms"):
            value = getattr(self, name)
            if not isinstance(value, Column):
                object.__setattr__(self, name, as_value(value, f"{where}.{name}"))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of files that weight and delay are taken from."""
        return tuple(dict.fromkeys(v for v in (self.weight, self.delay_ms) if isinstance(v, Column)))

    def value(self, name: str) -> Value | Column:
        """``"weight"`` or ``"delay_ms"``; of a column with one value this value."""
        value = getattr(self, name)
        if not isinstance(value, Column):
            return as_value(value, name)
        low, high = self.rule.ends(value)
        return low if low == high else value

    def lists(self, name: str) -> bool:
        """Whether ``"weight"`` or ``"delay_ms"`` has a value for each edge of a list."""
        value = self.value(name)
        return isinstance(value, Column) or (isinstance(value, np.ndarray) and isinstance(self.rule, ListedRule))

    def pieces(self, name: str) -> Iterator[npt.NDArray[np.float64]]:
        """These values, in pieces."""
        return cast(ListedRule, self.rule).values(cast(npt.NDArray[np.float64] | Column, self.value(name)))

    def ends(self, name: str) -> tuple[float, float]:
        """Smallest and largest value of ``"weight"`` or ``"delay_ms"``; NaN of an empty list."""
        value = getattr(self, name)
        if isinstance(value, Column):
            return self.rule.ends(value)
        field, described = f"projection {self.source}->{self.target}.{name}", as_value(value, name)
        # The ends of a distribution's table cost less than the table.
        return table_ends(described, field) if isinstance(described, Distribution) else value_range(described, field)


@keywords_known
@dataclass(frozen=True)
class SpikeRecorder:
    """Records the spikes of all neurons."""


@keywords_known
@dataclass(frozen=True)
class TraceRecorder:
    """Records state variables of some neurons in every step.

    Parameters
    ----------
    population
        Name of the population, or a selection of its neurons.
    ids
        Population-local ids; those of the selection by default.
    variables
        Names of state variables, such as ``("V_m", "I_syn_ex")``.
    """

    population: str
    ids: Sequence[int] = NOT_NAMED
    variables: Sequence[str] = ("V_m",)

    def __post_init__(self) -> None:
        chosen = self.population if isinstance(self.population, Selection) else None
        allowed = "name ids, or give a selection" if chosen is None else "the selection says which neurons"
        require((self.ids is NOT_NAMED) == (chosen is not None), f"recorder {printable(str(self.population))}.ids",
                self.ids, allowed)  # fmt: skip
        if chosen is not None:
            object.__setattr__(self, "ids", chosen.array)
        for name in ("ids", "variables"):
            value = getattr(self, name)
            listed = isinstance(value, Sequence) and not isinstance(value, str)
            listed = listed or (isinstance(value, np.ndarray) and value.ndim == 1)
            require(listed, printable(f"recorder {self.population}.{name}"), value, "use a list")
            object.__setattr__(self, name, tuple(plain_text(one) if isinstance(one, str) else one for one in value))
        if isinstance(self.population, str):
            object.__setattr__(self, "population", plain_text(self.population))
        where = printable(f"recorder {self.population}")
        for name in self.variables:
            require(isinstance(name, str), f"{where}.variables", name, "use names")
        where = f"{where}.ids"
        object.__setattr__(self, "ids", tuple(integer(neuron, where, 0) for neuron in self.ids))


Recorder = SpikeRecorder | TraceRecorder


_PARTS: dict[str, Any] = {
    "populations": Population,
    "projections": Projection,
    "drives": Drive,
    "recorders": Recorder,
}


@dataclass(frozen=True)
class Input:
    """A drive as it is simulated, and the number of the random stream from which it draws."""

    drive: Drive
    stream: int


@keywords_known
@dataclass(frozen=True, eq=False, repr=False)
class Network(Shown):
    """Populations, projections, drives and recorders on a time grid; validated when it is made.

    Parameters
    ----------
    populations, projections, drives, recorders
        The parts, in order; the order gives global ids and random streams.
    resolution_ms
        Time step, a multiple of 0.001 ms.

    Raises
    ------
    InputError
        Naming the field, the value and what is allowed.
    """

    populations: Sequence[Population]
    projections: Sequence[Projection] = ()
    drives: Sequence[Drive] = ()
    recorders: Sequence[Recorder] = ()
    resolution_ms: float = 0.1

    def __post_init__(self) -> None:
        for name, kind in _PARTS.items():
            given = getattr(self, name)
            require(isinstance(given, (list, tuple)), name, given, "use a list")
            for part in given:
                require(isinstance(part, kind), name, part, f"a network's {name} are made by simcore.network")
            object.__setattr__(self, name, tuple(given))
        h = number(self.resolution_ms, "resolution_ms")
        tics = h * 1000.0
        on_grid = 0.001 <= h <= 1000.0 and abs(tics - round(tics)) < 1e-9
        require(on_grid, "resolution_ms", h, "must be a multiple of 0.001 ms, at most 1000 ms")
        require(len(self.populations) > 0, "populations", [], "a network needs at least one population")
        names = [population.name for population in self.populations]
        seen: set[str] = set()
        for name in names:
            require(name not in seen, "population.name", name, "names must be unique")
            seen.add(name)
        require(self.n_neurons <= MAX_NEURONS, "n_neurons", self.n_neurons, f"must be at most {MAX_NEURONS}")
        for index, projection in enumerate(self.projections):
            self._check_projection(index, projection)
        for population in self.populations:
            population.neuron_model.check_grid(population.range_of, h, f"population {population.name}.")
        for drive in self.drives:
            self._check_drive(drive)
        for population in self.populations:
            if population.source is not None:
                population.source.check(population.size, h, f"population {population.name}.source")
        for population in self.populations:
            names = [parameter.name for parameter in population.neuron_model.parameters]
            ranges = {name: population.range_of(name) for name in names}
            if "I_e" in ranges:
                ranges["I_e"] = self._current_range(population.name, ranges["I_e"])
            require_finite_coefficients(population.neuron_model, ranges, h, f"population {population.name}")
        for recorder in self.recorders:
            self._check_recorder(recorder)

    def overview(self) -> Overview:
        return network_overview(self)

    @cached_property
    def relays(self) -> bool:
        """Whether a neuron can send several spikes in a step."""
        return any(population.relays for population in self.populations)

    @cached_property
    def first_ids(self) -> dict[str, int]:
        """Global id of the first neuron of each population."""
        first, ids = 0, {}
        for population in self.populations:
            ids[population.name] = first
            first += population.size
        return ids

    def __getitem__(self, name: str) -> Population:
        """The population of that name, of which ``[10:20]`` and the like select neurons.

        Raises
        ------
        InputError
            If there is none.
        """
        self._require_population(name, "population")
        return self.population(name)

    __iter__ = None
    """Its populations are `populations`."""

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return sum(population.size for population in self.populations)

    def index(self, name: str) -> int:
        """Position of the population of that name; KeyError if there is none."""
        return self._positions[name]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.first_ids)}

    def population(self, name: str) -> Population:
        """The population of that name; KeyError if there is none."""
        return self.populations[self.index(name)]

    def drives_of(self, population: str) -> Sequence[tuple[int, Drive]]:
        """Position and description of the drives of a population."""
        return self._driving.get(population, ())

    @cached_property
    def _driving(self) -> dict[str, list[tuple[int, Drive]]]:
        driving: dict[str, list[tuple[int, Drive]]] = {}
        for index, drive in enumerate(self.drives):
            driving.setdefault(drive.target, []).append((index, drive))
        return driving

    @cached_property
    def inputs(self) -> tuple["Input", ...]:
        """What acts on the neurons: the drives, in the form in which they are simulated, then the trains of sources."""
        found = []
        for index, drive in enumerate(self.drives):
            relaying = self.population(drive.target).neuron_model.relays and "weight" in drive.arrays()
            # Whatever its weight, an event counts one: there are no signs.
            plain = replace(drive, weight=1.0) if relaying else drive  # type: ignore[type-var]
            found += [Input(part, index) for part in plain.parts()]
        for index, population in enumerate(self.populations):
            if population.source is not None:
                drive = population.source.input(population.name, population.size)
                found.append(Input(drive, FIRST_SOURCE_STREAM + index))
        return tuple(found)

    def inputs_of(self, population: str) -> Sequence[tuple[int, "Input"]]:
        """Position and description of the inputs of a population."""
        return self._reaching.get(population, ())

    @cached_property
    def _reaching(self) -> dict[str, list[tuple[int, "Input"]]]:
        reaching: dict[str, list[tuple[int, Input]]] = {}
        for index, one in enumerate(self.inputs):
            reaching.setdefault(one.drive.target, []).append((index, one))
        return reaching

    def wiring(self, index: int, seed: int = 0) -> Wiring:
        """Ids and key of projection `index`."""
        projection = self.projections[index]
        whole = isinstance(projection.rule, Selected)
        source, target = (
            ids_wired(name, self.first_ids[name], self.population(name).size, whole)
            for name in (projection.source, projection.target)
        )
        return Wiring(seed, index, source.start, len(source), target.start, len(target))

    def receptors(self, described: Projection | EventDrive) -> tuple[int, int]:
        """Receptors, counted from 0, on which weights >= 0 and < 0 of a projection or drive act."""
        return receptors_by_sign(self.population(described.target).neuron_model, described.receptor)

    @cached_property
    def most_receptors(self) -> int:
        """Largest number of receptors of a population."""
        return max(len(population.neuron_model.receptors) for population in self.populations)

    def expected_synapses(self) -> float:
        """Expected number of synapses; exact unless a rule's total is random."""
        pairs = enumerate(self.projections)
        return sum(projection.rule.expected_synapses(self.wiring(index)) for index, projection in pairs)

    def _require_population(self, name: Any, where: str) -> None:
        if not isinstance(name, str) or name not in self.first_ids:
            require(False, where, name, f"populations are {', '.join(self.first_ids)}")
        if isinstance(name, Selection):
            size = self.population(name).size
            require(name.size == size, where, name, f"it is of {name.size} neurons, {name.population} has {size}")

    def _require_receiver(self, name: str, where: str) -> None:
        given = self.population(name).source is not None
        require(not given, where, name, "a population with a source sends the spikes of that and receives none")

    def delays(self, index: int) -> npt.NDArray[np.int64] | npt.NDArray[np.int32]:
        """Delays in steps that projection `index` can have: one, those of a table, or one for each edge.

        Of a column of files, and of an array of a list of edges, only the smallest and the largest.
        """
        projection = self.projections[index]
        if projection.lists("delay_ms"):
            ends = np.array(projection.ends("delay_ms"))
            return delay_steps(ends[np.isfinite(ends)], self.resolution_ms)
        delay = cast(Value, projection.value("delay_ms"))
        if isinstance(delay, Distribution):
            return self._delay_tables[delay]
        return delay_steps(np.atleast_1d(delay), self.resolution_ms)

    @cached_property
    def _delay_tables(self) -> dict[Distribution, npt.NDArray[np.int32]]:
        # Of many distributions the tables would not stay in the cache until they are prepared.
        return {}

    def _check_delay(self, delay: Value, where: str) -> None:
        if isinstance(delay, Distribution) and delay in self._delay_tables:
            return
        low, high = value_range(delay, where)
        if not np.isnan(low):
            self._check_delays(low, high, where)
        if isinstance(delay, Distribution):
            steps = delay_steps(quantile_table(delay, where), self.resolution_ms).astype(np.int32)
            steps.flags.writeable = False
            self._delay_tables[delay] = steps

    def _check_delays(self, low: float, high: float, where: str) -> None:
        smallest, largest = delay_steps([low, high], self.resolution_ms)
        allowed = f"must be at least one step of {self.resolution_ms} ms"
        require(bool(smallest >= 1), where, low, allowed)
        limit = MAX_DELAY_STEPS * self.resolution_ms
        allowed = f"must be at most {limit:g} ms ({MAX_DELAY_STEPS} steps)"
        require(bool(largest <= MAX_DELAY_STEPS), where, high, allowed)

    def _check_projection(self, index: int, projection: Projection) -> None:
        where = f"projection {projection.source}->{projection.target}"
        for side in ("source", "target"):
            self._require_population(getattr(projection, side), f"{where}.{side}")
        self._require_receiver(projection.target, f"{where}.target")
        rule = projection.rule.rule if isinstance(projection.rule, Selected) else projection.rule
        require(not isinstance(rule, EdgeFiles) or rule is projection.rule, f"{where}.rule", rule.name, OF_FILES)
        check_autapses(rule, projection.source, projection.target, f"{where}.rule")
        wiring = self.wiring(index)
        projection.rule.look(projection.columns, where)
        projection.rule.check(wiring, f"{where}.rule")
        for name in ("weight", "delay_ms"):
            value = getattr(projection, name)
            if isinstance(value, np.ndarray):
                allowed = f"{rule.name} draws its edges: use a constant or a distribution"
                require(rule.takes_arrays, f"{where}.{name}", "array", allowed)
                check_length(value, int(projection.rule.expected_synapses(wiring)), f"{where}.{name}")
        delay = projection.delay_ms
        if not isinstance(delay, Column):
            self._check_delay(as_value(delay, where), f"{where}.delay_ms")
        elif not np.isnan(projection.ends("delay_ms")).any():
            for end in projection.ends("delay_ms"):
                try:
                    self._check_delays(end, end, f"{where}.delay_ms")
                except InputError as error:
                    raise InputError(f"{error} ({projection.rule.place(delay, end)})", error.field, end) from None
        model = self.population(projection.target).neuron_model
        check_receptor(model, projection.receptor, projection.ends("weight"), where)

    def _check_drive(self, drive: Drive) -> None:
        if isinstance(drive.target, str):
            object.__setattr__(drive, "target", population_name(drive.target, "drive.target"))
        where = f"drive {drive.name}->{drive.target}"
        self._require_population(drive.target, f"{where}.target")
        self._require_receiver(drive.target, f"{where}.target")
        foreign = drive.name in drives.names() and not isinstance(drive, drives.get(drive.name))
        require(not foreign, f"{where}.name", drive.name, "a drive of the simulator has this name")
        drive.check(self.resolution_ms, where)
        size, chosen = self.population(drive.target).size, selected(drive.target)
        for name, values in drive.arrays().items():
            found = values.shape[-1]
            require(found == size, f"len({where}.{name})", found, f"an array needs one value for each of {size}")
            require(chosen is None, f"{where}.{name}", "array", "a drive of selected neurons takes one number for all")
        if isinstance(drive, EventDrive):
            number(drive.delay_ms, f"{where}.delay_ms")
            if "weight" in drive.arrays():
                as_value(drive.weight, f"{where}.weight")
            else:
                number(drive.weight, f"{where}.weight")
            self._check_delay(drive.delay_ms, f"{where}.delay_ms")
            weights = value_range(as_value(drive.weight, where), f"{where}.weight")
            check_receptor(self.population(drive.target).neuron_model, drive.receptor, weights, where)
            return
        model = self.population(drive.target).neuron_model
        has_current = "I_e" in [parameter.name for parameter in model.parameters]
        require(has_current, f"{where}.target", drive.target, f"{model.name} has no I_e")
        if isinstance(drive, CurrentDrive):
            every = "its current is that of a whole population"
            require(selected(drive.target) is None, f"{where}.target", drive.target, every)
            varies = f"the current into {model.name} cannot change"
            require(model.current_row is not None, f"{where}.target", drive.target, varies)
            number(drive.delay_ms, f"{where}.delay_ms")
            self._check_delay(drive.delay_ms, f"{where}.delay_ms")

    def _current_range(self, population: str, i_e: tuple[float, float]) -> tuple[float, float]:
        """Smallest and largest I_e with the currents of the drives of a population."""
        low, high = i_e
        for _, drive in self.drives_of(population):
            changing = drive.prepare(self.resolution_ms).values if isinstance(drive, CurrentDrive) else np.zeros(0)
            constant = np.asarray(drive.constant_current())
            # Neurons that are not selected receive none.
            least, most = float(constant.min()), float(constant.max())
            if selected(drive.target) is not None:
                least, most = min(least, 0.0), max(most, 0.0)
            low += least + changing.min(initial=0.0)
            high += most + changing.max(initial=0.0)
        return low, high

    def _check_recorder(self, recorder: Recorder) -> None:
        if isinstance(recorder, SpikeRecorder):
            return
        self._require_population(recorder.population, "recorder.population")
        where = f"recorder {recorder.population}"
        population = self.population(recorder.population)
        known = [variable.name for variable in population.neuron_model.variables]
        for variable in recorder.variables:
            require(variable in known, f"{where}.variables", variable, f"{population.model} records {', '.join(known)}")
        for neuron in recorder.ids:
            require(0 <= neuron < population.size, f"{where}.ids", neuron, f"must lie in [0, {population.size - 1}]")


def _visible(name: str) -> bool:
    """Whether a name has no control characters, line ends or halves of characters; joiners within words are text."""
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in DIRECTIONS for c in name)


__all__ = [
    "AllToAll",
    "BernoulliTrains",
    "Column",
    "Dc",
    "EdgeFiles",
    "Explicit",
    "Exponential",
    "FixedIndegree",
    "FixedOutdegree",
    "FixedTotalNumber",
    "InhomogeneousPoisson",
    "InhomogeneousPoissonTrains",
    "InputError",
    "Lognormal",
    "Network",
    "Noise",
    "Normal",
    "OneToOne",
    "PairwiseBernoulli",
    "Poisson",
    "PoissonTrains",
    "Population",
    "Projection",
    "Selection",
    "SpikeRecorder",
    "SpikeTrain",
    "SpikeTrains",
    "StepCurrent",
    "TraceRecorder",
    "Uniform",
    "require",
]
