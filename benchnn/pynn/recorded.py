"""Data recorded since the simulation started or was reset: spikes and traces of the neurons of this process."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.recording.recorded_traces import TraceKey
from simcore.simulator import Simulator

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Block(NamedTuple):
    """Values of consecutive steps, the first of which ends at step `first`."""

    first: int
    values: FloatArray


class RecordedData:
    """Spikes and traces of a segment, which remain available after the simulator is closed."""

    def __init__(self) -> None:
        self._spikes: list[tuple[IntArray, IntArray]] = []
        self._traces: dict[TraceKey, list[Block]] = {}
        self._taken = 0

    def pull(self, simulator: Simulator | None) -> None:
        """Fetch the data that a simulator recorded since the last call; do nothing without a simulator."""
        if simulator is None:
            return
        self._spikes.append(simulator.take_spikes())
        traces = simulator.traces()
        for key, values in traces.items():
            new = values[self._taken :]
            if len(new):
                first = traces.start_step + self._taken + 1
                self._traces.setdefault(key, []).append(Block(first, new))
        self._taken = max([self._taken, *map(len, traces.values())])

    def forget_simulator(self) -> None:
        """Note that the simulator was closed, so that the next one records from its beginning."""
        self._taken = 0

    def spikes(self) -> tuple[IntArray, IntArray]:
        """Stamps (final steps) and global ids."""
        if len(self._spikes) != 1:
            stamps, ids = (
                np.concatenate([np.zeros(0, dtype=np.int64), *(part[k] for part in self._spikes)]) for k in (0, 1)
            )
            self._spikes = [(stamps, ids)]
        return self._spikes[0]

    def trace(self, key: TraceKey, start: int, stop: int) -> FloatArray:
        """Values of a trace at the ends of the steps `start` to `stop`, inclusive; NaN for missing values."""
        values = np.full(stop - start + 1, np.nan)
        for block in self._traces.get(key, ()):
            skipped = max(0, start - block.first)
            own = block.values[skipped : max(0, stop + 1 - block.first)]
            at = block.first + skipped - start
            values[at : at + len(own)] = own
        return values
