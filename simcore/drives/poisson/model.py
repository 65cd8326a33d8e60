"""Poisson spike trains, independent for each target neuron.

A count is that of the cell of the distribution (see `counts`) in which a 32-bit random word lies. One Philox block
holds the upper halves of the words of one (drive, neuron) and eight consecutive steps, a block of another purpose their
lower halves, which are rarely needed.

References
----------
NEST 3.10, models/poisson_generator.h: spikes of the step (s, s+1] are stamped s+1 and arrive after the delay.
Differences from NEST: stamps lie in (start, stop], as NEST documents it; those of NEST 3.10 lie one step h later, in
(start + h, stop + h].
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import DriveStream, EventDrive, IntArray, PreparedDrive
from simcore.drives.poisson.counts import MAX_MEAN_COUNT, count_table, count_thresholds, counts_of
from simcore.errors import keywords_known, number, require
from simcore.random import Purpose, philox
from simcore.values import delay_steps, on_grid

FOREVER = 2**62


def random_words(stream: DriveStream, emitted: int, ids: Any) -> npt.NDArray[np.uint32]:
    """Uniform 32-bit words of step `emitted` for neurons with these global ids; uint32, of the shape of `ids`."""
    counter = (stream.drive, ids, emitted >> 3, emitted >> 35)
    pair, shift = (emitted & 7) >> 1, np.uint32(16 * (emitted & 1))
    upper = philox(counter, (stream.seed, Purpose.POISSON))[pair] >> shift & np.uint32(0xFFFF)
    lower = philox(counter, (stream.seed, Purpose.POISSON_LOW))[pair] >> shift & np.uint32(0xFFFF)
    return upper << np.uint32(16) | lower


@keywords_known
@dataclass(frozen=True)
class Poisson(EventDrive):
    """Poisson input of `rate_hz` (1/s) and `weight` (unit of the target's model) to each neuron of `target`.

    Active for spike times in (`start_ms`, `stop_ms`].
    """

    target: str
    rate_hz: float
    weight: float
    delay_ms: float = 1.0
    start_ms: float = 0.0
    stop_ms: float = math.inf
    name = "poisson"
    cpu_kernels = "simcore.drives.poisson.cpu"
    scratch_bytes_per_neuron = 8

    def check(self, resolution_ms: float, field: str) -> None:
        highest = MAX_MEAN_COUNT / (resolution_ms * 1e-3)
        allowed = f"must lie in [0, {highest:g}] 1/s ({MAX_MEAN_COUNT:g} events a step)"
        require(0.0 <= number(self.rate_hz, f"{field}.rate_hz") <= highest, f"{field}.rate_hz", self.rate_hz, allowed)
        require(number(self.start_ms, f"{field}.start_ms") >= 0.0, f"{field}.start_ms", self.start_ms, "must be >= 0")
        number(self.stop_ms, f"{field}.stop_ms", infinite=True)
        for name in ("start_ms", "stop_ms"):
            value = getattr(self, name)
            allowed = f"must be a multiple of the resolution {resolution_ms} ms"
            require(math.isinf(value) or bool(on_grid(value, resolution_ms)), f"{field}.{name}", value, allowed)
        require(self.stop_ms >= self.start_ms, f"{field}.stop_ms", self.stop_ms, f"must be >= {self.start_ms}")

    def prepare(self, weight: int, resolution_ms: float) -> PreparedDrive:
        """Header: weight, delay, first and end step in which spikes are emitted; thresholds: of the counts."""
        stop = FOREVER if math.isinf(self.stop_ms) else int(delay_steps(self.stop_ms, resolution_ms))
        start = int(delay_steps(self.start_ms, resolution_ms))
        delay = int(delay_steps(self.delay_ms, resolution_ms))
        thresholds = count_thresholds(self.rate_hz * resolution_ms * 1e-3)
        header = np.array([weight, delay, start, stop], dtype=np.int64)
        return PreparedDrive(header, thresholds, len(thresholds))

    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        _, delay, start, stop = prepared.header.tolist()
        emitted = step - delay
        if not start <= emitted < stop:
            return np.zeros(len(ids), dtype=np.int64)
        return counts_of(count_table(prepared.thresholds), random_words(stream, emitted, ids))
