"""The number of nonzero elements in the input of each layer of weights, by sample and step.

Sums of pooled spikes, and values of samples, also count as elements. Steps are counted per layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchnn.inference.batches import BatchSpikes
from benchnn.inference.coding import DIRECT
from benchnn.inference.connection_layers import Feed, feeds_of
from benchnn.inference.layers import Layers
from benchnn.inference.samples import Samples
from benchnn.networks.nir.file import read_graph
from benchnn.networks.nir.geometry import VALUE_BITS, workload_layer
from benchnn.networks.nir.weighted import weighted_nodes
from simcore.accelerators.workloads.workload import Layer
from simcore.errors import InputError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
CELLS = 2**20
"""Number of elements that are marked at a time."""


@dataclass(frozen=True, eq=False)
class WeightedInput:
    """The input of a layer of weights.

    Parameters
    ----------
    layer
        Shapes of the layer.
    given
        Whether each feed adds values of a sample instead of spikes.
    feeds
        Contributions of populations to the input.
    bias
        Value that is added to each element, float64 (elements,).
    """

    layer: Layer
    given: Sequence[bool]
    feeds: Sequence[Feed]
    bias: FloatArray

    @property
    def elements(self) -> int:
        """Number of elements of the input."""
        return len(self.bias)

    @property
    def cancels(self) -> bool:
        """Whether an element that receives spikes may be 0, or an element without spikes may differ from 0."""
        biased = any(self.given) or bool(np.any(self.bias))
        return biased or any(bool(np.any(feed.weights <= 0.0)) for feed in self.feeds)


@dataclass(frozen=True, eq=False)
class InputView:
    """Inputs of the layers of weights of a network; `why_none` is the reason if they are not known."""

    inputs: Sequence[WeightedInput] = ()
    why_none: str | None = None


def input_view(layers: Layers, path: Path | None, coding: str, weight_bits: int) -> InputView:
    """The view of a network.

    Parameters
    ----------
    layers
        The network.
    path
        The NIR file of the network, if the network was read from it without changes; otherwise None.
    coding
        Coding of the samples; with direct coding, the input is as wide as a value.
    weight_bits
        Width of the weights of the simulation.
    """
    if path is None:
        return InputView(why_none="layers of weights are known only for the original network of a NIR file")
    graph = read_graph(path)
    delays = [node for node in graph.nodes.values() if node.type == "Delay"]
    if delays:
        return InputView(why_none=str(delays[0].error("delays spikes, which layers of weights cannot do")))
    try:
        nodes = weighted_nodes(graph)
        found = [workload_layer(graph, node) for node in nodes]
    except InputError as error:
        return InputView(why_none=str(error))
    source = layers.network.index(layers.source)
    inputs = []
    for node, layer in zip(nodes, found, strict=True):
        feeds = feeds_of(layers, node)
        given = [coding == DIRECT and feed.population == source for feed in feeds]
        bits = VALUE_BITS if any(given) else layer.input_bits
        own = replace(layer, weight_bits=weight_bits, input_bits=bits)
        inputs.append(WeightedInput(own, given, feeds, node.given.bias))
    return InputView(inputs) if inputs else InputView(why_none="the network has no weights")


def nonzero_inputs(view: InputView, layers: Layers, samples: Samples, batch: BatchSpikes, steps: int) -> IntArray:
    """Number of nonzero elements, int64 (layers of weights, samples of the batch, steps).

    Parameters
    ----------
    view
        Result of `input_view`.
    layers
        The network.
    samples
        The whole data set, including noise.
    batch
        Spikes of some of the samples.
    steps
        Number of steps of the input.
    """
    found = np.zeros((len(view.inputs), batch.samples, steps), dtype=np.int64)
    if not view.inputs:
        return found
    network = layers.network
    firsts = np.array(list(network.first_ids.values()))
    population = np.searchsorted(firsts, batch.neuron, side="right") - 1
    row = batch.sample * steps + batch.step - 1
    spikes = _Spikes(row, population, batch.neuron - firsts[population])
    chosen = samples.values[batch.first : batch.first + batch.samples]
    for place, one in enumerate(view.inputs):
        own = one.feeds[0]
        if len(one.feeds) == 1 and own.plain and not one.cancels:
            sent = spikes.sent_by(own, steps).row
            found[place] = np.bincount(sent, minlength=batch.samples * steps).reshape(batch.samples, steps)
        elif all(one.given):
            found[place] = np.count_nonzero(_values(one, chosen), axis=1)[:, None]
        else:
            sizes = [network.populations[feed.population].size for feed in one.feeds]
            found[place] = _arriving(one, sizes, chosen, spikes, steps).reshape(batch.samples, steps)
    return found


@dataclass(frozen=True, eq=False)
class _Spikes:
    """Spikes in order of their rows; a row is a step of a sample. Neuron ids are local to their population."""

    row: IntArray
    population: IntArray
    neuron: IntArray

    def sent_by(self, feed: Feed, steps: int) -> "_Spikes":
        """The spikes of a feed that arrive within `steps` steps, in the rows in which they arrive."""
        at = self.population == feed.population
        if feed.shift:
            at &= self.row % steps + feed.shift < steps
        return _Spikes(self.row[at] + feed.shift, self.population[at], self.neuron[at])

    def of_rows(self, low: int, high: int) -> "_Spikes":
        part = slice(*np.searchsorted(self.row, [low, high]))
        return _Spikes(self.row[part] - low, self.population[part], self.neuron[part])


def _values(one: WeightedInput, chosen: npt.NDArray[np.float32]) -> FloatArray:
    """Sum of samples and biases at an input in each step, float64 (samples, elements)."""
    values = np.tile(one.bias, (len(chosen), 1))
    for feed in (feed for feed, given in zip(one.feeds, one.given, strict=True) if given):
        if feed.plain:
            values += chosen
            continue
        for row, sample in zip(values, chosen.astype(np.float64), strict=True):
            row += np.bincount(feed.elements, feed.weights * sample[feed.neurons], one.elements)
    return values


def _arriving(
    one: WeightedInput, sizes: Sequence[int], chosen: npt.NDArray[np.float32], spikes: _Spikes, steps: int
) -> IntArray:
    """Number of nonzero elements with added spikes, int64 (rows,); `sizes` are those of the populations of feeds."""
    parts = [
        (_Targets.of(feed, size), spikes.sent_by(feed, steps))
        for feed, size, given in zip(one.feeds, sizes, one.given, strict=True)
        if not given
    ]
    constant = _values(one, chosen) if one.cancels else None
    found = np.zeros(len(chosen) * steps, dtype=np.int64)
    most = max(1, CELLS // one.elements)
    for low in range(0, len(found), most):
        high = min(low + most, len(found))
        reached = [targets.reached(sent.of_rows(low, high), one.elements) for targets, sent in parts]
        if constant is None:
            marked = np.zeros((high - low) * one.elements, dtype=np.bool_)
            for cells, _ in reached:
                marked[cells] = True
            # Faster than counting single rows.
            ends = np.arange(1, high - low + 1) * one.elements
            found[low:high] = np.diff(np.searchsorted(np.flatnonzero(marked), ends), prepend=0)
            continue
        sums = constant[np.arange(low, high) // steps]
        for (targets, _), (cells, places) in zip(parts, reached, strict=True):
            sums += np.bincount(cells, targets.weights[places], sums.size).reshape(sums.shape)
        found[low:high] = np.count_nonzero(sums, axis=1)
    return found


@dataclass(frozen=True, eq=False)
class _Targets:
    """Elements to which a neuron adds, and its weights: `count[neuron]` of them, starting at `first[neuron]`."""

    first: IntArray
    count: IntArray
    elements: IntArray
    weights: FloatArray

    @classmethod
    def of(cls, feed: Feed, neurons: int) -> "_Targets":
        order = np.argsort(feed.neurons, kind="stable")
        count = np.bincount(feed.neurons, minlength=neurons)
        return cls(np.cumsum(count) - count, count, feed.elements[order], feed.weights[order])

    def reached(self, sent: _Spikes, elements: int) -> tuple[IntArray, IntArray]:
        """Positions in an array (rows, elements) to which spikes add, and positions of the weights that they add."""
        if len(self.elements) == len(self.count) and np.all(self.count == 1):
            return sent.row * elements + self.elements[sent.neuron], sent.neuron
        count = self.count[sent.neuron]
        skipped = self.first[sent.neuron] - np.cumsum(count) + count
        place = np.repeat(skipped, count) + np.arange(count.sum())
        return np.repeat(sent.row * elements, count) + self.elements[place], place
