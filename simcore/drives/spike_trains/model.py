"""Spikes at given times for each neuron."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import DriveStream, EventDrive, IntArray, PreparedDrive, ValueOfEach
from simcore.drives.each import largest_weight
from simcore.values import delay_steps

FloatArray = npt.NDArray[np.float64]

FIRST_ENTRY = 4
"""Number of header entries before the arrivals."""
COUNT_BITS = 16
MAX_COUNT = (1 << COUNT_BITS) - 1
"""Maximum number of spikes of a train with one time stamp."""


@dataclass(frozen=True, eq=False)
class EachTrain(EventDrive):
    """Spikes with stamp ``times_ms[k]`` to the neuron ``ids[k]`` of `target`.

    Sources with spike trains and spike trains with an array of weights are simulated in this form; they have checked
    the values.

    Parameters
    ----------
    target
        Name of the population.
    size
        Number of its neurons.
    times_ms, ids
        Shape (spikes,), in order of (id, time); repeated entries are several spikes.
    weight
        A number, or an array with one value for each neuron.
    delay_ms
        Delay of all spikes, ms.
    most
        Maximum number of spikes of a neuron with the same time.
    receptor
        Name of a receptor of the target's model; None selects it by the sign of a weight.
    """

    target: str
    size: int
    times_ms: FloatArray
    ids: IntArray
    weight: ValueOfEach = 1.0
    delay_ms: float = 1.0
    most: int = 1
    receptor: str | None = None
    name = "spike_trains"
    cpu_kernels = "simcore.drives.spike_trains.cpu"

    def check(self, resolution_ms: float, field: str) -> None:
        """Accept the values, which are checked earlier."""

    def example(self) -> EventDrive:
        return EachTrain(self.target, 1, np.zeros(0), np.zeros(0, dtype=np.int64), receptor=self.receptor)

    def _arrivals(self, resolution_ms: float) -> tuple[IntArray, IntArray, IntArray]:
        """Return step, neuron and number of the spikes that arrive together, in order of (neuron, step)."""
        steps = delay_steps(self.times_ms, resolution_ms) - 1 + int(delay_steps(self.delay_ms, resolution_ms))
        first = np.ones(len(steps), dtype=np.bool_)
        first[1:] = (np.diff(steps) != 0) | (np.diff(self.ids) != 0)
        begins = np.flatnonzero(first)
        return steps[begins], self.ids[begins], np.diff(np.append(begins, len(steps)))

    def largest_count(self, resolution_ms: float) -> int:
        return self.most

    def prepare(self, weight: Any, resolution_ms: float) -> PreparedDrive:
        """Header: weight, numbers of neurons and entries, whether each neuron has a weight.

        The entries' steps follow, in order of (neuron, step), then their neurons and numbers of spikes in one integer,
        and the neurons' weights.
        """
        steps, neurons, counts = self._arrivals(resolution_ms)
        weighted = np.ndim(weight) > 0
        head = [largest_weight(weight), self.size, len(steps), int(weighted)]
        packed = neurons << COUNT_BITS | counts
        header = np.concatenate([head, steps, packed, weight if weighted else []]).astype(np.int64)
        first_weight = FIRST_ENTRY + 2 * len(steps) if weighted else -1
        return PreparedDrive(header, np.zeros(0, dtype=np.uint32), self.most, first_weight=first_weight)

    def selected(self, prepared: PreparedDrive, neurons: range) -> PreparedDrive:
        """Return the part for some neurons, with their places among these, in order of (step, neuron)."""
        n_entries, weighted = prepared.header[2:FIRST_ENTRY].tolist()
        steps, packed = prepared.header[FIRST_ENTRY : FIRST_ENTRY + 2 * n_entries].reshape(2, n_entries)
        low, high = np.searchsorted(packed, [neurons.start << COUNT_BITS, neurons.stop << COUNT_BITS])
        steps, packed = steps[low:high], packed[low:high]
        place, rest = np.divmod((packed >> COUNT_BITS) - neurons.start, neurons.step)
        here = rest == 0
        steps, packed = steps[here], place[here] << COUNT_BITS | packed[here] & MAX_COUNT
        order = np.argsort(steps, kind="stable")
        own = slice(neurons.start, neurons.stop, neurons.step)
        weights = prepared.weights(self.size)[own] if weighted else np.zeros(0, dtype=np.int64)
        head = [int(prepared.header[0]), len(neurons), len(steps), weighted]
        header = np.concatenate([head, steps[order], packed[order], weights]).astype(np.int64)
        return replace(prepared, header=header, first_weight=FIRST_ENTRY + 2 * len(steps) if weighted else -1)

    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        n_entries = int(prepared.header[2])
        steps, packed = prepared.header[FIRST_ENTRY : FIRST_ENTRY + 2 * n_entries].reshape(2, n_entries)
        now = packed[steps == step]
        counts = np.zeros(len(ids), dtype=np.int64)
        counts[now >> COUNT_BITS] = now & MAX_COUNT
        return counts
