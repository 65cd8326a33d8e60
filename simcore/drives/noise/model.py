"""Gaussian white current, independent for each target neuron.

The current is constant within an interval and drawn independently for each interval. A draw is a look-up in a table of
65,536 currents, the means of equally likely bins, with 16 random bits. One Philox block serves one (drive, neuron) and
four consecutive intervals.

References
----------
NEST 3.10, models/noise_generator.h: the interval is its ``dt``; the first current moves the potential that is stamped
start + delay + h, one step h later.
Differences from NEST: no modulation (``std_mod``); with start 0 NEST omits the first step.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcore.distributions import Normal, quantile_table
from simcore.drives.drive import CurrentDrive, DriveStream, FloatArray, PreparedDrive, check_current
from simcore.errors import keywords_known, number, require
from simcore.random import Purpose, philox
from simcore.values import delay_steps, on_grid

FOREVER = 2**62


@keywords_known
@dataclass(frozen=True)
class Noise(CurrentDrive):
    """Gaussian current with mean `mean_pa` and standard deviation `std_pa` into each neuron of `target`.

    The current is drawn every `interval_ms`, from `start_ms` until `stop_ms`, and is 0 at other times. It reaches the
    neurons `delay_ms` later.

    Parameters
    ----------
    target
        Name of the driven population, or a selection of its neurons.
    mean_pa, std_pa
        Mean and standard deviation of the current, pA; the latter is >= 0.
    interval_ms
        Time between two draws, ms, a multiple of the resolution.
    delay_ms
        Time between a draw and its effect, ms.
    start_ms, stop_ms
        Interval in which the current is drawn, ms, multiples of the resolution; `stop_ms` may be infinite.
    """

    target: str
    mean_pa: float
    std_pa: float
    interval_ms: float = 1.0
    delay_ms: float = 1.0
    start_ms: float = 0.0
    stop_ms: float = math.inf
    name = "noise"
    cpu_kernels = "simcore.drives.noise.cpu"
    per_neuron = True

    def check(self, resolution_ms: float, field: str) -> None:
        for name in ("mean_pa", "std_pa"):
            check_current(getattr(self, name), f"{field}.{name}")
        require(self.std_pa >= 0.0, f"{field}.std_pa", self.std_pa, "must be >= 0")
        for name in ("interval_ms", "start_ms", "stop_ms"):
            value = number(getattr(self, name), f"{field}.{name}", infinite=name == "stop_ms")
            allowed = f"must be a multiple of the resolution {resolution_ms} ms"
            require(math.isinf(value) or bool(on_grid(value, resolution_ms)), f"{field}.{name}", value, allowed)
        positive = f"must be at least one step of {resolution_ms} ms"
        require(self.interval_ms >= resolution_ms, f"{field}.interval_ms", self.interval_ms, positive)
        require(self.start_ms >= 0.0, f"{field}.start_ms", self.start_ms, "must be >= 0")
        require(self.stop_ms >= self.start_ms, f"{field}.stop_ms", self.stop_ms, f"must be >= {self.start_ms}")

    def prepare(self, resolution_ms: float) -> PreparedDrive:
        """Header: steps of an interval, first and end step in which the current acts. Values: the 65,536 currents.

        Parameters
        ----------
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        PreparedDrive
            The drive in integers.
        """
        delay = int(delay_steps(self.delay_ms, resolution_ms))
        start = int(delay_steps(self.start_ms, resolution_ms)) + delay
        stop = FOREVER if math.isinf(self.stop_ms) else int(delay_steps(self.stop_ms, resolution_ms)) + delay
        header = np.array([int(delay_steps(self.interval_ms, resolution_ms)), start, stop], dtype=np.int64)
        # The functions that the quantiles use differ between machines in the last bits of a float64.
        standard = quantile_table(Normal(mean=0.0, std=1.0), "noise").astype(np.float32).astype(np.float64)
        return PreparedDrive(header, np.zeros(0, dtype=np.uint32), 0, self.mean_pa + self.std_pa * standard)

    def currents(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> FloatArray:
        interval, start, stop = prepared.header.tolist()
        if not start <= step < stop:
            return np.zeros(len(ids))
        number_of_interval = (step - start) // interval
        block = number_of_interval >> 2
        words = philox((stream.drive, ids, block, block >> 32), (stream.seed, Purpose.NOISE))
        return np.asarray(prepared.values[words[number_of_interval & 3] >> 16])
