"""Poisson spike trains, independent for each target neuron.

The cell of the distribution (see `counts`) that contains a 32-bit random word determines a count. One Philox block
contains the upper halves of the words of one (drive, neuron) and eight consecutive steps; a block of another purpose
contains their lower halves, which are rarely needed.

References
----------
NEST 3.10, models/poisson_generator.h: spikes of the step (s, s+1] have the stamp s+1 and arrive after the delay.
Differences from NEST: stamps are in (start, stop], as NEST documents; in NEST 3.10 they are one step h later, in
(start + h, stop + h].
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcore.drives.drive import Drive, DriveStream, EventDrive, FloatArray, IntArray, PreparedDrive, ValueOfEach
from simcore.drives.each import arrays_among, by_sign, check_one_dimension, number_or_array
from simcore.drives.poisson.counts import count_table, count_thresholds, counts_of
from simcore.drives.poisson.words import random_words
from simcore.drives.poisson_rates.model import PoissonRates
from simcore.drives.rates import check_rates, check_window, window_of_rates
from simcore.errors import keywords_known
from simcore.values import delay_steps

FOREVER = 2**62


@keywords_known
@dataclass(frozen=True)
class Poisson(EventDrive):
    """Poisson input of `rate_hz` (1/s) and `weight` (unit of the target's model) to each neuron of `target`.

    The drive is active for spike times in (`start_ms`, `stop_ms`]. Rate and weight can be numbers or arrays with one
    value for each neuron.

    Parameters
    ----------
    target
        Name of the driven population, or a selection of its neurons.
    rate_hz
        Rate, 1/s, >= 0: a number, or an array of shape (neurons,).
    weight
        Weight of each event, in the unit of the target's model: a number, or an array of shape (neurons,).
    delay_ms
        Time between a spike and its arrival, ms.
    start_ms, stop_ms
        Interval of the spike times, ms, multiples of the resolution; `stop_ms` may be infinite.
    receptor
        Name of the receptor; by default the sign of the weight selects it.

    Raises
    ------
    InputError
        If rate or weight is not a number or an array of numbers.
    """

    target: str
    rate_hz: ValueOfEach
    weight: ValueOfEach
    delay_ms: float = 1.0
    start_ms: float = 0.0
    stop_ms: float = math.inf
    receptor: str | None = None
    name = "poisson"
    cpu_kernels = "simcore.drives.poisson.cpu"
    scratch_bytes_per_neuron = 8

    def __post_init__(self) -> None:
        for field in ("rate_hz", "weight"):
            object.__setattr__(self, field, number_or_array(getattr(self, field), f"{self.name}.{field}"))

    def check(self, resolution_ms: float, field: str) -> None:
        check_one_dimension(self.rate_hz, f"{field}.rate_hz")
        check_rates(self.rate_hz, resolution_ms, f"{field}.rate_hz")
        check_window(self.start_ms, self.stop_ms, resolution_ms, field)

    def arrays(self) -> Mapping[str, FloatArray]:
        return arrays_among({"rate_hz": self.rate_hz, "weight": self.weight})

    def parts(self) -> tuple[Drive, ...]:
        found = self.arrays()
        if not found:
            return (self,)
        rates = np.broadcast_to(self.rate_hz, np.broadcast_shapes(*(values.shape for values in found.values())))
        times, each = window_of_rates(rates, self.start_ms, self.stop_ms)
        return by_sign(PoissonRates(self.target, times, each, self.weight, self.delay_ms, receptor=self.receptor))

    def prepare(self, weight: int, resolution_ms: float) -> PreparedDrive:
        """Header: weight, delay, first and end step of emission; thresholds of the counts.

        Parameters
        ----------
        weight
            Integer weight in units of the receptor's lsb.
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        PreparedDrive
            The drive in integers.
        """
        stop = FOREVER if math.isinf(self.stop_ms) else int(delay_steps(self.stop_ms, resolution_ms))
        start = int(delay_steps(self.start_ms, resolution_ms))
        delay = int(delay_steps(self.delay_ms, resolution_ms))
        rate_hz: Any = self.rate_hz
        thresholds = count_thresholds(rate_hz * resolution_ms * 1e-3)
        header = np.array([weight, delay, start, stop], dtype=np.int64)
        return PreparedDrive(header, thresholds, len(thresholds))

    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        _, delay, start, stop = prepared.header.tolist()
        emitted = step - delay
        if not start <= emitted < stop:
            return np.zeros(len(ids), dtype=np.int64)
        return counts_of(count_table(prepared.thresholds), random_words(stream, emitted, ids))
