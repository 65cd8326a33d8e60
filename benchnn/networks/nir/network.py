"""The network that a NIR file describes: layers become populations, and the nodes between them lists of synapses.

The delay of a projection is at least one step, so that a layer is later than in NIR by the number of layers before
it. Projections that skip layers have longer delays, so that signals arrive together as in NIR.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchnn.networks.nir.file import Graph, Node, read_graph
from benchnn.networks.nir.layers import GRADED, READOUT, Reset, Scheme, has_time, layer_params
from benchnn.networks.nir.linear import LinearMap
from benchnn.networks.nir.signals import Signal, signals_into
from benchnn.networks.nir.weighted import layer_shapes
from simcore.errors import InputError, choice, number, require
from simcore.network import Explicit, Network, Population, Projection, SpikeRecorder, SpikeTrains, TraceRecorder
from simcore.recording.files import PathLike
from simcore.sources import spike_trains_from_nest, spike_trains_from_sonata

USUAL_DT_MS = 1.0
"""Step if no value of the graph has the unit of time."""
NO_INPUTS = "the graph has no Input nodes"
Trains = PathLike | SpikeTrains | Mapping[str, SpikeTrains]


@dataclass(frozen=True, eq=False)
class Imported:
    """A network, and the nodes of its populations in the file.

    Parameters
    ----------
    network
        The network.
    inputs
        Populations of the Input nodes.
    outputs
        For each Output node the population that represents it.
    depths
        Number of steps by which each population is later than the node in NIR.
    """

    network: Network
    inputs: tuple[str, ...]
    outputs: dict[str, str]
    depths: dict[str, int]


def nir_model(path: PathLike) -> Callable[..., Network]:
    """Return the function that describes the network of a file; its parameters are those that NIR does not define."""

    def network(
        dt_ms: float | None = None,
        reset: Literal["zero", "subtract"] | None = None,
        scheme: Literal["euler", "exact"] = "euler",
        input: str | None = None,
    ) -> Network:
        """Network in a NIR file.

        Parameters
        ----------
        dt_ms
            Duration of a step, ms; required if a node has a time constant or a delay, otherwise 1 by default.
        reset
            Kind of reset: set the potential to v_reset, or subtract v_threshold - v_reset; by default taken from
            the metadata of the nodes, or zero.
        scheme
            Method by which time constants become coefficients of a step.
        input
            File with the spikes of the input, in SONATA's or NEST's (.dat) format; by default there are none.
        """
        return import_nir(path, dt_ms, reset, scheme, input).network

    return network


def import_nir(
    path: PathLike,
    dt_ms: float | None = None,
    reset: Reset | None = None,
    scheme: Scheme = "euler",
    trains: Trains | None = None,
) -> Imported:
    """The network that a NIR file describes.

    Each Input node becomes a population with a source, and each node with a state a population of `lif_discrete`. Both
    have the node's name, and a neuron for each element of its shape, with the last dimension varying fastest. Linear
    nodes between two layers become one projection, and their bias becomes `I_e`. All spikes are recorded, and the
    potentials of layers without spikes.

    Parameters
    ----------
    path
        The file.
    dt_ms
        Duration of a step, ms, which is the resolution of the network; required if a node has a time constant or a
        delay.
    reset
        ``"zero"``: a spike sets the potential to `v_reset`, as NIR defines it. ``"subtract"``: it subtracts
        `v_threshold - v_reset`. By default taken from the metadata of each node, or ``"zero"``.
    scheme
        ``"euler"`` for the forward Euler method, or ``"exact"`` for the solution with constant input during a step.
    trains
        Spikes of the Input node, a mapping from names of Input nodes to spikes, or a file of spikes; by default the
        input is silent.

    Raises
    ------
    InputError
        If the file cannot be read or the graph has something unsupported; the message names file and node.
    """
    if reset is not None:
        choice(reset, "reset", ("zero", "subtract"))
    choice(scheme, "scheme", ("euler", "exact"))
    graph = read_graph(path)
    step_ms = _step_ms(dt_ms, graph)
    shapes = layer_shapes(graph)
    arriving = signals_into(graph, shapes)
    outputs = {name: arriving[name].layer or name for name in graph.outputs}
    readouts = [name for name, layer in outputs.items() if layer == name]
    layers = [*shapes, *readouts]
    into = {name: signal for name, signal in arriving.items() if name in layers}
    depths = _depths({name: list(into[name].maps) if name in into else [] for name in layers})
    layers.sort(key=depths.__getitem__)
    sources = _sources(trains, graph)
    populations = []
    for name in layers:
        if name in sources:
            populations.append(Population(name, math.prod(shapes[name]), source=sources[name]))
            continue
        node = graph.nodes[name]
        initial = {} if node.v_initial is None else {"V_m": node.v_initial}
        params = dict(READOUT) if name in readouts else layer_params(node, step_ms, reset or _stated(node), scheme)
        signal = into.get(name)
        if signal is not None and np.any(signal.bias):
            params["I_e"] = signal.bias
        size = math.prod(signal.shape if signal is not None else shapes[name])
        populations.append(Population(name, size, "lif_discrete", params, initial))
    projections = [
        _projection(source, target, found, depths[target] - depths[source] or 1, step_ms)
        for target in layers
        for source, found in _maps(into.get(target))
        if len(found)
    ]
    silent = [p for p in populations if p.name in readouts or graph.nodes[p.name].type in GRADED]
    traces = [TraceRecorder(population.name, range(population.size)) for population in silent]
    network = Network(populations, projections, recorders=[SpikeRecorder(), *traces], resolution_ms=step_ms)
    return Imported(network, graph.inputs, outputs, {name: depths[name] for name in layers})


def _stated(node: Node) -> Reset:
    return "subtract" if node.reset == "subtract" else "zero"


def _step_ms(dt_ms: float | None, graph: Graph) -> float:
    if dt_ms is not None:
        step_ms = number(dt_ms, "dt_ms")
        require(step_ms > 0.0, "dt_ms", dt_ms, "must be > 0 ms")
        return step_ms
    for node in graph.nodes.values():
        if has_time(node):
            raise InputError(
                f"dt_ms is missing: {node.place} ({node.type}) has values with a unit of time, but NIR files "
                "do not define a time step; pass --param dt_ms=VALUE",
                "dt_ms",
            )
    return USUAL_DT_MS


def _sources(trains: Trains | None, graph: Graph) -> dict[str, SpikeTrains]:
    """The spikes of each Input node."""
    names = graph.inputs
    if trains is None:
        return {name: SpikeTrains([], []) for name in names}
    listed = ", ".join(names)
    if isinstance(trains, SpikeTrains):
        allowed = f"use a mapping from the names of the Input nodes: {listed}" if names else NO_INPUTS
        require(len(names) == 1, "trains", trains.summary(), allowed)
        return {names[0]: trains}
    if isinstance(trains, Mapping):
        for name in trains:
            require(name in names, "trains", name, f"the Input nodes are {listed}" if names else NO_INPUTS)
        return {name: trains.get(name, SpikeTrains([], [])) for name in names}
    return _sources_of_file(trains, names)


def _sources_of_file(path: PathLike, names: tuple[str, ...]) -> dict[str, SpikeTrains]:
    """Spikes in a file, of the population with the node's name or, for a single node, of the only population."""
    from simcore.recording.sonata import read_spikes

    require(len(names) > 0, "input", str(path), "the graph has no Input node")
    if str(path).endswith(".dat"):
        require(len(names) == 1, "input", str(path), "the graph has several Input nodes; use a SONATA file")
        return {names[0]: spike_trains_from_nest(path)}
    known = read_spikes(path).populations
    alone = len(names) == 1
    return {name: spike_trains_from_sonata(path, None if alone and name not in known else name) for name in names}


