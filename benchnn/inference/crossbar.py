"""Evaluation of samples with a network on crossbars in place of the simulator; all later evaluation is the same."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchnn.inference.batches import BatchSpikes, Settings, batch_size
from benchnn.inference.coding import DIRECT, coded
from benchnn.inference.crossbar_network import CrossbarNetwork
from benchnn.inference.crossbar_options import CrossbarPlan
from benchnn.inference.layers import Layers
from benchnn.inference.samples import Samples
from simcore.accelerators.analogue.evaluator import Answered, Driven, Levels, ReadMatrix, evaluate, levels_for
from simcore.accelerators.analogue.normalisation import adapted
from simcore.accelerators.analogue.reader import number_of_crossbars, readers
from simcore.accelerators.analogue.wires import solution_s
from simcore.errors import require
from simcore.memory import require_memory

MOST_VALUES = 2**23
"""Neurons times steps times samples that are evaluated at a time; each needs about 30 bytes."""

BYTES_PER_CELL = 48.0
"""Memory per cell while cells are written."""


MOST_SECONDS = 3600.0
"""Longest time for solving the wires of all lines."""


def require_possible_work(network: CrossbarNetwork, plans: Sequence[CrossbarPlan]) -> None:
    """Refuse crossbars whose wires would take more than about an hour on one core.

    Raises
    ------
    InputError
        If the estimated time is longer.
    """
    wired = [plan for plan in plans if plan.crossbars.wire_ohm > 0.0]
    if not wired:
        return
    # Lines differ only in noise, wires and seeds.
    arrays, size = number_of_crossbars(network.layered, wired[0].crossbars), wired[0].crossbars.size
    seconds = solution_s(len(wired) * arrays, size)
    allowed = (
        f"{len(wired)} table lines with wire resistance on {arrays} crossbars would take about "
        f"{seconds / 3600:.1f} h; the limit is {MOST_SECONDS / 3600:g} h, so use smaller crossbars or fewer table lines"
    )
    require(seconds <= MOST_SECONDS, "crossbar_size", size, allowed)


class InferenceOnCrossbars:
    """A network whose weights are stored on crossbars.

    Parameters
    ----------
    network
        The network.
    plan
        The crossbars.

    Raises
    ------
    InputError
        If the crossbars do not fit into memory.
    """

    def __init__(self, network: CrossbarNetwork, plan: CrossbarPlan) -> None:
        self.plan = plan
        self._network = network
        self._crossbars = number_of_crossbars(network.layered, plan.crossbars)
        require_memory({"cells": BYTES_PER_CELL * self._crossbars * plan.crossbars.size**2}, "the crossbars")

    def described(self) -> dict[str, Any]:
        """The crossbars as keys of a record."""
        return {**self.plan.described(), "crossbars": self._crossbars}

    def run(self, layers: Layers, samples: Samples, settings: Settings, numbers: range) -> Iterator[BatchSpikes]:
        """Run samples, as `benchnn.inference.batches.run_batches` does."""
        levels = levels_for(samples.values, self.plan.input_bits) if settings.coding == DIRECT else None
        layered = self._network.layered
        # Each run writes the cells again, with the same conductances, so that not all lines are in memory at once.
        written = readers(layered, self.plan.crossbars)
        read = [ReadMatrix(one, reader) for one, reader in zip(layered.matrices, written, strict=True)]
        if self.plan.adapted_samples is not None:
            first = range(self.plan.adapted_samples)
            read = adapted(layered, read, self._driven(layers, samples, settings, first, levels))
        values = settings.steps * layers.network.n_neurons
        size = max(1, min(batch_size(layers, settings, len(numbers)), MOST_VALUES // values))
        for begin in range(0, len(numbers), size):
            part = numbers[begin : begin + size]
            driven = self._driven(layers, samples, settings, part, levels)
            yield self._spikes(layers, driven, evaluate(layered, read, driven), settings)

    def _driven(
        self, layers: Layers, samples: Samples, settings: Settings, part: range, levels: Levels | None
    ) -> Driven:
        """Some samples as the input of the first crossbars."""
        chosen = samples.chosen(slice(part.start, part.stop))
        if levels is not None:
            return Driven(part.start, settings.steps, levels.of(chosen.values)[:, None], levels)
        spikes = coded(chosen, part.start, settings.coding, settings.steps, settings.seed)
        values = np.zeros((len(part), settings.steps, layers.inputs), dtype=np.int64)
        values[spikes.sample, spikes.step - 1, spikes.neuron] = 1
        return Driven(part.start, settings.steps, values, None)

    def _spikes(self, layers: Layers, driven: Driven, answered: Answered, settings: Settings) -> BatchSpikes:
        """The spikes of all populations, including the samples unless they are currents."""
        network, samples = layers.network, len(driven.values)
        fired = np.zeros((samples, driven.steps, network.n_neurons), dtype=np.bool_)
        for name, own in zip(self._network.names, answered.spikes, strict=True):
            fired[:, :, _ids(layers, name)] = own
        if driven.levels is None:
            fired[:, :, _ids(layers, layers.source)] = driven.values != 0
        sample, step, neuron = np.nonzero(fired)
        potentials = answered.potentials + self._network.rest if settings.potentials else None
        return BatchSpikes(driven.first, samples, sample, step + 1, neuron, potentials)


def _ids(layers: Layers, name: str) -> slice:
    """Global ids of a population."""
    first = layers.network.first_ids[name]
    return slice(first, first + layers.network.population(name).size)
