"""The network of a NIR file on crossbars, which store each weight once, as the integer that the simulator uses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.inference.coding import DIRECT
from benchnn.inference.layers import DIRECT_MODEL, Layers
from benchnn.networks.nir.file import read_graph
from benchnn.networks.nir.linear import LinearMap, linear_node
from benchnn.networks.nir.weighted import WeightedNode, weighted_nodes
from simcore.accelerators.analogue.layers import COEFFICIENTS, INPUT, LayeredNetwork, NeuronLayer, WeightMatrix
from simcore.errors import InputError, choice
from simcore.memory import require_memory
from simcore.quantisation import WeightGrid
from simcore.simulator import PRECISIONS
from simcore.tables import make_tables, population_values

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BYTES_PER_TAP = 120.0
"""Memory for a weight between two neurons during the comparison."""


@dataclass(frozen=True, eq=False)
class CrossbarNetwork:
    """A network on crossbars.

    Parameters
    ----------
    layered
        Layers and matrices.
    names
        Populations of the layers.
    rest
        E_L of the neurons of the output, (classes,).
    """

    layered: LayeredNetwork
    names: tuple[str, ...]
    rest: FloatArray


def crossbar_network(layers: Layers, path: Path | None, coding: str, precision: str, bits: int) -> CrossbarNetwork:
    """Find the matrices of a network, and check that they contain all of its weights.

    Parameters
    ----------
    layers
        The network.
    path
        The NIR file of the network, or None.
    coding
        See `benchnn.inference.coding`.
    precision, bits
        Precision of neurons, and bits of the simulator's weights.

    Raises
    ------
    InputError
        If the precision is not known, no file is given, neurons are not `lif_discrete`, the layers form a loop, or two
        layers are connected by something other than a matrix or a convolution after a plain sum.
    """
    if path is None:
        raise InputError("--crossbar needs the network of a NIR file, whose nodes state which weights are shared")
    network = layers.network
    names = tuple(population.name for population in network.populations if population.source is None)
    for name in names:
        model = network.population(name).model
        if model != DIRECT_MODEL:
            raise InputError(f"--crossbar needs {DIRECT_MODEL} neurons, but {name} is of model {model}")
    choice(precision, "precision", PRECISIONS)
    _require_layers(layers, coding)
    grid = make_tables(network, bits, accept_quantisation=True).grid
    matrices = [
        matrix
        for weighted in weighted_nodes(read_graph(path))
        for matrix in _matrices(layers, weighted, names, grid, coding)
    ]
    _require_all_weights(layers, names, matrices)
    states = [_neurons(layers, name, grid, np.dtype(precision)) for name in names]
    output = network.population(layers.output)
    rest = np.broadcast_to(np.asarray(output.value("E_L"), dtype=np.float64), output.size)
    layered = LayeredNetwork(layers.inputs, states, matrices, names.index(layers.output))
    return CrossbarNetwork(layered, names, rest)


def _require_layers(layers: Layers, coding: str) -> None:
    """Require that layers can be evaluated one after the other, with each spike acting in the step of its layer."""
    network = layers.network
    for projection, edges in zip(network.projections, layers.edges, strict=True):
        if not len(edges.sources):
            continue
        before, after = (int(layers.late[network.index(name)]) for name in (projection.source, projection.target))
        direct = coding == DIRECT and projection.source == layers.source
        where = f"--crossbar cannot be used: the projection from {projection.source} to {projection.target}"
        if projection.source == projection.target or before < 0 or (before >= after and not direct):
            raise InputError(f"{where} is in a loop, or does not receive samples; crossbars run layers in turn")
        if not direct and np.any(edges.delay_steps != after - before):
            raise InputError(f"{where} and parallel paths have different delays; crossbars have no delays")
        if direct and after != 0:
            raise InputError(f"{where} skips layers, which direct coding does not support; use rate or latency")


def _matrices(
    layers: Layers, weighted: WeightedNode, names: Sequence[str], grid: WeightGrid, coding: str
) -> list[WeightMatrix]:
    """The matrices of a node: one, or one for each group of a convolution."""
    node, given = weighted.node, weighted.given
    targets = [name for name in weighted.after if name in names]
    if len(targets) != 1 or len(given.maps) != 1:
        raise node.error("cannot be placed on a crossbar: it must connect one layer to one layer")
    ((source, found),) = given.maps.items()
    (target,) = targets
    if len(np.unique(found.weights)) != 1:
        raise node.error("cannot be placed on a crossbar: spikes reach the inputs of the node with different weights")
    members = _members(found, len(given.bias))
    direct = coding == DIRECT and source == layers.source
    if direct and members is not None:
        raise node.error(
            "cannot be placed on a crossbar: samples are pooled before the node; use rate or latency coding"
        )
    network = layers.network
    receptors = next(
        network.receptors(one) for one in network.projections if (one.source, one.target) == (source, target)
    )
    weight = node.array("weight")
    codes = grid.quantise(found.weights[0] * weight, network.index(target), receptors).astype(np.int64)
    gather = _geometry(weighted)
    groups, places = gather.shape[:2]
    by_filter = codes.reshape(groups, -1, gather.shape[2])
    ids = np.arange(codes.shape[0] * places).reshape(groups, -1, places)
    number = INPUT if source == layers.source else names.index(source)
    return [
        WeightMatrix(
            node.name if groups == 1 else f"{node.name}, group {group}",
            number,
            names.index(target),
            np.ascontiguousarray(by_filter[group].T),
            gather[group],
            np.ascontiguousarray(ids[group].T),
            members,
        )
        for group in range(groups)
    ]


def _members(found: LinearMap, elements: int) -> IntArray | None:
    """Neurons that each element sums, (elements, members), -1 for none; None if the elements are neurons."""
    if len(found) == elements and np.array_equal(found.targets, found.sources):
        return None
    order = np.argsort(found.targets, kind="stable")
    counts = np.bincount(found.targets, minlength=elements)
    place = np.arange(len(found)) - np.repeat(np.cumsum(counts) - counts, counts)
    members = np.full((elements, int(counts.max())), -1, dtype=np.int64)
    members[found.targets[order], place] = found.sources[order]
    return members


def _geometry(weighted: WeightedNode) -> IntArray:
    """Element for each weight of a filter at each place, int64 (groups, places, weights of a filter); -1 for none.

    The map of the node yields it, with the index of each weight in place of its value.
    """
    node, shape = weighted.node, weighted.given.shape
    weight = node.array("weight")
    numbered = replace(node, values={**node.values, "weight": np.arange(1.0, weight.size + 1.0).reshape(weight.shape)})
    taps, _, out = linear_node(numbered, shape)
    filters, rows = len(weight), weight[0].size
    places = int(np.prod(out)) // filters
    sharing = filters // int(np.asarray(node.values.get("groups", 1)).item())
    filter_of, row = np.divmod(taps.weights.astype(np.int64) - 1, rows)
    gather = np.full((filters // sharing, places, rows), -1, dtype=np.int64)
    gather[filter_of // sharing, taps.targets % places, row] = taps.sources
    return gather


def _require_all_weights(layers: Layers, names: Sequence[str], matrices: Sequence[WeightMatrix]) -> None:
    """Require that matrices and simulator have the same integer between every two neurons."""
    network = layers.network
    for number, name in enumerate(names):
        size = network.n_neurons
        own = [_unrolled(layers, names, one) for one in matrices if one.target == number]
        simulated = [
            np.stack([edges.targets - network.first_ids[name], edges.sources, edges.codes])
            for projection, edges in zip(network.projections, layers.edges, strict=True)
            if projection.target == name
        ]
        if not np.array_equal(_summed(own, size), _summed(simulated, size)):
            raise InputError(
                f"--crossbar cannot be used: the weights onto {name} differ from the weights of the Linear, "
                "Affine and Conv nodes before it; nodes of other kinds must precede those nodes, and pools must not "
                "overlap"
            )


def _unrolled(layers: Layers, names: Sequence[str], matrix: WeightMatrix) -> IntArray:
    """Target, global source and integer of each weight between two neurons, int64 (3, weights)."""
    taps = matrix.places * matrix.codes.size * (1 if matrix.members is None else matrix.members.shape[1])
    require_memory({"weights between neurons": BYTES_PER_TAP * taps}, f"the comparison of {matrix.name}")
    first = layers.network.first_ids[layers.source if matrix.source == INPUT else names[matrix.source]]
    place, row, column = (axis.ravel() for axis in np.indices((matrix.places, *matrix.codes.shape)))
    element = matrix.gather[place, row]
    sources = element[:, None] if matrix.members is None else matrix.members[element]
    there = (sources >= 0) & (element >= 0)[:, None]
    targets, codes = (
        np.broadcast_to(one[:, None], sources.shape)
        for one in (matrix.targets[place, column], matrix.codes[row, column])
    )
    return np.stack([targets[there], first + sources[there], codes[there]])


def _summed(parts: Sequence[IntArray], size: int) -> IntArray:
    """Sum of the integers between every two neurons, where it is not 0, sorted."""
    targets, sources, codes = np.concatenate([np.zeros((3, 0), np.int64), *parts], axis=1)
    pairs, inverse = np.unique(targets * size + sources, return_inverse=True)
    total = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(total, inverse, codes)
    return np.stack([pairs[total != 0], total[total != 0]])


def _neurons(layers: Layers, name: str, grid: WeightGrid, real: np.dtype[Any]) -> NeuronLayer:
    network = layers.network
    population, index, first = network.population(name), network.index(name), network.first_ids[name]
    values = population_values(network, index, 0, np.arange(first, first + population.size))
    model = population.neuron_model
    rows = model.coefficients(values.params, network.resolution_ms)
    each = dict(zip(model.Coefficients._fields, np.broadcast_to(rows, (len(rows), population.size)), strict=True))
    state, _ = model.initial_state(values.params, values.initial, population.size)
    return NeuronLayer(
        np.stack([each[one] for one in COEFFICIENTS]).astype(real),
        state.astype(real),
        np.array(each["bias"]),
        float(grid.lsb[index][0]),
    )
