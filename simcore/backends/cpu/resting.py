"""Neurons at rest, which are not updated.

A neuron is *at rest* if a step in which nothing arrives leaves every bit of its state and counters as it was, and it
does not fire: further steps have the same effect until something arrives. Models do not declare this state: every few
steps the loop compares the neurons of a segment before and after their update (`resting_loop`).

The arrays of a segment are permuted so that updated neurons come first; delivery marks the neurons at which something
arrives, and these are put back among the first. A segment most of whose neurons are awake is updated as a whole, in its
own order, and checked again from time to time.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.cpu.arrays import Resting
from simcore.backends.cpu.columns import RestColumn
from simcore.drives import CurrentDrive, EventDrive
from simcore.network import Network

EVERY = -1
"""In the column AWAKE: all neurons of the segment are updated, and are in their own order."""
FIXED = -1
"""Replaces the index of a position for a trace whose neuron does not move."""


def driven(network: Network, population: int) -> bool:
    """Whether drives reach a population, all of whose neurons are then updated."""
    inputs = network.inputs_of(network.populations[population].name)
    return any(isinstance(one.drive, EventDrive | CurrentDrive) for _, one in inputs)


class RestingBuilder:
    """Makes the tables of a thread's segments in which neurons at rest are skipped.

    Parameters
    ----------
    n_neurons
        Of the thread.
    real, accumulator
        Types of state and inputs.

    Attributes
    ----------
    order
        See `arrays.Resting`.
    """

    def __init__(self, n_neurons: int, real: npt.DTypeLike, accumulator: npt.DTypeLike) -> None:
        self.order, self._position = np.zeros((2, n_neurons), dtype=np.uint16)
        self._real, self._accumulator = np.dtype(real), np.dtype(accumulator)
        self._rows: list[list[int]] = []
        self._filled = 0

    def add_whole(self) -> None:
        """Add a segment whose neurons are all updated in every step."""
        row = [0] * len(RestColumn)
        row[RestColumn.AWAKE] = EVERY
        self._rows.append(row)

    def add(self, n: int, first: int, receptors: int, rows: tuple[int, int, int]) -> slice:
        """Add a segment whose neurons may rest.

        Parameters
        ----------
        n
            Its neurons, the first of which has the place `first` in its partition.
        receptors
            Of the model.
        rows
            Numbers of rows of state and counters, and of coefficients if each neuron has its own, otherwise 0.

        Returns
        -------
        slice
            Range of the segment's order and positions.
        """
        own = slice(self._filled, self._filled + n)
        self.order[own] = self._position[own] = np.arange(n)
        row = [0] * len(RestColumn)
        row[RestColumn.AWAKE], row[RestColumn.MAY_REST] = n, 1
        row[RestColumn.FIRST] = first
        row[RestColumn.START] = self._filled
        row[RestColumn.RECEPTORS] = receptors
        row[RestColumn.VARIABLES], row[RestColumn.COUNTERS], row[RestColumn.COEFFICIENTS] = rows
        self._rows.append(row)
        self._filled += n
        return own

    def build(self, largest: int, receptors: int, traced: npt.NDArray[np.int64]) -> Resting:
        """Make the tables.

        Parameters
        ----------
        largest, receptors
            Largest number of neurons of a segment and of receptors of a model.
        traced
            See `arrays.Resting`.
        """
        rows = np.array(self._rows, dtype=np.int64).reshape(-1, len(RestColumn))
        variables, counters = (
            int(rows[:, column].max(initial=0)) for column in (RestColumn.VARIABLES, RestColumn.COUNTERS)
        )
        return Resting(
            rows,
            self.order,
            self._position,
            traced,
            np.zeros(receptors * largest, dtype=self._accumulator),
            np.empty(variables * largest, dtype=f"i{self._real.itemsize}"),
            np.empty(counters * largest, dtype=np.int32),
            np.empty(largest, dtype=np.uint8),
        )


def wake_all(resting: Resting, sizes: npt.NDArray[np.int64]) -> None:
    """Wake all neurons; `sizes` are those of the segments."""
    awake = resting.segments[:, RestColumn.AWAKE]
    awake[:] = np.where(awake == EVERY, EVERY, sizes)


def skipped_updates(resting: Any) -> int:
    """Number of skipped updates of neurons at rest so far."""
    return int(resting.segments[:, RestColumn.SKIPPED].sum())
