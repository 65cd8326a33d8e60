"""Division of neurons, in order of their ids, into cores such that the largest cost of a core is minimal."""

import numpy as np

from simcore.neuromorphic.mapping.core_mapping import FloatArray, IntArray

HALVINGS = 60
"""Halvings of the interval of the smallest cost, beyond the precision of a float."""


class Cutter:
    """Divides the same neurons into different numbers of cores.

    Parameters
    ----------
    costs
        Costs of neurons for their core, each kind with the same limit, float64 (kinds, neurons).
    amounts, most
        Resources that neurons need, float64 (resources, neurons), and the capacity of a core. The number of neurons is
        one of the resources.
    """

    def __init__(self, costs: FloatArray, amounts: FloatArray, most: FloatArray) -> None:
        self._sums = _sums(np.concatenate((costs, amounts)))
        self._kinds, self._most = len(costs), most
        self._dearest = float(costs.max())

    def cores_within(self, cost: float) -> int:
        """Fewest cores with at most this cost; a neuron that exceeds an empty core gets a separate core."""
        return len(self._starts(cost))

    def least_cost(self, cores: int) -> float:
        """Smallest possible largest cost with at most `cores` cores; infinite if the neurons do not fit."""
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
        """Core of each neuron, with exactly `cores` cores, or more if the neurons do not fit.

        Among the divisions with the smallest largest cost, the result is the most even one.
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
