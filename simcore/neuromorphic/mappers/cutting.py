"""Cuts neurons, in order of their ids, into cores of which the longest takes as little as can be."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import FloatArray, IntArray

HALVINGS = 60
"""Of the interval in which the shortest time lies: more than a float can tell apart."""


class Cutter:
    """Cuts the same neurons into different numbers of cores.

    Parameters
    ----------
    costs
        What neurons cost their core, each kind against the same limit, float64 (kinds, neurons).
    amounts, most
        What neurons take of what a core holds, float64 (resources, neurons), and the most that it can hold. The number
        of neurons is one of them.
    """

    def __init__(self, costs: FloatArray, amounts: FloatArray, most: FloatArray) -> None:
        self._sums = _sums(np.concatenate((costs, amounts)))
        self._kinds, self._most = len(costs), most
        self._dearest = float(costs.max())

    def cores_within(self, cost: float) -> int:
        """Fewest cores of which none costs more; a neuron that has no room elsewhere is alone."""
        return len(self._starts(cost))

    def least_cost(self, cores: int) -> float:
        """Least cost of the dearest core with at most so many cores; infinite if they do not hold the neurons."""
        low, high = self._dearest, float(self._sums[: self._kinds, -1].max())
        if self.cores_within(high) > cores:
            return float("inf")
        if self.cores_within(low) <= cores:
            return low
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if self.cores_within(middle) <= cores else (middle, high)
        return high

    def cut(self, cores: int) -> IntArray:
        """Core of each neuron, with exactly so many cores, or more where they do not hold the neurons.

        Of the cuts whose dearest core costs least, the one whose cores are closest to equal.
        """
        from simcore.neuromorphic.mappers.cutting_kernels import even_neurons

        cost, n = self.least_cost(cores), self._sums.shape[1] - 1
        starts = self._starts(cost)
        if len(starts) <= cores:
            sums = self._sums[int(self._sums[: self._kinds, -1].argmax())]
            wanted = np.searchsorted(sums, sums[-1] * np.arange(1, cores) / cores).astype(np.int64)
            starts = np.zeros(cores, dtype=np.int64)
            even_neurons(self._sums, self._limits(cost), wanted, starts)
        return np.repeat(np.arange(len(starts)), np.diff(np.append(starts, n)))

    def _limits(self, cost: float) -> FloatArray:
        return np.concatenate((np.full(self._kinds, cost), self._most))

    def _starts(self, cost: float) -> IntArray:
        """First neuron of each core."""
        from simcore.neuromorphic.mappers.cutting_kernels import first_neurons

        starts = np.empty(self._sums.shape[1], dtype=np.int64)
        return starts[: first_neurons(self._sums, self._limits(cost), starts)].copy()


def _sums(values: FloatArray) -> FloatArray:
    return np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)
