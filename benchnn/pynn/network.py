"""Conversion of the parts of a PyNN script to a network of the simulator."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.pynn.parts import ConnectionGroup, PopulationPart, ProjectionPart
from simcore.connectivity import Explicit
from simcore.errors import InputError
from simcore.network import Network, Population, Projection, SpikeRecorder, TraceRecorder
from simcore.network.population import TAU_MINUS
from simcore.network.recorders import Recorder
from simcore.selection import Selection

FloatArray = npt.NDArray[np.float64]
Values = Mapping[str, npt.NDArray[Any]]
INHIBITORY = "inhibitory"


def described_population(
    population: PopulationPart,
    values: Values,
    resolution_ms: float,
    initial: Mapping[str, FloatArray] | None = None,
    tau_minus: float = TAU_MINUS,
) -> Population:
    """A population with these parameters and initial values, in PyNN's names and units.

    Raises
    ------
    InputError
        If a parameter is not allowed; the message names the field of the neuron model and the value.
    """
    cell = population.celltype
    if cell.is_source:
        source = cell.source(values, resolution_ms)
        source.check(population.size, resolution_ms, f"population {population.name}.source")
        return Population(population.name, population.size, source=source)
    return Population(
        population.name,
        population.size,
        cell.model,
        params=cell.native(values),
        initial=dict(initial or {}),
        tau_minus=tau_minus,
    )


def weight_scale(cell: Any, receptor_type: str) -> float:
    """Factor from the unit of PyNN's weights to that of the model; negative if their signs differ."""
    return float(cell.weight_scale * (cell.inhibitory_sign if receptor_type == INHIBITORY else 1.0))


def native_parameters(population: PopulationPart, current: FloatArray | None) -> dict[str, npt.NDArray[Any]]:
    """Parameters of the neuron model, with the current of electrodes in pA."""
    params: dict[str, npt.NDArray[Any]] = population.celltype.native(population.values)
    return params if current is None else params | {"I_e": params["I_e"] + current}


def source_fields(population: PopulationPart, resolution_ms: float) -> dict[str, Any]:
    """Fields of a population's source that change its spikes."""
    source = population.celltype.source(population.values, resolution_ms)
    return {name: getattr(source, name) for name in source.changeable()}


def fits(population: PopulationPart, network: Network, resolution_ms: float) -> bool:
    """Whether a network can take new values of a population without being rebuilt.

    A source that was built for one spike of a neuron in a step cannot have several.
    """
    if not population.celltype.is_source:
        return True
    most = getattr(network.population(population.name).source, "most_per_step", None)
    source = population.celltype.source(population.values, resolution_ms)
    return most is None or source.most_per_step <= most


def native_initial(population: PopulationPart) -> dict[str, FloatArray]:
    """Initial values of a population's state variables, in the units of its model.

    Raises
    ------
    InputError
        If the model does not have a variable that is initialised to a value other than 0.
    """
    cell, found = population.celltype, {}
    for variable in population.initial_values:
        values = population.initial_array(variable)
        if variable in cell.variables:
            native = cell.variables[variable]
            found[native.name] = values * native.scale
        elif np.any(values):
            known = ", ".join(cell.variables)
            name = type(cell).__name__
            allowed = (
                f"the variables of {name} that can be set are {known}" if known else f"{name} has no variables to set"
            )
            raise InputError(
                f"initial value {variable} = {values[np.flatnonzero(values)[0]]:g} of {population.name} is not "
                f"allowed: {allowed}"
            )
    return found


@dataclass(frozen=True, eq=False)
class Described:
    """A network and the origin of its projections.

    Parameters
    ----------
    network
        The description of the network.
    origins
        For each projection the number of the script's projection and its group of connections.
    """

    network: Network
    origins: Sequence[tuple[int, ConnectionGroup]]


def described_network(
    populations: Sequence[PopulationPart],
    projections: Sequence[ProjectionPart],
    currents: Mapping[int, FloatArray],
    resolution_ms: float,
) -> Described:
    """Build the network of a script.

    Parameters
    ----------
    populations, projections
        Parts of the script.
    currents
        Currents of electrodes into the neurons of each population, pA, by the number of the population.
    resolution_ms
        Time step, ms.

    Raises
    ------
    InputError
        If a value is not allowed; the message names the field and the value.
    """
    grouped = [(index, group) for index, projection in enumerate(projections) for group in projection.groups()]
    traces = _traces_of_targets(populations, [group for _, group in grouped])
    described = []
    for population in populations:
        tau_minus = traces.get(population.index, TAU_MINUS)
        initial = native_initial(population)
        made = described_population(population, population.values, resolution_ms, initial, tau_minus)
        if population.index in currents:
            params = native_parameters(population, currents[population.index])
            made = replace(made, params=params)
        described.append(made)
    made_projections = [_projection(populations, projections[index], group) for index, group in grouped]
    recorders = [recorder for population in populations for recorder in _recorders(population)]
    return Described(Network(described, made_projections, recorders=recorders, resolution_ms=resolution_ms), grouped)


def _traces_of_targets(populations: Sequence[PopulationPart], groups: Sequence[ConnectionGroup]) -> dict[int, float]:
    """Time constants of the traces of neurons with plastic synapses."""
    found: dict[int, float] = {}
    for group in groups:
        if group.tau_minus is None:
            continue
        known = found.setdefault(group.target, group.tau_minus)
        if known != group.tau_minus:
            raise InputError(
                f"tau_minus = {group.tau_minus:g} ms is not allowed: other plastic synapses onto "
                f"{populations[group.target].name} have {known:g} ms, and all plastic synapses onto a neuron share one "
                "trace"
            )
    return found


def _projection(populations: Sequence[PopulationPart], described: ProjectionPart, group: ConnectionGroup) -> Projection:
    source, target = populations[group.source], populations[group.target]
    cell, members = target.celltype, group.members
    scale = weight_scale(cell, described.receptor_type)
    weights = np.asarray(_of_members(described.attribute("weight"), members) * scale)
    rule = Explicit(
        _read_only((described.pre_ids[members] - source.first).astype(np.int32)),
        _read_only((described.post_ids[members] - target.first).astype(np.int32)),
    )
    return Projection(
        source.name,
        target.name,
        rule,
        weight=_simple(weights),
        delay_ms=_simple(_of_members(described.attribute("delay"), members)),
        receptor=cell.receptors[described.receptor_type],
        plasticity=group.rule,
    )


def _of_members(values: FloatArray, members: npt.NDArray[np.int64]) -> FloatArray:
    return values[members] if values.ndim else values


def _simple(values: FloatArray) -> float | FloatArray:
    """One number if all values are equal, because a projection with a single weight stores no weights."""
    if values.ndim and (not values.size or np.any(values != values[0])):
        return _read_only(values)
    return float(values.flat[0])


def _read_only(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Make an array read-only, so that it is used without a copy."""
    values.flags.writeable = False
    return values


def _recorders(population: PopulationPart) -> Iterator[Recorder]:
    for variable, places in sorted(population.recorder.chosen.items()):
        if not places:
            continue
        if variable == "spikes":
            yield SpikeRecorder(Selection(population.name, population.size, np.array(sorted(places))))
        else:
            native = population.celltype.variables[variable]
            yield TraceRecorder(population.name, sorted(places), (native.name,))
