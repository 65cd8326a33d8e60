"""Neurons at rest, which are not updated.

A neuron is *at rest* if a step in which nothing arrives leaves every bit of its state and counters as it was, and it
does not fire: further steps do the same until something arrives. No model declares it. Its own kernel shows it: every
few steps the loop compares the neurons of a segment before and after their update (`resting_loop`).

The arrays of a segment are permuted so that those neurons come first that are updated; delivery marks the neurons at
which something arrives, and these are put back among the first. A segment most of whose neurons are awake is updated as
a whole, in its own order, and looked at again from time to time.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.arrays import Resting
from simcore.backends.cpu.columns import RestColumn
from simcore.drives import CurrentDrive, EventDrive
from simcore.network import Network
from simcore.neurons.declared import coefficients_of, initial_state_of
from simcore.synapses.plastic import plastic_projections
from simcore.tables import population_values

SAMPLE = 4096
"""Neurons of a population from which the share at rest is found."""
LEAST_SHARE = 0.5
"""Of a network's neurons, at rest at the start: below, marks of arrivals would cost more than is saved."""
LEAST_NEURONS = 4096
"""At rest at the start: all that fewer can save is a few microseconds a step, less than the time to compile for it."""
EVERY = -1
"""In the column AWAKE: all neurons of the segment are updated, and are in their own order."""
FIXED = -1
"""Instead of the place of a position: a trace whose neuron stays where it is."""


def driven(network: Network, population: int) -> bool:
    """Whether drives reach a population, whose neurons are then all updated."""
    inputs = network.inputs_of(network.populations[population].name)
    return any(isinstance(one.drive, EventDrive | CurrentDrive) for _, one in inputs)


def skips_resting(plan: Plan) -> bool:
    """Whether neurons at rest are skipped: where enough of the network rests at the start, and no synapse is plastic.

    The same on every rank; it changes the kernels and the time that they take, but not a bit of their results.
    """
    if not plan.skip_resting or plastic_projections(plan.tables):
        return False
    network = plan.network
    quiet = [number for number in range(len(network.populations)) if not driven(network, number)]
    least = max(LEAST_SHARE * network.n_neurons, LEAST_NEURONS)
    if sum(network.populations[number].size for number in quiet) < least:
        return False
    return sum(network.populations[number].size * share_at_rest(plan, number) for number in quiet) >= least


def share_at_rest(plan: Plan, number: int) -> float:
    """Share of a population's neurons that are at rest at the start, of evenly spaced ones."""
    network = plan.network
    population = network.populations[number]
    model, first = population.neuron_model, network.first_ids[population.name]
    ids = np.arange(first, first + population.size, -(-population.size // SAMPLE))
    values = population_values(network, number, plan.seed, ids)
    state, counters = initial_state_of(model, values.params, values.initial, len(ids))
    before = state.astype(plan.real), counters
    after = before[0].copy(), counters.copy()
    nothing = np.zeros((len(model.receptors), len(ids)), dtype=np.int64)
    coefficients = coefficients_of(model, values.params, network.resolution_ms, len(ids)).astype(plan.real)
    fires = model.update(*after, nothing, coefficients, plan.tables.grid.lsb[number].astype(plan.real))
    changed = np.asarray(fires).astype(np.bool_)
    for old, new in zip(before, after, strict=True):
        bits = np.dtype(f"u{old.itemsize}")
        changed |= (old.view(bits) != new.view(bits)).any(axis=0)
    return 1.0 - float(np.count_nonzero(changed)) / len(ids)


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
        """A segment whose neurons are all updated in every step."""
        row = [0] * len(RestColumn)
        row[RestColumn.AWAKE] = EVERY
        self._rows.append(row)

    def add(self, n: int, first: int, receptors: int, rows: tuple[int, int, int]) -> slice:
        """A segment whose neurons may rest.

        Parameters
        ----------
        n
            Its neurons, the first of which has the place `first` in its partition.
        receptors
            Of the model.
        rows
            Of state and counters, and of coefficients if each neuron has its own, else 0.

        Returns
        -------
        slice
            Where the segment's order and positions lie.
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
        """The tables.

        Parameters
        ----------
        largest, receptors
            Most neurons of a segment, and receptors of a model.
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
    """Let all neurons be updated again; `sizes` are those of the segments."""
    awake = resting.segments[:, RestColumn.AWAKE]
    awake[:] = np.where(awake == EVERY, EVERY, sizes)


def skipped_updates(resting: Any) -> int:
    """Updates of neurons at rest that were skipped so far."""
    return int(resting.segments[:, RestColumn.SKIPPED].sum())
