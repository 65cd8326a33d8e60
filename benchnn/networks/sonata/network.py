"""The network that a SONATA configuration describes: populations of nodes, and edges as lists of synapses."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchnn.networks.sonata.attributes import DYNAMICS
from benchnn.networks.sonata.configuration import Configuration, component, read_configuration
from benchnn.networks.sonata.edges import Edges, read_edges
from benchnn.networks.sonata.inputs import Given, given_spikes
from benchnn.networks.sonata.node_sets import read_node_sets
from benchnn.networks.sonata.nodes import NodePopulation, Part, read_nodes
from benchnn.networks.sonata.reports import trace_recorders
from benchnn.networks.sonata.types_table import read_types
from simcore.errors import InputError, number, printable, require, truth
from simcore.network import Network, Population, SpikeRecorder
from simcore.recording.files import PathLike, usable_path

USUAL_DT_MS = 0.1
"""Time step of a circuit without a simulation."""
NEST_DELAY_MS = 1.0


def sonata_model(path: PathLike) -> Callable[..., Network]:
    """Return the function that describes a configuration's network; its parameters are not defined by SONATA."""

    def network(dt_ms: float | None = None, missing_delay_ms: float = NEST_DELAY_MS, reports: bool = True) -> Network:
        """Network in SONATA files.

        Parameters
        ----------
        dt_ms
            Time step, ms; by default `dt` of the simulation, or 0.1 for a circuit without a simulation.
        missing_delay_ms
            Delay of edges for which the files give none, ms; NEST's default is 1.
        reports
            Record the variables of the reports; other simulators record spikes only.
        """
        return import_sonata(path, dt_ms, missing_delay_ms, reports)

    return network


def import_sonata(
    path: PathLike, dt_ms: float | None = None, missing_delay_ms: float = NEST_DELAY_MS, reports: bool = True
) -> Network:
    """The network that a SONATA configuration describes.

    Each population of nodes becomes a population of the same name; a virtual one has a source. If its nodes have
    several models, it becomes one population for each model, POPULATION.MODEL. Each population of edges becomes a
    projection for each pair of populations. All spikes and the variables of the reports are recorded. `Network.notes`
    lists the assumptions.

    Parameters
    ----------
    path
        Configuration of a circuit, a simulation or both, a JSON file.
    dt_ms
        Time step, ms; by default that of the simulation, or 0.1 ms for a circuit without a simulation.
    missing_delay_ms
        Delay of edges for which the files give none, ms.
    reports
        Whether to record the variables of the reports.

    Raises
    ------
    InputError
        If a file cannot be read or has unsupported content; the message names the file and the place.
    """
    configuration = read_configuration(usable_path(path))
    step_ms = USUAL_DT_MS if configuration.dt_ms is None else configuration.dt_ms
    step_ms = step_ms if dt_ms is None else number(dt_ms, "dt_ms")
    tics = step_ms * 1000.0
    on_grid = 0.999 <= tics <= 1e6 and abs(tics - round(tics)) < 1e-9
    field = f"{path}: run.dt" if dt_ms is None else "dt_ms"
    require(on_grid, field, step_ms, "must be a multiple of 0.001 ms, at most 1000 ms")
    require(number(missing_delay_ms, "missing_delay_ms") > 0.0, "missing_delay_ms", missing_delay_ms, "must be > 0 ms")
    nodes = read_nodes(configuration)
    sets = read_node_sets(configuration.node_sets, nodes)
    given = given_spikes(configuration, sets, nodes, step_ms)
    edges = read_edges(configuration, nodes, step_ms, missing_delay_ms)
    traces = trace_recorders(configuration, sets, nodes)
    return Network(
        [_population(population, part, given) for population in nodes.values() for part in population.parts],
        [projection for one in edges for projection in one.projections],
        recorders=[SpikeRecorder(), *(traces if truth(reports, "reports") else ())],
        resolution_ms=step_ms,
        notes=_notes(configuration, edges, given, step_ms, missing_delay_ms),
    )


def _population(population: NodePopulation, part: Part, given: Mapping[str, Given]) -> Population:
    neurons, size = part.neurons, len(part.ids)
    try:
        if neurons.model is None:
            return Population(part.name, size, source=given[part.name].trains)
        return Population(part.name, size, neurons.model, neurons.params, neurons.initial)
    except InputError as error:
        raise InputError(printable(f"{population.attributes.file}: {error}"), error.field, error.value) from error


def _notes(
    configuration: Configuration, edges: Sequence[Edges], given: Mapping[str, Given], step_ms: float, missing_ms: float
) -> list[str]:
    """Sentences about assumed, ignored and moved values."""
    notes = []
    for one in edges:
        if one.without_delay:
            notes.append(f"{one.without_delay:,} edges of {one.name} have no delay; they use {missing_ms:g} ms")
    for name, spikes in given.items():
        if spikes.moved:
            total = f"{spikes.moved:,} of {len(spikes.trains):,} spikes of {name}"
            notes.append(f"{total} are not on the time grid of {step_ms:g} ms; each was moved to the end of its step")
        if spikes.left_out:
            outside = f"{spikes.left_out:,} spikes of {name} belong to nodes outside the node set of the input"
            notes.append(f"{outside} and were ignored")
    notes += [f"{place} is a section of another program and was ignored" for place in configuration.foreign]
    return notes


def stated_options(path: Path) -> dict[str, float]:
    """Options of a run that a configuration gives: the model time of a simulation, without a warm-up."""
    tstop_ms = read_configuration(path).tstop_ms
    return {} if tstop_ms is None else {"time_ms": tstop_ms, "warmup_ms": 0.0}


def sonata_digest(path: Path) -> str:
    """SHA-256 of the content of all files of a network; it does not depend on their names and folders.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    configuration = read_configuration(path)
    files = configuration.files
    for typed, folder, kind in (
        *((one, configuration.neuron_params, "node") for one in configuration.nodes),
        *((one, configuration.synapse_params, "edge") for one in configuration.edges),
    ):
        if typed.types is None:
            continue
        types = read_types(typed.types, f"{kind}_type_id")
        named = {types.text(type_id, DYNAMICS): None for type_id in types.rows}
        files += [component(folder, file, f"{typed.types}: {DYNAMICS}") for file in named if file is not None]
    digest = hashlib.sha256()
    for file in files:
        try:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        except OSError as error:
            raise InputError(printable(f"cannot read {file}: {error.strerror}")) from error
    return digest.hexdigest()
