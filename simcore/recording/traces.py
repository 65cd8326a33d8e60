"""Recorded traces in memory."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcore.display.numbers import TEXT
from simcore.display.overview import MAX_ROWS, Columns, Overview, Shown
from simcore.display.words import counted
from simcore.errors import UnavailableError
from simcore.network import Network, TraceRecorder
from simcore.recording.spikes import step_times_ms
from simcore.tables import population_values

if TYPE_CHECKING:
    import pandas

TraceKey = tuple[str, int, str]


class Traces(Shown, dict[TraceKey, npt.NDArray[np.float64]]):
    """Recorded traces: (population, population-local id, variable) -> values, float64, stamped h, 2h, ...

    Parameters
    ----------
    traces
        The values.
    resolution_ms
        Time step.
    start_step
        Steps before the first value.
    """

    def __init__(
        self, traces: Mapping[TraceKey, npt.NDArray[np.float64]], resolution_ms: float, start_step: int = 0
    ) -> None:
        super().__init__(traces)
        self.resolution_ms = resolution_ms
        self.start_step = start_step

    @property
    def times_ms(self) -> npt.NDArray[np.float64]:
        """Time in ms of each value, float64."""
        steps = max(map(len, self.values()), default=0)
        return step_times_ms(self.start_step + 1 + np.arange(steps), self.resolution_ms)

    def to_pandas(self) -> "pandas.DataFrame":
        """A table of the traces.

        Returns
        -------
        pandas.DataFrame
            A column for each trace under (population, id, variable); the index is the time in ms.

        Raises
        ------
        UnavailableError
            If pandas is not installed.
        """
        try:
            from pandas import DataFrame, Index, MultiIndex
        except ImportError as error:
            raise UnavailableError(f"tables of traces need pandas ({error}): pip install 'benchnn[pandas]'") from error
        columns = MultiIndex.from_tuples([*self], names=["population", "id", "variable"])
        values = np.stack([*self.values()], axis=1) if self else np.zeros((0, 0))
        return DataFrame(values, index=Index(self.times_ms, name="time_ms"), columns=columns)

    def overview(self) -> Overview:
        times = self.times_ms
        span = f" from {times[0]:g} to {times[-1]:g} ms" if len(times) else ""
        rows = []
        for (population, neuron, variable), values in list(self.items())[:MAX_ROWS]:
            told = [TEXT.figures(float(of(values)) if len(values) else None) for of in (np.min, np.mean, np.max)]
            rows.append((population, str(neuron), variable, *told))
        left = len(self) - len(rows)
        head = ("population", "id", "variable", "min", "mean", "max")
        table = Columns(head, rows, "lrlrrr", counted(left, "more trace") if left else "")
        return Overview(f"{counted(len(self), 'trace')} of {counted(len(times), 'value')}{span}", (), [table])


def trace_columns(network: Network) -> tuple[tuple[int, int, str], ...]:
    """What the network's recorders record: (index of population, population-local id, variable)."""
    return tuple(
        (network.index(recorder.population), neuron, variable)
        for recorder in network.recorders
        if isinstance(recorder, TraceRecorder)
        for variable in recorder.variables
        for neuron in recorder.ids
    )


class TraceLog:
    """Values of state variables as a backend yields them, step by step; E_L and the like are added when they are read.

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
        """Take the values of some steps, shape (steps, columns)."""
        if self._traces:
            self._blocks.append(block)

    def settle(self, network: Network, seed: int) -> None:
        """Turn what was kept since the last call into values of the variables; to be called before parameters change.

        Parameters
        ----------
        network, seed
            Whose parameters held in these steps.
        """
        if not self._blocks:
            return
        values = np.concatenate(self._blocks).astype(np.float64)
        for column, (index, neuron, variable) in enumerate(self._traces):
            population = network.populations[index]
            ids = np.array([network.first_ids[population.name] + neuron])
            params = population_values(network, index, seed, ids).params
            values[:, column] += population.neuron_model.offset(variable, params)
        self._settled.append(values)
        self._blocks = []

    def values(self, network: Network, seed: int) -> dict[TraceKey, npt.NDArray[np.float64]]:
        """Every trace, float64: (population, local id, variable) -> values stamped h, 2h, ..."""
        self.settle(network, seed)
        recorded = np.concatenate([np.zeros((0, len(self._traces))), *self._settled])
        return {
            (network.populations[index].name, neuron, variable): recorded[:, column]
            for column, (index, neuron, variable) in enumerate(self._traces)
        }
