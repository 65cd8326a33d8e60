"""Populations of a network."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy.typing as npt

from simcore.display.words import known_names
from simcore.errors import integer, keywords_known, number, require
from simcore.neurons import NeuronModel, neuron_models
from simcore.neurons.model import MAX_VALUE
from simcore.selection import Key, Selection
from simcore.sources import Source
from simcore.sources.source import MODEL as SOURCE_MODEL
from simcore.space.layers import Layer
from simcore.space.positions import Positions, as_positions
from simcore.values import ReadOnlyValues, Value, ValueLike, as_value, check_length, plain_text, value_range

TAU_MINUS = 20.0
"""NEST's default, ms."""
MAX_NEURONS = 2**31 - 1
"""Global ids and rows of synapses have 31 bits."""
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of the text after the name on a terminal or a page."""


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
        NEST's parameter names -> constant, distribution or array of shape (size,); the model's defaults for the rest.
        Read-only.
    initial
        State variables -> constant, distribution or array of shape (size,); the model's defaults for the rest.
        Read-only.
    source
        Source of the neurons' spikes; see `simcore.sources`. The neurons are then parrots without other input.
    tau_minus
        Time constant of the trace of the neurons' spikes that depresses plastic synapses onto them, ms, > 0. It can
        also be given in `params`, as in NEST.
    positions
        Positions of the neurons for spatial rules: see `simcore.space`, or an array of shape (size, 2) or (size, 3).
    area
        Part of the network to which the population belongs, such as a cortical area. Populations of an area can be
        placed on the same ranks. The area does not change spikes.

    Raises
    ------
    InputError
        If a field is wrong; names the field, the value and what is allowed.
    """

    name: str
    size: int
    model: str = "iaf_psc_exp"
    params: Mapping[str, ValueLike] = field(default_factory=dict)
    initial: Mapping[str, ValueLike] = field(default_factory=dict)
    source: Source | None = None
    tau_minus: float = TAU_MINUS
    positions: Positions | npt.ArrayLike | None = None
    area: str | None = None

    def __post_init__(self) -> None:
        require(isinstance(self.name, str) and self.name != "", "population.name", self.name, "use a non-empty string")
        object.__setattr__(self, "name", plain_text(self.name))
        storable = self.name != "." and not set(self.name) & set("/:") and _visible(self.name)
        allowed = "use one line of text other than '.', without control characters, '/' and ':'"
        require(storable, "population.name", self.name, allowed)
        if isinstance(self.model, str):
            object.__setattr__(self, "model", plain_text(self.model))
        where = f"population {self.name}"
        if self.source is not None:
            require(isinstance(self.source, Source), f"{where}.source", self.source, "use a source of simcore.sources")
            plain = self.model in ("iaf_psc_exp", SOURCE_MODEL)
            require(plain, f"{where}.model", self.model, "a population with a source cannot have another neuron model")
            object.__setattr__(self, "model", SOURCE_MODEL)
        object.__setattr__(self, "size", integer(self.size, f"{where}.size", 1, MAX_NEURONS))
        require(isinstance(self.model, str), f"{where}.model", self.model, "use the name of a neuron model")
        for group in ("params", "initial"):
            given = getattr(self, group)
            require(isinstance(given, Mapping), f"{where}.{group}", given, "use a dictionary")
            given = {plain_text(name) if isinstance(name, str) else name: value for name, value in given.items()}
            object.__setattr__(self, group, given)
        named = self.area is None or (isinstance(self.area, str) and self.area != "" and _visible(self.area))
        require(named, f"{where}.area", self.area, "use one line of text or None")
        object.__setattr__(self, "area", None if self.area is None else plain_text(self.area))
        self._take_tau_minus(f"{where}.tau_minus")
        object.__setattr__(self, "positions", as_positions(self.positions, self.size, f"{where}.positions"))
        object.__setattr__(self, "params", neuron_models.get(self.model).spread(self.params, f"{where}.params"))
        model = self.neuron_model
        kinds = (("params", "parameters", model.parameters), ("initial", "state variables", model.variables))
        for group, kind, known in kinds:
            names = [entry.name for entry in known]
            allowed = known_names(kind, model.name, names)
            given = getattr(self, group)
            for name in given:
                require(name in names, f"{where}.{group}", name, allowed)
            values = {name: as_value(value, f"{where}.{group}.{name}") for name, value in given.items()}
            for name, value in values.items():
                check_length(value, self.size, f"{where}.{group}.{name}")
            object.__setattr__(self, group, ReadOnlyValues(values))
        for name, initial in self.initial.items():
            label = f"{where}.initial.{name}"
            for value in value_range(as_value(initial, name), label):
                allowed = f"its magnitude must be at most {MAX_VALUE:g}, which float32 can represent"
                require(abs(value) <= MAX_VALUE, label, value, allowed)
        described = {parameter.name: self.value(parameter.name) for parameter in model.parameters}
        for parameter in model.parameters:
            label = f"{where}.{parameter.name}"
            parameter.check(*self.range_of(parameter.name), label)
        model.check(described, f"{where}.")

    def _take_tau_minus(self, where: str) -> None:
        params = dict(self.params)
        own = number(self.tau_minus, where)
        tau_minus = number(params.pop("tau_minus", own), where)
        require(own in (tau_minus, TAU_MINUS), where, own, f"params has {tau_minus:g}; give it only once")
        require(tau_minus > 0.0, where, tau_minus, "must be > 0")
        object.__setattr__(self, "params", params)
        object.__setattr__(self, "tau_minus", tau_minus)

    @property
    def neuron_model(self) -> NeuronModel:
        """The model, imported on use."""
        return neuron_models.get(self.model).of(self.params)

    @property
    def relays(self) -> bool:
        """Whether a neuron can send several spikes in a step."""
        return self.neuron_model.relays and not (self.source is not None and self.source.at_most_one)

    def layer(self, number: int, seed: int, ids: range) -> Layer | None:
        """Return the layer of some of the neurons; None without positions.

        Parameters
        ----------
        number, seed
            Number of the population in its network, and seed of the simulation.
        ids
            Population-local ids.

        Returns
        -------
        Layer or None
            The neurons with their positions.
        """
        return None if self.positions is None else Layer(cast(Positions, self.positions), number, seed, ids)

    def __getitem__(self, key: Key) -> Selection:
        """Select neurons by a slice, such as ``population[10:20]``, a mask, or ascending ids.

        Raises
        ------
        InputError
            If the key is of another type or does not select any neuron.
        """
        return Selection(self.name, self.size, range(self.size))[key]

    __iter__ = None
    """Iteration is disabled, because neurons are not objects."""

    def value(self, name: str) -> Value:
        """Return the given or default value of a parameter.

        Parameters
        ----------
        name
            Name of the parameter.

        Returns
        -------
        float, ndarray of float64 or Distribution
            The value, in the unit of the parameter; an array has the shape (size,).
        """
        return as_value(self.params.get(name, self.neuron_model.parameter(name).default), name)

    def range_of(self, name: str) -> tuple[float, float]:
        """Smallest and largest value of a parameter.

        Parameters
        ----------
        name
            Name of the parameter.

        Returns
        -------
        tuple of float
            Smallest and largest value, in the unit of the parameter.
        """
        return value_range(self.value(name), f"population {self.name}.{name}")

    def initial_value(self, name: str) -> Value:
        """Return the given or default initial value of a state variable; the default can be a parameter's value.

        Parameters
        ----------
        name
            Name of the state variable.

        Returns
        -------
        float, ndarray of float64 or Distribution
            The value, in the unit of the variable; an array has the shape (size,).
        """
        if name in self.initial:
            return as_value(self.initial[name], name)
        default = {variable.name: variable.initial for variable in self.neuron_model.variables}[name]
        return self.value(default) if isinstance(default, str) else default


def _visible(name: str) -> bool:
    """Whether a name is free of control characters, line ends and surrogates; joiners within words are allowed."""
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in DIRECTIONS for c in name)
