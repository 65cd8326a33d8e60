"""Checks that the parts of a network fit one another and its time grid."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Column, EdgeFiles, Wiring
from simcore.connectivity.selected import Selected
from simcore.connectivity.sides import check_autapses, population_name
from simcore.display.words import known_names
from simcore.distributions import Distribution, quantile_table
from simcore.drives import CurrentDrive, Drive, EventDrive, drives
from simcore.errors import InputError, number, require
from simcore.network.population import Population
from simcore.network.projection import Projection
from simcore.network.recorders import Recorder, SpikeRecorder
from simcore.neurons.receptors import check_receptor
from simcore.plasticity import Plasticity
from simcore.plasticity.rule import check_time_constant
from simcore.selection import Selection, selected
from simcore.space.bins import DistanceBins
from simcore.space.kernels import Kernel
from simcore.space.values import OverDistances
from simcore.values import Value, as_value, check_length, delay_steps, value_range

MAX_DELAY_STEPS = 10_000
OF_FILES = "edges in files refer to neurons of whole populations; use population names"


class Described(Protocol):
    """Members of a network that the checks use."""

    @property
    def resolution_ms(self) -> float:
        """Time step, ms."""

    @property
    def first_ids(self) -> Mapping[str, int]:
        """Global id of the first neuron of each population."""

    @property
    def delay_tables(self) -> dict[Distribution, npt.NDArray[np.int32]]:
        """Delays in steps of each distribution."""

    def population(self, name: str) -> Population:
        """The population of that name."""

    def drives_of(self, population: str) -> Sequence[tuple[int, Drive]]:
        """Position and description of its drives."""

    def wiring(self, index: int) -> Wiring:
        """Ids and key of a projection."""


def require_population(network: Described, name: Any, where: str) -> None:
    """Require the name of a population, or a selection that matches its size."""
    if not isinstance(name, str) or name not in network.first_ids:
        require(False, where, name, f"use one of {', '.join(network.first_ids)}")
    if isinstance(name, Selection):
        size = network.population(name).size
        require(
            name.size == size,
            where,
            name,
            f"the selection is from {name.size} neurons, but {name.population} has {size}",
        )


def _require_receiver(network: Described, name: str, where: str) -> None:
    given = network.population(name).source is not None
    require(not given, where, name, "a population with a source cannot receive spikes")


def _check_delay(network: Described, delay: Value, where: str) -> None:
    if isinstance(delay, Distribution) and delay in network.delay_tables:
        return
    low, high = value_range(delay, where)
    if not np.isnan(low):
        _check_delays(network, low, high, where)
    if isinstance(delay, Distribution):
        steps = delay_steps(quantile_table(delay, where), network.resolution_ms).astype(np.int32)
        steps.flags.writeable = False
        network.delay_tables[delay] = steps


def _check_delays(network: Described, low: float, high: float, where: str) -> None:
    smallest, largest = delay_steps([low, high], network.resolution_ms)
    allowed = f"must be at least one step of {network.resolution_ms} ms"
    require(bool(smallest >= 1), where, low, allowed)
    limit = MAX_DELAY_STEPS * network.resolution_ms
    allowed = f"must be at most {limit:g} ms ({MAX_DELAY_STEPS} steps)"
    require(bool(largest <= MAX_DELAY_STEPS), where, high, allowed)


def check_rule(network: Described, index: int, projection: Projection) -> None:
    """Require populations that exist, and a rule that fits them."""
    where = f"projection {projection.source}->{projection.target}"
    for side in ("source", "target"):
        require_population(network, getattr(projection, side), f"{where}.{side}")
    _require_receiver(network, projection.target, f"{where}.target")
    rule = projection.rule.rule if isinstance(projection.rule, Selected) else projection.rule
    require(not isinstance(rule, EdgeFiles) or rule is projection.rule, f"{where}.rule", rule.name, OF_FILES)
    check_autapses(rule, projection.source, projection.target, f"{where}.rule")
    projection.rule.look(projection.columns, where)
    projection.rule.check(network.wiring(index), f"{where}.rule")


def over_distances(network: Described, index: int, projection: Projection) -> Projection:
    """Return the projection with kernels evaluated over the distances of its edges; itself if it has no kernels.

    Raises
    ------
    InputError
        If the rule does not define distances.
    """
    found: dict[str, Any] = {}
    for name in ("weight", "delay_ms"):
        value = getattr(projection, name)
        if isinstance(value, Kernel | OverDistances):
            field = f"projection {projection.source}->{projection.target}.{name}"
            bins = projection.rule.distances(network.wiring(index))
            allowed = f"functions of distance require a spatial rule, not {projection.rule.name}"
            require(bins is not None, field, value, allowed)
            found[name] = OverDistances.of(value, cast(DistanceBins, bins), field)
    return replace(projection, **found) if found else projection


def check_values(network: Described, index: int, projection: Projection) -> None:
    """Require weights and delays that the target model supports."""
    where = f"projection {projection.source}->{projection.target}"
    wiring = network.wiring(index)
    rule = projection.rule.rule if isinstance(projection.rule, Selected) else projection.rule
    for name in ("weight", "delay_ms"):
        value = getattr(projection, name)
        if isinstance(value, np.ndarray):
            allowed = f"{rule.name} draws its edges; use a constant or a distribution"
            require(rule.takes_arrays, f"{where}.{name}", "array", allowed)
            check_length(value, int(projection.rule.expected_synapses(wiring)), f"{where}.{name}")
    delay = projection.delay_ms
    if not isinstance(delay, Column):
        _check_delay(network, cast(Value, projection.value("delay_ms")), f"{where}.delay_ms")
    elif not np.isnan(projection.ends("delay_ms")).any():
        for end in projection.ends("delay_ms"):
            try:
                _check_delays(network, end, end, f"{where}.delay_ms")
            except InputError as error:
                raise InputError(f"{error} ({projection.rule.place(delay, end)})", error.field, end) from None
    model = network.population(projection.target).neuron_model
    check_receptor(model, projection.receptor, projection.ends("weight"), where)
    if projection.plasticity is not None:
        _check_plasticity(network, projection, projection.plasticity, f"{where}.plasticity")


def _check_plasticity(network: Described, projection: Projection, rule: Plasticity, where: str) -> None:
    """Require weights, delays, a target and a time grid that the plasticity rule supports."""
    target, h = network.population(projection.target), network.resolution_ms
    relays = target.neuron_model.relays
    require(not relays, where, rule.name, f"synapses onto {target.model} have no weight that can change")
    for name, tau_ms in rule.time_constants().items():
        check_time_constant(tau_ms, h, f"{where}.{name}")
    check_time_constant(target.tau_minus, h, f"population {target.name}.tau_minus")
    low, high = projection.ends("weight")
    if not np.isnan(low):
        rule.check_weights(low, high, f"projection {projection.source}->{projection.target}.weight")
    axonal, (shortest, _) = delay_steps(rule.axonal_delay_ms, h), projection.ends("delay_ms")
    if axonal and not np.isnan(shortest):
        allowed = f"must be at least one step of {h} ms shorter than the smallest delay, {shortest:g} ms"
        require(bool(axonal < delay_steps(shortest, h)), f"{where}.axonal_delay_ms", rule.axonal_delay_ms, allowed)


def check_drive(network: Described, drive: Drive) -> None:
    """Require an existing target that supports the input of the drive."""
    if isinstance(drive.target, str):
        object.__setattr__(drive, "target", population_name(drive.target, "drive.target"))
    where = f"drive {drive.name}->{drive.target}"
    require_population(network, drive.target, f"{where}.target")
    _require_receiver(network, drive.target, f"{where}.target")
    foreign = drive.name in drives.names() and not isinstance(drive, drives.get(drive.name))
    require(not foreign, f"{where}.name", drive.name, "the name belongs to a built-in drive")
    drive.check(network.resolution_ms, where)
    size, chosen = network.population(drive.target).size, selected(drive.target)
    for name, values in drive.arrays().items():
        found = values.shape[-1]
        require(found == size, f"len({where}.{name})", found, f"use one value for each of the {size} neurons")
        require(chosen is None, f"{where}.{name}", "array", "use one number for all selected neurons")
    if isinstance(drive, EventDrive):
        number(drive.delay_ms, f"{where}.delay_ms")
        if "weight" in drive.arrays():
            as_value(drive.weight, f"{where}.weight")
        else:
            number(drive.weight, f"{where}.weight")
        _check_delay(network, drive.delay_ms, f"{where}.delay_ms")
        weights = value_range(as_value(drive.weight, where), f"{where}.weight")
        check_receptor(network.population(drive.target).neuron_model, drive.receptor, weights, where)
        return
    model = network.population(drive.target).neuron_model
    has_current = "I_e" in [parameter.name for parameter in model.parameters]
    require(has_current, f"{where}.target", drive.target, f"{model.name} has no I_e")
    if isinstance(drive, CurrentDrive):
        varies = f"{model.name} does not accept currents that change"
        require(model.current_row is not None, f"{where}.target", drive.target, varies)
        number(drive.delay_ms, f"{where}.delay_ms")
        _check_delay(network, drive.delay_ms, f"{where}.delay_ms")


def current_range(network: Described, population: str, i_e: tuple[float, float]) -> tuple[float, float]:
    """Smallest and largest I_e, pA, including the currents of the drives of a population."""
    low, high = i_e
    for _, drive in network.drives_of(population):
        changing = drive.prepare(network.resolution_ms).values if isinstance(drive, CurrentDrive) else np.zeros(0)
        constant = np.asarray(drive.constant_current())
        # Neurons outside the selection do not receive the current.
        least, most = float(constant.min()), float(constant.max())
        if selected(drive.target) is not None:
            least, most = min(least, 0.0), max(most, 0.0)
        low += least + changing.min(initial=0.0)
        high += most + changing.max(initial=0.0)
    return low, high


def check_recorder(network: Described, recorder: Recorder) -> None:
    """Require existing neurons and variables."""
    if isinstance(recorder, SpikeRecorder):
        if recorder.population is not None:
            require_population(network, recorder.population, "recorder.population")
        return
    require_population(network, recorder.population, "recorder.population")
    where = f"recorder {recorder.population}"
    population = network.population(recorder.population)
    known = [variable.name for variable in population.neuron_model.variables]
    allowed = known_names("state variables", population.model, known)
    for variable in recorder.variables:
        require(variable in known, f"{where}.variables", variable, allowed)
    for neuron in recorder.ids:
        require(0 <= neuron < population.size, f"{where}.ids", neuron, f"must be in [0, {population.size - 1}]")