def _maps(signal: Signal | None) -> list[tuple[str, LinearMap]]:
    return [] if signal is None else list(signal.maps.items())


def _projection(source: str, target: str, found: LinearMap, steps: int, step_ms: float) -> Projection:
    """The synapses of a map; values that all synapses share are given once."""
    delays_ms = steps * step_ms + 1000.0 * found.delays_s
    rule = Explicit(found.sources, found.targets)
    return Projection(source, target, rule, _one_or_each(found.weights), _one_or_each(delays_ms))


def _one_or_each(values: npt.NDArray[np.float64]) -> float | npt.NDArray[np.float64]:
    return float(values[0]) if np.all(values == values[0]) else values


def _depths(before: Mapping[str, list[str]]) -> dict[str, int]:
    """Number of layers before each layer on the longest path; layers of a cycle count as one and have equal depth."""
    circle = {name: name for name in before}
    while True:
        graph: dict[str, set[str]] = {circle[name]: set() for name in before}
        for name, sources in before.items():
            graph[circle[name]] |= {circle[source] for source in sources} - {circle[name]}
        try:
            order = list(TopologicalSorter(graph).static_order())
            break
        except CycleError as error:
            members = set(error.args[1])
            first = min(members)
            circle = {name: first if own in members else own for name, own in circle.items()}
    depth: dict[str, int] = {}
    for name in order:
        depth[name] = max((depth[source] + 1 for source in graph[name]), default=0)
    return {name: depth[own] for name, own in circle.items()}
