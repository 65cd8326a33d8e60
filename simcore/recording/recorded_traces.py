"""Recorded traces in memory."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcore.display.numbers import TEXT
from simcore.display.overview import MAX_ROWS, Columns, Overview, Shown
from simcore.display.words import counted
from simcore.errors import UnavailableError
from simcore.recording.spikes import step_times_ms

if TYPE_CHECKING:
    import pandas

TraceKey = tuple[str, int, str]


class Traces(Shown, dict[TraceKey, npt.NDArray[np.float64]]):
    """Recorded traces: (population, population-local id, variable) -> values, float64, with stamps h, 2h, ...

    Parameters
    ----------
    traces
        Recorded values, float64 of shape (steps,) each.
    resolution_ms
        Time step, ms.
    start_step
        Number of steps before the first value.
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
        """Convert the traces to a table.

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
            remedy = "pip install 'benchnn[pandas]'"
            raise UnavailableError(f"tables of traces require pandas ({error}): {remedy}") from error
        columns = MultiIndex.from_tuples([*self], names=["population", "id", "variable"])
        values = np.stack([*self.values()], axis=1) if self else np.zeros((0, 0))
        return DataFrame(values, index=Index(self.times_ms, name="time_ms"), columns=columns)

    def overview(self) -> Overview:
        times = self.times_ms
        span = f" from {times[0]:g} to {times[-1]:g} ms" if len(times) else ""
        rows = []
        for (population, neuron, variable), values in list(self.items())[:MAX_ROWS]:
            figures = [TEXT.figures(float(of(values)) if len(values) else None) for of in (np.min, np.mean, np.max)]
            rows.append((population, str(neuron), variable, *figures))
        left = len(self) - len(rows)
        head = ("population", "id", "variable", "min", "mean", "max")
        table = Columns(head, rows, "lrlrrr", counted(left, "more trace") if left else "")
        return Overview(f"{counted(len(self), 'trace')} of {counted(len(times), 'value')}{span}", (), [table])
