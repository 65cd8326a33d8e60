"""The network: its parts, and the ids and streams that follow from their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Wiring
from simcore.connectivity.selected import Selected
from simcore.connectivity.sides import ids_wired
from simcore.display.network import network_overview
from simcore.display.overview import Overview, Shown
from simcore.distributions import Distribution
from simcore.drives import Drive, EventDrive
from simcore.errors import InputError, integer, keywords_known, number, require
from simcore.network.checks import (
    check_drive,
    check_recorder,
    check_rule,
    check_values,
    current_range,
    over_distances,
    require_population,
)
from simcore.network.inputs import Input, inputs_of_parts
from simcore.network.population import MAX_NEURONS, Population
from simcore.network.projection import Projection
from simcore.network.recorders import Recorder
from simcore.neurons.coefficient_range import require_finite_coefficients
from simcore.neurons.receptors import receptors_by_sign
from simcore.random import MAX_SEED
from simcore.space.layers import Layer, Sheets
from simcore.values import Value, delay_steps

_PARTS: dict[str, Any] = {
    "populations": Population,
    "projections": Projection,
    "drives": Drive,
    "recorders": Recorder,
}


@keywords_known
@dataclass(frozen=True, eq=False, repr=False)
class Network(Shown):
    """Populations, projections, drives and recorders on a time grid; validated on creation.

    Parameters
    ----------
    populations, projections, drives, recorders
        The parts, in order; the order gives global ids and random streams.
    resolution_ms
        Time step, ms; a multiple of 0.001 ms.
    notes
        Sentences for the record of a run, such as assumptions about details that the files of a network omit.

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
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, kind in _PARTS.items():
            given = getattr(self, name)
            require(isinstance(given, (list, tuple)), name, given, "use a list")
            for part in given:
                require(isinstance(part, kind), name, part, f"use {name} of simcore.network")
            object.__setattr__(self, name, tuple(given))
        texts = isinstance(self.notes, (list, tuple)) and all(isinstance(note, str) for note in self.notes)
        require(texts, "notes", self.notes, "use a list of strings")
        object.__setattr__(self, "notes", tuple(self.notes))
        h = number(self.resolution_ms, "resolution_ms")
        tics = h * 1000.0
        on_grid = 0.001 <= h <= 1000.0 and abs(tics - round(tics)) < 1e-9
        require(on_grid, "resolution_ms", h, "must be a multiple of 0.001 ms, at most 1000 ms")
        require(len(self.populations) > 0, "populations", [], "use at least one population")
        names = [population.name for population in self.populations]
        seen: set[str] = set()
        for name in names:
            require(name not in seen, "population.name", name, "names must be unique")
            seen.add(name)
        require(self.n_neurons <= MAX_NEURONS, "n_neurons", self.n_neurons, f"must be at most {MAX_NEURONS}")
        for index, projection in enumerate(self.projections):
            check_rule(self, index, projection)
        bound = [over_distances(self, index, projection) for index, projection in enumerate(self.projections)]
        object.__setattr__(self, "projections", tuple(bound))
        for index, projection in enumerate(self.projections):
            check_values(self, index, projection)
        for population in self.populations:
            population.neuron_model.check_grid(population.range_of, h, f"population {population.name}.")
        for drive in self.drives:
            check_drive(self, drive)
        for population in self.populations:
            if population.source is not None:
                population.source.check(population.size, h, f"population {population.name}.source")
        for population in self.populations:
            names = [parameter.name for parameter in population.neuron_model.parameters]
            ranges = {name: population.range_of(name) for name in names}
            if "I_e" in ranges:
                ranges["I_e"] = current_range(self, population.name, ranges["I_e"])
            require_finite_coefficients(population.neuron_model, ranges, h, f"population {population.name}")
        for recorder in self.recorders:
            check_recorder(self, recorder)

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
        """Return the population of that name; index it, as in ``[10:20]``, to select neurons.

        Raises
        ------
        InputError
            If the population does not exist.
        """
        require_population(self, name, "population")
        return self.population(name)

    __iter__ = None
    """Iteration is disabled; use `populations`."""

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return sum(population.size for population in self.populations)

    def index(self, name: str) -> int:
        """Position of the population of that name; KeyError if it does not exist.

        Parameters
        ----------
        name
            Name of the population.

        Returns
        -------
        int
            Position in `populations`.
        """
        return self._positions[name]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.first_ids)}

    def population(self, name: str) -> Population:
        """Return the population of that name; KeyError if it does not exist.

        Parameters
        ----------
        name
            Name of the population.

        Returns
        -------
        Population
            Its description.
        """
        return self.populations[self.index(name)]

    def drives_of(self, population: str) -> Sequence[tuple[int, Drive]]:
        """Position and description of the drives of a population.

        Parameters
        ----------
        population
            Name of the population.

        Returns
        -------
        sequence of (int, Drive)
            Position in `drives`, and the drive.
        """
        return self._driving.get(population, ())

    @cached_property
    def _driving(self) -> dict[str, list[tuple[int, Drive]]]:
        driving: dict[str, list[tuple[int, Drive]]] = {}
        for index, drive in enumerate(self.drives):
            driving.setdefault(drive.target, []).append((index, drive))
        return driving

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """Inputs of the neurons: the drives in simulated form, followed by the trains of sources."""
        return tuple(inputs_of_parts(self.populations, self.drives))

    def inputs_of(self, population: str) -> Sequence[tuple[int, Input]]:
        """Position and description of the inputs of a population.

        Parameters
        ----------
        population
            Name of the population.

        Returns
        -------
        sequence of (int, Input)
            Position in `inputs`, and the input.
        """
        return self._reaching.get(population, ())

    @cached_property
    def _reaching(self) -> dict[str, list[tuple[int, Input]]]:
        reaching: dict[str, list[tuple[int, Input]]] = {}
        for index, one in enumerate(self.inputs):
            reaching.setdefault(one.drive.target, []).append((index, one))
        return reaching

    def wiring(self, index: int, seed: int = 0) -> Wiring:
        """Ids and key of projection `index`.

        Parameters
        ----------
        index
            Position of the projection in `projections`.
        seed
            Seed of the simulation.

        Returns
        -------
        Wiring
            Global ids of the two populations, and their positions if they have any.
        """
        projection = self.projections[index]
        whole = isinstance(projection.rule, Selected)
        source, target = (
            ids_wired(name, self.first_ids[name], self.population(name).size, whole)
            for name in (projection.source, projection.target)
        )
        sheets = self._sheets(index, seed, source, target) if self.spatial else None
        return Wiring(seed, index, source.start, len(source), target.start, len(target), sheets)

    @cached_property
    def spatial(self) -> bool:
        """Whether a population has positions."""
        return any(population.positions is not None for population in self.populations)

    def positions(self, name: str, seed: int = 1) -> npt.NDArray[np.float64]:
        """Return the positions of the neurons of a population in a simulation with this seed.

        Parameters
        ----------
        name
            Name of the population.
        seed
            Seed of the simulation, 0 ... 2**32 - 1.

        Returns
        -------
        float64, shape (neurons, 2) or (neurons, 3).

        Raises
        ------
        InputError
            If the population does not exist or has no positions.
        """
        require_population(self, name, "population")
        seed, population = integer(seed, "seed", 0, MAX_SEED), self.population(name)
        layer = population.layer(self.index(name), seed, range(population.size))
        if layer is None:
            raise InputError(f"population {name} has no positions", "population", name)
        return layer.coordinates[: layer.positions.dimensions].T.copy()

    def _sheets(self, index: int, seed: int, source: range, target: range) -> Sheets:
        """Positions of both sides of a projection; cached, because several threads and partitions use them."""
        if (index, seed) not in self._sheets_made:
            projection, layers = self.projections[index], []
            for name, ids in ((projection.source, source), (projection.target, target)):
                number, first = self.index(name), self.first_ids[name]
                own = range(ids.start - first, ids.stop - first)
                key = number, seed, own
                if key not in self._layers_made:
                    self._layers_made[key] = self.populations[number].layer(*key)
                layers.append(self._layers_made[key])
            self._sheets_made[index, seed] = Sheets(*layers)
        return self._sheets_made[index, seed]

    @cached_property
    def _sheets_made(self) -> dict[tuple[int, int], Sheets]:
        return {}

    @cached_property
    def _layers_made(self) -> dict[tuple[int, int, range], Layer | None]:
        return {}

    def receptors(self, described: Projection | EventDrive) -> tuple[int, int]:
        """Receptors, counted from 0, on which weights >= 0 and < 0 of a projection or drive act.

        Parameters
        ----------
        described
            A projection or a drive of the network.

        Returns
        -------
        tuple of int
            The receptor of weights >= 0, and the receptor of weights < 0.
        """
        key = described.target, described.receptor
        if key not in self._receptors_found:
            self._receptors_found[key] = receptors_by_sign(self.population(key[0]).neuron_model, key[1])
        return self._receptors_found[key]

    @cached_property
    def _receptors_found(self) -> dict[tuple[str, str | None], tuple[int, int]]:
        return {}

    @cached_property
    def most_receptors(self) -> int:
        """Largest number of receptors of a population."""
        return max(len(population.neuron_model.receptors) for population in self.populations)

    @cached_property
    def expected_by_projection(self) -> tuple[float, ...]:
        """Expected number of synapses of each projection; exact unless the rule's total is random."""
        pairs = enumerate(self.projections)
        return tuple(projection.rule.expected_synapses(self.wiring(index)) for index, projection in pairs)

    def expected_synapses(self) -> float:
        """Expected number of synapses; exact unless a rule's total is random.

        Returns
        -------
        float
            Sum over all projections.
        """
        return sum(self.expected_by_projection)

    def delays(self, index: int) -> npt.NDArray[np.int64] | npt.NDArray[np.int32]:
        """Possible delays of projection `index` in steps: one, the entries of a table, or one for each edge.

        For a column of files or an array of a list of edges, only the smallest and the largest delay.

        Parameters
        ----------
        index
            Position of the projection in `projections`.

        Returns
        -------
        ndarray of int64 or int32
            Delays in steps, shape (delays,).
        """
        projection = self.projections[index]
        if projection.lists("delay_ms"):
            ends = np.array(projection.ends("delay_ms"))
            return delay_steps(ends[np.isfinite(ends)], self.resolution_ms)
        delay = cast(Value, projection.value("delay_ms"))
        if isinstance(delay, Distribution):
            return self.delay_tables[delay]
        return delay_steps(np.atleast_1d(delay), self.resolution_ms)

    @cached_property
    def delay_tables(self) -> dict[Distribution, npt.NDArray[np.int32]]:
        """Delays in steps of each distribution; with many distributions, the cache would lose their tables."""
        return {}
