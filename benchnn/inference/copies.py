"""Copies of a network in one, each for a sample of a batch: their synapses are built once for all batches."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchnn.inference.coding import DIRECT
from benchnn.inference.layers import Layers
from simcore.connectivity import Explicit
from simcore.distributions import Distribution
from simcore.errors import InputError
from simcore.network import Network, Population, Projection, SpikeRecorder, TraceRecorder
from simcore.sources import SpikeTrains
from simcore.synapses.edges import Edges
from simcore.values import Value, as_value

FloatArray = npt.NDArray[np.float64]
POTENTIAL = "V_m"


@dataclass(frozen=True, eq=False)
class Product:
    """Weights of the inputs onto a first layer, whose product with a sample becomes its constant input.

    Parameters
    ----------
    sources, targets
        Inputs and neurons, population-local, int64 (synapses,).
    weights
        float64 (synapses,).
    size
        Neurons of the layer.
    bias
        Their I_e without a sample, float64 (size,).
    """

    sources: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    weights: FloatArray
    size: int
    bias: FloatArray

    def matrix(self, inputs: int) -> npt.NDArray[np.float32]:
        """The weights as a matrix, float32 (inputs, size)."""
        dense = np.zeros((inputs, self.size))
        np.add.at(dense, (self.sources, self.targets), self.weights)
        return dense.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Copies:
    """A network of copies.

    Parameters
    ----------
    network
        Copy k of a population has the neurons k size ... (k + 1) size - 1 of the population with the same name.
    copies
        Number of copies.
    products
        With direct coding: name of a first layer -> its product; the population with the source is left out then.
    """

    network: Network
    copies: int
    products: Mapping[str, Product]


def copies_of(layers: Layers, copies: int, coding: str, potentials: bool = False, changes: bool = False) -> Copies:
    """Describe copies of a network.

    Parameters
    ----------
    layers
        The network.
    copies
        Number of copies.
    coding
        See `benchnn.inference.coding`.
    potentials
        Record the membrane potentials of the output.
    changes
        Record the membrane potentials of all neurons that have one.

    Raises
    ------
    InputError
        If parameters are drawn at random, so that copies would differ, or the output has no potential to record.
    """
    network = layers.network
    direct = coding == DIRECT
    populations = [
        _copied(population, copies, population.name == layers.source)
        for population in network.populations
        if not (direct and population.name == layers.source)
    ]
    projections: list[Projection] = []
    products: dict[str, Product] = {}
    for projection, edges in zip(network.projections, layers.edges, strict=True):
        if direct and projection.source == layers.source:
            product = _product(layers, projection, edges, products.get(projection.target))
            products[projection.target] = product
        else:
            projections.append(_repeated(network, projection, edges, copies))
    recorders: list[SpikeRecorder | TraceRecorder] = [SpikeRecorder()]
    if potentials and not has_potential(network.population(layers.output)):
        raise InputError(f"readout = 'potential' is not allowed: {layers.output} has no membrane potential; use count")
    for population in network.populations:
        if (potentials and population.name == layers.output) or (changes and has_potential(population)):
            recorders.append(TraceRecorder(population.name, range(copies * population.size), (POTENTIAL,)))
    copied = replace(network, populations=populations, projections=projections, recorders=recorders)
    return Copies(copied, copies, products)


def has_potential(population: Population) -> bool:
    """Whether neurons of a population have a membrane potential."""
    model = None if population.source is not None else population.neuron_model
    return model is not None and any(variable.name == POTENTIAL for variable in model.variables)


def _copied(population: Population, copies: int, source: bool) -> Population:
    if source:
        return Population(population.name, population.size * copies, source=SpikeTrains([], [], most_per_step=1))
    params, initial = (
        {name: _tiled(as_value(value, name), copies, f"{population.name}.{name}") for name, value in given.items()}
        for given in (population.params, population.initial)
    )
    return Population(population.name, population.size * copies, population.model, params, initial)


def _tiled(value: Value, copies: int, field: str) -> Value:
    if isinstance(value, Distribution):
        raise InputError(
            f"{field} = {value!r} is not allowed: each sample would run on a different network; use an array"
        )
    return np.tile(value, copies) if isinstance(value, np.ndarray) else value


def _repeated(network: Network, projection: Projection, edges: Edges, copies: int) -> Projection:
    """Edges of all copies; a value that all edges share stays one number."""
    sizes = [network.population(name).size for name in (projection.source, projection.target)]
    firsts = [network.first_ids[name] for name in (projection.source, projection.target)]
    ids = []
    for local, size in zip((edges.sources - firsts[0], edges.targets - firsts[1]), sizes, strict=True):
        own = (local[None, :] + size * np.arange(copies)[:, None]).reshape(-1).astype(np.int32)
        own.flags.writeable = False
        ids.append(own)
    weight, delay_ms = (_shared(values, copies) for values in (edges.weights, edges.delays_ms))
    return Projection(projection.source, projection.target, Explicit(*ids), weight, delay_ms, projection.receptor)


def _shared(values: FloatArray, copies: int) -> float | FloatArray:
    if len(values) and np.all(values == values[0]):
        return float(values[0])
    tiled = np.tile(values, copies)
    tiled.flags.writeable = False
    return tiled


def _product(layers: Layers, projection: Projection, edges: Edges, before: Product | None) -> Product:
    """Weights of a projection from the inputs, after those of other projections onto the same layer."""
    network = layers.network
    population = network.population(projection.target)
    sources = edges.sources - network.first_ids[layers.source]
    targets = edges.targets - network.first_ids[population.name]
    weights = edges.weights
    if before is not None:
        sources, targets = np.concatenate([before.sources, sources]), np.concatenate([before.targets, targets])
        weights = np.concatenate([before.weights, weights])
    bias = np.array(np.broadcast_to(np.asarray(population.value("I_e"), dtype=np.float64), population.size))
    return Product(sources, targets, weights, population.size, bias)
