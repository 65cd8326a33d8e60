"""Costs of neurons and cores for the step of a chip, for mappers that shorten it, and for its lower bound."""

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
    """A lower bound of the mean step of all mappings onto a chip.

    Parameters
    ----------
    seconds
        Time of the step, s.
    cores
        Number of cores at which the bound could be reached.
    part
        ``memory`` or ``compute``.
    amount
        Smallest number of synaptic events, or neurons, of the largest core.
    """

    seconds: float
    cores: int
    part: str
    amount: float

    def sentence(self) -> str:
        """The bound in a sentence."""
        what = "synaptic events per step" if self.part == "memory" else "neurons"
        number = f"{self.amount:,.1f}" if self.part == "memory" else f"{self.amount:,.0f}"
        return (
            f"no mapping has a shorter step than {duration(self.seconds)}: on {counted(self.cores, 'core')}, one core "
            f"has at least {number} {what} and is bound by {NAMES[self.part]}"
        )


@dataclass(frozen=True, eq=False)
class StepCosts:
    """Times of memory and computation of neurons of each kind in a mean step, s.

    They do not include messages, whose number depends on the mapping.

    Parameters
    ----------
    chip
        The sheet.
    sizes
        Number of neurons of each kind, int64 (kinds,); a kind is a population or a single neuron.
    events
        Synaptic events of a neuron of each kind per step, float64 (kinds,).
    spikes
        Spikes of a neuron of each kind per step, float64 (kinds,).
    """

    chip: Chip
    sizes: IntArray
    events: FloatArray
    spikes: FloatArray

    @classmethod
    def of_populations(cls, chip: Chip, expectation: Expectation, step_s: float) -> "StepCosts":
        """The costs for a network of exchangeable neurons."""
        return cls(chip, expectation.sizes, expectation.events_of_neuron * step_s, expectation.rates_hz * step_s)

    @cached_property
    def seconds(self) -> FloatArray:
        """Times of memory and computation, s, float64 (2, kinds)."""
        times = core_times(self.chip)
        compute = (times.update_s or 0.0) + self.spikes * (times.spike_out_s or 0.0)
        return np.stack((self.events * (times.synop_s or 0.0), compute))

    def least_work(self, cores: int) -> FloatArray:
        """Smallest time of memory, and of computation, of the slowest core, float64 (2,).

        This core has at least the mean load, and at least the neurons of each kind that one of `cores` cores must have.
        """
        mean = (self.seconds * self.sizes).sum(axis=1) / cores
        alone = (self.seconds * -(-self.sizes // cores)).max(axis=1)
        update_s = core_times(self.chip).update_s or 0.0
        fullest = np.array([0.0, -(-int(self.sizes.sum()) // cores) * update_s])
        return np.asarray(np.max((mean, alone, fullest), axis=0))

    def barrier_s(self, cores: int) -> float:
        """The barrier of `cores` cores of a chip, s; 0 if it is not known."""
        return barrier_on_chip(self.chip, cores)

    def step_s(self, work_s: float, cores: int) -> float:
        """The time of a step with `work_s` in the slowest core, s."""
        if self.chip.word("barrier_overlaps"):
            return max(work_s, self.barrier_s(cores))
        return work_s + self.barrier_s(cores)

    def bound(self, fewest: int, most: int) -> StepBound:
        """The shortest mean step of any mapping onto `fewest` to `most` cores."""
        seconds, cores = min((self.step_s(float(self.least_work(n).max()), n), n) for n in range(fewest, most + 1))
        memory, compute = self.least_work(cores)
        times = core_times(self.chip)
        if memory > compute:
            return StepBound(seconds, cores, "memory", float(memory / (times.synop_s or 1.0)))
        return StepBound(seconds, cores, "compute", float(-(-int(self.sizes.sum()) // cores)))


def barrier_on_chip(chip: Chip, cores: int) -> float:
    """Time of the barrier of the first `cores` cores of a chip, s; 0 if it is not known."""
    tiles = -(-cores // (chip.count("cores_per_router") or 1))
    return figure_at(chip, "barrier_s", {"cores": cores, "tiles": tiles, "chips": 1})[0] or 0.0
