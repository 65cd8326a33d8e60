"""What neurons and cores cost the step of a chip: for mappers that shorten it, and to say how short it can be."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simcore.display.words import counted
from simcore.neuromorphic.costs.figures import figure_at
from simcore.neuromorphic.costs.step_time import core_times
from simcore.neuromorphic.mapping.core_mapping import FloatArray, IntArray
from simcore.neuromorphic.mapping.expectation import Expectation
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.wording import duration

NAMES = {"memory": "memory", "compute": "computation"}


@dataclass(frozen=True)
class StepBound:
    """No mapping onto a chip has a shorter mean step.

    Parameters
    ----------
    seconds
        Of the step.
    cores
        The number of cores at which it could be so short.
    part
        ``memory`` or ``compute``.
    amount
        Synaptic events, or neurons, of a core that cannot be had with less.
    """

    seconds: float
    cores: int
    part: str
    amount: float

    def sentence(self) -> str:
        """Why no step is shorter, in a sentence."""
        what = "synaptic events a step" if self.part == "memory" else "neurons"
        number = f"{self.amount:,.1f}" if self.part == "memory" else f"{self.amount:,.0f}"
        return (
            f"no mapping has a shorter step than {duration(self.seconds)}: on {counted(self.cores, 'core')} one has "
            f"{number} {what} at least, which bind by {NAMES[self.part]}"
        )


@dataclass(frozen=True, eq=False)
class StepCosts:
    """Seconds of memory and of computation that neurons of each kind take of their core in a mean step.

    Messages are not in them: how many there are depends on the mapping.

    Parameters
    ----------
    chip
        The sheet.
    sizes
        Neurons of each kind, int64 (kinds,): populations, or single neurons.
    events
        Synaptic events of a neuron of each kind in a step, float64 (kinds,).
    spikes
        Spikes of it in a step, float64 (kinds,).
    """

    chip: Chip
    sizes: IntArray
    events: FloatArray
    spikes: FloatArray

    @classmethod
    def of_populations(cls, chip: Chip, expectation: Expectation, step_s: float) -> "StepCosts":
        """Those of a network of exchangeable neurons."""
        return cls(chip, expectation.sizes, expectation.events_of_neuron * step_s, expectation.rates_hz * step_s)

    @cached_property
    def seconds(self) -> FloatArray:
        """Memory and computation, float64 (2, kinds)."""
        times = core_times(self.chip)
        compute = (times.update_s or 0.0) + self.spikes * (times.spike_out_s or 0.0)
        return np.stack((self.events * (times.synop_s or 0.0), compute))

    def least_work(self, cores: int) -> FloatArray:
        """Least time of memory, and of computation, of the core that takes longest, float64 (2,).

        It has the mean of all, and as many neurons of some kind as that needs on so many cores.
        """
        mean = (self.seconds * self.sizes).sum(axis=1) / cores
        alone = (self.seconds * -(-self.sizes // cores)).max(axis=1)
        update_s = core_times(self.chip).update_s or 0.0
        fullest = np.array([0.0, -(-int(self.sizes.sum()) // cores) * update_s])
        return np.asarray(np.max((mean, alone, fullest), axis=0))

    def barrier_s(self, cores: int) -> float:
        """The barrier of so many cores of a chip, s; 0 if it is not known."""
        return barrier_on_chip(self.chip, cores)

    def step_s(self, work_s: float, cores: int) -> float:
        """A step of so much work in the core that takes longest."""
        if self.chip.word("barrier_overlaps"):
            return max(work_s, self.barrier_s(cores))
        return work_s + self.barrier_s(cores)

    def bound(self, fewest: int, most: int) -> StepBound:
        """The shortest mean step of any mapping onto so many cores."""
        seconds, cores = min((self.step_s(float(self.least_work(n).max()), n), n) for n in range(fewest, most + 1))
        memory, compute = self.least_work(cores)
        times = core_times(self.chip)
        if memory > compute:
            return StepBound(seconds, cores, "memory", float(memory / (times.synop_s or 1.0)))
        return StepBound(seconds, cores, "compute", float(-(-int(self.sizes.sum()) // cores)))


def barrier_on_chip(chip: Chip, cores: int) -> float:
    """Time of the barrier of the first so many cores of a chip, s; 0 if it is not known."""
    tiles = -(-cores // (chip.count("cores_per_router") or 1))
    return figure_at(chip, "barrier_s", {"cores": cores, "tiles": tiles, "chips": 1})[0] or 0.0
