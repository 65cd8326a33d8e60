"""Poisson spike trains, independent for each target neuron.

A count is the number of entries of the cumulative distribution, as 32-bit integers, that a 32-bit random word
reaches. One Philox block is one (drive, neuron) and four consecutive steps.

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
from simcore.errors import number, require
from simcore.propagators import exp
from simcore.random import Purpose, philox
from simcore.values import delay_steps, on_grid

MAX_MEAN_COUNT = 128.0
"""Events per neuron and step; above it the counts of a step would not fit their byte."""
FOREVER = 2**62


def count_thresholds(mean: float) -> npt.NDArray[np.uint32]:
    """Cumulative Poisson distribution in units of 2**-32, up to the last entry below 1."""
    thresholds = []
    probability = float(exp(-mean))
    cumulative = probability
    k = 0
    while True:
        threshold = int(cumulative * 2.0**32 + 0.5)
        if threshold >= 2**32 or (k > mean and probability < 2.0**-40):
            break
        thresholds.append(threshold)
        k += 1
        probability = probability * mean / k
        cumulative = cumulative + probability
    return np.array(thresholds, dtype=np.uint32)


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
    scratch_bytes_per_neuron = 4

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
        """Header: weight, delay, first and end step in which spikes are emitted."""
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
        block = emitted >> 2
        words = philox((stream.drive, ids, block, block >> 32), (stream.seed, Purpose.POISSON))
        return np.searchsorted(prepared.thresholds, words[emitted & 3], side="right").astype(np.int64)
