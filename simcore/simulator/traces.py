"""Recorded traces in memory."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends import Plan
from simcore.network import Network, TraceRecorder
from simcore.recording.recorded_traces import Traces
from simcore.tables import population_values


def trace_columns(network: Network) -> tuple[tuple[int, int, str], ...]:
    """Return the recorded quantities: (index of population, population-local id, variable)."""
    return tuple(
        (network.index(recorder.population), neuron, variable)
        for recorder in network.recorders
        if isinstance(recorder, TraceRecorder)
        for variable in recorder.variables
        for neuron in recorder.ids
    )


class TraceLog:
    """Recorded state variables as a backend yields them; offsets such as E_L are added when they are read.

    Parameters
    ----------
    traces
        (index of population, population-local id, variable) of each column.
    """

    def __init__(self, traces: tuple[tuple[int, int, str], ...]) -> None:
        self._traces = traces
        self._blocks: list[npt.NDArray[Any]] = []
        self._settled: list[npt.NDArray[np.float64]] = []

    def keep(self, block: npt.NDArray[Any]) -> None:
        """Store the values of some steps, shape (steps, columns)."""
        if self._traces:
            self._blocks.append(block)

    def settle(self, network: Network, seed: int) -> None:
        """Convert the values since the last call to values of the variables; must be called before parameters change.

        Parameters
        ----------
        network, seed
            Network and seed whose parameters applied in these steps.
        """
        if not self._blocks:
            return
        values = np.concatenate(self._blocks).astype(np.float64)
        columns: dict[tuple[int, str], list[int]] = {}
        for column, (index, _, variable) in enumerate(self._traces):
            columns.setdefault((index, variable), []).append(column)
        for (index, variable), own in columns.items():
            population = network.populations[index]
            ids = network.first_ids[population.name] + np.array([self._traces[column][1] for column in own])
            params = population_values(network, index, seed, ids).params
            values[:, own] += population.neuron_model.offset(variable, params)
        self._settled.append(values)
        self._blocks = []

    def traces_of_rank(self, network: Network, plan: Plan, step: int) -> Traces:
        """Return the traces of the neurons of this rank, `step` steps after the beginning.

        Parameters
        ----------
        network
            The description with the present parameters.
        plan
            Placement, communicator and seed.
        step
            Number of steps so far.
        """
        self.settle(network, plan.seed)
        values = np.concatenate([np.zeros((0, len(self._traces))), *self._settled])
        recorded = {
            (network.populations[index].name, neuron, variable): values[:, column]
            for column, (index, neuron, variable) in enumerate(self._traces)
        }
        ids = [network.first_ids[population] + neuron for population, neuron, _ in recorded]
        here = plan.placement.owners(np.array(ids, dtype=np.int64)) == plan.comm.rank
        own = {key: values for (key, values), owned in zip(recorded.items(), here, strict=True) if owned}
        return Traces(own, network.resolution_ms, step - max(map(len, own.values()), default=0))
