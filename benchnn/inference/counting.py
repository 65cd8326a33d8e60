"""Counts of the spikes of samples and of their synaptic events, by sample and step and by layer, and their digest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.inference.batches import BatchSpikes
from benchnn.inference.layers import Layers
from simcore.random import Purpose, digest_sum, philox

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of some samples; the first step of a layer is the first in which input can have reached it.

    Parameters
    ----------
    spikes, events
        Spikes and synaptic events that they cause, by sample and step, int64 (samples, steps).
    layer_spikes
        Spikes of each population in each step, over all samples, int64 (populations, steps).
    output
        Whether each output neuron fired, bool (samples, steps, classes).
    digest
        Digest of all spikes, a sum over them modulo 2**128.
    """

    spikes: IntArray
    events: IntArray
    layer_spikes: IntArray
    output: npt.NDArray[np.bool_]
    digest: int


def fan_out(layers: Layers) -> IntArray:
    """Number of outgoing synapses of each neuron, int64 (neurons,)."""
    counts = np.zeros(layers.network.n_neurons, dtype=np.int64)
    for edges in layers.edges:
        counts += np.bincount(edges.sources, minlength=len(counts))
    return counts


def count(batch: BatchSpikes, layers: Layers, steps: int, synapses: IntArray) -> Counts:
    """Count the spikes of a batch.

    Parameters
    ----------
    batch
        A batch of `benchnn.inference.batches.run_batches`.
    layers
        The network.
    steps
        Steps of input.
    synapses
        Result of `fan_out`.
    """
    network = layers.network
    firsts = np.array(list(network.first_ids.values()))
    population = np.searchsorted(firsts, batch.neuron, side="right") - 1
    seen = batch.step <= steps
    sample, step, population, neuron = (
        values[seen] for values in (batch.sample, batch.step - 1, population, batch.neuron)
    )
    cell = sample * steps + step
    spikes = np.bincount(cell, minlength=batch.samples * steps)
    events = np.zeros(batch.samples * steps, dtype=np.int64)
    np.add.at(events, cell, synapses[neuron])
    by_layer = np.bincount(population * steps + step, minlength=len(firsts) * steps)
    output = np.zeros((batch.samples, steps, layers.classes), dtype=np.bool_)
    answers = population == network.index(layers.output)
    output[sample[answers], step[answers], neuron[answers] - firsts[network.index(layers.output)]] = True
    counter = (neuron, step, batch.first + sample, 0)
    digest = digest_sum(philox(counter, (0, Purpose.SPIKE_DIGEST)))
    shape = batch.samples, steps
    return Counts(spikes.reshape(shape), events.reshape(shape), by_layer.reshape(-1, steps), output, digest)


def together(parts: list[Counts]) -> Counts:
    """Combine the counts of all batches, in order of the samples."""
    return Counts(
        np.concatenate([part.spikes for part in parts]),
        np.concatenate([part.events for part in parts]),
        np.sum([part.layer_spikes for part in parts], axis=0),
        np.concatenate([part.output for part in parts]),
        sum(part.digest for part in parts) % 2**128,
    )
