"""The metrics of NeuroBench 2.3.0 for inference: according to its definitions, and as counted by the simulator.

NeuroBench observes the layers of a PyTorch model: the input of each layer of weights in each call, that is in each
step, the spikes of each layer of neurons, and their potentials. All sums here are sums of integers.

References
----------
Yik et al. (2025), Nat. Commun. 16:1545. Package neurobench 2.3.0, neurobench/metrics/.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchnn.inference.batches import BatchSpikes
from benchnn.inference.coding import DIRECT
from benchnn.inference.connection_layers import FLOAT_BYTES, ConnectionLayer, TorchView
from benchnn.inference.copies import copies_of
from benchnn.inference.layers import Layers
from benchnn.inference.samples import Samples
from simcore.comm import Communicator
from simcore.simulator import Simulator

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Metrics:
    """Metrics of the mean sample; None if a metric is not defined because there is nothing to count.

    Parameters
    ----------
    footprint_bytes, parameter_count
        Memory of the model in bytes, and number of its parameters.
    connection_sparsity
        Share of weights that are 0; rounded to four decimals in NeuroBench's definition.
    activation_sparsity
        Share of activations that are 0.
    effective_macs, effective_acs
        Number of products of inputs and weights that are not 0, in calls with inputs other than -1, 0 and 1, and in all
        other calls.
    dense
        Number of products if nothing were 0.
    membrane_updates
        Number of changes of potentials; None in our definition, because `lif_discrete` updates all neurons in each
        step.
    """

    footprint_bytes: int
    parameter_count: int
    connection_sparsity: float | None
    activation_sparsity: float | None
    effective_macs: float
    effective_acs: float
    dense: float
    membrane_updates: float | None


@dataclass(frozen=True)
class NeuroBenchOfInference:
    """Metrics according to both definitions, and the objects that correspond to layers of weights."""

    layers: str
    metrics: Metrics
    ours: Metrics


@dataclass(frozen=True)
class Sums:
    """Sums over samples."""

    macs: int = 0
    acs: int = 0
    calls: int = 0
    nonzero: int = 0
    updates: int = 0
    spikes: int = 0
    events: int = 0
    samples: int = 0

    def plus(self, other: "Sums") -> "Sums":
        """The sum of two `Sums`."""
        return Sums(**{name: value + vars(other)[name] for name, value in vars(self).items()})


@dataclass(frozen=True, eq=False)
class NeuroBenchView:
    """Data for the metrics of a network.

    Parameters
    ----------
    layers, view
        The network, and its equivalent in PyTorch.
    coding
        Coding of the samples.
    copy_bytes
        Memory of synapses, index and state of a copy in the simulator, in bytes.
    """

    layers: Layers
    view: TorchView
    coding: str
    copy_bytes: int

    def meter(self, samples: Samples) -> "NeuroBenchMeter":
        """A new meter, without counts; `samples` are the whole data set, including noise."""
        return NeuroBenchMeter(self, samples)


def neurobench_view(layers: Layers, view: TorchView, coding: str, precision: str, weight_bits: int) -> NeuroBenchView:
    """The view of a network, with the measured memory of a copy in the simulator."""
    network = copies_of(layers, 1, coding).network
    with Simulator(
        network, threads=1, precision=precision, weight_bits=weight_bits, accept_quantisation=True
    ) as simulator:
        return NeuroBenchView(layers, view, coding, sum(simulator.memory_bytes.values()))


class NeuroBenchMeter:
    """Counts the events of the samples of batches, until each sample is answered."""

    def __init__(self, about: NeuroBenchView, samples: Samples) -> None:
        self._about, self._samples = about, samples
        network = about.layers.network
        self._firsts = np.array(list(network.first_ids.values()))
        self._sizes = np.array([population.size for population in network.populations])
        self._fan_out = np.zeros(network.n_neurons, dtype=np.int64)
        for edges in about.layers.edges:
            self._fan_out += np.bincount(edges.sources, minlength=network.n_neurons)
        self._sums = Sums()

    def observe(self, batch: BatchSpikes, last: IntArray) -> None:
        """Count a batch.

        Parameters
        ----------
        batch
            Spikes of the batch, and changes of its potentials.
        last
            Step of input after which each sample is answered, int64 (samples,).
        """
        population = np.searchsorted(self._firsts, batch.neuron, side="right") - 1
        seen = batch.step <= last[batch.sample]
        own = batch.neuron - self._firsts[population]
        spikes = _Spikes(*(values[seen] for values in (batch.sample, batch.step, population, own)))
        sums = Sums(
            calls=int(last.sum()),
            nonzero=int(np.count_nonzero(self._about.view.activations[spikes.population])),
            updates=self._updates(batch, last),
            spikes=len(spikes.sample),
            events=int(self._fan_out[batch.neuron[seen]].sum()),
            samples=batch.samples,
        )
        for layer in self._about.view.layers:
            macs, acs = self._operations(layer, spikes, batch, last)
            sums = replace(sums, macs=sums.macs + macs, acs=sums.acs + acs)
        self._sums = self._sums.plus(sums)

    def _updates(self, batch: BatchSpikes, last: IntArray) -> int:
        """Number of updates: all neurons in the first step of their layer, and later those whose potential changes."""
        assert batch.changes is not None  # noqa: S101 - recorded for these metrics
        total = 0
        for population in np.flatnonzero(self._about.view.membranes):
            until = np.arange(1, batch.changes.shape[2] + 1) <= last[:, None]
            total += int(self._sizes[population]) * batch.samples
            total += int((batch.changes[:, population] * until).sum())
        return total

    def _operations(
        self, layer: ConnectionLayer, spikes: "_Spikes", batch: BatchSpikes, last: IntArray
    ) -> tuple[int, int]:
        """Numbers of multiply-accumulate operations, and of accumulations, of a layer of weights."""
        network = self._about.layers.network
        given = self._about.coding == DIRECT
        source = network.index(self._about.layers.source)
        plain = layer.plain
        if plain is not None and not (given and plain.population == source):
            arrives = (spikes.population == plain.population) & (spikes.step + plain.shift <= last[spikes.sample])
            return 0, int(layer.operations[spikes.neuron[arrives]].sum())
        macs = acs = 0
        for inputs in self._inputs(layer, spikes, batch, last):
            operations = (inputs != 0.0) @ layer.operations
            binary = np.isin(inputs, (-1.0, 0.0, 1.0)).all(axis=1)
            macs, acs = macs + int(operations[~binary].sum()), acs + int(operations[binary].sum())
        return macs, acs

    def _inputs(
        self, layer: ConnectionLayer, spikes: "_Spikes", batch: BatchSpikes, last: IntArray
    ) -> Iterator[FloatArray]:
        """The input of a layer from each sample, float64 (steps, elements)."""
        network = self._about.layers.network
        source, elements = network.index(self._about.layers.source), len(layer.bias)
        for sample in range(batch.samples):
            steps = int(last[sample])
            inputs = np.tile(layer.bias, (steps, 1))
            of_sample = spikes.of_sample(sample)
            for feed in layer.feeds:
                if self._about.coding == DIRECT and feed.population == source:
                    values = self._samples.values[batch.first + sample].astype(np.float64)
                    inputs += np.bincount(feed.elements, feed.weights * values[feed.neurons], elements)
                    continue
                arrives = (of_sample.population == feed.population) & (of_sample.step + feed.shift <= steps)
                fired = np.zeros((steps, int(self._sizes[feed.population])))
                fired[of_sample.step[arrives] + feed.shift - 1, of_sample.neuron[arrives]] = 1.0
                for step, row in enumerate(fired):
                    inputs[step] += np.bincount(feed.elements, feed.weights * row[feed.neurons], elements)
            yield inputs

    def result(self, comm: Communicator) -> NeuroBenchOfInference:
        """Metrics of the mean sample of all ranks; all ranks call this together."""
        sums = Sums()
        for part in comm.gather(self._sums):
            sums = sums.plus(part)
        about, view = self._about, self._about.view
        direct, source = about.coding == DIRECT, about.layers.source
        parameters = view.weights + view.biases
        active = int(self._sizes[view.activations].sum()) * sums.calls
        neurons = int(self._sizes.sum()) - (about.layers.inputs if direct else 0)
        projections = list(zip(about.layers.network.projections, about.layers.edges, strict=True))
        synapses = sum(len(edges.sources) for _, edges in projections)
        zeros = sum(int(np.count_nonzero(edges.codes == 0)) for _, edges in projections)
        simulated = sum(len(edges.sources) for one, edges in projections if not (direct and one.source == source))
        metrics = Metrics(
            FLOAT_BYTES * parameters + view.buffer_bytes,
            parameters,
            round(view.zero_weights / view.weights, 4) if view.weights else None,
            1.0 - sums.nonzero / active if active else None,
            sums.macs / sums.samples,
            sums.acs / sums.samples,
            sum(layer.dense for layer in view.layers) * sums.calls / sums.samples,
            sums.updates / sums.samples,
        )
        ours = Metrics(
            about.copy_bytes,
            synapses,
            zeros / synapses if synapses else None,
            1.0 - sums.spikes / (neurons * sums.calls),
            0.0,
            sums.events / sums.samples,
            simulated * sums.calls / sums.samples,
            None,
        )
        return NeuroBenchOfInference(view.basis, metrics, ours)


@dataclass(frozen=True, eq=False)
class _Spikes:
    """Spikes in order of (sample, step, neuron); steps from 1 and neuron ids are local to the layer."""

    sample: IntArray
    step: IntArray
    population: IntArray
    neuron: IntArray

    def of_sample(self, sample: int) -> "_Spikes":
        low, high = np.searchsorted(self.sample, [sample, sample + 1])
        return _Spikes(*(values[low:high] for values in vars(self).values()))
